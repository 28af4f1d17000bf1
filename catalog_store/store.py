"""The catalog in one DuckDB file: written once per snapshot, then only read."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import orjson

from catalog_store import derive
from catalog_store.content import CatalogContent
from catalog_store.journal import Position
from catalog_store.model.entity import Edge
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import Table, table_of
from catalog_store.reader import CatalogReader, Patch, Row
from catalog_store.rows import document_row, edge_row, entity_row, record_row, span

_PATCHED = "patched_refs"
"""Names the table of references whose published rows are out of date."""

_JSON_OPTIONS = (
    orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
)


ROW_GROUP = 8192
"""Rows that are read or passed over together. Statements ask for edges of one relation: with small groups in its order the rest is not
touched, which halved "who owns …" at 10,000 entities; smaller ones still make the file a quarter larger."""


def write_catalog(path: Path, content: CatalogContent, fields: FieldTable) -> dict[str, int]:
    """Write everything a build has read into a new DuckDB file.

    Args:
        path: the file to create; must not exist.
        content: what was read; its derived edges are already in it.
        fields: declared and discovered rows.

    Returns:
        Rows per table.
    """
    rows: dict[str, list[Row]] = {name: [] for name in derive.schema(fields)}
    for entity in content.entities:
        rows[Table.ENTITIES].append(entity_row(entity))
        rows["raw_entities"].append({"ref": str(entity.ref), "raw": entity.raw})
        rows["spans"] += [
            {"ref": str(entity.ref), "field": f, **span(s), "as_of": s.as_of}
            for f, s in entity.spans.items()
        ]
    for record in content.records:
        rows[table_of(record.kind)].append(record_row(record))
    rows[Table.DOCUMENTS] += [document_row(document) for document in content.documents]
    rows["edges"] += [edge_row(edge) for edge in sorted(content.edges, key=_by_relation)]
    for number, passage in enumerate(content.passages):
        rows["passages"].append(
            {
                "id": number,
                "doc_ref": passage.doc_ref,
                "ordinal": passage.ordinal,
                "heading": passage.heading,
                "heading_path": passage.heading_path,
                "text": passage.text,
                **span(passage.span),
            }
        )
    rows["problems"] += [
        {"level": p.level.value, "code": p.code, "message": p.message, **span(p.span)}
        for p in content.problems
    ]
    with duckdb.connect(":memory:") as connection:
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS built (ROW_GROUP_SIZE {ROW_GROUP})")
        connection.execute("USE built")
        for name, columns in derive.schema(fields).items():
            _load(connection, name, columns, rows[name])
        connection.execute("CHECKPOINT")
    return {name: len(table_rows) for name, table_rows in rows.items()}


def _by_relation(edge: Edge) -> tuple[str, str, str]:
    return edge.relation, edge.source, edge.target


def _load(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Row],
) -> None:
    """Create a table and fill it through a JSON file: typed, and much faster than row-wise inserts."""
    spec = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f'CREATE TABLE "{table}" ({spec})')
    rows = list(rows)
    if not rows:
        return
    with tempfile.NamedTemporaryFile("wb", suffix=".ndjson") as file:
        for row in rows:
            file.write(orjson.dumps(row, default=_json, option=_JSON_OPTIONS))
        file.flush()
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"INSERT INTO \"{table}\" SELECT {names} FROM read_json(?, format = 'newline_delimited', "
            f"columns = {{{types}}}, maximum_object_size = 67108864)",
            [file.name],
        )


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return _utc_text(value)
    return str(value)


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


class CatalogStore(CatalogReader):
    """A published catalog, opened read-only with outside access off. Safe to share between threads.

    Events that arrive after it was published lie over it, in memory: every statement sees them as if they had been there. A table that
    they change is hidden behind a view of its name.
    """

    def __init__(self, path: Path, fields: FieldTable) -> None:
        """Open a file that `write_catalog` made.

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
