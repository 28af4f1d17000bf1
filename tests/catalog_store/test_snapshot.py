from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from catalog_store.embedder import HashEmbedder, Vectors
from catalog_store.errors import IndexMismatch, StoreNotFound
from catalog_store.model.kinds import Table
from catalog_store.publish import publish
from catalog_store.snapshot import (
    FORMAT_VERSION,
    KEPT_SNAPSHOTS,
    Snapshot,
    current_id,
    open_snapshot,
)

from .samples import NOW, content

EMBEDDER = HashEmbedder()


def published(store: Path, note: str = "", *, days: int = 0) -> Path:
    return publish(store, content(note), now=NOW + timedelta(days=days), embedder=EMBEDDER)


def test_what_is_published_can_be_read(tmp_path: Path) -> None:
    folder = published(tmp_path)
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.id == folder.name == current_id(tmp_path) == "20300131T120000Z-000"
        assert snapshot.created_at == NOW
        assert snapshot.fields.get(Table.ENTITIES, "coverage") is not None
        assert snapshot.catalog.entity("component:default/ledger") is not None
        assert snapshot.passage_count == 8 + 2
        assert len(snapshot.dense) == snapshot.passage_count + len(snapshot.pages)
        assert len(snapshot.lexical) == len(snapshot.terms) == snapshot.passage_count
        assert snapshot.embedder.identity == EMBEDDER.identity
        snapshot.verify()


def test_entities_have_a_passage_of_their_own(tmp_path: Path) -> None:
    published(tmp_path)
    with open_snapshot(tmp_path) as snapshot:
        number = snapshot.pages.of_ref("component:default/ledger")
        assert number is not None
        page = snapshot.pages[number]
        assert snapshot.pages.of_passage(page.first) == number
        passage = snapshot.passages([page.first, 10**9])[page.first]
        assert passage.doc_ref == page.ref
        assert "Books every movement of money." in passage.text


def test_the_content_given_is_not_changed(tmp_path: Path) -> None:
    given = content()
    publish(tmp_path, given, now=NOW, embedder=EMBEDDER)
    assert len(given.passages) == 8


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(StoreNotFound, match="callboard index"):
        open_snapshot(tmp_path)


def test_a_structured_question_loads_no_search_engine(tmp_path: Path) -> None:
    published(tmp_path)
    script = (
        "import sys; from pathlib import Path; from catalog_store.snapshot import open_snapshot;"
        "s = open_snapshot(Path(sys.argv[1])); s.catalog.entity('component:default/ledger');"
        "print([m for m in ('torch', 'numpy', 'faiss', 'tantivy', 'onnxruntime', 'tokenizers') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_reader_keeps_its_snapshot_while_the_next_one_takes_over(tmp_path: Path) -> None:
    published(tmp_path, " old")
    with open_snapshot(tmp_path) as old:
        published(tmp_path, " new", days=1)
        with open_snapshot(tmp_path) as new:
            assert old.id != new.id == current_id(tmp_path)
            ref = "doc:docs/stripe.md"
            assert (old.catalog.entity(ref) or {})["description"] == "About Stripe keys. old"
            assert (new.catalog.entity(ref) or {})["description"] == "About Stripe keys. new"


def test_only_the_last_snapshots_are_kept(tmp_path: Path) -> None:
    names = [published(tmp_path).name for _ in range(KEPT_SNAPSHOTS + 2)]
    assert sorted(p.name for p in (tmp_path / "snapshots").iterdir()) == names[-KEPT_SNAPSHOTS:]


def test_a_clock_set_back_does_not_remove_what_serves(tmp_path: Path) -> None:
    for days in (9, 8, 7, 6, 5):
        latest = published(tmp_path, days=days)
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.folder == latest
        assert len(list((tmp_path / "snapshots").iterdir())) == KEPT_SNAPSHOTS


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode(self, texts: object) -> Vectors:
        assert isinstance(texts, list)
        self.texts += texts
        return super().encode(texts)


def test_unchanged_passages_keep_their_vectors(tmp_path: Path) -> None:
    published(tmp_path)
    embedder = CountingEmbedder()
    publish(tmp_path, content(), now=NOW, embedder=embedder)
    assert embedder.texts == []
    publish(tmp_path, content(" changed"), now=NOW, embedder=embedder)
    assert len(embedder.texts) == 4
    with open_snapshot(tmp_path) as snapshot:
        stored = snapshot.dense.vectors(np.arange(len(snapshot.dense)))
    fresh = tmp_path / "fresh"
    publish(fresh, content(" changed"), now=NOW, embedder=EMBEDDER)
    with open_snapshot(fresh) as snapshot:
        assert (snapshot.dense.vectors(np.arange(len(snapshot.dense))) == stored).all()


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from tests.catalog_store.samples import NOW, content

def stop(stage, done, total):
    if stage == sys.argv[3]:
        print("here", flush=True)
        time.sleep(60)

publish(Path(sys.argv[1]), content(" killed"), now=NOW, embedder=HashEmbedder(), progress=stop)
"""


@pytest.mark.parametrize("stage", ["catalog", "words", "meaning", "publish"])
def test_a_killed_build_leaves_the_last_one_serving(tmp_path: Path, stage: str) -> None:
    published(tmp_path, " good")
    good = current_id(tmp_path)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(root), stage]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == "here\n"
        build.kill()
    assert list((tmp_path / "snapshots").glob("*.tmp-*"))
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.id == good
        snapshot.verify()
    published(tmp_path, " next")
    assert not list((tmp_path / "snapshots").glob("*.tmp-*"))
    assert current_id(tmp_path) != good


def test_a_failing_build_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(HashEmbedder):
        def encode(self, texts: object) -> Vectors:
            raise RuntimeError("no more memory")

    with pytest.raises(RuntimeError, match="no more memory"):
        publish(tmp_path, content(), now=NOW, embedder=Broken())
    assert list((tmp_path / "snapshots").iterdir()) == []
    assert current_id(tmp_path) is None


def test_builds_at_once_follow_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        folders = list(pool.map(lambda n: published(tmp_path, f" {n}"), range(3)))
    assert len(set(folders)) == 3
    for folder in folders:
        with Snapshot(tmp_path, folder.name) as snapshot:
            snapshot.verify()


def edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_another_format_is_refused(tmp_path: Path) -> None:
    edit_manifest(published(tmp_path), format=99)
    with pytest.raises(
        IndexMismatch,
        match=rf"expected format version {FORMAT_VERSION}, found 99; index the sources again",
    ):
        open_snapshot(tmp_path)


def test_another_model_is_refused(tmp_path: Path) -> None:
    published(tmp_path)
    with pytest.raises(IndexMismatch, match="expected embedding model hash-384, found hash-16"):
        open_snapshot(tmp_path, embedder=HashEmbedder(16))


def test_a_shortened_file_is_refused(tmp_path: Path) -> None:
    (published(tmp_path) / "dense.faiss").write_bytes(b"x")
    with pytest.raises(IndexMismatch, match=r"dense\.faiss: expected size in bytes \d+, found 1"):
        open_snapshot(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    (published(tmp_path) / "pages.ndjson").unlink()
    with pytest.raises(IndexMismatch, match="found no file"):
        open_snapshot(tmp_path)


def test_verify_finds_a_changed_byte(tmp_path: Path) -> None:
    path = published(tmp_path) / "pages.ndjson"
    data = path.read_bytes()
    path.write_bytes(data[:-5] + bytes([data[-5] ^ 1]) + data[-4:])
    with open_snapshot(tmp_path) as snapshot, pytest.raises(IndexMismatch, match="expected sha256"):
        snapshot.verify()


def test_the_model_travels_with_the_store(tmp_path: Path) -> None:
    class Packed(HashEmbedder):
        folder = tmp_path / "model"

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(b"weights")
    store = tmp_path / "store"
    for _ in range(2):
        publish(store, content(), now=NOW, embedder=Packed())
    assert (store / "models" / "hash-384" / "weights.bin").read_bytes() == b"weights"


def test_polling_is_cheap(tmp_path: Path) -> None:
    published(tmp_path)
    start = time.perf_counter()
    for _ in range(100):
        current_id(tmp_path)
    assert time.perf_counter() - start < 0.5
