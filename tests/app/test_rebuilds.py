"""A build after changes publishes what a build of the same files into an empty store publishes: every row, word and vector."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.building import build_index
from catalog_store.derive import schema
from catalog_store.embedder import HashEmbedder
from catalog_store.snapshot import open_snapshot
from demo_org import write_demo
from tests.indexer.support import NOW

CASES = Path(__file__).parents[1] / "indexer" / "cases"
WORDS = ("deploy", "owner", "payment", "runbook", "alert", "moved", "one")


def _build(files: Path, store: Path, now: datetime = NOW) -> None:
    build_index([files], store=store, now=now, embedder=HashEmbedder)


def _held(store: Path) -> dict[str, Any]:
    """Everything a snapshot holds that somebody can ask for, in an order that does not depend on how it was written."""
    with open_snapshot(store) as snapshot:
        held: dict[str, Any] = {
            name: Counter(repr(row) for row in snapshot.catalog.fetch(f'SELECT * FROM "{name}"'))
            for name in schema(snapshot.fields)
        }
        held["fields"] = snapshot.manifest["fields"]
        held["counts"] = snapshot.manifest["counts"]
        held["pages"] = list(snapshot.pages)
        held["words"] = {word: snapshot.lexical.search([word], 50) for word in WORDS}
        held["terms"] = [
            (snapshot.folder / name).read_bytes() for name in ("terms.npy", "terms.offsets.npy")
        ]
        held["vectors"] = snapshot.dense.vectors(np.arange(len(snapshot.dense))).tobytes()
        held["annotations"] = snapshot.ground.annotations()
        held["backwards"] = snapshot.ground.backwards()
        return held


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo organisation, and beside it an example of every format."""
    files = write_demo(tmp_path_factory.mktemp("organisation") / "files", now=NOW)
    for case in CASES.iterdir():
        if (case / "input").is_dir():
            shutil.copytree(case / "input", files / "formats" / case.name)
    return files


@pytest.fixture(scope="module")
def published(organisation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds it, with what its files said."""
    home = tmp_path_factory.mktemp("published")
    shutil.copytree(organisation, home / "files")
    _build(home / "files", home / "store")
    return home


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["append", "cut", "delete", "rename", "add", "swap", "prepend"]),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=st.lists(EDITS, min_size=1, max_size=3))
def test_a_build_after_edits_publishes_what_a_full_build_publishes(
    rounds: list[list[tuple[str, int]]],
    published: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("edited")
    files = shutil.copytree(published / "files", home / "files")
    shutil.copytree(published / "store", home / "store")
    for edits in rounds:
        for kind, at in edits:
            _edit(files, kind, at)
        _build(files, home / "store")
    _build(files, home / "anew")
    assert _held(home / "store") == _held(home / "anew")


def _edit(folder: Path, kind: str, at: int) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    path = paths[at % len(paths)]
    text = path.read_bytes()
    if kind == "append":
        path.write_bytes(text + b"\n" + text[: at % 400])
    elif kind == "prepend":
        path.write_bytes(b"# One more\n\nOne more line before everything else.\n\n" + text)
    elif kind == "cut":
        path.write_bytes(text[: len(text) // 2])
    elif kind == "delete":
        path.unlink()
    elif kind == "rename":
        path.rename(path.with_name(f"moved-{at}{path.suffix}"))
    elif kind == "add":
        path.with_name(f"copy-{at}{path.suffix}").write_bytes(text)
    else:
        path.write_bytes(text.swapcase())
        os.utime(path, ns=(at, at))
