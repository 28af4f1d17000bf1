"""Incidents from exports and webhooks → Incident records, tied to what they are on.

Several feeds and deliveries speak about one incident, in any order. All statements are kept until the end and
then told in the order they were made, field by field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.opsgenie import Selectors
from indexer.people import People
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

SERVICE_ID = "pagerduty.com/service-id"
"""The annotation that names the PagerDuty service of an entity."""

PAGERDUTY = "pagerduty"
TRIGGERED, ACKNOWLEDGED, RESOLVED = "triggered", "acknowledged", "resolved"
OPEN = frozenset({TRIGGERED, ACKNOWLEDGED, "open"})
"""States in which someone still has to do something."""

ON = ("component", "resource", "system")
"""Kinds an incident may be on, likeliest first."""
_ACKNOWLEDGED = ("acknowledged_at", "acknowledged_by")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one export row or webhook says about an incident.

    Attributes:
        id: as its tool gives it, in its own case; unique within `source`.
        values: fields of the incident table; absent ones are not known to this statement.
        service: the tool's id of the service; None when it does not say, or says several.
        said_at: when this was true; of two statements the later one counts.
        span: where.
        source: which tool or monitor says so.
        subjects: what it is on, as the tool names it: references, names, titles; it is on all of them.
        services: the tool's ids of all services, where it may be on several.
        hints: where no subject is known: what else may name the one thing it is on, likeliest first.
        marks: what a search query of Opsgenie may ask for: "tag:…", "details:key:value", "team:…".
    """

    id: str
    values: Mapping[str, Value]
    service: str | None
    said_at: datetime | None
    span: SourceSpan
    source: str = PAGERDUTY
    subjects: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedService:
    """What a tool calls one of its services, for incidents that give only an id."""

    tool: str
    id: str
    name: str


class Incidents:
    """Joins the statements about each incident. A group is an incident's id, whoever uses it."""

    takes: ClassVar[tuple[type, ...]] = (Statement, NamedService)

    def __init__(self) -> None:
        self._by_id: dict[str, dict[str, list[Statement]]] = {}
        self._services: dict[tuple[str, str], NamedService] = {}

    def add(self, statement: Statement | NamedService, report: Report) -> None:  # noqa: ARG002
        """Take one statement, in whatever order they come."""
        if isinstance(statement, NamedService):
            self._services[statement.tool, statement.id] = statement
        else:
            sources = self._by_id.setdefault(statement.id, {})
            sources.setdefault(statement.source, []).append(statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges."""
        report = harvest.report
        selectors = catalog.once(Selectors)
        unknown: dict[tuple[str, str], list[Statement]] = {}
        for identity, sources in self._by_id.items():
            # Ids are unique within their tool only; the first by name keeps the bare one.
            for number, source in enumerate(sorted(sources)):
                told = _told(sources[source], report)
                name = f"{identity}{_mark(source)}" if number else identity
                record = Record(k.INCIDENT, name, told.values, told.span)
                content.records.append(record)
                targets = self._targets(told, catalog, selectors)
                content.edges += [Edge(record.ref, "incidentOn", ref, told.span) for ref in targets]
                content.edges += _people(record, catalog.once(People))
                if not targets:
                    unknown.setdefault((source, self._what(told)), []).append(told)
        for (source, what), those in unknown.items():
            count = f"{len(those)} incident{'s' if len(those) > 1 else ''}"
            message = f"{count} of {what}, {_remedy(source)}"
            report.warning("unknown-service", message, those[0].span)

    def groups(self) -> Iterator[tuple[str, object]]:
        """Each statement under its incident's id, and beside it the names of the services it gives."""
        for identity, sources in self._by_id.items():
            for said in (one for statements in sources.values() for one in statements):
                yield identity, said
                for service in said.services:
                    if (named := self._services.get((said.source, service))) is not None:
                        yield identity, named

    def group_of(self, record: Record) -> str:
        """Its id, without the source that tells two apart."""
        return record.id.removesuffix(_mark(str(record.values.get("source"))))

    def _targets(self, said: Statement, catalog: Catalog, selectors: Selectors) -> Sequence[str]:
        """Whatever carries the service's id; else what a selector asks for; else what a name fits."""
        if said.source == PAGERDUTY:
            carrying = catalog.annotated(SERVICE_ID, said.service) if said.service else ()
            if carrying:
                return carrying
        asked = selectors.asking(said.marks)
        if asked:
            return asked
        found = _named(catalog, (*said.subjects, *self._names(said)))
        return found or _named(catalog, said.hints)[:1]

    def _names(self, said: Statement) -> list[str]:
        named = (self._services.get((said.source, service)) for service in said.services)
        return [one.name for one in named if one is not None and one.name]

    def _what(self, said: Statement) -> str:
        """What the report calls the service of an incident."""
        name = said.values.get("service_name")
        if said.service:
            return f"service {said.service!r} ({name})"
        names = [*said.subjects, *(self._names(said) or said.services)]
        names = names or ([str(name)] if name else [*said.hints])
        return f"service {', '.join(repr(one) for one in names[:3])}" if names else "no service"


_DID: Mapping[str, str] = {
    "assignees": "assignedTo",
    "lead": "assignedTo",
    "acknowledged_by": "acknowledgedBy",
    "resolved_by": "resolvedBy",
}
"""Field that holds names of people → what they had to do with the incident."""


def _people(record: Record, people: People) -> Iterator[Edge]:
    """Edges to the users of the catalog that an incident names; none twice."""
    found: dict[tuple[str, str], Edge] = {}
    for name, relation in _DID.items():
        held = record.values.get(name)
        for text in held if isinstance(held, tuple) else (held,) if isinstance(held, str) else ():
            user = people.person(str(text))
            if user is not None:
                found[relation, user] = Edge(record.ref, relation, user, record.span)
    yield from found.values()


def _mark(source: str) -> str:
    """What tells incidents of one id apart: "@mon-eu" for the monitor "/mon/eu"."""
    return f"@{re.sub(r'[^A-Za-z0-9._-]+', '-', source).strip('-')}"


def _told(statements: Sequence[Statement], report: Report) -> Statement:
    """One statement out of many: the latest word on every field, and the first one on when it began."""
    # At one moment the resolution comes last: feeds stamp an incident and its end alike.
    ordered = sorted(statements, key=lambda one: (one.said_at or _LONG_AGO, not _is_open(one)))
    distinct = list({_content(said): said for said in reversed(ordered)}.values())[::-1]
    for _ in range(len(ordered) - len(distinct)):
        report.skip("event delivered twice")
    values: dict[str, Value] = {}
    for said in distinct:
        values.update({name: value for name, value in said.values.items() if value is not None})
    begun = [at for one in distinct if isinstance(at := one.values.get("created_at"), datetime)]
    said_at = max((one.said_at for one in distinct if one.said_at), default=None)
    settled = _settled(values | ({"created_at": min(begun)} if begun else {}))
    settled["source"] = ordered[0].source
    if said_at is not None:
        settled["updated_at"] = said_at
    newest = distinct[-1]
    return replace(
        newest,
        values=settled,
        service=next((one.service for one in reversed(distinct) if one.service), None),
        subjects=tuple(dict.fromkeys(name for one in reversed(distinct) for name in one.subjects)),
        services=next((one.services for one in reversed(distinct) if one.services), ()),
        hints=tuple(dict.fromkeys(name for one in reversed(distinct) for name in one.hints)),
        marks=tuple(dict.fromkeys(mark for one in reversed(distinct) for mark in one.marks)),
    )


def _content(said: Statement) -> str:
    """The same for two deliveries of one event."""
    return repr((said.said_at, sorted(said.values.items()), said.service, said.subjects))


def _is_open(said: Statement) -> bool:
    return said.values.get("status", TRIGGERED) in OPEN


def _settled(values: Mapping[str, Value]) -> dict[str, Value]:
    """What follows from the status: whether it is open; an open one was not resolved yet, no other is worked on.

    One that is triggered again, after an acknowledgement ran out, is acknowledged by nobody.
    """
    status = values.get("status")
    settled: dict[str, Value] = dict(values)
    if status is not None:
        settled["open"] = status in OPEN
        gone = ("resolved_at", "resolution", "resolved_by") if settled["open"] else ("phase",)
        for name in (*gone, *(_ACKNOWLEDGED if status == TRIGGERED else ())):
            settled.pop(name, None)
    return settled


def _named(catalog: Catalog, names: Iterable[str]) -> Sequence[str]:
    found = [joins.find(catalog, name, ON) for name in names]
    return list(dict.fromkeys(str(ref) for ref in found if ref is not None))


def _remedy(source: str) -> str:
    if source == PAGERDUTY:
        return f"which no entity carries as {SERVICE_ID}; kept, annotate the entity it is"
    if source == "opsgenie":
        return (
            "which no entity's opsgenie.com/component-selector asks for and no entity is called; "
            "kept, annotate the entity it is"
        )
    return f"which {source} names and no entity is called; kept, name an entity of the catalog"
