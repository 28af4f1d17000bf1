"""Publish a finished build at once, and read one published version.

    <store>/
      CURRENT                    names the snapshot that serves
      .lock                      held by the one build that may run
      models/<identity>/         the embedding model, shared by snapshots; serving needs no torch
      snapshots/<id>/
        catalog.duckdb           entities, relations, records, passages
        lexical/                 BM25 index over the passages
        dense.faiss              one vector a passage, then one a page
        dense.keys.npy           what each vector was made from, so that the next build can keep it
        terms.npy, terms.offsets.npy   the distinct terms of each passage
        pages.ndjson             which passages each page has
        manifest.json            what all this was built with, with sizes and checksums

A build writes into `snapshots/<id>.tmp-<pid>`, flushes it to disk, renames it and only then moves CURRENT:
whoever reads meanwhile sees the old snapshot or the new one, and a killed build leaves the old one serving.

numpy, the search engines and the model are imported where they are used: a structured question needs none.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from catalog_store.content import CatalogContent
from catalog_store.derive import field_row, read_field_row, schema_digest
from catalog_store.errors import IndexMismatch, StoreNotFound
from catalog_store.model.document import Passage, SourceSpan
from catalog_store.model.fields import FieldTable
from catalog_store.store import CatalogStore, write_catalog

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from catalog_store.embedder import Embedder, Vectors
    from catalog_store.indexes.dense import DenseIndex
    from catalog_store.indexes.lexical import LexicalIndex
    from catalog_store.indexes.pages import Pages
    from catalog_store.indexes.terms import PassageTerms

FORMAT_VERSION = 1
"""Counts changes of the layout above or of what an index holds; a snapshot of another version is refused."""

KEPT_SNAPSHOTS = 3
"""Published snapshots kept, the serving one included: readers of an older one finish in peace."""

CURRENT, MANIFEST = "CURRENT", "manifest.json"
CATALOG, LEXICAL, DENSE, KEYS, PAGES = (
    "catalog.duckdb",
    "lexical",
    "dense.faiss",
    "dense.keys.npy",
    "pages.ndjson",
)

_EMBED_CHUNK = 256

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (stage, done, total) as a build goes on; stages are "catalog", "words", "meaning", "publish"."""

_T = TypeVar("_T")


def publish(
    store: Path,
    content: CatalogContent,
    *,
    now: datetime,
    embedder: Embedder,
    progress: Progress | None = None,
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

    Returns:
        The folder of the new snapshot.
    """
    report = progress or (lambda *_: None)
    snapshots = store / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    with _locked(store / ".lock"):
        for stale in snapshots.glob("*.tmp-*"):
            shutil.rmtree(stale, ignore_errors=True)
        name = _new_name(snapshots, now)
        build = snapshots / f"{name}.tmp-{os.getpid()}"
        build.mkdir()
        try:
            _share_model(store, embedder)
            _write_parts(build, store, content, now=now, embedder=embedder, report=report)
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


def current_id(store: Path) -> str | None:
    """Name of the snapshot that serves, or None; one small read, cheap enough to poll.

    >>> current_id(Path("/nowhere")) is None
    True
    """
    try:
        return (store / CURRENT).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def open_snapshot(store: Path, *, embedder: Embedder | None = None, threads: int = 2) -> Snapshot:
    """Open the snapshot that serves; its parts are opened when first used.

    Args:
        store: the store's folder.
        embedder: one that is already loaded, for example from the snapshot served before; None opens the
            store's own when a question first needs it.
        threads: cores one embedding call may use.

    Raises:
        StoreNotFound: nothing is published there.
        IndexMismatch: the snapshot has another format, is damaged, or was built with another model than `embedder`.
    """
    for _ in range(KEPT_SNAPSHOTS):
        name = current_id(store)
        if name is None:
            raise StoreNotFound(store)
        try:
            return Snapshot(store, name, embedder=embedder, threads=threads)
        except IndexMismatch:
            # a reader that slept through several builds finds its folder gone; the newest one is there
            if current_id(store) == name:
                raise
    raise StoreNotFound(store)


class Snapshot:
    """One published version of the catalog. Safe to share between threads.

    A structured question touches `catalog` and `fields` only, so it never pays for loading the model or
    the search indexes.
    """

    def __init__(
        self, store: Path, name: str, *, embedder: Embedder | None = None, threads: int = 2
    ) -> None:
        """Check a published snapshot and open it; see `open_snapshot`.

        Raises:
            IndexMismatch: the snapshot has another format, is damaged, or was built with another model.
        """
        self.id = name
        self.folder = store / "snapshots" / name
        self._store = store
        self._threads = threads
        self._lock = threading.RLock()
        self._parts: dict[str, object] = {}
        self.manifest: Mapping[str, Any] = _read_manifest(self.folder)
        built_with = self.manifest["model"]["identity"]
        if embedder is not None:
            if embedder.identity != built_with:
                raise _mismatch(self.folder, "embedding model", built_with, embedder.identity)
            self._parts["embedder"] = embedder
        self.fields = FieldTable(read_field_row(row) for row in self.manifest["fields"])
        expected = schema_digest(self.fields)
        if self.manifest.get("schema") != expected:
            raise _mismatch(self.folder, "field table", expected, self.manifest.get("schema"))

    @property
    def created_at(self) -> datetime:
        """When it was built, UTC."""
        return datetime.fromisoformat(self.manifest["created_at"])

    @property
    def passage_count(self) -> int:
        """Passages of documents and of entities; their row numbers are 0 up to this."""
        return int(self.manifest["counts"]["passages"])

    @property
    def catalog(self) -> CatalogStore:
        """Entities, relations, records and passages."""
        return self._part("catalog", lambda: CatalogStore(self.folder / CATALOG, self.fields))

    @property
    def pages(self) -> Pages:
        """What search returns one of: documents and entities."""

        def load() -> Pages:
            from catalog_store.indexes.pages import Pages  # noqa: PLC0415

            return Pages.load(self.folder / PAGES)

        return self._part("pages", load)

    @property
    def lexical(self) -> LexicalIndex:
        """The BM25 index."""

        def load() -> LexicalIndex:
            from catalog_store.indexes.lexical import LexicalIndex  # noqa: PLC0415

            return LexicalIndex(self.folder / LEXICAL)

        return self._part("lexical", load)

    @property
    def terms(self) -> PassageTerms:
        """Which terms each passage holds."""

        def load() -> PassageTerms:
            from catalog_store.indexes.terms import PassageTerms  # noqa: PLC0415

            return PassageTerms(self.folder)

        return self._part("terms", load)

    @property
    def dense(self) -> DenseIndex:
        """The vectors: row i is passage i; after the passages, one row a page, in page order.

        Raises:
            IndexMismatch: its shape is not what the manifest says.
        """

        def load() -> DenseIndex:
            from catalog_store.indexes.dense import DenseIndex  # noqa: PLC0415

            index = DenseIndex(self.folder / DENSE)
            expected = (self.manifest["counts"]["vectors"], self.manifest["model"]["dimension"])
            if (len(index), index.dimension) != expected:
                raise _mismatch(
                    self.folder / DENSE, "shape", expected, (len(index), index.dimension)
                )
            return index

        return self._part("dense", load)

    @property
    def embedder(self) -> Embedder:
        """The model this snapshot was built with.

        Raises:
            ModelUnavailable: the store holds no copy of it.
            IndexMismatch: the copy is of another model.
        """

        def load() -> Embedder:
            from catalog_store.embedder import load_embedder  # noqa: PLC0415

            identity = self.manifest["model"]["identity"]
            embedder = load_embedder(identity, self._store / "models", threads=self._threads)
            if embedder.identity != identity:
                raise _mismatch(self.folder, "embedding model", identity, embedder.identity)
            return embedder

        return self._part("embedder", load)

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """Passages by row number; unknown numbers are absent."""
        rows = self.catalog.fetch(
            "SELECT id, doc_ref, ordinal, heading, heading_path, text, path, first_line, last_line "
            "FROM passages WHERE id IN (SELECT unnest(?::BIGINT[]))",
            [list(ids)],
        )
        return {row["id"]: _passage(row) for row in rows}

    def verify(self) -> None:
        """Read every file and compare its checksum.

        Raises:
            IndexMismatch: a file is not the one that was published.
        """
        for name, facts in self.manifest["files"].items():
            found = _sha256(self.folder / name)
            if found != facts["sha256"]:
                raise _mismatch(self.folder / name, "sha256", facts["sha256"], found)

    def close(self) -> None:
        """Give the files back. The embedder is left alone: it may serve the next snapshot."""
        with self._lock:
            catalog = self._parts.pop("catalog", None)
            self._parts.clear()
        if isinstance(catalog, CatalogStore):
            catalog.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _part(self, name: str, load: Callable[[], _T]) -> _T:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = load()
            return cast("_T", self._parts[name])


# ── building ────────────────────────────────────────────────────────────────────────────────────────


def _write_parts(
    build: Path,
    store: Path,
    content: CatalogContent,
    *,
    now: datetime,
    embedder: Embedder,
    report: Progress,
) -> None:
    import numpy as np  # noqa: PLC0415

    from catalog_store.indexes import dense, lexical, terms  # noqa: PLC0415
    from catalog_store.indexes.pages import collect  # noqa: PLC0415
    from catalog_store.indexes.texts import embedded_text, lexical_doc, page_text, terms_of  # noqa: PLC0415

    fields = FieldTable(content.fields)
    pages, passages = collect(content, fields)
    of_page = [pages[pages.of_passage(number)] for number in range(len(passages))]
    pages.save(build / PAGES)

    report("catalog", 0, 1)
    counts = write_catalog(build / CATALOG, replace(content, passages=passages), fields)
    report("catalog", 1, 1)

    report("words", 0, len(passages))
    docs = [
        lexical_doc(n, passage, page)
        for n, (passage, page) in enumerate(zip(passages, of_page, strict=True))
    ]
    lexical.build(build / LEXICAL, docs)
    terms.build(build, map(terms_of, docs))
    report("words", len(passages), len(passages))

    texts = [embedded_text(passage, page) for passage, page in zip(passages, of_page, strict=True)]
    texts += [page_text(pages[number]) for number in range(len(pages))]
    vectors, keys = _embed(texts, store, embedder, report)
    dense.build(build / DENSE, vectors)
    np.save(build / KEYS, keys)

    manifest = {
        "format": FORMAT_VERSION,
        "created_at": now.astimezone(UTC).isoformat(),
        "fields": [field_row(row) for row in content.fields],
        "schema": schema_digest(fields),
        "counts": {**counts, "pages": len(pages), "vectors": len(texts)},
        "sources": dict(content.sources),
        "model": {"identity": embedder.identity, "dimension": embedder.dimension},
        "files": {
            path.relative_to(build).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": _sha256(path),
            }
            for path in _files(build)
        },
    }
    (build / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _embed(
    texts: Sequence[str], store: Path, embedder: Embedder, report: Progress
) -> tuple[Vectors, npt.NDArray[np.void]]:
    """Vectors of texts in order, and their keys; known texts keep the vector they have."""
    import numpy as np  # noqa: PLC0415

    digests = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
    known = _known_vectors(store, embedder, set(digests))
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


def _known_vectors(store: Path, embedder: Embedder, wanted: set[bytes]) -> dict[bytes, Vectors]:
    """Vectors of the serving snapshot for texts that come again; none when it cannot be read."""
    import numpy as np  # noqa: PLC0415

    try:
        with open_snapshot(store, embedder=embedder) as snapshot:
            keys = [key.tobytes() for key in np.load(snapshot.folder / KEYS)]
            numbers = [number for number, key in enumerate(keys) if key in wanted]
            if not numbers:
                return {}
            vectors = snapshot.dense.vectors(np.array(numbers, np.int64))
            return {keys[number]: vector for number, vector in zip(numbers, vectors, strict=True)}
    except (StoreNotFound, IndexMismatch, OSError, ValueError):
        return {}


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
def _locked(path: Path) -> Iterator[None]:
    """Hold a file's lock; the kernel gives it back when the holder dies, so it can never be stale."""
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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexMismatch(
            f"{folder} has no readable manifest ({error}); index the sources again"
        ) from None
    if manifest.get("format") != FORMAT_VERSION:
        raise _mismatch(folder, "format version", FORMAT_VERSION, manifest.get("format"))
    for name, facts in manifest["files"].items():
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != facts["bytes"]:
            raise _mismatch(
                path, "size in bytes", facts["bytes"], "no file" if found is None else found
            )
    return manifest


def _mismatch(path: Path, what: str, expected: object, found: object) -> IndexMismatch:
    return IndexMismatch(
        f"{path}: expected {what} {expected}, found {found}; index the sources again"
    )


def _passage(row: Mapping[str, Any]) -> Passage:
    return Passage(
        doc_ref=row["doc_ref"],
        ordinal=row["ordinal"],
        heading=row["heading"],
        heading_path=tuple(row["heading_path"] or ()),
        text=row["text"],
        span=SourceSpan(row["path"], row["first_line"], row["last_line"]),
    )
