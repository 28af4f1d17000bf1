"""The catalog in one DuckDB file, opened for reading; `tables` writes it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from catalog_store import derive
from catalog_store.journal import Position
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import table_of
from catalog_store.reader import CatalogReader, Patch, Row
from catalog_store.rows import edge_row, record_row

_PATCHED = "patched_refs"
"""Names the table of references whose published rows are out of date."""


class CatalogStore(CatalogReader):
    """A published catalog, opened read-only with outside access off. Safe to share between threads.

    Events that arrive after it was published lie over it, in memory: every statement sees them as if they had been there. A table that
    they change is hidden behind a view of its name.
    """

    def __init__(self, path: Path, fields: FieldTable) -> None:
        """Open a file that `tables.write_catalog` made.

        Raises:
            duckdb.Error: the file is missing or not a DuckDB database.
        """
        self.fields = fields
        self._connection = duckdb.connect(":memory:", config={"threads": 2})
        self._connection.execute("SET TimeZone = 'UTC'")
        quoted = str(path).replace("'", "''")
        self._connection.execute(f"ATTACH '{quoted}' AS published (READ_ONLY)")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._local = threading.local()
        self._patching = threading.Lock()
        self._overlaid: set[str] = set()
        self.version = 0

    def patch(self, patch: Patch, *, through: Position) -> None:  # noqa: ARG002  nobody else writes here
        """Lay what events changed over the published catalog; whoever asks sees all of it or nothing."""
        if not patch.records and not patch.edges and not patch.gone:
            return
        refs = [record.ref for record in (*patch.records, *patch.gone)]
        rows: dict[str, list[Row]] = {"edges": [edge_row(edge) for edge in patch.edges]}
        for record in patch.records:
            rows.setdefault(table_of(record.kind).value, []).append(record_row(record))
        for record in patch.gone:
            rows.setdefault(table_of(record.kind).value, [])
        with self._patching:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN")
            try:
                for name in rows.keys() - self._overlaid:
                    self._overlay(cursor, name)
                self._replace(cursor, refs, rows)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()
            self._overlaid |= rows.keys()
            self.version += 1

    def _overlay(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        """Let a table's view show the patched rows in the place of the published ones."""
        key = "source" if name == "edges" else "ref"
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {_PATCHED} (ref VARCHAR PRIMARY KEY)")
        cursor.execute(
            f'CREATE TABLE "patched_{name}" AS SELECT * FROM published.main."{name}" LIMIT 0'
        )
        cursor.execute(
            f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM published.main."{name}" '
            f'WHERE "{key}" NOT IN (SELECT ref FROM {_PATCHED}) UNION ALL SELECT * FROM "patched_{name}"'
        )

    def _replace(
        self,
        cursor: duckdb.DuckDBPyConnection,
        refs: Sequence[str],
        rows: Mapping[str, Sequence[Row]],
    ) -> None:
        schema = derive.schema(self.fields)
        if refs:
            cursor.executemany(
                f"INSERT OR IGNORE INTO {_PATCHED} VALUES (?)", [[ref] for ref in refs]
            )
        for name, new in rows.items():
            key = "source" if name == "edges" else "ref"
            cursor.execute(
                f'DELETE FROM "patched_{name}" WHERE "{key}" IN (SELECT unnest(?))', [refs]
            )
            columns = list(schema[name])
            places = ", ".join("?" for _ in columns)
            values = [[_bound(row.get(column)) for column in columns] for row in new]
            if values:
                names = ", ".join(f'"{column}"' for column in columns)
                cursor.executemany(
                    f'INSERT INTO "patched_{name}" ({names}) VALUES ({places})', values
                )

    def fetch(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Row]:
        """Run one read-only statement and return its rows by column name; timestamps come back as UTC."""
        cursor = self._cursor()
        cursor.execute(sql, parameters or None)
        names = [column[0] for column in cursor.description or ()]
        return [{n: _read(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """One cursor a thread: DuckDB connections may not be used by two threads at once."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._connection.cursor()
            # By a path rather than a view for each table: views are bound again by every statement, which doubled its cost.
            cursor.execute("SET search_path = 'memory.main,published.main'")
        return cursor


def _bound(value: object) -> object:
    """A value as DuckDB binds it: moments without their zone, lists instead of tuples."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return list(value) if isinstance(value, tuple) else value


def _read(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
