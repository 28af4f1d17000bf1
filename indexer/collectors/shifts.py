"""On-call entries → Shift records: who, for what, from when to when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer.catalog import Catalog
from indexer.collectors.incidents import PAGERDUTY, SERVICE_ID
from indexer.directory import SCHEDULE, TEAM, USER, Directory, Listing
from indexer.people import People
from indexer.reporting import Report
from indexer.rotas import covered

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

TEAM_ID = "pagerduty.com/team-id"
"""The annotation that names the PagerDuty team of a group."""

LISTED_FOR = timedelta(hours=24)
"""How long a list of who is on call is believed: it says neither since when nor until when."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on one level of one policy for one stretch of time.

    Attributes:
        person: the name as the tool shows it; empty when it shows none.
        email: empty when the export does not hold it.
        starts_at, ends_at: UTC; both None for a person who is always on call.
        services, teams: the tool's ids of what the policy is for.
        tool: which tool says so.
        user_id: the tool's id of the person; empty when it gives none.
        schedule_id: the tool's id of the schedule; empty when it gives none.
        names: further names of the person, as far as they can be told from other words; likeliest first.
        rotas: what the rota is called wherever it is named; tells whom it is for when no id does.
        listed: only a list of who is on call just now, believed for `LISTED_FOR`.
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
    tool: str = PAGERDUTY
    user_id: str = ""
    schedule_id: str = ""
    names: tuple[str, ...] = ()
    rotas: tuple[str, ...] = ()
    listed: bool = False

    @property
    def id(self) -> str:
        """The same for the same turn of duty, whatever export it stands in."""
        said = (self.email or self.person or self.user_id, self.level, self.starts_at, self.ends_at)
        where = (self.schedule, self.policy, *self.services, *self.teams)
        return hashlib.sha256(repr((said, where)).encode()).hexdigest()[:16]


class Shifts:
    """Ties shifts to people, and to the services and groups they cover."""

    takes: ClassVar[tuple[type, ...]] = (Shift, Listing)

    def __init__(self) -> None:
        self._shifts: dict[str, Shift] = {}
        self._directory = Directory()

    def add(self, statement: Shift | Listing, report: Report) -> None:
        """Take one entry, or who is behind an id; the same turn in two exports counts once."""
        if isinstance(statement, Listing):
            self._directory.add(statement)
            return
        if statement.id in self._shifts:
            report.skip("shift listed twice")
        self._shifts.setdefault(statement.id, statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges."""
        report = harvest.report
        people, directory = catalog.once(People), self._directory
        strangers: set[str] = set()
        idle: dict[tuple[str, str], Shift] = {}
        for identity, shift in self._kept(report).items():
            user = _user(shift, catalog, people, directory)
            if user is None:
                user = _stranger(shift, directory)
                if user not in strangers:
                    strangers.add(user)
                    _report_stranger(shift, user, directory, report)
            record = Record(k.SHIFT, identity, _values(shift, user), shift.span)
            content.records.append(record)
            content.edges.append(Edge(record.ref, "shiftOf", user, shift.span))
            refs = _covered(shift, catalog, directory)
            content.edges += [Edge(record.ref, "covers", ref, shift.span) for ref in refs]
            if not refs:
                name = shift.policy if shift.tool == PAGERDUTY else shift.schedule or shift.policy
                idle.setdefault((shift.tool, name or ""), shift)
        for (tool, name), shift in idle.items():
            report.warning("unknown-service", _idle(tool, name), shift.span)

    def _kept(self, report: Report) -> dict[str, Shift]:
        """All but what a list says less exactly than a timeline of the same schedule."""
        dated: dict[tuple[str, str], list[Shift]] = {}
        for shift in self._shifts.values():
            if not shift.listed:
                dated.setdefault((shift.tool, shift.schedule or ""), []).append(shift)
        kept: dict[str, Shift] = {}
        for identity, shift in self._shifts.items():
            exact = dated.get((shift.tool, shift.schedule or ""), ()) if shift.listed else ()
            if any(_covers(one, shift.starts_at) for one in exact):
                report.skip("list of who is on call where a timeline says more")
            else:
                kept[identity] = shift
        return kept


def _covers(shift: Shift, at: datetime | None) -> bool:
    if at is None or shift.starts_at is None or shift.ends_at is None:
        return False
    return shift.starts_at <= at < shift.ends_at


def _user(shift: Shift, catalog: Catalog, people: People, directory: Directory) -> str | None:
    """The user by address, name or id; ids also by what another export calls them."""
    found = people.user(shift.email, shift.person, *shift.names)
    if found is not None or not shift.user_id:
        return found
    key = f"{shift.tool}.com/user-id"
    carrying = [r for r in catalog.annotated(key, shift.user_id) if r.startswith("user:")]
    if len(carrying) == 1:
        return carrying[0]
    listing = directory.find(shift.tool, USER, shift.user_id)
    return people.user(listing.email, listing.name) if listing else None


def _called(shift: Shift, directory: Directory) -> tuple[str, str]:
    """Address and name of a person, as far as any export says them."""
    listing = directory.find(shift.tool, USER, shift.user_id) if shift.user_id else None
    email = shift.email or (listing.email if listing else "")
    return email, shift.person or (listing.name if listing else "") or shift.user_id


def _stranger(shift: Shift, directory: Directory) -> str:
    email, person = _called(shift, directory)
    name = email.partition("@")[0] or person
    return f"user:default/{re.sub(r'[^a-z0-9._-]+', '.', name.lower()).strip('.') or 'unknown'}"


def _report_stranger(shift: Shift, user: str, directory: Directory, report: Report) -> None:
    who = next(filter(None, _called(shift, directory)), "")
    message = f"{who!r} is on call, but no user of the catalog has this address or name; kept as {user}, add the user"
    report.warning("unknown-user", message, shift.span)


def _covered(shift: Shift, catalog: Catalog, directory: Directory) -> Sequence[str]:
    """What carries the ids of the policy; where nothing does, what the rota is named after."""
    services = _annotated(catalog, SERVICE_ID, shift.services)
    teams = _annotated(catalog, TEAM_ID, shift.teams)
    found = list(dict.fromkeys([*services, *(ref for ref in teams if ref.startswith("group:"))]))
    return found or covered(catalog, _rotas(shift, directory))


def _rotas(shift: Shift, directory: Directory) -> list[str]:
    names = [directory.name(shift.tool, TEAM, team) or team for team in shift.teams]
    schedule = directory.find(shift.tool, SCHEDULE, shift.schedule_id)
    if schedule is not None and schedule.team:
        names.append(directory.name(shift.tool, TEAM, schedule.team) or schedule.team)
    return [name for name in (*names, *shift.rotas, shift.schedule, shift.policy) if name]


def _idle(tool: str, name: str) -> str:
    if tool == PAGERDUTY:
        return (
            f"the escalation policy {name!r} is for no service or team of the catalog; its shifts were kept, "
            f"annotate the service with {SERVICE_ID} or the group with {TEAM_ID}"
        )
    return (
        f"the rota {name!r} is named after no team or service of the catalog; its shifts were kept, "
        "annotate whom it is for with opsgenie.com/team or name the rota after it"
    )


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
        "source": shift.tool,
    }
    return {name: value for name, value in values.items() if value is not None}
