"""What each file said when it was last read: a file that did not change is not read again.

One SQLite file beside the snapshots: it survives a killed build whole, and losing it costs one full reading. It is data, never
a program (`pickled.py`).
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from catalog_store.program import source_digest
from indexer.files import InputFile
from indexer.pickled import dumps, loads
from indexer.sources.base import CONTENTS, Harvest

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
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # what is there is no database, or a damaged one
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
        now = file.status()
        if size != now[0] or (mtime_ns != now[1] and digest != file.digest()):
            return None
        try:
            contents = loads(payload, file)
            part = harvest.part()
            for name, items in contents.pop("lists").items():
                getattr(part, name).extend(items)
            part.report.problems, part.report.skipped = contents["problems"], contents["skipped"]
        except Exception:  # noqa: BLE001  whatever is wrong with it, the file itself is still there
            return None
        if source is not None:
            file.claimed_by(source)
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
        size, mtime_ns = file.status()
        self._connection.execute(
            "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *_key(file),
                size,
                mtime_ns,
                file.digest(),
                reading.source,
                dumps(contents, file),
            ),
        )

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path)
        connection.executescript(_TABLES)
        digest = hashlib.sha256(
            source_digest("indexer", "catalog_store.model") + self.options.encode()
        ).digest()
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


def _key(file: InputFile) -> tuple[str, str]:
    return str(file.location), file.identity
