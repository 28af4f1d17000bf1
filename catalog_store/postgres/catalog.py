"""The catalog of one snapshot in PostgreSQL, shared by every replica that serves it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from psycopg import sql

from catalog_store import derive
from catalog_store.journal import Position
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import table_of
from catalog_store.postgres.database import Database, lock_number
from catalog_store.postgres.dialect import column_name, translate
from catalog_store.postgres.pool import Connection, Pool
from catalog_store.reader import CatalogReader, Patch, Row
from catalog_store.rows import edge_row, record_row

_REMEMBERED = 2048
"""Translated statements kept: the lookups, and the questions that come again."""


class PostgresCatalog(CatalogReader):
    """One snapshot's tables, read over connections that cannot write.

    What events change is written into the tables themselves, once for all replicas: whichever sees an event first writes it, in one
    transaction, and notes how far the journal was read. The others find the note and only forget what they had worked out before.
    """

    def __init__(
        self,
        database: Database,
        pool: Pool,
        schema: str,
        fields: FieldTable,
    ) -> None:
        """Read a published snapshot.

        Args:
            database: where it lies.
            pool: connections that see its tables; they are closed by whoever made them.
            schema: of its tables.
            fields: declared and discovered rows.
        """
        self.fields = fields
        self._database = database
        self._schema = schema
        self._tables = derive.schema(fields)
        self._translated = lru_cache(maxsize=_REMEMBERED)(
            lambda text: translate(text, self._tables)
        )
        self._pool = pool
        self._patching = threading.Lock()
        self.version = 0

    def fetch(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Row]:
        """Run one read-only statement, given in DuckDB's dialect, and return its rows by column name; timestamps come back as UTC."""
        translated = self._translated(sql)
        if isinstance(parameters, Mapping):
            values = [parameters[name or ""] for name in translated.parameters]
        else:
            values = list(parameters)
        names, rows = self._database.fetch(self._pool, translated.sql, values)
        names = [translated.names.get(name, name) for name in names]
        return [{n: _read(v) for n, v in zip(names, row, strict=True)} for row in rows]

    def patch(self, patch: Patch, *, through: Position) -> None:
        """Write what events changed, unless another replica has; whoever asks sees all of it or nothing."""
        if not patch.records and not patch.edges and not patch.gone:
            self.version += 1  # another replica was faster: the tables say it already, what was worked out from them may not
            return
        with self._patching, self._database.connect() as connection:
            see(connection, self._schema)
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock($1)", [lock_number(self._schema)])
                if _noted(connection) < through.line:
                    _replace(connection, patch, self._tables, through.line)
                    connection.execute("UPDATE read_up_to SET line = $1", [through.line])
        self.version += 1

    def written_since(self, position: Position) -> frozenset[str]:
        """References whose rows another replica may have changed already, for the event at a position or a later one."""
        rows = self._database.fetch(
            self._pool, "SELECT ref FROM patched WHERE line >= $1", [position.line]
        )[1]
        return frozenset(row[0] for row in rows)

    def close(self) -> None:
        """Nothing is held open: the connections belong to the snapshot."""


def see(connection: Connection, schema: str) -> None:
    """Let a connection see a snapshot's tables without a prefix."""
    connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema)))


def _noted(connection: Connection) -> int:
    """The line of the journal up to which events are in the tables."""
    row = connection.execute("SELECT line FROM read_up_to").fetchone()
    assert row is not None
    return int(row[0])


def _replace(
    connection: Connection,
    patch: Patch,
    tables: Mapping[str, Mapping[str, str]],
    line: int,
) -> None:
    """The patched records in the place of those of the same reference, with the edges that start at them; and a note that they were."""
    refs = [record.ref for record in (*patch.records, *patch.gone)]
    connection.execute(
        "INSERT INTO patched (ref, line) SELECT DISTINCT unnest($1::text[]), $2::bigint "
        "ON CONFLICT (ref) DO UPDATE SET line = excluded.line",
        [[*refs, *(edge.source for edge in patch.edges)], line],
    )
    rows: dict[str, list[Row]] = {"edges": [edge_row(edge) for edge in patch.edges]}
    for record in patch.records:
        rows.setdefault(table_of(record.kind).value, []).append(record_row(record))
    for record in patch.gone:
        rows.setdefault(table_of(record.kind).value, [])
    for name, new in rows.items():
        key = "source" if name == "edges" else "ref"
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE {} = ANY($1)").format(
                sql.Identifier(name), sql.Identifier(key)
            ),
            [refs],
        )
        if not new:
            continue
        columns = list(tables[name])
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(name),
            sql.SQL(", ").join(sql.Identifier(column_name(column)) for column in columns),
            sql.SQL(", ").join(sql.SQL(f"${n}") for n in range(1, len(columns) + 1)),
        )
        with connection.cursor() as cursor:
            cursor.executemany(statement, list(values_of(new, columns)))


def values_of(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[list[object]]:
    """The values of rows in the order of some columns, as PostgreSQL takes them."""
    for row in rows:
        yield [bound(row.get(column)) for column in columns]


def bound(value: object) -> object:
    """A value as PostgreSQL takes it: moments in UTC without their zone, lists, and texts without the one character it has no room for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, str):
        return value.replace("\0", "�") if "\0" in value else value
    if isinstance(value, tuple | list):
        return [bound(item) for item in value]
    return value


def _read(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
