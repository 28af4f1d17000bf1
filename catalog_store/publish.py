"""Publish a finished build at once; `snapshot` reads it and says what a store looks like.

A build writes into `snapshots/<id>.tmp-<pid>`, flushes it to disk, renames it and only then moves CURRENT:
whoever reads meanwhile sees the old snapshot or the new one, and a killed build leaves the old one serving.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from catalog_store.content import CatalogContent
from catalog_store.derive import field_row, schema_digest
from catalog_store.errors import IndexMismatch, StoreNotFound, StoreUnavailable
from catalog_store.ground import write_ground
from catalog_store.model.fields import FieldTable
from catalog_store.snapshot import (
    ANALYSED,
    CATALOG,
    CURRENT,
    DENSE,
    FORMAT_VERSION,
    GROUND,
    KEPT_SNAPSHOTS,
    KEYS,
    LEXICAL,
    MANIFEST,
    PAGES,
    Snapshot,
    open_snapshot,
    sha256_of,
)
from catalog_store.store import write_catalog

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from catalog_store.embedder import Embedder, Vectors

_EMBED_CHUNK = 256

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (stage, done, total) as a build goes on; stages are "catalog", "words", "meaning", "publish"."""


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
                _write_parts(build, content, now=now, embedder=embedder, report=report, kept=kept)
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
    _write_parts(target, content, now=like.created_at, embedder=embedder, report=silent, kept=like)
    return Snapshot(folder, like.id, embedder=embedder)


def _write_parts(
    build: Path,
    content: CatalogContent,
    *,
    now: datetime,
    embedder: Embedder,
    report: Progress,
    kept: Snapshot | None,
) -> None:
    import numpy as np  # noqa: PLC0415

    from catalog_store.indexes import dense, lexical, terms  # noqa: PLC0415
    from catalog_store.indexes.pages import collect  # noqa: PLC0415
    from catalog_store.indexes.texts import Terms, embedded_text, lexical_doc, page_text, terms_of  # noqa: PLC0415

    fields = FieldTable(content.fields)
    pages, passages = collect(content, fields)
    of_page = [pages[pages.of_passage(number)] for number in range(len(passages))]
    pages.save(build / PAGES)

    report("catalog", 0, 1)
    counts = write_catalog(build / CATALOG, replace(content, passages=passages), fields)
    write_ground(build / GROUND, content)
    report("catalog", 1, 1)

    report("words", 0, len(passages))
    analysed = Terms.load(kept.folder / ANALYSED if kept else build / ANALYSED)
    docs = [
        lexical_doc(n, passage, page, analysed)
        for n, (passage, page) in enumerate(zip(passages, of_page, strict=True))
    ]
    lexical.build(build / LEXICAL, docs)
    terms.build(build, map(terms_of, docs))
    analysed.save(build / ANALYSED)
    report("words", len(passages), len(passages))

    texts = [embedded_text(passage, page) for passage, page in zip(passages, of_page, strict=True)]
    texts += [page_text(pages[number]) for number in range(len(pages))]
    vectors, keys = _embed(texts, kept, embedder, report)
    dense.build(build / DENSE, vectors)
    np.save(build / KEYS, keys)

    manifest = {
        "format": FORMAT_VERSION,
        "created_at": now.astimezone(UTC).isoformat(),
        "fields": [field_row(row) for row in content.fields],
        "synonyms": dict(content.synonyms),
        "schema": schema_digest(fields),
        "counts": {**counts, "pages": len(pages), "vectors": len(texts)},
        "sources": dict(content.sources),
        "journal": str(content.read_up_to),
        "model": {"identity": embedder.identity, "dimension": embedder.dimension},
        "files": {
            path.relative_to(build).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in _files(build)
        },
    }
    (build / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _embed(
    texts: Sequence[str], kept: Snapshot | None, embedder: Embedder, report: Progress
) -> tuple[Vectors, npt.NDArray[np.void]]:
    """Vectors of texts in order, and their keys; known texts keep the vector they have."""
    import numpy as np  # noqa: PLC0415

    digests = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
    known = _known_vectors(kept, embedder, set(digests))
    vectors = np.zeros((len(texts), embedder.dimension), np.float32)
    fresh: dict[bytes, list[int]] = {}
    for number, digest in enumerate(digests):
        if digest in known:
            vectors[number] = known[digest]
        else:
            fresh.setdefault(digest, []).append(number)
    # sorted by length, so that each chunk is made of texts that cost alike
    groups = sorted(fresh.values(), key=lambda numbers: len(texts[numbers[0]]))
    report("meaning", 0, len(groups))
    for start in range(0, len(groups), _EMBED_CHUNK):
        chunk = groups[start : start + _EMBED_CHUNK]
        for numbers, vector in zip(
            chunk, embedder.encode([texts[n[0]] for n in chunk]), strict=True
        ):
            vectors[numbers] = vector
        report("meaning", min(start + _EMBED_CHUNK, len(groups)), len(groups))
    return vectors, np.frombuffer(b"".join(digests), dtype="V16")


def _known_vectors(
    kept: Snapshot | None, embedder: Embedder, wanted: set[bytes]
) -> dict[bytes, Vectors]:
    """Vectors of a snapshot for texts that come again; none when it cannot be read, or another model made them."""
    import numpy as np  # noqa: PLC0415

    if kept is None or kept.manifest["model"]["identity"] != embedder.identity:
        return {}
    try:
        keys = [key.tobytes() for key in np.load(kept.folder / KEYS)]
        numbers = [number for number, key in enumerate(keys) if key in wanted]
        if not numbers:
            return {}
        vectors = kept.dense.vectors(np.array(numbers, np.int64))
        return {keys[number]: vector for number, vector in zip(numbers, vectors, strict=True)}
    except (StoreUnavailable, IndexMismatch, OSError, ValueError):
        return {}


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
    for path in _files(embedder.folder):
        try:
            os.link(path, build / path.name)
        except OSError:
            shutil.copyfile(path, build / path.name)
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


def _files(folder: Path) -> list[Path]:
    """Files below a folder, sorted; without the locks tantivy leaves behind."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


def _sync_tree(folder: Path) -> None:
    for path in (*_files(folder), *(p for p in folder.rglob("*") if p.is_dir()), folder):
        _sync(path)


def _sync(path: Path) -> None:
    """Flush a file or folder to disk: a rename must not survive a power cut that its content did not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
