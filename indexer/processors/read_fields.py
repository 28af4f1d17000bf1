"""Apply the field table to raw entities: typed values by field name, each with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from catalog_store.errors import InvalidRef
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Entity, EntityRef, Value
from catalog_store.model.fields import Field, FieldTable, FieldType
from indexer.catalog import Catalog
from indexer.processors.paths import MAPS, Found, find_value
from indexer.processors.relations import default_kind_at, places_of
from indexer.processors.values import WrongType, typed_value
from indexer.raw import RawEntity, Said
from indexer.reporting import Report

_IDENTITY = frozenset({"ref", "kind", "namespace", "name"})
"""Read from the canonical reference, not from the paths: they must agree with it."""

_SECTIONS: tuple[tuple[str, ...], ...] = (
    ("spec",),
    ("metadata", "annotations"),
    ("metadata", "labels"),
)


def read_fields(catalog: Catalog, report: Report) -> None:
    """Turn every raw entity into a typed one; wrong types are reported and leave their field empty."""
    for raw in catalog.raws:
        said = said_by(raw)
        report.problems += said.problems
        catalog.entities[str(raw.ref)] = said.entity
    for raw in catalog.supplements:
        known = catalog.entities[str(raw.ref)]
        said = said_by(raw)
        report.problems += said.problems
        catalog.entities[str(raw.ref)] = replace(
            known,
            values={**said.entity.values, **known.values},
            spans={**said.entity.spans, **known.spans},
        )


def interpreted(raw: RawEntity) -> RawEntity:
    """The same, knowing what it says by itself."""
    said = said_by(raw)
    return raw if said is raw.said else replace(raw, said=said)


def said_by(raw: RawEntity) -> Said:
    """What an entity says by itself."""
    said = raw.said
    if said is not None and said.entity.ref == raw.ref and said.entity.raw is raw.raw:
        return said
    report = Report()
    entity = _entity(raw, _rows(raw.kind), report)
    return Said(entity, tuple(report.problems), tuple(places_of(raw)))


@lru_cache(maxsize=1000)
def _rows(kind: str) -> tuple[Field, ...]:
    return tuple(
        row for row in FieldTable().of_kind(kind) if row.paths and row.name not in _IDENTITY
    )


def _entity(raw: RawEntity, rows: Sequence[Field], report: Report) -> Entity:
    for section in _SECTIONS:
        _check_mapping(raw, section, report)
    _check_links(raw, report)
    values: dict[str, Value] = {"namespace": raw.ref.namespace, "name": _written_name(raw)}
    spans: dict[str, SourceSpan] = {"name": raw.span_of(("metadata", "name"))}
    for row in rows:
        for path in row.paths:
            found = find_value(raw, path)
            if found is None:
                continue
            value = _typed(row, found, raw, report)
            if value is not None:
                values[row.name] = value
                spans[row.name] = raw.span_of(found.path)
                break
    return Entity(raw.ref, raw.kind, values, raw.span, spans, raw.raw)


def _written_name(raw: RawEntity) -> str:
    return str(raw.section("metadata").get("name"))


def _typed(row: Field, found: Found, raw: RawEntity, report: Report) -> Value:
    if row.type is FieldType.REF:
        return _reference(found, raw)
    try:
        return typed_value(row, found.value, from_map=found.from_map)
    except WrongType as error:
        where = ".".join(map(str, found.path))
        shown = repr(found.value)
        shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
        report.error(
            "wrong-type",
            f"{where} of {raw.ref} is {shown}, expected {error}; {row.name} was left empty",
            raw.span_of(found.path),
        )
        return None


def _reference(found: Found, raw: RawEntity) -> str | None:
    """The canonical reference; what does not parse is reported with the relations, once."""
    if not isinstance(found.value, str):
        return None
    try:
        return str(
            EntityRef.parse(
                found.value,
                default_kind=default_kind_at(".".join(map(str, found.path))),
                default_namespace=raw.ref.namespace,
            )
        )
    except InvalidRef:
        return None


def _check_mapping(raw: RawEntity, path: tuple[str, ...], report: Report) -> None:
    value = raw.at(path)
    where = ".".join(path)
    if value is not None and not isinstance(value, dict):
        message = f"{where} of {raw.ref} is {type(value).__name__} {str(value)[:80]!r}, expected a mapping; it was left out"
        report.error("wrong-type", message, raw.span_of(path))
    elif isinstance(value, dict) and path[-1] in MAPS:
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                message = f"{where} {key!r} of {raw.ref} is a {type(inner).__name__}, expected text; quote it"
                report.error("wrong-type", message, raw.span_of((*path, key)))


def _check_links(raw: RawEntity, report: Report) -> None:
    rows = raw.at(("metadata", "links"))
    if rows is None:
        return
    if not isinstance(rows, list):
        report.error(
            "wrong-type",
            f"metadata.links of {raw.ref} is no list; its links were left out, write `- url: …`",
            raw.span_of(("metadata", "links")),
        )
        return
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("url"), str):
            message = (
                f"link {number + 1} of {raw.ref} has no url; it was left out, write `- url: …`"
            )
            report.error("wrong-type", message, raw.span_of(("metadata", "links", number)))
