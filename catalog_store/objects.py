"""A store in a bucket, or any other file system fsspec knows: replicas follow it without a database.

    <prefix>/
      CURRENT                    the snapshot that serves, then those before it, one a line
      snapshots/<id>/…           its files, the manifest last
      models/<identity>/…        the embedding model, once

An object is written whole or not at all, so a replica that reads CURRENT finds everything it names. What is no object there are events: a bucket
has no order in which they came, so a store in one takes none.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec

from catalog_store.errors import EventsNotTaken, StoreUnavailable, UserError
from catalog_store.journal import Delivery, Entry, Position
from catalog_store.shared import SharedStore, VectorEngine
from catalog_store.snapshot import CURRENT, KEPT_SNAPSHOTS, MANIFEST

ABANDONED = timedelta(days=1)
"""A snapshot nothing points at that has not been written to for this long was left behind by a build that was killed."""

_START = Position()


class ObjectStore(SharedStore):
    """One prefix of a bucket."""

    def __init__(self, url: str, folder: Path, vectors: VectorEngine | None = None) -> None:
        """Nothing is connected yet.

        Args:
            url: as fsspec reads it; credentials come from where its driver looks for them.
            folder: what this machine keeps.
            vectors: an engine of its own for the vectors; without one they are a file like the others.

        Raises:
            UserError: the address is of no known kind, or its driver is not installed.
        """
        try:
            # what is there may have been written by another machine a moment ago: no listing is remembered
            fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except ImportError as error:
            raise UserError(f"{url!r} needs a driver that is not installed: {error}") from error
        except ValueError as error:
            raise UserError(f"{url!r} is no store: {error}") from error
        super().__init__(url, folder, vectors)
        self._fs: Any = fs
        self._root = str(root).rstrip("/")

    def current_id(self) -> str | None:
        """Name of the snapshot that serves, or None."""
        return next(iter(self._published()), None)

    def journal(self) -> ClosedJournal:
        """Takes no events."""
        return ClosedJournal(self.address)

    def close(self) -> None:
        """Nothing is held open."""

    def _published(self) -> list[str]:
        """Names of the snapshots, the serving one first."""
        text = self._read(CURRENT)
        return text.split() if text else []

    def _manifest(self, name: str) -> str | None:
        return self._read(f"snapshots/{name}/{MANIFEST}")

    def _read(self, name: str) -> str | None:
        with self._said():
            try:
                found: bytes = self._fs.cat_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return None
        return found.decode("utf-8")

    def _fetch(self, owner: str, name: str, target: Path) -> None:
        with self._said():
            self._fs.get_file(f"{self._path_of(owner)}/{name}", str(target))

    def _path_of(self, owner: str) -> str:
        return (
            f"{self._root}/{owner}"
            if owner.startswith("models/")
            else f"{self._root}/snapshots/{owner}"
        )

    def _push(self, built: Path, name: str, manifest: dict[str, Any]) -> None:
        with self._said():
            target = f"{self._root}/snapshots/{name}"
            for file in manifest["files"]:
                self._put(built / file, f"{target}/{file}")
            identity = manifest["model"]["identity"]
            model = f"{self._root}/models/{identity}"
            for file, facts in manifest["model"].get("files", {}).items():
                path = f"{model}/{file}"
                if not self._fs.exists(path) or self._fs.size(path) != facts["bytes"]:
                    self._put(built.parents[1] / "models" / identity / file, path)
            self._write(f"snapshots/{name}/{MANIFEST}", json.dumps(manifest))
            published = self._published()
            kept, old = published[: KEPT_SNAPSHOTS - 1], published[KEPT_SNAPSHOTS - 1 :]
            self._write(CURRENT, "\n".join([name, *kept]) + "\n")
            for gone in (*old, *self._abandoned({name, *published})):
                self._remove(gone)

    def _put(self, path: Path, target: str) -> None:
        self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._fs.put_file(str(path), target)

    def _write(self, name: str, text: str) -> None:
        """Put a small file in one step; a file system of this machine does so by a rename."""
        target = f"{self._root}/{name}"
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if "file" in (
                self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)
            ):
                fresh = f"{target}.fresh"
                self._put(Path(file.name), fresh)
                Path(fresh).replace(target)
            else:
                self._put(Path(file.name), target)

    def _abandoned(self, known: set[str]) -> Iterator[str]:
        """Snapshots that were never finished, long ago."""
        before = datetime.now(UTC) - ABANDONED
        for path in self._fs.ls(f"{self._root}/snapshots", detail=False):
            name = str(path).rstrip("/").rpartition("/")[2]
            if name in known:
                continue
            written = [self._fs.modified(file) for file in self._fs.find(path)]
            if all(_utc(moment) < before for moment in written):
                yield name

    def _remove(self, name: str) -> None:
        text = self._manifest(name)
        if text is not None:
            self._drop_vectors(json.loads(text))
        self._fs.rm(f"{self._root}/snapshots/{name}", recursive=True)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Whatever a driver raises, as one error that says which store it was."""
        try:
            yield
        except (UserError, FileNotFoundError):
            raise
        except Exception as error:  # each driver has errors of its own
            raise StoreUnavailable(self.address, f"{type(error).__name__}: {error}") from error


class ClosedJournal:
    """The journal of a store that takes no events."""

    def __init__(self, address: str) -> None:
        """`address` is named when somebody sends one."""
        self._address = address

    def append(self, delivery: Delivery) -> bool:  # noqa: ARG002
        """Refuse it.

        Raises:
            EventsNotTaken: always; says what takes events.
        """
        raise EventsNotTaken(self._address)

    def size(self) -> tuple[int, int]:
        """Always the same."""
        return 0, 0

    def entries(self, after: Position = _START) -> Iterator[Entry]:  # noqa: ARG002
        """None."""
        return iter(())


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
