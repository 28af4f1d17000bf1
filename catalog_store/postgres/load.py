"""A built snapshot → a schema of its own in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import duckdb
from psycopg import sql

from catalog_store.model.kinds import Table
from catalog_store.postgres.catalog import bound
from catalog_store.postgres.dialect import COLUMN_TYPES, column_name
from catalog_store.postgres.pool import Connection
from catalog_store.snapshot import CATALOG

_CHUNK = 5000
"""Rows carried over at a time."""

PIECE_BYTES = 4 * 1024 * 1024
"""Size of the pieces a file is stored in: a row that replicas read at once."""

_INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((table.value, ("ref",)) for table in Table),
    (Table.ENTITIES.value, ("kind",)),
    (Table.DEPLOYMENTS.value, ("component", "at")),
    ("edges", ("relation", "source", "target")),
    ("edges", ("relation", "target", "source")),
    ("edges", ("source",)),
    ("edges", ("target",)),
    ("passages", ("id",)),
    ("passages", ("doc_ref", "ordinal")),
    ("spans", ("ref",)),
    ("raw_entities", ("ref",)),
)
"""(table, columns): what lookups, relations and the last deployment are found by."""


def load_tables(
    connection: Connection, built: Path, tables: Mapping[str, Mapping[str, str]], read_up_to: int
) -> None:
    """Fill the schema that the connection sees with the tables of a built snapshot.

    Args:
        connection: sees an empty schema.
        built: folder of the snapshot.
        tables: table → column → DuckDB type.
        read_up_to: line of the journal up to which events are in the tables.
    """
    with duckdb.connect(str(built / CATALOG), read_only=True) as source:
        for name, columns in tables.items():
            _copy(connection, source, name, columns)
    for name, keys in _INDEXES:
        connection.execute(
            sql.SQL("CREATE INDEX ON {} ({})").format(
                sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, keys))
            )
        )
    connection.execute("CREATE TABLE read_up_to (line bigint NOT NULL)")
    connection.execute("CREATE TABLE patched (ref text PRIMARY KEY, line bigint NOT NULL)")
    connection.execute("CREATE INDEX ON patched (line)")
    connection.execute("INSERT INTO read_up_to VALUES ($1)", [read_up_to])
    for name in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def _copy(
    connection: Connection,
    source: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
) -> None:
    spec = sql.SQL(", ").join(
        sql.SQL("{} " + COLUMN_TYPES[kind]).format(sql.Identifier(column_name(column)))
        for column, kind in columns.items()
    )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), spec))
    listed = sql.SQL(", ").join(sql.Identifier(column_name(column)) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), listed)
    wanted = ", ".join(f'"{column}"' for column in columns)
    rows = source.execute(f'SELECT {wanted} FROM "{name}"')  # noqa: S608  names of the field table
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while chunk := rows.fetchmany(_CHUNK):
            for row in chunk:
                copy.write_row([bound(value) for value in row])


def load_file(connection: Connection, owner: str, name: str, path: Path) -> None:
    """Store a file in pieces."""
    with path.open("rb") as stream:
        for number, piece in enumerate(_pieces(stream)):
            connection.execute(
                "INSERT INTO callboard.files (owner, name, piece, data) VALUES ($1, $2, $3, $4)",
                [owner, name, number, piece],
            )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    yield stream.read(PIECE_BYTES)  # an empty file has one empty piece
    while piece := stream.read(PIECE_BYTES):
        yield piece
