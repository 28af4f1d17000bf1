"""The tables of a snapshot in one DuckDB file: written whole, or those of the snapshot before with what changed replaced.

Rows that are read together are digested together: an entity with its spans, the edges of one source, the passages of one page.
A file of digests lies beside; the next build replaces the groups whose digest is another one and touches nothing else. Rows lie in no
order that means anything: whoever needs one asks for it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import duckdb
import orjson

from catalog_store import derive
from catalog_store.content import CatalogContent, Problem
from catalog_store.model.document import Document, Passage
from catalog_store.model.entity import Edge, Entity, Record
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import Table, table_of
from catalog_store.program import source_digest
from catalog_store.reader import Row
from catalog_store.rows import document_row, edge_row, entity_row, record_row, span

_MOST_REPLACED = 0.5
"""Share of all rows, counted over builds, above which a file is written whole again: replaced rows leave gaps."""

ROW_GROUP = 8192
"""Rows that are read or passed over together. Statements ask for edges of one relation: with small groups in its order the rest is not
touched, which halved "who owns …" at 10,000 entities; smaller ones still make the file a quarter larger. Edges that are replaced lie at
the end, out of order, until the file is written whole again."""

_JSON_OPTIONS = (
    orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
)


_RECORD_TABLES = tuple(t for t in Table if t not in (Table.ENTITIES, Table.DOCUMENTS))

_T = TypeVar("_T")
_Said: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class _Section:
    """Things of one sort.

    Attributes:
        tables: the tables their rows lie in, each with the column that holds the key; None for a table that is replaced whole.
        said: everything one of them says that its rows hold, the key aside.
        rows: the rows of one group, each with its table.
        groups: key → the things that stand under it, in order.
    """

    tables: Mapping[str, str | None]
    said: Callable[[Any], _Said]
    rows: Callable[[str, Sequence[Any]], Iterator[tuple[str, Row]]]
    groups: dict[str, list[Any]]


@dataclass(slots=True)
class _Held:
    """What is known of the rows of a file.

    Attributes:
        program: names the program and the tables it makes.
        digests: section → key → digest of the group.
        firsts: page or entity → row number of its first passage.
        replaced: rows that were replaced since the file was written whole.
    """

    program: str
    digests: dict[str, dict[str, str]]
    firsts: dict[str, int]
    replaced: int = 0


def write_catalog(
    path: Path, content: CatalogContent, fields: FieldTable, *, before: Path | None = None
) -> dict[str, int]:
    """Write everything a build has read into a new DuckDB file.

    Args:
        path: the file to create; must not exist. Its digests are written beside it.
        content: what was read; its derived edges are already in it, and its passages are in the order of their row numbers.
        fields: declared and discovered rows.
        before: such a file of an earlier build, which is only read: what did not change since is copied as it lies there.

    Returns:
        Rows per table.
    """
    firsts = _firsts(content.passages)
    sections = _sections(content, firsts)
    held = _Held(
        program=_program(fields),
        digests={
            name: {
                key: _digest(map(section.said, things)) for key, things in section.groups.items()
            }
            for name, section in sections.items()
        },
        firsts=firsts,
    )
    counts = _counts(content, fields)
    if before is None or not _brought_up(
        path, before, sections, held, fields, sum(counts.values())
    ):
        held.replaced = 0
        path.unlink(missing_ok=True)
        _write_whole(path, sections, fields)
    _digests_of(path).write_bytes(orjson.dumps(held))
    return counts


def _digests_of(path: Path) -> Path:
    return path.with_suffix(".rows.json")


def _program(fields: FieldTable) -> str:
    made = source_digest("catalog_store.rows", "catalog_store.tables", "catalog_store.model.entity")
    return f"{made.hex()[:32]} {derive.schema_digest(fields)}"


def _counts(content: CatalogContent, fields: FieldTable) -> dict[str, int]:
    counts = dict.fromkeys(derive.schema(fields), 0)
    for record in content.records:
        counts[table_of(record.kind).value] += 1
    counts["entities"] = counts["raw_entities"] = len(content.entities)
    counts["spans"] = sum(len(entity.spans) for entity in content.entities)
    counts["documents"] = len(content.documents)
    counts["edges"] = len(content.edges)
    counts["passages"] = len(content.passages)
    counts["problems"] = len(content.problems)
    return counts


# ── groups and their rows ────────────────────────────────────────────────────────────────────────────


def _sections(content: CatalogContent, firsts: Mapping[str, int]) -> dict[str, _Section]:
    entities, documents, edges = Table.ENTITIES.value, Table.DOCUMENTS.value, "edges"
    sections = {
        entities: _Section(
            {entities: "ref", "raw_entities": "ref", "spans": "ref"},
            _of_entity,
            _entity_rows,
            _grouped(content.entities, lambda entity: str(entity.ref)),
        ),
        documents: _Section(
            {documents: "ref"},
            _itself,
            lambda _, things: ((documents, document_row(one)) for one in things),
            _grouped(content.documents, lambda document: document.ref),
        ),
        edges: _Section(
            {edges: "source"},
            _of_edge,
            lambda _, things: ((edges, edge_row(one)) for one in things),
            _grouped(content.edges, lambda edge: edge.source),
        ),
        "passages": _Section(
            {"passages": "doc_ref"},
            _of_passage,
            lambda ref, things: _passage_rows(firsts[ref], things),
            _grouped(content.passages, lambda passage: passage.doc_ref),
        ),
        "problems": _Section(
            {"problems": None},
            _itself,
            _problem_rows,
            {"": content.problems} if content.problems else {},
        ),
    }
    for table in _RECORD_TABLES:
        sections[table.value] = _Section({table.value: "ref"}, _of_record, _record_rows, {})
    for record in content.records:
        sections[table_of(record.kind).value].groups.setdefault(record.ref, []).append(record)
    return sections


def _grouped(things: Iterable[_T], key: Callable[[_T], str]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def _firsts(passages: Sequence[Passage]) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for number, passage in enumerate(passages):
        firsts.setdefault(passage.doc_ref, number)
    return firsts


def _digest(things: Iterable[_Said]) -> str:
    text = orjson.dumps(list(things), default=str, option=orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()


_PLACE = attrgetter("path", "first", "last", "format", "as_of")


# What things say, as tuples: they are written ten times as fast as value classes.


def _of_entity(entity: Entity) -> _Said:
    places = [*entity.spans, *map(_PLACE, entity.spans.values())]
    return (entity.kind, entity.values, _PLACE(entity.span), places, entity.raw)


def _of_record(record: Record) -> _Said:
    return (record.kind, record.values, _PLACE(record.span))


def _of_edge(edge: Edge) -> _Said:
    return (edge.relation, edge.target, None if edge.span is None else _PLACE(edge.span))


def _of_passage(one: Passage) -> _Said:
    return (one.ordinal, one.heading, one.heading_path, one.text, _PLACE(one.span))


def _itself(thing: Document | Problem) -> _Said:
    return (thing,)


def _entity_rows(ref: str, things: Sequence[Entity]) -> Iterator[tuple[str, Row]]:
    for entity in things:
        yield Table.ENTITIES.value, entity_row(entity)
        yield "raw_entities", {"ref": ref, "raw": entity.raw}
        for name, where in entity.spans.items():
            yield "spans", {"ref": ref, "field": name, **span(where), "as_of": where.as_of}


def _record_rows(_: str, things: Sequence[Record]) -> Iterator[tuple[str, Row]]:
    for record in things:
        yield table_of(record.kind).value, record_row(record)


def _passage_rows(first: int, things: Sequence[Passage]) -> Iterator[tuple[str, Row]]:
    for number, passage in enumerate(things, start=first):
        yield (
            "passages",
            {
                "id": number,
                "doc_ref": passage.doc_ref,
                "ordinal": passage.ordinal,
                "heading": passage.heading,
                "heading_path": passage.heading_path,
                "text": passage.text,
                **span(passage.span),
            },
        )


def _problem_rows(_: str, things: Sequence[Problem]) -> Iterator[tuple[str, Row]]:
    for one in things:
        row = {"level": one.level.value, "code": one.code, "message": one.message}
        yield "problems", {**row, **span(one.span)}


def _rows_of(section: _Section, keys: Iterable[str]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for key in keys:
        for table, row in section.rows(key, section.groups[key]):
            rows.setdefault(table, []).append(row)
    return rows


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS built (ROW_GROUP_SIZE {ROW_GROUP})")
        connection.execute("USE built")
        yield connection


def _write_whole(path: Path, sections: Mapping[str, _Section], fields: FieldTable) -> None:
    schema = derive.schema(fields)
    with _opened(path) as connection:
        for name, columns in schema.items():
            spec = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f'CREATE TABLE "{name}" ({spec})')
        for section in sections.values():
            for table, rows in _rows_of(section, section.groups).items():
                if table == "edges":
                    rows.sort(key=itemgetter("relation", "source", "target"))
                _insert(connection, table, schema[table], rows)
        connection.execute("CHECKPOINT")


def _brought_up(
    path: Path,
    before: Path,
    sections: Mapping[str, _Section],
    held: _Held,
    fields: FieldTable,
    total: int,
) -> bool:
    """Copy the file of an earlier snapshot and replace what changed; False when it must be written whole."""
    try:
        known = _Held(**orjson.loads(_digests_of(before).read_bytes()))
    except (OSError, ValueError, TypeError):
        return False
    if known.program != held.program:
        return False
    changes = {name: _changed(known.digests.get(name, {}), held.digests[name]) for name in sections}
    rows = {
        name: _rows_of(section, [key for key in changes[name] if key in section.groups])
        for name, section in sections.items()
    }
    fresh = sum(len(group) for tables in rows.values() for group in tables.values())
    gone = sum(len(keys) for keys in changes.values())
    held.replaced = known.replaced + max(fresh, gone)
    if held.replaced > total * _MOST_REPLACED:
        return False
    schema = derive.schema(fields)
    with suppress(duckdb.Error, OSError):
        shutil.copyfile(before, path)
        if not fresh and not gone and known.firsts == held.firsts:
            return True
        with _opened(path) as connection:
            connection.execute("BEGIN")
            for name, section in sections.items():
                for table, column in section.tables.items():
                    _delete(connection, table, column, changes[name])
            _renumber(
                connection, known.firsts, held.firsts, sections["passages"], changes["passages"]
            )
            for tables in rows.values():
                for table, new in tables.items():
                    _insert(connection, table, schema[table], new)
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
        return True
    return False


def _changed(known: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Keys of the groups that are new, gone or different."""
    return [
        *(key for key, digest in now.items() if known.get(key) != digest),
        *(key for key in known if key not in now),
    ]


def _delete(
    connection: duckdb.DuckDBPyConnection, table: str, column: str | None, keys: Sequence[str]
) -> None:
    if not keys:
        return
    if column is None:
        connection.execute(f'DELETE FROM "{table}"')
        return
    connection.execute(f'DELETE FROM "{table}" WHERE "{column}" IN (SELECT unnest(?))', [keys])


def _renumber(
    connection: duckdb.DuckDBPyConnection,
    before: Mapping[str, int],
    now: Mapping[str, int],
    section: _Section,
    changed: Sequence[str],
) -> None:
    """Give the passages that stayed their new row numbers: whole runs of them moved by the same number of rows."""
    runs: list[list[int]] = []
    left_out = set(changed)
    for ref, first in sorted(before.items(), key=lambda item: item[1]):
        if ref in left_out or now[ref] == first:
            continue
        by, last = now[ref] - first, first + len(section.groups[ref])
        if runs and runs[-1][1:] == [first, by]:
            runs[-1][1] = last
        else:
            runs.append([first, last, by])
    if runs:
        firsts, lasts, steps = map(list, zip(*runs, strict=True))
        connection.execute(
            "UPDATE passages SET id = id + run.step "
            "FROM (SELECT unnest(?) AS first, unnest(?) AS last, unnest(?) AS step) AS run "
            "WHERE id >= run.first AND id < run.last",
            [firsts, lasts, steps],
        )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    """Add rows through a JSON file: typed, and much faster than one by one."""
    with tempfile.NamedTemporaryFile("wb", suffix=".ndjson") as file:
        file.write(b"".join(orjson.dumps(row, default=_json, option=_JSON_OPTIONS) for row in rows))
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
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return str(value)
