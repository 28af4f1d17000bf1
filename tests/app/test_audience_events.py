"""Events behind visibility rules: each audience learns of them as far as it may; who asked lately need not wait."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.audiences import Regulars
from app.callers import ANYONE
from app.serving import Serving, open_serving
from app.visibility_section import read_visibility
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Delivery
from catalog_store.stores import Store, store_at
from indexer.build import read_catalog
from tests.app.test_audiences import BO, DOCUMENTS, RITA, RULES
from tests.conftest import NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "catalog-info.yaml").write_text(DOCUMENTS)
    store = store_at(tmp_path / "store", cache=tmp_path)
    store.publish(read_catalog([tmp_path / "files"], now=NOW), now=NOW, embedder=HashEmbedder())
    yield store
    store.close()


def _deployed(number: int, name: str) -> Delivery:
    event = {
        "context": {
            "version": "0.4.1",
            "id": f"d{number}",
            "source": "/ci",
            "type": "dev.cdevents.service.deployed.0.1.1",
            "timestamp": (NOW - timedelta(hours=number)).isoformat(),
        },
        "subject": {
            "id": name,
            "content": {
                "environment": {"id": "production"},
                "artifactId": f"pkg:oci/c?tag={number}",
            },
        },
    }
    return Delivery("test", str(number), NOW, json.dumps(event))


def _deployments(serving: Serving) -> list[str]:
    answer = serving.ask("deployments in the last 30 days", now=NOW)
    return sorted(str(result.fields.get("component")) for result in answer.results)


def test_events_reach_an_audience_as_far_as_it_may_see_them(store: Store) -> None:
    journal = store.journal()
    whole = open_serving(store, rules=RULES)
    try:
        early = whole.seen_by(BO)
        journal.append(_deployed(1, "ruby-gate"))
        journal.append(_deployed(2, "cellar"))
        seen = ["component:default/cellar"]
        assert _deployments(early) == seen
        assert _deployments(whole.seen_by(RITA)) == [*seen, "component:default/ruby-gate"]
        journal.append(_deployed(3, "ruby-gate"))
        assert _deployments(whole.seen_by(BO)) == seen
        late = open_serving(store, rules=RULES)
        assert _deployments(late) == [*seen, *["component:default/ruby-gate"] * 2]
        assert _deployments(late.seen_by(BO)) == seen
        late.close()
    finally:
        whole.close()


def test_what_events_bring_may_be_hidden_by_its_kind(store: Store) -> None:
    rules = read_visibility([{"kind": "Deployment", "groups": ["red"]}], "test")
    whole = open_serving(store, rules=rules)
    try:
        store.journal().append(_deployed(1, "cellar"))
        assert _deployments(whole.seen_by(RITA)) == ["component:default/cellar"]
        assert _deployments(whole.seen_by(BO)) == []
    finally:
        whole.close()


def test_regulars_find_their_audience_made_when_a_snapshot_takes_over(store: Store) -> None:
    regulars = Regulars()
    first = open_serving(store, rules=RULES, regulars=regulars)
    first.seen_by(BO)
    first.close()
    assert regulars.callers() == [BO]
    second = open_serving(store, rules=RULES, regulars=regulars)
    second.warm_up()
    try:
        begun = Counter(type(thing).__name__ for thing in gc.get_objects())["PartEvents"]
        second.seen_by(BO)
        second.seen_by(ANYONE)
        assert Counter(type(thing).__name__ for thing in gc.get_objects())["PartEvents"] == begun
    finally:
        second.close()


def test_what_a_killed_server_left_behind_is_removed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    orphan = temporary / f"callboard-audience-{ended.pid}-x"
    ours, others = (
        temporary / f"callboard-audience-{os.getpid()}-x",
        temporary / "callboard-audience-notes",
    )
    for folder in (orphan, ours, others):
        folder.mkdir(parents=True)
    open_serving(store, rules=RULES).close()
    assert [folder.exists() for folder in (orphan, ours, others)] == [False, True, True]
