"""Read one published version of the catalog.

    <store>/
      CURRENT                    names the snapshot that serves
      .lock                      held by the one build that may run
      models/<identity>/         the embedding model, shared by snapshots; serving needs no torch
      snapshots/<id>/
        catalog.duckdb           entities, relations, records, passages
        catalog.rows.json        digests of what stands in the tables, so that the next build replaces only what changed
        lexical/                 BM25 index over the passages
        dense.faiss              one vector a passage, then one a page
        dense.keys.npy           what each vector was made from, so that the next build can keep it
        terms.npy, terms.offsets.npy   the distinct terms of each passage
        pages.ndjson             which passages each page has
        ground.sqlite            what an event is joined with
        analysed.json            the terms of each passage, so that the next build can keep them
        manifest.json            what all this was built with, with sizes and checksums

`publish` writes all this; what is here never changes it. numpy, the search engines and the model are imported
where they are used: a structured question needs none.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from catalog_store.derive import read_field_row, schema_digest
from catalog_store.errors import IndexMismatch, StoreNotFound
from catalog_store.journal import Position
from catalog_store.model.document import Passage, SourceSpan
from catalog_store.model.fields import FieldTable
from catalog_store.reader import CatalogReader

if TYPE_CHECKING:
    from catalog_store.embedder import Embedder
    from catalog_store.ground import Ground
    from catalog_store.indexes.base import DenseSearch, LexicalSearch
    from catalog_store.indexes.pages import Pages
    from catalog_store.indexes.terms import PassageTerms

FORMAT_VERSION = 2
"""Counts changes of the layout above or of what an index holds; a snapshot of another version is refused."""

KEPT_SNAPSHOTS = 3
"""Published snapshots kept, the serving one included: readers of an older one finish in peace."""

CURRENT, MANIFEST = "CURRENT", "manifest.json"
CATALOG, ROWS, LEXICAL, DENSE, KEYS, PAGES, GROUND, ANALYSED = (
    "catalog.duckdb",
    "catalog.rows.json",
    "lexical",
    "dense.faiss",
    "dense.keys.npy",
    "pages.ndjson",
    "ground.sqlite",
    "analysed.json",
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Parts of a snapshot that are no files beside its manifest: another engine holds them. None where the file is there.

    Attributes:
        catalog: opens the tables.
        dense: opens the vectors.
        close: gives back what all of them share.
    """

    catalog: Callable[[FieldTable], CatalogReader] | None = None
    dense: Callable[[], DenseSearch] | None = None
    close: Callable[[], None] | None = None


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
        self,
        store: Path,
        name: str,
        *,
        embedder: Embedder | None = None,
        threads: int = 2,
        elsewhere: Elsewhere = Elsewhere(),
    ) -> None:
        """Check a published snapshot and open it; see `open_snapshot`.

        `elsewhere` opens what lies in another engine.

        Raises:
            IndexMismatch: the snapshot has another format, is damaged, or was built with another model.
        """
        self.id = name
        self.folder = store / "snapshots" / name
        self.store = store
        self._threads = threads
        self._elsewhere = elsewhere
        self._lock = threading.RLock()
        self._parts: dict[str, object] = {}
        self.manifest: Mapping[str, Any] = _read_manifest(self.folder)
        built_with = self.manifest["model"]["identity"]
        if embedder is not None:
            if embedder.identity != built_with:
                raise _mismatch(self.folder, "embedding model", built_with, embedder.identity)
            self._parts["embedder"] = embedder
        self.fields = FieldTable(
            (read_field_row(row) for row in self.manifest["fields"]),
            self.manifest.get("synonyms"),
        )
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
    def catalog(self) -> CatalogReader:
        """Entities, relations, records and passages."""

        def load() -> CatalogReader:
            if self._elsewhere.catalog is not None:
                return self._elsewhere.catalog(self.fields)
            from catalog_store.store import CatalogStore  # noqa: PLC0415

            return CatalogStore(self.folder / CATALOG, self.fields)

        return self._part("catalog", load)

    @property
    def ground(self) -> Ground:
        """What an event is joined with."""

        def load() -> Ground:
            from catalog_store.ground import Ground  # noqa: PLC0415

            return Ground(self.folder / GROUND)

        return self._part("ground", load)

    @property
    def read_up_to(self) -> Position:
        """The events this snapshot already holds: those before this position of the journal."""
        return Position.parse(self.manifest["journal"])

    @property
    def pages(self) -> Pages:
        """What search returns one of: documents and entities."""

        def load() -> Pages:
            from catalog_store.indexes.pages import Pages  # noqa: PLC0415

            return Pages.load(self.folder / PAGES)

        return self._part("pages", load)

    @property
    def lexical(self) -> LexicalSearch:
        """The BM25 index."""

        def load() -> LexicalSearch:
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
    def dense(self) -> DenseSearch:
        """The vectors: row i is passage i; after the passages, one row a page, in page order.

        Raises:
            IndexMismatch: its shape is not what the manifest says.
        """

        def load() -> DenseSearch:
            index = self._open_dense()
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
            embedder = load_embedder(identity, self.store / "models", threads=self._threads)
            if embedder.identity != identity:
                raise _mismatch(self.folder, "embedding model", identity, embedder.identity)
            return embedder

        return self._part("embedder", load)

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """Passages by row number; unknown numbers are absent."""
        rows = self.catalog.fetch(
            "SELECT id, doc_ref, ordinal, heading, heading_path, text, path, first_line, last_line "
            "FROM passages WHERE id IN (SELECT unnest(CAST(? AS BIGINT[])))",
            [list(ids)],
        )
        return {row["id"]: _passage(row) for row in rows}

    def verify(self) -> None:
        """Read every file and compare its checksum.

        Raises:
            IndexMismatch: a file is not the one that was published.
        """
        for name, facts in self.manifest["files"].items():
            found = sha256_of(self.folder / name)
            if found != facts["sha256"]:
                raise _mismatch(self.folder / name, "sha256", facts["sha256"], found)

    def close(self) -> None:
        """Give the files back. The embedder is left alone: it may serve the next snapshot."""
        with self._lock:
            closing = [self._parts.pop(name, None) for name in ("catalog", "ground", "dense")]
            self._parts.clear()
        for part in closing:
            if part is not None:
                cast("CatalogReader | Ground | DenseSearch", part).close()
        if self._elsewhere.close is not None:
            self._elsewhere.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_dense(self) -> DenseSearch:
        if self._elsewhere.dense is not None:
            return self._elsewhere.dense()
        from catalog_store.indexes.dense import DenseIndex  # noqa: PLC0415

        return DenseIndex(self.folder / DENSE)

    def _part(self, name: str, load: Callable[[], _T]) -> _T:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = load()
            return cast("_T", self._parts[name])


def sha256_of(path: Path) -> str:
    """Checksum of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
