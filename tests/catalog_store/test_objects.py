"""A store in a bucket, and vectors in Milvus: published at once, followed by copies, cleaned up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import fsspec
import numpy as np
import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.errors import (
    EventsNotTaken,
    IndexMismatch,
    StoreNotFound,
    StoreUnavailable,
    UserError,
)
from catalog_store.journal import Delivery
from catalog_store.milvus import MilvusEngine
from catalog_store.objects import ABANDONED, ObjectStore
from catalog_store.snapshot import KEPT_SNAPSHOTS, open_snapshot
from catalog_store.stores import FolderStore, is_url, store_at
from tests.catalog_store.samples import NOW, content

EMBEDDER = HashEmbedder()


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A prefix of a bucket in memory, and one of the file system."""
    yield f"{request.param}://{tmp_path}/bucket/prefix"
    memory = fsspec.filesystem("memory")
    if memory.exists(str(tmp_path)):
        memory.rm(str(tmp_path), recursive=True)


def replica(url: str, cache: Path, vectors: str | None = None) -> ObjectStore:
    """A machine of its own."""
    found = store_at(url, cache=cache, vectors=vectors)
    assert isinstance(found, ObjectStore)
    return found


def publish(store: ObjectStore, note: str = "", *, days: int = 0) -> str:
    store.publish(content(note), now=NOW + timedelta(days=days), embedder=EMBEDDER)
    return str(store.current_id())


def names(url: str) -> set[str]:
    fs, root = fsspec.core.url_to_fs(url)
    return {str(path).rpartition("/")[2] for path in fs.ls(f"{root}/snapshots", detail=False)}


def test_what_is_published_can_be_read_on_another_machine(url: str, tmp_path: Path) -> None:
    name = publish(replica(url, tmp_path / "one"))
    other = replica(url, tmp_path / "two")
    with other.open() as snapshot:
        assert snapshot.id == name == other.current_id()
        assert snapshot.catalog.entity("component:default/ledger") is not None
        assert len(snapshot.dense) == snapshot.passage_count + len(snapshot.pages)
        snapshot.verify()
    with pytest.raises(StoreNotFound, match="callboard index"):
        replica(url + "/else", tmp_path / "three").open()


def test_followers_get_the_next_one_and_old_ones_go(url: str, tmp_path: Path) -> None:
    builder, follower = replica(url, tmp_path / "one"), replica(url, tmp_path / "two")
    for day in range(KEPT_SNAPSHOTS + 2):
        name = publish(builder, days=day)
        with follower.open() as snapshot:
            assert snapshot.id == name
    assert len(names(url)) == KEPT_SNAPSHOTS
    assert len(list((follower.folder / "snapshots").iterdir())) == KEPT_SNAPSHOTS


def test_a_copy_answers_while_the_bucket_is_away(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = replica(url, tmp_path)
    publish(store)
    with store.open() as snapshot:

        def away(*_: object, **__: object) -> None:
            raise ConnectionError("no route to host")

        monkeypatch.setattr(store._fs, "cat_file", away)
        with pytest.raises(StoreUnavailable, match="no route to host"):
            store.current_id()
        assert snapshot.catalog.entity("component:default/ledger") is not None
        assert len(snapshot.dense) > 0


def test_an_object_that_was_altered_is_refused(url: str, tmp_path: Path) -> None:
    name = publish(replica(url, tmp_path / "one"))
    fs, root = fsspec.core.url_to_fs(url)
    fs.pipe_file(f"{root}/snapshots/{name}/pages.ndjson", b"x")
    with pytest.raises(IndexMismatch, match=r"pages\.ndjson"):
        replica(url, tmp_path / "two").open()


def test_a_build_that_fails_leaves_the_last_one_serving(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = replica(url, tmp_path)
    name = publish(store)
    with monkeypatch.context() as patch:
        put = store._put

        def fail(path: Path, target: str) -> None:
            if target.endswith("dense.faiss"):
                raise ConnectionError("reset")
            put(path, target)

        patch.setattr(store, "_put", fail)
        with pytest.raises(StoreUnavailable, match="reset"):
            publish(store, days=1)
    assert store.current_id() == name
    assert len(names(url)) == 2
    publish(store, days=2)
    assert len(names(url)) == 3, "it may still be written to by another builder"


def test_what_was_left_behind_long_ago_is_removed(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/bucket"
    left = tmp_path / "bucket" / "snapshots" / "left"
    left.mkdir(parents=True)
    (left / "pages.ndjson").write_text("")
    store = replica(url, tmp_path / "one")
    publish(store)
    assert left.is_dir()
    long_ago = time.time() - ABANDONED.total_seconds() - 60
    os.utime(left / "pages.ndjson", (long_ago, long_ago))
    publish(store, days=1)
    assert not left.exists()


def test_events_are_refused_with_what_to_do(url: str, tmp_path: Path) -> None:
    journal = replica(url, tmp_path).journal()
    with pytest.raises(EventsNotTaken, match="PostgreSQL"):
        journal.append(Delivery("feed", "1", NOW, "{}", {}))
    assert journal.size() == (0, 0)
    assert list(journal.entries()) == []


def test_vectors_may_lie_in_milvus(url: str, tmp_path: Path) -> None:
    milvus = str(tmp_path / "milvus.db")
    store = replica(url, tmp_path / "one", milvus)
    publish(store)
    built = store.folder / "built"
    with replica(url, tmp_path / "two", milvus).open() as shared, open_snapshot(built) as local:
        assert not (shared.folder / "dense.faiss").exists()
        everything = np.arange(len(local.dense))
        assert len(shared.dense) == len(local.dense)
        assert np.array_equal(
            shared.dense.vectors(everything[::-1]), local.dense.vectors(everything[::-1])
        )
        vector = EMBEDDER.encode(["rotate the key"])[0]
        for allowed in (None, everything[2:7], everything[:0]):
            found, expected = (
                one.dense.search(vector, 5, allowed=allowed) for one in (shared, local)
            )
            assert np.allclose([s for _, s in found], [s for _, s in expected], atol=1e-6)
    with pytest.raises(UserError, match="setting `vectors`"):
        replica(url, tmp_path / "three").open()


def test_collections_go_with_their_snapshot(tmp_path: Path) -> None:
    milvus = str(tmp_path / "milvus.db")
    store = replica(f"file://{tmp_path}/bucket", tmp_path / "one", milvus)
    published = [publish(store, days=day) for day in range(KEPT_SNAPSHOTS + 1)]
    engine = MilvusEngine(milvus)
    collections = ["callboard_" + name.lower().replace("-", "_") for name in published]
    with pytest.raises(IndexMismatch, match="no collection"):
        engine.open(collections[0])
    assert len(engine.open(collections[1])) > 0


def test_addresses_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    assert isinstance(store_at("./store", cache=tmp_path), FolderStore)
    assert not is_url("store")
    for address, expected in (
        ("gopher://x/y", "gopher"),
        ("s3://bucket/prefix", "driver that is not installed"),
    ):
        with pytest.raises(UserError, match=expected):
            store_at(address, cache=tmp_path)
    with pytest.raises(UserError, match="file://"):
        store_at("./store", cache=tmp_path, vectors="http://milvus:19530")
