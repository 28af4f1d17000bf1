"""On-call entries → Shift records: who, for what, from when to when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer.catalog import Catalog
from indexer.collectors.incidents import SERVICE_ID
from indexer.people import People
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

TEAM_ID = "pagerduty.com/team-id"
"""The annotation that names the PagerDuty team of a group."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on one level of one policy for one stretch of time.

    Attributes:
        person: the name as the tool shows it; empty when it shows none.
        email: empty when the export does not hold it.
        starts_at, ends_at: UTC; both None for a person who is always on call.
        services, teams: the tool's ids of what the policy is for.
    """

    person: str
    email: str
    level: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    schedule: str | None
    policy: str | None
    services: tuple[str, ...]
    teams: tuple[str, ...]
    span: SourceSpan

    @property
    def id(self) -> str:
        """The same for the same turn of duty, whatever export it stands in."""
        said = (self.email or self.person, self.level, self.starts_at, self.ends_at)
        where = (self.schedule, self.policy, *self.services, *self.teams)
        return hashlib.sha256(repr((said, where)).encode()).hexdigest()[:16]


class Shifts:
    """Ties shifts to people, and to the services and groups they cover."""

    takes: ClassVar[tuple[type, ...]] = (Shift,)

    def __init__(self) -> None:
        self._shifts: dict[str, Shift] = {}

    def add(self, statement: Shift, report: Report) -> None:
        """Take one entry; the same turn in two exports counts once."""
        if statement.id in self._shifts:
            report.skip("shift listed twice")
        self._shifts.setdefault(statement.id, statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges."""
        report = harvest.report
        people = catalog.once(People)
        strangers: set[str] = set()
        idle: dict[str, Shift] = {}
        for identity, shift in self._shifts.items():
            user = people.user(shift.email, shift.person)
            if user is None:
                user = _stranger(shift)
                if user not in strangers:
                    strangers.add(user)
                    _report_stranger(shift, user, report)
            record = Record(k.SHIFT, identity, _values(shift, user), shift.span)
            content.records.append(record)
            content.edges.append(Edge(record.ref, "shiftOf", user, shift.span))
            covered = _covered(shift, catalog)
            content.edges += [Edge(record.ref, "covers", ref, shift.span) for ref in covered]
            if not covered:
                idle.setdefault(shift.policy or "", shift)
        for policy, shift in idle.items():
            message = f"the escalation policy {policy!r} is for no service or team of the catalog; its shifts were kept, annotate the service with {SERVICE_ID} or the group with {TEAM_ID}"
            report.warning("unknown-service", message, shift.span)


def _stranger(shift: Shift) -> str:
    name = shift.email.partition("@")[0] or shift.person
    return f"user:default/{re.sub(r'[^a-z0-9._-]+', '.', name.lower()).strip('.') or 'unknown'}"


def _report_stranger(shift: Shift, user: str, report: Report) -> None:
    who = shift.email or shift.person
    message = f"{who!r} is on call, but no user of the catalog has this address or name; kept as {user}, add the user"
    report.warning("unknown-user", message, shift.span)


def _covered(shift: Shift, catalog: Catalog) -> list[str]:
    services = _annotated(catalog, SERVICE_ID, shift.services)
    teams = _annotated(catalog, TEAM_ID, shift.teams)
    return list(dict.fromkeys([*services, *(ref for ref in teams if ref.startswith("group:"))]))


def _annotated(catalog: Catalog, key: str, values: Iterable[str]) -> list[str]:
    return [ref for value in values for ref in catalog.annotated(key, value)]


def _values(shift: Shift, user: str) -> dict[str, Value]:
    values: dict[str, Value] = {
        "user": user,
        "level": shift.level,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "permanent": shift.starts_at is None and shift.ends_at is None,
        "schedule": shift.schedule,
        "policy": shift.policy,
    }
    return {name: value for name, value in values.items() if value is not None}
