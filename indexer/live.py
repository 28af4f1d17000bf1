"""One event between two builds → what it changes, the same as a build that had read it.

The statements of the groups an event belongs to are taken from the published ground, the event's own are added, and the
same collectors work the records of these groups out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog_store.content import CatalogContent, Problem, Statements
from catalog_store.ground import Ground
from catalog_store.journal import Entry
from catalog_store.model.document import Document, SourceSpan
from catalog_store.model.entity import Edge, Entity, EntityRef, Record
from catalog_store.model.kinds import Table, table_of
from catalog_store.reader import CatalogReader, Patch, Row
from indexer.catalog import Catalog
from indexer.collectors.base import Collector, LiveCollector
from indexer.collectors.registry import LIVE
from indexer.deliveries import read_delivery
from indexer.pages.kinds import RUNBOOK
from indexer.pickled import dumps, loads
from indexer.reporting import Report
from indexer.sources.base import Harvest
from indexer.walk import Walk


def statements_of(collectors: Iterable[Collector]) -> Iterator[Statements]:
    """What the collectors of a build joined, group by group, for events to be joined with."""
    for collector in collectors:
        if not isinstance(collector, LIVE):
            continue
        groups: dict[str, list[object]] = {}
        for group, statement in collector.groups():
            groups.setdefault(group, []).append(statement)
        for group, said in groups.items():
            yield Statements(type(collector).__name__, group, dumps(said))


def annotations_of(catalog: Catalog) -> dict[str, dict[str, str]]:
    """The annotations of every entity, of several descriptions the first that holds one."""
    found: dict[str, dict[str, str]] = {}
    for ref, held in catalog.annotations():
        texts = {key: str(value) for key, value in held.items() if isinstance(value, str | int)}
        if texts and str(ref) in catalog:
            found[str(ref)] = texts | found.get(str(ref), {})
    return found


@dataclass(slots=True)
class StoredCatalog(Catalog):
    """The entities of a published snapshot, as far as feeds name them."""

    held: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def annotations(self) -> Iterator[tuple[EntityRef, Mapping[str, Any]]]:
        """Those that were published."""
        for ref, held in self.held.items():
            yield EntityRef.parse(ref), held

    @classmethod
    def of(cls, store: CatalogReader, ground: Ground) -> StoredCatalog:
        """Read what feeds name entities by."""
        rows = store.fetch(
            "SELECT ref, kind, name, title, email, owner, path, first_line, last_line FROM entities ORDER BY path, first_line, ref"
        )
        return cls(
            raws=(), entities={row["ref"]: _entity(row) for row in rows}, held=ground.annotations()
        )


def _entity(row: Row) -> Entity:
    values = {name: row[name] for name in ("name", "title", "email", "owner") if row[name]}
    span = SourceSpan(row["path"] or "", row["first_line"] or 1, row["last_line"] or 1)
    return Entity(EntityRef.parse(row["ref"]), row["kind"], values, span)


class LiveIndexer:
    """Works out what events change in one snapshot. Not for several threads at once."""

    def __init__(self, store: CatalogReader, ground: Ground) -> None:
        """Nothing is read before the first event."""
        self._store = store
        self._ground = ground
        self._catalog: StoredCatalog | None = None
        self._added: dict[tuple[str, str], list[object]] = {}

    def read(self, entries: Iterable[Entry], *, now: datetime) -> tuple[Patch, list[Problem]]:
        """What some entries of the journal change, and what was wrong with them.

        Args:
            entries: in the order of the journal; each is given once.
            now: the clock, UTC.
        """
        entries = list(entries)
        report = Report()
        harvest = Harvest(Walk((), frozenset(), report), report, now)
        for entry in entries:
            harvest.take(read_delivery(entry, harvest).part)
        if self._catalog is None:
            self._catalog = StoredCatalog.of(self._store, self._ground)
        records: list[Record] = []
        edges: list[Edge] = []
        for kind in LIVE:
            said = [s for s in harvest.statements if isinstance(s, kind.takes)]
            if said:
                content = self._worked_out(kind, said, harvest)
                records += content.records
                edges += content.edges
        others = self._store.written_since(entries[0].end) if entries else frozenset()
        return self._changes(records, edges, others), report.problems

    def _worked_out(
        self, kind: type[LiveCollector], said: Sequence[object], harvest: Harvest
    ) -> CatalogContent:
        """The records of every group that some statements belong to, as they are now."""
        fresh, first = self._finished(kind, said, harvest)
        groups: dict[str, list[object]] = {}
        for group, statement in fresh.groups():
            groups.setdefault(group, []).append(statement)
        before = [
            statement
            for data in self._ground.statements(kind.__name__, groups)
            for statement in loads(data)
        ]
        for group, statements in groups.items():
            added = self._added.setdefault((kind.__name__, group), [])
            before += added
            added += statements
        taken = self._taken_elsewhere(first.records, fresh, groups)
        silent = replace(harvest, report=Report(), taken=taken)
        collector, content = self._finished(kind, [*before, *said], silent)
        content.records = [r for r in content.records if collector.group_of(r) in groups]
        return content

    def _finished(
        self, kind: type[LiveCollector], statements: Iterable[object], harvest: Harvest
    ) -> tuple[LiveCollector, CatalogContent]:
        assert self._catalog is not None
        collector = kind()
        for statement in statements:
            collector.add(statement, harvest.report)
        content = CatalogContent(documents=list(self._runbooks))
        collector.finish(self._catalog, content, harvest)
        return collector, content

    def _taken_elsewhere(
        self, records: Sequence[Record], collector: LiveCollector, groups: Mapping[str, object]
    ) -> frozenset[str]:
        """References that records of other groups hold already: ids are unique within their source only."""
        held = self._held(records)
        return frozenset(
            record.ref
            for record in records
            if record.ref in held
            and collector.group_of(replace(record, values=held[record.ref])) not in groups
        )

    def _changes(
        self, records: Sequence[Record], edges: Sequence[Edge], others: Collection[str]
    ) -> Patch:
        """Without what the store says already: a busy component has thousands of deployments, and one is new.

        What others wrote for these events is news all the same: audiences of this process have not seen it.
        """
        held = self._held(records)
        changed = {
            record.ref
            for record in records
            if record.ref in others or not _same(record, held.get(record.ref))
        }
        known = {
            (row["source"], row["target"])
            for row in self._store.fetch(
                "SELECT source, target FROM edges WHERE relation = 'runbookFor'"
            )
        }
        return Patch(
            [record for record in records if record.ref in changed],
            [
                edge
                for edge in edges
                if edge.source in changed
                or (
                    edge.relation == "runbookFor"
                    and (edge.source in others or (edge.source, edge.target) not in known)
                )
            ],
        )

    def _held(self, records: Sequence[Record]) -> dict[str, Row]:
        """The rows the store holds under the references of some records."""
        by_table: dict[Table, list[str]] = {}
        for record in records:
            by_table.setdefault(table_of(record.kind), []).append(record.ref)
        return {
            row["ref"]: row
            for table, refs in by_table.items()
            for row in self._store.rows(table, refs)
        }

    @cached_property
    def _runbooks(self) -> Sequence[Document]:
        """The published runbook pages, for alerts that name one."""
        rows = self._store.fetch(
            "SELECT ref, path, title, alerts FROM documents WHERE kind = 'Runbook' ORDER BY path"
        )
        return [
            Document(
                row["ref"],
                row["path"],
                row["title"] or "",
                doc_kind=RUNBOOK,
                alerts=tuple(row["alerts"] or ()),
            )
            for row in rows
        ]


def _same(record: Record, row: Row | None) -> bool:
    """Whether a row says what a record says, at the same place."""
    if row is None or SourceSpan(row["path"], row["first_line"], row["last_line"]) != record.span:
        return False
    held = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    names = row.keys() - {"ref", "kind", "path", "first_line", "last_line", "format"}
    return all(record.values.get(name) == held[name] for name in names)
