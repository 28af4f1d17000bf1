"""Incidents from exports and webhooks → Incident records, tied to what carries their service's id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer.catalog import Catalog
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

SERVICE_ID = "pagerduty.com/service-id"
"""The annotation that names the PagerDuty service of an entity."""

RESOLVED = "resolved"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one export row or webhook says about an incident.

    Attributes:
        id: as its tool gives it, in its own case.
        values: fields of the incident table; absent ones are not known to this statement.
        service: the tool's id of the service; None when it does not say.
        said_at: when this was true; of two statements the later one counts.
        span: where.
    """

    id: str
    values: Mapping[str, Value]
    service: str | None
    said_at: datetime | None
    span: SourceSpan


class Incidents:
    """Joins the statements about each incident. A group is an incident."""

    takes: ClassVar[tuple[type, ...]] = (Statement,)

    def __init__(self) -> None:
        self._by_id: dict[str, list[Statement]] = {}

    def add(self, statement: Statement, report: Report) -> None:  # noqa: ARG002
        """Take one statement."""
        self._by_id.setdefault(statement.id, []).append(statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges."""
        report = harvest.report
        unknown: dict[str, list[Statement]] = {}
        for said in map(_joined, self._by_id.values()):
            record = Record(k.INCIDENT, said.id, _settled(said.values), said.span)
            content.records.append(record)
            targets = catalog.annotated(SERVICE_ID, said.service) if said.service else ()
            content.edges += [Edge(record.ref, "incidentOn", ref, said.span) for ref in targets]
            if not targets:
                unknown.setdefault(said.service or "", []).append(said)
        for service, statements in unknown.items():
            name = statements[0].values.get("service_name")
            what = f"service {service!r} ({name})" if service else "no service"
            count = f"{len(statements)} incident{'s' if len(statements) > 1 else ''}"
            message = f"{count} of {what}, which no entity carries as {SERVICE_ID}; kept, annotate the entity it is"
            report.warning("unknown-service", message, statements[0].span)

    def groups(self) -> Iterator[tuple[str, object]]:
        """Each statement under its incident's id."""
        return ((one.id, one) for said in self._by_id.values() for one in said)

    def group_of(self, record: Record) -> str:
        """Its id."""
        return record.id


def _joined(statements: Iterable[Statement]) -> Statement:
    """All that is said about one incident: a later statement overrides, field by field, what an earlier one said."""
    older, *rest = sorted(statements, key=lambda one: one.said_at or _LONG_AGO)
    for newer in rest:
        values = {**older.values, **newer.values}
        older = replace(newer, values=values, service=newer.service or older.service)
    return older


def _settled(values: Mapping[str, Value]) -> dict[str, Value]:
    """What follows from the status: whether it is open, and that an open one was not resolved yet."""
    status = values.get("status")
    settled: dict[str, Value] = {n: v for n, v in values.items() if v is not None}
    if status is not None:
        settled["open"] = status != RESOLVED
        if settled["open"]:
            settled.pop("resolved_at", None)
    return settled
