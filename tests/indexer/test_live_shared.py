"""Replicas of one store: whichever reads an event first, all hold the same, and each can tell what changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.live_events import LiveEvents
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Journal
from catalog_store.snapshot import open_snapshot
from catalog_store.stores import store_at
from indexer.build import read_catalog
from tests.indexer.support import write
from tests.indexer.test_live import CATALOG, EVENTS, NOW, build, deployed, post, tables


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    feed = [deployed(100, "cart", "deployed", "prod", 1000, "success")]
    return write(
        tmp_path_factory.mktemp("live"),
        {"catalog.yaml": CATALOG, "feed.ndjson": "\n".join(map(json.dumps, feed))},
    )


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(events=st.lists(EVENTS, min_size=1, max_size=10), data=st.data())
def test_replicas_agree_with_one_server(
    events: Sequence[dict[str, Any]],
    data: st.DataObject,
    files: Path,
    database: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("store")
    url = database()
    stores = [store_at(url, cache=home / str(n)) for n in range(2)]
    stores[0].publish(read_catalog([files], now=NOW), now=NOW, embedder=HashEmbedder())
    alone = Journal(home / "alone")
    build(files, home / "alone", alone)
    replicas = [store.open() for store in stores]
    live = [
        LiveEvents(snapshot, store.journal())
        for snapshot, store in zip(replicas, stores, strict=True)
    ]
    with open_snapshot(home / "alone") as server:
        single = LiveEvents(server, alone)
        for number, event in enumerate(events):
            post(alone, number, event)
            post(stores[data.draw(st.integers(0, 1))].journal(), number, event)
            if data.draw(st.booleans()):
                live[data.draw(st.integers(0, 1))].catch_up()
        for one in (*live, single):
            one.catch_up()
        expected = _somewhere(tables(server))
        for snapshot, one in zip(replicas, live, strict=True):
            assert _somewhere(tables(snapshot)) == expected
            assert _told(single) <= _told(one), "what changed is told, whoever wrote it"
    for snapshot, store in zip(replicas, stores, strict=True):
        snapshot.close()
        store.close()


def _somewhere(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Whatever the journal is called: a table has no files."""
    return {
        name: sorted(row.replace("events/journal", "events/00000001.ndjson") for row in rows)
        for name, rows in found.items()
    }


def _told(events: LiveEvents) -> set[str]:
    return {record.ref for patch, _ in events.patches for record in patch.records}
