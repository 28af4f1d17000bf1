"""Where a catalog is published to and read from: a folder, a database, or a bucket, told apart by the address.

    ./store, /srv/callboard               a folder of this machine
    postgresql://user@host/database       PostgreSQL with pgvector: tables, vectors and journal that replicas share
    s3://bucket/prefix, gs://…, file:///… snapshots as objects, by way of fsspec

Whoever asks or builds takes a `Store` and need not know which it is. Drivers are imported when an address needs them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from catalog_store.errors import MissingExtra, UserError
from catalog_store.journal import EventJournal, Journal
from catalog_store.snapshot import Snapshot, current_id, open_snapshot

if TYPE_CHECKING:
    from catalog_store.content import CatalogContent
    from catalog_store.embedder import Embedder
    from catalog_store.parts import Progress
    from catalog_store.shared import VectorEngine

POSTGRES_SCHEMES = ("postgresql", "postgres")


class Store(Protocol):
    """Where snapshots are published to and read from. Safe to share between threads."""

    @property
    def address(self) -> str:
        """What names it, as it may be shown: without a password."""
        ...

    @property
    def folder(self) -> Path:
        """The folder on this machine: the store itself, or what this machine keeps of it."""
        ...

    def current_id(self) -> str | None:
        """Name of the snapshot that serves, or None; cheap enough to poll.

        Raises:
            StoreUnavailable: the store cannot be asked.
        """
        ...

    def open(self, *, embedder: Embedder | None = None) -> Snapshot:
        """Open the snapshot that serves; see `open_snapshot`.

        Raises:
            StoreNotFound: nothing is published there.
            StoreUnavailable: the store cannot be asked.
            IndexMismatch: the snapshot has another format, is damaged, or was built with another model than `embedder`.
        """
        ...

    def journal(self) -> EventJournal:
        """The events that came since."""
        ...

    def publish(
        self,
        content: CatalogContent,
        *,
        now: datetime,
        embedder: Embedder,
        progress: Progress | None = None,
    ) -> Path:
        """Write a new snapshot and make it the one that serves; see `publish`.

        Returns:
            The folder it was built in, on this machine.
        """
        ...

    def close(self) -> None:
        """Give connections back; snapshots that are open stay open."""
        ...


class FolderStore:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before the first snapshot is published."""
        self.folder = folder
        self._journal = Journal(folder)

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.folder)

    def current_id(self) -> str | None:
        """Name of the snapshot that serves, or None."""
        return current_id(self.folder)

    def open(self, *, embedder: Embedder | None = None) -> Snapshot:
        """Open the snapshot that serves."""
        return open_snapshot(self.folder, embedder=embedder)

    def journal(self) -> Journal:
        """The events that came since."""
        return self._journal

    def publish(
        self,
        content: CatalogContent,
        *,
        now: datetime,
        embedder: Embedder,
        progress: Progress | None = None,
    ) -> Path:
        """Write a new snapshot and make it the one that serves."""
        from catalog_store.publish import publish  # noqa: PLC0415

        return publish(self.folder, content, now=now, embedder=embedder, progress=progress)

    def close(self) -> None:
        """Nothing is held open."""


def is_url(address: str) -> bool:
    """Whether an address names something else than a folder.

    >>> is_url("s3://bucket/callboard"), is_url("./store"), is_url("C:/store")
    (True, False, False)
    """
    scheme, mark, rest = address.partition("://")
    return bool(mark and rest and len(scheme) > 1 and scheme.replace("+", "").isalnum())


def as_store(store: Path | Store) -> Store:
    """A folder as a store; a store as it is."""
    return FolderStore(store) if isinstance(store, Path) else store


def store_at(address: Path | str, *, cache: Path, vectors: str | None = None) -> Store:
    """The store an address names; nothing is connected yet.

    Args:
        address: a folder, or a URL as above.
        cache: folder of this machine in which what is read from elsewhere is kept; safe to delete.
        vectors: address of a Milvus that holds the vectors; None keeps them with the snapshot.

    Raises:
        UserError: the address is of a kind nobody knows, or its driver is not installed.
    """
    if isinstance(address, Path) or not is_url(address):
        if vectors is not None:
            raise UserError(
                f"vectors in {vectors!r} need a store that machines share; give the folder as file://, or another URL"
            )
        return FolderStore(Path(address).expanduser())
    folder = cache / "stores" / hashlib.sha256(address.encode()).hexdigest()[:16]
    engine: VectorEngine | None = None
    if vectors is not None:
        _require("Milvus", "milvus", "pymilvus")
        from catalog_store.milvus import MilvusEngine  # noqa: PLC0415

        engine = MilvusEngine(vectors)
    if address.partition("://")[0] in POSTGRES_SCHEMES:
        _require("a store in PostgreSQL", "postgres", "psycopg", "pgvector")
        from catalog_store.postgres.store import PostgresStore  # noqa: PLC0415

        return PostgresStore(address, folder, engine)
    _require("a store in a bucket", "object-storage", "fsspec")
    from catalog_store.objects import ObjectStore  # noqa: PLC0415

    return ObjectStore(address, folder, engine)


def _require(what: str, extra: str, *packages: str) -> None:
    """Say which extra to install, rather than which module is missing."""
    if not all(find_spec(package) for package in packages):
        raise MissingExtra(what, extra)
