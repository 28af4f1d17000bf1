"""What every store that machines share has in common: built on one, pointed at in one step, opened on many.

    <folder>/
      built/                  a store of its own, in which this machine builds; what did not change is kept from build to build, and
                              from the snapshot that serves where nothing was built before
      snapshots/<id>/         the files of a published snapshot that are opened here
      models/<identity>/      the embedding model, once

A snapshot is published by putting its parts where the others find them, the pointer last. Its name ends in a digest of its manifest, so
two machines that build at the same moment never write over each other.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from catalog_store.errors import IndexMismatch, StoreNotFound, UserError
from catalog_store.journal import EventJournal
from catalog_store.parts import Progress
from catalog_store.publish import locked, publish
from catalog_store.snapshot import (
    DENSE,
    KEPT_SNAPSHOTS,
    MANIFEST,
    Elsewhere,
    Snapshot,
    current_id,
    sha256_of,
)

if TYPE_CHECKING:
    from catalog_store.content import CatalogContent
    from catalog_store.embedder import Embedder, Vectors
    from catalog_store.indexes.base import DenseSearch

VECTOR_CHUNK = 8192
"""Vectors carried over at a time: 12 MB of them at 384 floats."""


class VectorEngine(Protocol):
    """An engine of its own for vectors, beside whatever holds the rest."""

    name: str

    def load(self, collection: str, vectors: Iterator[Vectors], dimension: int) -> None:
        """Make a collection of unit vectors given in chunks of shape (n, dimension); row numbers become the ids."""
        ...

    def open(self, collection: str) -> DenseSearch:
        """Open a collection for searching."""
        ...

    def drop(self, collection: str) -> None:
        """Remove a collection; one that is not there is no error."""
        ...


class SharedStore(ABC):
    """A store that many machines share. Safe to share between threads."""

    def __init__(self, address: str, folder: Path, vectors: VectorEngine | None = None) -> None:
        """Nothing is connected yet.

        Args:
            address: as it may be shown.
            folder: what this machine keeps.
            vectors: an engine of its own for the vectors.
        """
        self.address = address
        self.folder = folder
        self._vectors = vectors

    @abstractmethod
    def current_id(self) -> str | None:
        """Name of the snapshot that serves, or None; cheap enough to poll."""

    @abstractmethod
    def journal(self) -> EventJournal:
        """The events that came since."""

    @abstractmethod
    def close(self) -> None:
        """Give connections back; snapshots that are open stay open."""

    @abstractmethod
    def _manifest(self, name: str) -> str | None:
        """The manifest of a published snapshot; None when it is gone."""

    @abstractmethod
    def _fetch(self, owner: str, name: str, target: Path) -> None:
        """Copy one file of a snapshot or model to this machine."""

    @abstractmethod
    def _push(self, built: Path, name: str, manifest: dict[str, Any]) -> None:
        """Put a snapshot where the others find it, and point at it in one step; `manifest` is completed."""

    def _elsewhere(self, name: str, manifest: Mapping[str, Any]) -> Elsewhere:  # noqa: ARG002
        """What opens the parts that are no files."""
        return Elsewhere(dense=self._open_vectors(manifest))

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def open(self, *, embedder: Embedder | None = None) -> Snapshot:
        """Open the snapshot that serves; the files it needs here are fetched once and checked."""
        for _ in range(KEPT_SNAPSHOTS):
            name = self.current_id()
            if name is None:
                raise StoreNotFound(self.address)
            snapshot = self._open(name, embedder)
            if snapshot is not None:
                return snapshot
        raise StoreNotFound(self.address)

    def _open(self, name: str, embedder: Embedder | None) -> Snapshot | None:
        """One published snapshot; None when it has gone meanwhile."""
        text = self._manifest(name)
        if text is None:
            return None
        manifest = json.loads(text)
        self._pull(name, text, manifest)
        return Snapshot(
            self.folder, name, embedder=embedder, elsewhere=self._elsewhere(name, manifest)
        )

    def _pull(self, name: str, text: str, manifest: Mapping[str, Any]) -> None:
        snapshots = self.folder / "snapshots"
        snapshots.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".fetching"):
            model = manifest["model"]
            if model.get("files"):
                self._pull_files(
                    f"models/{model['identity']}",
                    model["files"],
                    self.folder / "models" / model["identity"],
                )
            self._pull_files(name, manifest["files"], snapshots / name, text)
            self._forget_old(snapshots, name)

    def _pull_files(
        self,
        owner: str,
        files: Mapping[str, Mapping[str, Any]],
        target: Path,
        manifest: str | None = None,
    ) -> None:
        """Fetch a folder of files, checked and at once; nothing when it is there."""
        if target.is_dir():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as temporary:
            for file, facts in files.items():
                path = Path(temporary) / "new" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(owner, file, path)
                found = sha256_of(path)
                if found != facts["sha256"]:
                    raise IndexMismatch(
                        f"{self.address}: {owner}/{file} is not the file that was published (sha256 {found}, "
                        f"expected {facts['sha256']}); index the sources again"
                    )
            if manifest is not None:
                (Path(temporary) / "new" / MANIFEST).write_text(manifest, encoding="utf-8")
            (Path(temporary) / "new").rename(target)

    def _forget_old(self, snapshots: Path, keep: str) -> None:
        """Remove fetched snapshots that have not served here for a while."""
        kept = sorted(
            (p for p in snapshots.iterdir() if p.name != keep and not p.name.startswith(".")),
            key=lambda p: p.stat().st_mtime_ns,
            reverse=True,
        )
        for old in kept[KEPT_SNAPSHOTS - 1 :]:
            shutil.rmtree(old, ignore_errors=True)

    def _open_vectors(self, manifest: Mapping[str, Any]) -> Any:
        held = manifest.get("vectors")
        if held is None:
            return None
        if self._vectors is None or self._vectors.name != held["engine"]:
            raise UserError(
                f"the vectors of {self.address} lie in {held['engine']}; say where with the setting `vectors`"
            )
        engine = self._vectors
        return lambda: engine.open(held["collection"])

    # ── publishing ───────────────────────────────────────────────────────────────────────────────

    def publish(
        self,
        content: CatalogContent,
        *,
        now: datetime,
        embedder: Embedder,
        progress: Progress | None = None,
    ) -> Path:
        """Build a snapshot on this machine, then share it; the one before serves until all of it is there."""
        workshop = self.folder / "built"
        with ExitStack() as stack:
            before = None
            if current_id(workshop) is None:
                with suppress(StoreNotFound, IndexMismatch):
                    before = stack.enter_context(self.open())
            built = publish(
                workshop, content, now=now, embedder=embedder, progress=progress, before=before
            )
        self.share(built)
        return built

    def share(self, built: Path) -> str:
        """Publish a snapshot that stands in a folder of this machine, whoever built it.

        Args:
            built: `<store>/snapshots/<id>` of a store in a folder.

        Returns:
            The name it serves under.
        """
        text = (built / MANIFEST).read_text(encoding="utf-8")
        manifest = json.loads(text)
        model = built.parents[1] / "models" / manifest["model"]["identity"]
        if model.is_dir():
            manifest["model"]["files"] = {
                p.name: {"bytes": p.stat().st_size, "sha256": sha256_of(p)}
                for p in sorted(model.iterdir())
            }
        name = f"{built.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        if self._vectors is not None:
            self._load_vectors(self._vectors, built, name, manifest)
        self._push(built, name, manifest)
        return name

    def _load_vectors(
        self, engine: VectorEngine, built: Path, name: str, manifest: dict[str, Any]
    ) -> None:
        """Carry the vectors over to an engine of their own, which the manifest then names."""
        collection = "callboard_" + name.lower().replace("-", "_")
        engine.drop(collection)
        engine.load(collection, stored_vectors(built), manifest["model"]["dimension"])
        manifest["vectors"] = {"engine": engine.name, "collection": collection}
        del manifest["files"][DENSE]

    def _drop_vectors(self, manifest: Mapping[str, Any]) -> None:
        """Remove the vectors of a snapshot that is removed."""
        held = manifest.get("vectors")
        if held and self._vectors is not None and self._vectors.name == held["engine"]:
            self._vectors.drop(held["collection"])


def stored_vectors(built: Path) -> Iterator[Vectors]:
    """The vectors of a built snapshot in order, in chunks of shape (n, dimension)."""
    import numpy as np  # noqa: PLC0415

    from catalog_store.indexes.dense import DenseIndex  # noqa: PLC0415

    index = DenseIndex(built / DENSE)
    for start in range(0, len(index), VECTOR_CHUNK):
        yield index.vectors(np.arange(start, min(start + VECTOR_CHUNK, len(index)), dtype=np.int64))
