"""A published snapshot without some of its things, as if they had never been indexed.

What follows from several things together is worked out again by the processors of the build: a dependency that went through a
hidden API, the domain above a hidden system, who else is in a circle. A reference to a hidden thing dangles, as one to a
thing nobody described does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from catalog_store.content import CatalogContent
from catalog_store.derive import BOOKKEEPING, read_field_row
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Edge, Entity, EntityRef, Record, Value
from catalog_store.model.fields import Field
from catalog_store.model.kinds import KIND_BY_NAME, RUNBOOK, Table
from catalog_store.reader import Row
from catalog_store.snapshot import Snapshot
from indexer.catalog import Catalog
from indexer.processors.derived_edges import derive_edges, fill_domains, with_blast_radius
from indexer.processors.discover_fields import MIN_ENTITIES
from indexer.processors.gaps import mark_cycles, mark_dangling, mark_system_owners
from indexer.processors.likeness import mark_duplicates
from indexer.reporting import Report

RECORD_TABLES = tuple(t for t in Table if t not in (Table.ENTITIES, Table.DOCUMENTS))
"""Tables of what happens to things: what belongs to hidden things alone is hidden with them."""

_ABOUT = frozenset(
    ("deploymentOf", "changeOf", "incidentOn", "alertOn", "findingIn", "sloOf", "covers")
)
"""Relations from a record to what it is about; it is hidden when it is about something, and all of that is."""

_WHOSE = "shiftOf"
"""A shift is a person's: it is hidden with them, whatever it covers."""

_OF_PAGE = frozenset(("documents", "runbookFor"))
_DERIVED = frozenset(("uses", "within", "ownedWithin", "answersFor"))
_WORKED_OUT = frozenset(
    "system_owner dangling dangling_dependencies dependency_cycle duplicates blast_radius".split()
)


def without(snapshot: Snapshot, hidden: Collection[str]) -> tuple[CatalogContent, frozenset[str]]:
    """What a snapshot would hold if some things had not been indexed.

    Args:
        snapshot: as published, with the events that were laid over it; nothing in it is changed.
        hidden: references of entities, records and pages that rules hide themselves.

    Returns:
        Everything else, without what belongs to hidden things alone: their deployments, incidents and alerts, their pages;
        and the references of all that is left out. Problems of the build are left out, because they name what they are about.
    """
    rest = _Rest(snapshot, hidden)
    entities = list(rest.catalog.entities.values())
    edges = [*rest.edges, *rest.page_edges]
    edges += derive_edges(edges)
    manifest = snapshot.manifest
    content = CatalogContent(
        entities=with_blast_radius(entities, edges),
        records=rest.records,
        edges=edges,
        documents=rest.documents,
        passages=list(_passages(snapshot, {page.ref for page in rest.documents})),
        fields=list(_still_held(map(read_field_row, manifest["fields"]), entities)),
        synonyms=dict(manifest.get("synonyms") or {}),
        sources=dict(manifest["sources"]),
        read_up_to=snapshot.read_up_to,
    )
    return content, frozenset(rest.hidden)


def belongs_to_hidden(edges: Iterable[Edge], hidden: Collection[str]) -> bool:
    """Whether a record with these edges is about hidden things alone."""
    about = []
    for edge in edges:
        if edge.relation == _WHOSE and edge.target in hidden:
            return True
        if edge.relation in _ABOUT:
            about.append(edge.target)
    return bool(about) and all(ref in hidden for ref in about)


@dataclass(slots=True)
class _Rest:
    """What is left of a snapshot, part by part: each part needs to know what the ones before have hidden.

    Attributes:
        hidden: grows by the records and pages that belong to hidden things alone.
        edges: of entities and records, in their order; page_edges: of pages.
    """

    hidden: set[str]
    catalog: Catalog
    records: list[Record]
    documents: list[Document]
    edges: list[Edge]
    page_edges: list[Edge]

    def __init__(self, snapshot: Snapshot, hidden: Collection[str]) -> None:
        self.hidden = set(hidden)
        written = [_edge(row) for row in _edge_rows(snapshot)]
        by_source: dict[str, list[Edge]] = {}
        for edge in written:
            by_source.setdefault(edge.source, []).append(edge)
        raws = _raws(snapshot)
        self.catalog = Catalog(
            raws=(),
            entities={
                str(e.ref): e for e in _entities(snapshot, raws) if str(e.ref) not in self.hidden
            },
        )
        self.records = list(self._records(snapshot, by_source))
        aside = {record.ref for record in self.records}
        pages = list(snapshot.catalog.things(Table.DOCUMENTS))
        aside |= {page["ref"] for page in pages}
        backwards = {(e.source, e.relation, e.target): e for e in snapshot.ground.backwards()}
        self.edges = list(self._visible_edges(written, backwards, aside, raws))
        self.catalog.edges = [e for e in self.edges if e.source not in aside]
        self._work_out()
        self.documents, self.page_edges = [], []
        for page in pages:
            self._take_page(page, by_source.get(page["ref"], []))

    def _records(
        self, snapshot: Snapshot, by_source: Mapping[str, Sequence[Edge]]
    ) -> Iterator[Record]:
        for table in RECORD_TABLES:
            for row in snapshot.catalog.things(table):
                ref = row["ref"]
                own = by_source.get(ref, ())
                if ref in self.hidden or belongs_to_hidden(own, self.hidden):
                    self.hidden.add(ref)
                else:
                    yield _record(row, table)

    def _visible_edges(
        self,
        edges: Iterable[Edge],
        backwards: Mapping[tuple[str, str, str], Edge],
        aside: Collection[str],
        raws: Mapping[str, Mapping[str, Any]],
    ) -> Iterator[Edge]:
        """Every edge that something visible declares; those of pages are made anew."""
        for edge in edges:
            if edge.source.startswith(("doc:", "runbook:")) and edge.source in aside:
                continue
            again = backwards.get((edge.source, edge.relation, edge.target))
            if edge.source in self.hidden:
                if again is not None and edge.target not in self.hidden:
                    yield again  # its end says so too, of something nobody knows
            elif edge.target not in self.hidden:
                yield edge
            elif edge.source in aside or edge == again:
                continue  # feeds are tied to what is there; the other end alone says so
            elif edge.relation == "ownedBy" and not _names_owner(raws.get(edge.source)):
                self._lose_owner(edge.source)  # taken from ownership files, which name known owners
            else:
                yield edge

    def _lose_owner(self, ref: str) -> None:
        entity = self.catalog.entities[ref]
        self.catalog.entities[ref] = _less(entity, {"owner"})

    def _work_out(self) -> None:
        """What the processors of a build note with entities, once more."""
        silent = Report()
        entities = self.catalog.entities
        for ref, entity in entities.items():
            again = set(_WORKED_OUT)
            domain = entity.spans.get("domain")
            if domain is not None and domain == entity.spans.get("system", entity.span):
                again.add("domain")  # filled in: it has the lines of the system
            entities[ref] = _less(entity, again)
        fill_domains(self.catalog, silent)
        mark_system_owners(self.catalog, silent)
        mark_dangling(self.catalog, silent)
        mark_cycles(self.catalog, silent)
        mark_duplicates(self.catalog, silent)

    def _take_page(self, row: Row, edges: Sequence[Edge]) -> None:
        """A page, unless it is hidden, or all that it is about is."""
        ties = [edge for edge in edges if edge.relation in _OF_PAGE]
        if row["ref"] in self.hidden or (ties and all(edge.target in self.hidden for edge in ties)):
            self.hidden.add(row["ref"])
            return
        ties = [edge for edge in ties if edge.target not in self.hidden]
        about = tuple(e.target for e in ties if e.target in self.catalog.entities)
        declared = next((e for e in edges if e.relation == "ownedBy" and e.span), None)
        owner = declared.target if declared else None
        if declared is not None:
            self.page_edges.append(declared)
        else:
            owners = (self.catalog.owner_of(ref) for ref in about)
            owner = next((one for one in owners if one), None)
            if owner is not None:
                self.page_edges.append(Edge(row["ref"], "ownedBy", owner))
        self.page_edges += ties
        gone = {ref.partition(":")[2] for ref in self.hidden if ref.startswith("alert:")}
        alerts = tuple(name for name in row["alerts"] or () if name not in gone)
        self.documents.append(_document(row, about, alerts, owner))


def _names_owner(raw: Mapping[str, Any] | None) -> bool:
    spec = (raw or {}).get("spec")
    return isinstance(spec, dict) and spec.get("owner") not in (None, "")


def _less(entity: Entity, names: Collection[str]) -> Entity:
    return replace(
        entity,
        values={name: value for name, value in entity.values.items() if name not in names},
        spans={name: span for name, span in entity.spans.items() if name not in names},
    )


def _still_held(discovered: Iterable[Field], entities: Iterable[Entity]) -> Iterator[Field]:
    """The fields a build would have discovered: an annotation that only one thing carries is no field."""
    kinds: dict[str, set[str]] = {}
    count: dict[str, int] = {}
    for entity in entities:
        for name in entity.values:
            kinds.setdefault(name, set()).add(entity.kind)
            count[name] = count.get(name, 0) + 1
    for row in discovered:
        if row.refined or row.table is not Table.ENTITIES:
            yield row
            continue
        told = any(path.startswith("facts.") for path in row.paths)
        if count.get(row.name, 0) >= (1 if told else MIN_ENTITIES):
            yield replace(row, kinds=tuple(sorted(kinds[row.name])))


def _edge_rows(snapshot: Snapshot) -> list[Row]:
    """Declared edges, and what pages inherit, in the order in which they were written."""
    rows = snapshot.catalog.fetch(
        "SELECT source, relation, target, path, first_line, last_line, format FROM edges"
    )
    return [row for row in rows if row["relation"] not in _DERIVED]


def _edge(row: Row) -> Edge:
    span = None if row["path"] is None else _span(row)
    return Edge(row["source"], row["relation"], row["target"], span)


def _span(row: Row) -> SourceSpan:
    return SourceSpan(
        row["path"], row["first_line"], row["last_line"], row["format"] or "", row.get("as_of")
    )


def _raws(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    rows = snapshot.catalog.fetch("SELECT ref, raw FROM raw_entities")
    return {row["ref"]: orjson.loads(row["raw"]) for row in rows}


def _entities(snapshot: Snapshot, raws: Mapping[str, Mapping[str, Any]]) -> Iterator[Entity]:
    spans: dict[str, dict[str, SourceSpan]] = {}
    for row in snapshot.catalog.fetch("SELECT * FROM spans"):
        spans.setdefault(row["ref"], {})[row["field"]] = _span(row)
    for row in snapshot.catalog.things(Table.ENTITIES):
        ref = row["ref"]
        yield Entity(
            EntityRef.parse(ref),
            row["kind"],
            _values(row, Table.ENTITIES),
            _span(row),
            spans.get(ref, {}),
            raws.get(ref, {}),
        )


def _values(row: Row, table: Table) -> dict[str, Value]:
    own = BOOKKEEPING[table]
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.items()
        if value is not None and name not in own and name != "kind"
    }


def _record(row: Row, table: Table) -> Record:
    kind = KIND_BY_NAME[row["kind"]].name
    return Record(kind, row["ref"].partition(":")[2], _values(row, table), _span(row))


def _document(
    row: Row, about: tuple[str, ...], alerts: tuple[str, ...], owner: str | None
) -> Document:
    reviewed = row["reviewed_at"]
    return Document(
        ref=row["ref"],
        path=row["path"],
        title=row["title"],
        description=row["description"] or "",
        doc_kind="runbook" if row["kind"] == RUNBOOK else "doc",
        entity_refs=about,
        alerts=alerts,
        owner_ref=owner,
        reviewed_on=reviewed.date() if isinstance(reviewed, datetime) else None,
        status=row["status"],
        tags=tuple(row["tags"] or ()),
    )


def _passages(snapshot: Snapshot, pages: Collection[str]) -> Iterator[Passage]:
    rows = snapshot.catalog.fetch("SELECT * FROM passages ORDER BY id")
    for row in rows:
        if row["doc_ref"] in pages:
            yield Passage(
                doc_ref=row["doc_ref"],
                ordinal=row["ordinal"],
                heading=row["heading"],
                heading_path=tuple(row["heading_path"] or ()),
                text=row["text"],
                span=_span(row),
            )
