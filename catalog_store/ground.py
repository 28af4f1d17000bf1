"""What an event is joined with, in one SQLite file a snapshot: read by key, and only when an event arrives.

The statements behind records that may change between two builds, and the annotations that tie a feed's names to entities.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog_store.content import CatalogContent

_TABLES = """
CREATE TABLE statements (collector TEXT, grouped TEXT, data BLOB, PRIMARY KEY (collector, grouped)) WITHOUT ROWID;
CREATE TABLE annotations (ref TEXT PRIMARY KEY, held TEXT) WITHOUT ROWID;
"""


def write_ground(path: Path, content: CatalogContent) -> None:
    """Write a new file from what a build holds."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TABLES)
        connection.executemany(
            "INSERT INTO statements VALUES (?, ?, ?)",
            ((s.collector, s.group, s.data) for s in content.statements),
        )
        connection.executemany(
            "INSERT INTO annotations VALUES (?, ?)",
            ((ref, json.dumps(held)) for ref, held in content.annotations.items()),
        )
        connection.commit()
    finally:
        connection.close()


class Ground:
    """One snapshot's file, opened for reading. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open what `write_ground` wrote.

        Raises:
            sqlite3.Error: it is missing or damaged.
        """
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )

    def statements(self, collector: str, groups: Iterable[str]) -> list[bytes]:
        """What was said about some groups; groups without statements are absent."""
        found = []
        with self._lock:
            for group in groups:
                row = self._connection.execute(
                    "SELECT data FROM statements WHERE collector = ? AND grouped = ?",
                    (collector, group),
                ).fetchone()
                if row is not None:
                    found.append(row[0])
        return found

    def annotations(self) -> Mapping[str, Mapping[str, str]]:
        """Reference → annotation → value."""
        with self._lock:
            rows = self._connection.execute("SELECT ref, held FROM annotations").fetchall()
        return {ref: json.loads(held) for ref, held in rows}

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
