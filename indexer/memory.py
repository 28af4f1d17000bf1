"""What each file said when it was last read: a file that did not change is not read again.

One SQLite file beside the snapshots: it survives a killed build whole, and losing it costs one full reading. The parts of a
harvest are pickled, and unpickled by a reader that makes nothing but our own value classes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import pathlib
import pickle
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import catalog_store.model
import indexer
from indexer.files import InputFile
from indexer.sources.base import CONTENTS, Harvest

_THIS_FILE = "file"
"""How a part refers to the file it was read from; nothing in it may refer to another one."""

_PLAIN: Mapping[tuple[str, str], Any] = {
    ("datetime", "datetime"): dt.datetime,
    ("datetime", "date"): dt.date,
    ("datetime", "timezone"): dt.timezone,
    ("datetime", "timedelta"): dt.timedelta,
    ("pathlib", "PosixPath"): pathlib.PosixPath,
    ("pathlib", "WindowsPath"): pathlib.WindowsPath,
    ("collections", "Counter"): Counter,
}

_OURS = ("indexer.", "catalog_store.")
"""Packages whose value classes a part may hold."""

_TABLES = """
CREATE TABLE IF NOT EXISTS program (digest BLOB);
CREATE TABLE IF NOT EXISTS parts (
    location TEXT, path TEXT, size INTEGER, mtime_ns INTEGER, digest BLOB, source TEXT, payload BLOB,
    PRIMARY KEY (location, path)
);
"""


@dataclass(slots=True)
class Reading:
    """What one file said.

    Attributes:
        source: the format that claimed it; None when none did.
        part: what it brought in.
    """

    source: str | None
    part: Harvest


@dataclass(slots=True)
class ReadMemory:
    """The readings of the last build of a store; use it as a context, which keeps what this build adds.

    Attributes:
        path: the SQLite file; made when it is not there, and made anew when it cannot be read.
        options: what else decides how a file is read; other options read everything again.
        reused, read: files taken from memory and files read, so far.
    """

    path: Path
    options: str = ""
    reused: int = 0
    read: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)
            self._connection = self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._connection is not None
        if kind is None:
            self._forget_the_unseen()
            self._connection.commit()
        self._connection.close()
        self._connection = None

    def recall(self, file: InputFile, harvest: Harvest) -> Reading | None:
        """What an unchanged file said; None when it is new or changed, or must be read by every build."""
        assert self._connection is not None
        key = _key(file)
        self._seen.add(key)
        row = self._connection.execute(
            "SELECT size, mtime_ns, digest, source, payload FROM parts WHERE location = ? AND path = ?",
            key,
        ).fetchone()
        if row is None:
            return None
        size, mtime_ns, digest, source, payload = row
        status = file.location.stat()
        if size != status.st_size:
            return None
        if mtime_ns != status.st_mtime_ns and digest != _digest(file):
            return None
        try:
            contents = _Reader(io.BytesIO(payload), file).load()
            part = harvest.part()
            for name, items in contents.pop("lists").items():
                getattr(part, name).extend(items)
            part.report.problems, part.report.skipped = contents["problems"], contents["skipped"]
        except Exception:  # noqa: BLE001  whatever is wrong with it, the file itself is still there
            return None
        self.reused += 1
        return Reading(source, part)

    def keep(self, file: InputFile, reading: Reading) -> None:
        """Remember what a file said."""
        assert self._connection is not None
        self.read += 1
        part = reading.part
        if part.volatile:
            self._seen.discard(_key(file))
            return
        contents = {
            "lists": {name: getattr(part, name) for name in CONTENTS if getattr(part, name)},
            "problems": part.report.problems,
            "skipped": part.report.skipped,
        }
        buffer = io.BytesIO()
        _Writer(buffer, file).dump(contents)
        status = file.location.stat()
        self._connection.execute(
            "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *_key(file),
                status.st_size,
                status.st_mtime_ns,
                _digest(file),
                reading.source,
                buffer.getvalue(),
            ),
        )

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path)
        connection.executescript(_TABLES)
        digest = hashlib.sha256(program_digest() + self.options.encode()).digest()
        if connection.execute("SELECT digest FROM program").fetchone() != (digest,):
            connection.execute("DELETE FROM parts")
            connection.execute("DELETE FROM program")
            connection.execute("INSERT INTO program VALUES (?)", (digest,))
        return connection

    def _forget_the_unseen(self) -> None:
        assert self._connection is not None
        known = self._connection.execute("SELECT location, path FROM parts").fetchall()
        gone = [key for key in known if key not in self._seen]
        self._connection.executemany("DELETE FROM parts WHERE location = ? AND path = ?", gone)


@cache
def program_digest() -> bytes:
    """Names the program that reads: another one may read the same file differently."""
    digest = hashlib.sha256()
    for package in (indexer, catalog_store.model):
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.digest()


def _key(file: InputFile) -> tuple[str, str]:
    return str(file.location), file.path


def _digest(file: InputFile) -> bytes:
    with file.location.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


class _Writer(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, file: InputFile) -> None:
        super().__init__(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        self._file = file

    def persistent_id(self, value: object) -> str | None:
        if not isinstance(value, InputFile):
            return None
        if value.location != self._file.location:
            raise pickle.PicklingError(f"a part of {self._file.path} refers to {value.path}")
        return _THIS_FILE

    def reducer_override(self, value: Any) -> Any:
        """Value classes by their arguments: frozen ones are otherwise filled field by field, which takes longer."""
        kind = type(value)
        if kind.__module__.startswith(_OURS) and is_dataclass(value):
            return kind, tuple(getattr(value, one.name) for one in fields(value))
        return NotImplemented


class _Reader(pickle.Unpickler):
    """Makes plain values and our own dataclasses, and nothing else: a store is data, never a program."""

    def __init__(self, buffer: io.BytesIO, file: InputFile) -> None:
        super().__init__(buffer)
        self._file = file

    def persistent_load(self, identity: object) -> InputFile:
        if identity != _THIS_FILE:
            raise pickle.UnpicklingError(f"unknown reference {identity!r}")
        return self._file

    def find_class(self, module: str, name: str) -> Any:
        return value_class(module, name)


@cache
def value_class(module: str, name: str) -> Any:
    """The value class of this name.

    Raises:
        pickle.UnpicklingError: it is no value class of the house.
    """
    if (module, name) in _PLAIN:
        return _PLAIN[module, name]
    if module.startswith(_OURS):
        found = getattr(import_module(module), name, None)
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
            return found
    raise pickle.UnpicklingError(f"{module}.{name} is no value class")
