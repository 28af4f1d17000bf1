"""Everything known about one thing, each fact with the place it was read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from catalog_store.errors import UnknownEntity
from catalog_store.model import relations
from catalog_store.model.document import SourceSpan
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, Kind, Table
from catalog_store.reader import CatalogReader, Row

MAX_PER_RELATION = 200
"""Things listed for one relation; `total` says how many there are."""

RECENT = 5
"""Deployments shown, newest first."""

_HIDDEN = frozenset({"ref", "kind", "title", "name", "namespace", "description", "links"})
_SHOWN_APART = frozenset({"documents", "runbookFor", "deploymentOf"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(_Part):
    """A place in the indexed files, the format that read it, and when it was so where the source says that."""

    path: str
    lines: tuple[int, int]
    format: str | None = None
    as_of: datetime | None = None


class Fact(_Part):
    """One field's value and where it was written; `source` is None for what was computed."""

    field: str
    label: str
    type: str
    value: Any
    unit: str | None = None
    source: Source | None = None


class Neighbour(_Part):
    """A thing at the other end of a relation; `kind` is None when the catalog does not hold it."""

    ref: str
    title: str
    kind: str | None = None
    source: Source | None = None


class RelationGroup(_Part):
    """Everything that stands in one relation to the thing, read from the thing outwards."""

    name: str
    label: str
    derived: bool
    total: int
    things: tuple[Neighbour, ...]


class Page(_Part):
    """A page of documentation, or a runbook, about the thing."""

    ref: str
    title: str
    path: str
    runbook: bool


class Rollout(_Part):
    """One deployment of the thing."""

    ref: str
    at: datetime | None = None
    environment: str | None = None
    version: str | None = None
    outcome: str | None = None
    rolled_back: bool | None = None
    actor: str | None = None
    source: Source | None = None


class EntityRecord(_Part):
    """One record, with its columns."""

    ref: str
    title: str
    fields: dict[str, Any]
    source: Source | None = None


class RecordGroup(_Part):
    """What happened to the thing or is said about it, of one kind: incidents, alerts, findings, objectives.

    Attributes:
        total: how many there are; `records` are the latest of them.
    """

    kind: str
    total: int
    records: tuple[EntityRecord, ...]


class EntityPage(_Part):
    """The body of `GET /v1/entities/{kind}/{namespace}/{name}`.

    Attributes:
        read_at: when the files were read; a source that says itself of when its facts are has `as_of`.
    """

    ref: str
    kind: str
    namespace: str
    name: str
    title: str
    description: str | None = None
    source: Source | None = None
    facts: tuple[Fact, ...] = ()
    links: tuple[str, ...] = ()
    relations: tuple[RelationGroup, ...] = ()
    pages: tuple[Page, ...] = ()
    deployments: tuple[Rollout, ...] = ()
    records: tuple[RecordGroup, ...] = ()
    read_at: datetime | None = None


class DocumentPassage(_Part):
    """One piece of a page, as written."""

    heading: str
    text: str
    lines: tuple[int, int]


class DocumentPage(_Part):
    """The body of `GET /v1/pages`: a whole page of documentation and what it is about."""

    ref: str
    title: str
    path: str
    runbook: bool
    about: tuple[Neighbour, ...] = ()
    passages: tuple[DocumentPassage, ...] = ()


def document_page(store: CatalogReader, ref: str) -> DocumentPage:
    """Read one page of documentation.

    Args:
        store: the catalog.
        ref: `doc:<path>` or `runbook:<path>`; a page is found by its path whichever of the two it is.

    Raises:
        UnknownEntity: the catalog holds no such page.
    """
    path = ref.partition(":")[2]
    rows = store.fetch(
        "SELECT ref, kind, title, path FROM documents WHERE path = ? OR ref = ? LIMIT 1",
        [path, ref],
    )
    if not rows:
        raise UnknownEntity(ref)
    row = rows[0]
    passages = store.fetch(
        "SELECT heading, text, first_line, last_line FROM passages WHERE doc_ref = ? ORDER BY ordinal",
        [row["ref"]],
    )
    about = store.fetch(
        "SELECT DISTINCT n.ref, coalesce(n.title, n.name) AS title, n.kind FROM edges e JOIN entities n ON n.ref = e.target "
        "WHERE e.source = ? AND e.relation IN ('documents', 'runbookFor') ORDER BY title",
        [row["ref"]],
    )
    return DocumentPage(
        ref=row["ref"],
        title=row["title"] or path,
        path=row["path"],
        runbook=row["kind"] == "Runbook",
        about=tuple(Neighbour(ref=n["ref"], title=n["title"], kind=n["kind"]) for n in about),
        passages=tuple(
            DocumentPassage(
                heading=p["heading"] or "", text=p["text"], lines=(p["first_line"], p["last_line"])
            )
            for p in passages
        ),
    )


def entity_page(
    store: CatalogReader, fields: FieldTable, ref: str, *, read_at: datetime | None = None
) -> EntityPage:
    """Read one entity's page.

    Args:
        store: the catalog.
        fields: the field table in force for it.
        ref: canonical entity reference.
        read_at: when the catalog was read.

    Raises:
        UnknownEntity: the catalog holds no such entity.
    """
    rows = store.fetch("SELECT * FROM entities WHERE ref = ?", [ref])
    if not rows:
        raise UnknownEntity(ref)
    row, spans = rows[0], store.spans(ref)
    return EntityPage(
        ref=ref,
        kind=row["kind"],
        namespace=row["namespace"] or ref.partition(":")[2].partition("/")[0],
        name=row["name"] or ref.rpartition("/")[2],
        title=row["title"] or row["name"] or ref,
        description=row["description"],
        source=_source(row),
        facts=tuple(_facts(row, spans, fields)),
        links=tuple(row.get("links") or ()),
        relations=_relations(store, ref),
        pages=_pages(store, ref),
        deployments=_deployments(store, ref),
        records=tuple(_records(store, fields, ref)),
        read_at=read_at,
    )


def _facts(row: Row, spans: dict[str, SourceSpan], fields: FieldTable) -> list[Fact]:
    held: list[tuple[int, Field]] = [
        (99 if f.rank is None else f.rank, f)
        for f in fields.of_kind(row["kind"])
        if f.name not in _HIDDEN and not f.derived and row.get(f.name) not in (None, [], ())
    ]
    held.sort(key=lambda pair: (pair[1].discovered, pair[0]))
    return [_fact(f, row, spans.get(f.name)) for _, f in held]


def _fact(row_field: Field, row: Row, span: SourceSpan | None) -> Fact:
    source = _source(row)
    if span is not None:
        lines = (span.first, span.last)
        source = Source(path=span.path, lines=lines, format=span.format or None, as_of=span.as_of)
    return Fact(
        field=row_field.name,
        label=row_field.label,
        type=FieldType(row_field.type).value,
        value=row[row_field.name],
        unit=row_field.unit,
        source=source,
    )


def _relations(store: CatalogReader, ref: str) -> tuple[RelationGroup, ...]:
    rows = store.fetch(
        "SELECT d.side, d.other, d.derived, d.path, d.first_line, d.last_line, e.kind, coalesce(e.title, e.name) AS title "
        "FROM (SELECT relation || '>' AS side, target AS other, * EXCLUDE (source, target, relation) FROM edges WHERE source = ? "
        "UNION ALL SELECT relation || '<', source, * EXCLUDE (source, target, relation) FROM edges WHERE target = ?) d "
        "LEFT JOIN entities e ON e.ref = d.other ORDER BY d.side, d.derived, title, d.other",
        [ref, ref],
    )
    groups: dict[str, list[Row]] = {}
    for row in rows:
        relation = row["side"][:-1]
        if relation in _SHOWN_APART or (row["kind"] is None and "/" not in row["other"]):
            continue
        known = relation in relations.RELATION_BY_SIDE
        side = relation if row["side"].endswith(">") or not known else relations.opposite(relation)
        groups.setdefault(side, []).append(row)
    order = {name: position for position, name in enumerate(relations.RELATION_BY_SIDE)}
    return tuple(
        _group(side, groups[side])
        for side in sorted(groups, key=lambda side: (order.get(side, len(order)), side))
    )


def _group(side: str, rows: list[Row]) -> RelationGroup:
    unique = {row["other"]: row for row in reversed(rows)}
    ordered = [row for row in rows if unique[row["other"]] is row]
    pair = relations.RELATION_BY_SIDE.get(side)
    return RelationGroup(
        name=side,
        label=relations.side_of(side).phrase if pair else side,
        derived=bool(pair and pair[0].derived),
        total=len(ordered),
        things=tuple(
            Neighbour(
                ref=r["other"],
                title=r["title"] or _name_of(r["other"]),
                kind=r["kind"],
                source=_source(r),
            )
            for r in ordered[:MAX_PER_RELATION]
        ),
    )


def _pages(store: CatalogReader, ref: str) -> tuple[Page, ...]:
    rows = store.fetch(
        "SELECT DISTINCT p.ref, p.title, p.path, p.kind FROM edges e JOIN documents p ON p.ref = e.source "
        "WHERE e.target = ? AND e.relation IN ('documents', 'runbookFor') ORDER BY p.kind DESC, p.title, p.path",
        [ref],
    )
    return tuple(
        Page(
            ref=r["ref"],
            title=r["title"] or r["path"],
            path=r["path"],
            runbook=r["kind"] == "Runbook",
        )
        for r in rows
    )


def _deployments(store: CatalogReader, ref: str) -> tuple[Rollout, ...]:
    rows = store.fetch(
        f'SELECT * FROM "{Table.DEPLOYMENTS.value}" WHERE component = ? ORDER BY "at" DESC NULLS LAST, ref LIMIT {RECENT}',  # noqa: S608
        [ref],
    )
    return tuple(
        Rollout(
            ref=r["ref"],
            at=r["at"],
            environment=r["environment"],
            version=r["version"],
            outcome=r["outcome"],
            rolled_back=r["rolled_back"],
            actor=r["actor"],
            source=_source(r),
        )
        for r in rows
    )


_RECORDED: tuple[tuple[Kind, str], ...] = (
    (KIND_BY_NAME["Incident"], "created_at"),
    (KIND_BY_NAME["Alert"], "state"),
    (KIND_BY_NAME["Finding"], "severity"),
    (KIND_BY_NAME["SLO"], "ref"),
    (KIND_BY_NAME["Change"], "at"),
)
"""Kinds of record that hang on a thing, and what the latest of them is told by."""


def _records(store: CatalogReader, fields: FieldTable, ref: str) -> list[RecordGroup]:
    groups = []
    for kind, by in _RECORDED:
        table = kind.table.value
        columns = [f for f in fields.of_kind(kind.name) if not f.derived and f.rank is not None]
        order = f'"{by}" DESC NULLS LAST, ref' if fields.get(kind.table, by) else "ref"
        rows = store.fetch(
            f'SELECT *, COUNT(*) OVER () AS total FROM "{table}" WHERE kind = ? AND ref IN '  # noqa: S608
            f"(SELECT source FROM edges WHERE target = ?) ORDER BY {order} LIMIT {RECENT}",
            [kind.name, ref],
        )
        if rows:
            records = tuple(_record(row, columns) for row in rows)
            groups.append(RecordGroup(kind=kind.name, total=rows[0]["total"], records=records))
    return groups


def _record(row: Row, columns: list[Field]) -> EntityRecord:
    return EntityRecord(
        ref=row["ref"],
        title=row.get("title") or row.get("name") or _name_of(row["ref"]),
        fields={f.name: row[f.name] for f in columns if row.get(f.name) not in (None, [], ())},
        source=_source(row),
    )


def _source(row: Row) -> Source | None:
    if not row.get("path"):
        return None
    lines = (row["first_line"] or 1, row["last_line"] or 1)
    return Source(path=row["path"], lines=lines, format=row.get("format"))


def _name_of(ref: str) -> str:
    return ref.rpartition("/")[2] or ref
