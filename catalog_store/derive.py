"""From the field table: DuckDB columns, the SQL schema plans are checked against, and the text that is searched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from catalog_store.model.entity import Entity, Value
from catalog_store.model.fields import CORE_FIELDS, Field, FieldTable, FieldType, Polarity
from catalog_store.model.kinds import Table

COLUMN_TYPES: Mapping[FieldType, str] = {
    FieldType.KEYWORD: "VARCHAR",
    FieldType.TEXT: "VARCHAR",
    FieldType.URL: "VARCHAR",
    FieldType.REF: "VARCHAR",
    FieldType.LIST: "VARCHAR[]",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.TIMESTAMP: "TIMESTAMP",
}

SEARCHED = frozenset({FieldType.TEXT, FieldType.KEYWORD})
"""Types of discovered fields that are part of the text an entity is found by."""

_SPAN = {
    "path": "VARCHAR",
    "first_line": "INTEGER",
    "last_line": "INTEGER",
    "format": "VARCHAR",
}

BOOKKEEPING: Mapping[Table, Mapping[str, str]] = {
    table: {"ref": "VARCHAR", **({} if table is Table.ENTITIES else {"kind": "VARCHAR"}), **_SPAN}
    for table in Table
}
"""Columns every table has besides its fields: the typed reference, the kind, where it was read, and by which format."""

OTHER_TABLES: Mapping[str, Mapping[str, str]] = {
    "edges": {
        "source": "VARCHAR",
        "relation": "VARCHAR",
        "target": "VARCHAR",
        "derived": "BOOLEAN",
        **_SPAN,
    },
    "passages": {
        "id": "BIGINT",
        "doc_ref": "VARCHAR",
        "ordinal": "INTEGER",
        "heading": "VARCHAR",
        "heading_path": "VARCHAR[]",
        "text": "VARCHAR",
        **_SPAN,
    },
    "spans": {"ref": "VARCHAR", "field": "VARCHAR", **_SPAN, "as_of": "TIMESTAMP"},
    "raw_entities": {"ref": "VARCHAR", "raw": "JSON"},
    "problems": {"level": "VARCHAR", "code": "VARCHAR", "message": "VARCHAR", **_SPAN},
}
"""Tables that hold no things of their own."""


def columns(table: Table, fields: FieldTable) -> dict[str, str]:
    """Column name → DuckDB type of a table of things; derived fields have no column.

    >>> columns(Table.DEPLOYMENTS, FieldTable())["at"]
    'TIMESTAMP'
    """
    own = {f.name: COLUMN_TYPES[f.type] for f in fields.of_table(table) if not f.derived}
    return {**BOOKKEEPING[table], **own}


def schema(fields: FieldTable) -> dict[str, dict[str, str]]:
    """Table → columns, for every table: what compiled SQL is qualified against."""
    tables = {table.value: columns(table, fields) for table in Table}
    return {**tables, **{name: dict(cols) for name, cols in OTHER_TABLES.items()}}


def schema_digest(fields: FieldTable) -> str:
    """A short name for the tables a field table makes: two programs that agree on it read each other's snapshots."""
    text = json.dumps(schema(fields), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def search_text(entity: Entity, fields: FieldTable) -> str:
    """The text an entity is found by: its searchable fields, one a line, prose first.

    Empty when the entity says nothing beyond its name and type.
    """
    rows = [f for f in fields.of_kind(entity.kind) if f.searchable]
    prose = [f for f in rows if f.type is FieldType.TEXT]
    others = [f for f in rows if f.type is not FieldType.TEXT and f.name != "name"]
    lines = [_text(entity.values.get(f.name)) for f in prose]
    lines += [f"{f.label}: {text}" for f in others if (text := _text(entity.values.get(f.name)))]
    return "\n".join(line for line in lines if line)


def _text(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def field_row(row: Field) -> dict[str, object]:
    """A discovered or refined field as JSON, for the manifest; `read_field_row` is its inverse."""
    return {
        "name": row.name,
        "type": row.type.value,
        "doc": row.doc,
        "words": list(row.words),
        "table": row.table.value,
        "kinds": list(row.kinds),
        "paths": list(row.paths),
        "value_words": dict(row.value_words),
        "unit": row.unit,
        "more": list(row.more),
        "less": list(row.less),
        "polarity": row.polarity.value if row.polarity else None,
        "refined": row.refined,
    }


def read_field_row(data: Mapping[str, object]) -> Field:
    """A discovered or refined field from the manifest.

    >>> row = Field("coverage", FieldType.NUMBER, "d", words=("coverage",), discovered=True)
    >>> read_field_row(field_row(row)) == row
    True
    """

    def texts(key: str) -> tuple[str, ...]:
        value = data.get(key) or ()
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()

    unit, polarity, values = data.get("unit"), data.get("polarity"), data.get("value_words")
    type_ = FieldType(str(data["type"]))
    row = Field(
        name=str(data["name"]),
        type=type_,
        doc=str(data.get("doc") or ""),
        words=texts("words"),
        table=Table(str(data["table"])),
        kinds=texts("kinds"),
        paths=texts("paths"),
        value_words=dict(values) if isinstance(values, dict) else {},
        unit=None if unit is None else str(unit),
        more=texts("more"),
        less=texts("less"),
        polarity=None if polarity is None else Polarity(str(polarity)),
        discovered=True,
        searchable=type_ in SEARCHED,
    )
    declared = _DECLARED.get((row.table, row.name)) if data.get("refined") else None
    if declared is None:
        return row
    told = {"doc", "words", "value_words", "unit", "more", "less", "polarity"}
    return replace(declared, refined=True, **{name: getattr(row, name) for name in told})


_DECLARED = {(row.table, row.name): row for row in CORE_FIELDS}
