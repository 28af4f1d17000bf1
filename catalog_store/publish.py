"""Publish a finished build at once; `snapshot` reads it and says what a store looks like.

A build writes into `snapshots/<id>.tmp-<pid>`, flushes it to disk, renames it and only then moves CURRENT:
whoever reads meanwhile sees the old snapshot or the new one, and a killed build leaves the old one serving.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog_store.content import CatalogContent
from catalog_store.errors import IndexMismatch, StoreNotFound
from catalog_store.parts import Progress, files_of, link, write_parts
from catalog_store.snapshot import (
    CURRENT,
    KEPT_SNAPSHOTS,
    MANIFEST,
    Snapshot,
    open_snapshot,
)

if TYPE_CHECKING:
    from catalog_store.embedder import Embedder


def publish(
    store: Path,
    content: CatalogContent,
    *,
    now: datetime,
    embedder: Embedder,
    progress: Progress | None = None,
    before: Snapshot | None = None,
) -> Path:
    """Write a new snapshot and make it the one that serves.

    Waits for another build of the same store to end. Vectors of passages that did not change since the
    serving snapshot are taken from it.

    Args:
        store: the store's folder; created when missing.
        content: everything the build has read; it is not changed.
        now: moment of the build, timezone-aware; names the snapshot.
        embedder: makes the vectors; its files are copied into the store.
        progress: told how far the work is.
        before: an open snapshot from elsewhere whose vectors and words may be taken when the store has none.

    Returns:
        The folder of the new snapshot.
    """
    report = progress or (lambda *_: None)
    snapshots = store / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    with locked(store / ".lock"):
        for stale in snapshots.glob("*.tmp-*"):
            shutil.rmtree(stale, ignore_errors=True)
        name = _new_name(snapshots, now)
        build = snapshots / f"{name}.tmp-{os.getpid()}"
        build.mkdir()
        try:
            _share_model(store, embedder)
            with _kept_from(store, before, embedder) as kept:
                write_parts(build, content, now=now, embedder=embedder, report=report, kept=kept)
            report("publish", 0, 1)
            _sync_tree(build)
            build.rename(snapshots / name)
        except BaseException:
            shutil.rmtree(build, ignore_errors=True)
            raise
        _sync(snapshots)
        _point(store, name)
        _remove_old(store, keep=name)
        report("publish", 1, 1)
    return snapshots / name


def write_apart(
    folder: Path, content: CatalogContent, *, like: Snapshot, embedder: Embedder
) -> Snapshot:
    """Write a part of a snapshot as a snapshot of its own, outside of the store, and open it.

    Args:
        folder: an empty folder, which the caller removes once the snapshot is closed.
        content: the part.
        like: the snapshot it is a part of; the new one has its id and its moment, and takes its vectors where texts are the same.
        embedder: the model of that snapshot.
    """
    target = folder / "snapshots" / like.id
    target.mkdir(parents=True)
    silent: Progress = lambda *_: None  # noqa: E731
    write_parts(target, content, now=like.created_at, embedder=embedder, report=silent, kept=like)
    return Snapshot(folder, like.id, embedder=embedder)


@contextmanager
def _kept_from(
    store: Path, before: Snapshot | None, embedder: Embedder
) -> Iterator[Snapshot | None]:
    """The snapshot from which what did not change is kept: the serving one of the store, else one from elsewhere."""
    serving: Snapshot | None = None
    with suppress(StoreNotFound, IndexMismatch, OSError, ValueError):
        serving = open_snapshot(store, embedder=embedder)
    if serving is None:
        yield before
    else:
        with serving:
            yield serving


def _share_model(store: Path, embedder: Embedder) -> None:
    """Put the model's files into the store, linked where the file system can, copied otherwise."""
    if embedder.folder is None:
        return
    target = store / "models" / embedder.identity
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob("*.tmp-*"):
        shutil.rmtree(stale, ignore_errors=True)
    build = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    build.mkdir()
    for path in files_of(embedder.folder):
        link(path, build / path.name)
    _sync_tree(build)
    build.rename(target)


def _point(store: Path, name: str) -> None:
    """Move CURRENT to another snapshot in one step."""
    fresh = store / f"{CURRENT}.tmp-{os.getpid()}"
    fresh.write_text(name + "\n", encoding="utf-8")
    _sync(fresh)
    fresh.replace(store / CURRENT)
    _sync(store)


def _remove_old(store: Path, *, keep: str) -> None:
    published = [
        p for p in (store / "snapshots").iterdir() if (p / MANIFEST).is_file() and p.name != keep
    ]
    # by the time they were written, not by name: a clock may have been set back between two builds
    published.sort(key=lambda p: (p / MANIFEST).stat().st_mtime_ns, reverse=True)
    for old in published[KEPT_SNAPSHOTS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    for stale in store.glob(f"{CURRENT}.tmp-*"):
        stale.unlink(missing_ok=True)


def _new_name(snapshots: Path, now: datetime) -> str:
    """20250131T120000Z-000; the counter tells builds of the same second apart and never goes back."""
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    taken = [int(path.name.rsplit("-", 1)[1]) for path in snapshots.glob(f"{moment}-???")]
    return f"{moment}-{max(taken, default=-1) + 1:03d}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file's lock; the kernel gives it back when the holder dies, so it can never be stale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync_tree(folder: Path) -> None:
    for path in (*files_of(folder), *(p for p in folder.rglob("*") if p.is_dir()), folder):
        _sync(path)


def _sync(path: Path) -> None:
    """Flush a file or folder to disk: a rename must not survive a power cut that its content did not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
