"""What answers need not but changes do, in one SQLite file a snapshot: read only when an event arrives or a part is hidden.

The statements behind records that may change between two builds, the annotations that tie a feed's names to entities, and the
edges that their ends declare.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog_store.content import CatalogContent
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge

_TABLES = """
CREATE TABLE statements (collector TEXT, grouped TEXT, data BLOB, PRIMARY KEY (collector, grouped)) WITHOUT ROWID;
CREATE TABLE annotations (ref TEXT PRIMARY KEY, held TEXT) WITHOUT ROWID;
CREATE TABLE backwards (
    source TEXT, relation TEXT, target TEXT, path TEXT, first INTEGER, last INTEGER, format TEXT,
    PRIMARY KEY (source, relation, target)
) WITHOUT ROWID;
"""


def write_ground(path: Path, content: CatalogContent) -> None:
    """Write a new file from what a build holds."""
    connection = sqlite3.connect(path)
    try:
        # whoever publishes the file flushes it to disk; a build that is killed before that leaves nothing
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_TABLES)
        connection.executemany(
            "INSERT INTO statements VALUES (?, ?, ?)",
            ((s.collector, s.group, s.data) for s in content.statements),
        )
        connection.executemany(
            "INSERT INTO annotations VALUES (?, ?)",
            ((ref, json.dumps(held)) for ref, held in content.annotations.items()),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO backwards VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    e.source,
                    e.relation,
                    e.target,
                    e.span.path,
                    e.span.first,
                    e.span.last,
                    e.span.format,
                )
                for e in content.backwards
                if e.span is not None
            ),
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

    def backwards(self) -> list[Edge]:
        """The edges that their ends declare, with the lines where they do."""
        with self._lock:
            rows = self._connection.execute("SELECT * FROM backwards").fetchall()
        return [Edge(row[0], row[1], row[2], SourceSpan(*row[3:])) for row in rows]

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
