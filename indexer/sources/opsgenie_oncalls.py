"""Opsgenie on-calls: who is on call (`GET /v2/schedules/{id}/on-calls`, flat or not) and timelines of schedules.

Read: Shift records. A period of a timeline (`GET /v2/schedules/{id}/timeline`) is a shift with start and end. A list of
who is on call says neither: it is taken as true from the moment of the build and for a day, and gives way to a timeline
of the same schedule. Inside an escalation the order of the delays is the level.

Joined: the person by address (the user name in Opsgenie), else by id (`opsgenie.com/user-id`, or a users export);
what the rota is for by the team that owns the schedule, then by the schedule's own name: whoever carries that as
`opsgenie.com/team`, else the team or service called so.

Ignored: base, override and forwarding timelines (the final one counts), rotation rules, who is next, disabled
schedules, periods of nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.shifts import LISTED_FOR, Shift
from indexer.directory import SCHEDULE, Listing
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.opsgenie import TOOL
from indexer.reporting import Report
from indexer.rotas import level_of
from indexer.sources.base import FeedReader, Harvest

_LIST = re.compile(
    r"\"(?:onCallRecipients|onCallParticipants|next[oO]n[cC]all(?:Recipients|Participants))\"\s*:"
)
_TIMELINE = re.compile(r"\"finalTimeline\"\s*:")
_SCHEDULE = re.compile(r"\"rotations\"\s*:\s*\[")
_OWNER = re.compile(r"\"ownerTeam\"\s*:")
_MOST_NESTED = 10
"""Escalations name schedules that name escalations; deeper ones go round in circles."""
_NOBODY = frozenset({"none", "noone"})


class OpsgenieOncalls(FeedReader):
    """Reads periods and lists into shifts; schedules only say whose they are."""

    name: ClassVar[str] = "opsgenie-oncalls"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Opsgenie's words for who is on call, a final timeline, or a schedule with its owner."""
        head = file.head
        schedule = _SCHEDULE.search(head) and _OWNER.search(head)
        return bool(_LIST.search(head) or _TIMELINE.search(head) or schedule)

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one shift a period, and one a person on a list."""
        for item, span in read_items(file, harvest.report, "data"):
            body = loose.mapping(item.get("data")) or item
            for shift in _shifts(body, PurePosixPath(file.path).stem, span, harvest):
                harvest.tell(shift)


SOURCE = OpsgenieOncalls


@dataclass(frozen=True, slots=True)
class _Rota:
    """The schedule that is being read."""

    id: str
    name: str
    team: str
    span: SourceSpan

    def shift(self, person: dict[str, Any], level: int | None = None) -> Shift:
        """A shift of one person on it, without its times; Opsgenie's user names are addresses."""
        name = loose.first_text(person.get("name"), person.get("username")) or ""
        return Shift(
            person="" if "@" in name else name,
            email=name if "@" in name else "",
            level=level or level_of(self.name),
            starts_at=None,
            ends_at=None,
            schedule=self.name or None,
            policy=None,
            services=(),
            teams=(),
            span=self.span,
            tool=TOOL,
            user_id=loose.text(person.get("id")) or "",
            schedule_id=self.id,
            rotas=(self.team,) if self.team else (),
        )


def _shifts(body: dict[str, Any], stem: str, span: SourceSpan, harvest: Harvest) -> Iterator[Shift]:
    report = harvest.report
    inner = [body, *(held for key, held in body.items() if key.startswith("__"))]
    lists = [loose.mapping(one) for one in inner if isinstance(one, dict)]
    parent = next((loose.mapping(one["_parent"]) for one in lists if "_parent" in one), body)
    name = loose.text(parent.get("name"))
    team = loose.text(loose.at(body, "ownerTeam", "name")) or loose.text(
        loose.at(parent, "ownerTeam", "name")
    )
    rota = _Rota(loose.text(parent.get("id")) or "", name or stem, team or "", span)
    if rota.id and "rotations" in body:
        owner = loose.text(loose.at(body, "ownerTeam", "id")) or ""
        harvest.tell(Listing(TOOL, SCHEDULE, rota.id, rota.name, team=team or owner))
    if parent.get("enabled") is False:
        report.skip("Opsgenie schedule that is switched off")
        return
    if isinstance(body.get("finalTimeline"), dict):
        yield from _periods(body["finalTimeline"], rota, report)
        return
    found = False
    for one in lists:
        if one.keys() & {"onCallRecipients", "onCallParticipants"}:
            found = harvest.volatile = True  # what it says is true from the moment of the build
            for shift in _listed(one, rota):
                ends = harvest.now + LISTED_FOR
                yield replace(shift, starts_at=harvest.now, ends_at=ends, listed=True)
    if not found:
        report.skip(
            "Opsgenie schedule or list that says nothing of who is on call now; export its timeline"
        )


def _listed(held: dict[str, Any], rota: _Rota) -> Iterator[Shift]:
    """Everyone on a list: user names, or people inside of teams, schedules and escalations."""
    for name in loose.items(held.get("onCallRecipients")):
        if (address := loose.text(name)) is not None:
            yield rota.shift({"name": address})
    yield from _participants(held.get("onCallParticipants"), rota, None, 0)


def _participants(raw: Any, rota: _Rota, level: int | None, depth: int) -> Iterator[Shift]:
    people = loose.mappings(raw)
    delays = sorted({loose.number(one.get("escalationTime")) or 0.0 for one in people})
    staged = any("escalationTime" in one for one in people)
    for one in people:
        step = delays.index(loose.number(one.get("escalationTime")) or 0.0) + 1
        own = step if staged else level
        if (loose.text(one.get("type")) or "user").lower() == "user":
            yield rota.shift(one, own)
        elif depth < _MOST_NESTED:
            yield from _participants(one.get("onCallParticipants"), rota, own, depth + 1)


def _periods(timeline: dict[str, Any], rota: _Rota, report: Report) -> Iterator[Shift]:
    for rotation in loose.mappings(timeline.get("rotations")):
        level = level_of(loose.text(rotation.get("name")) or "")
        stints: list[Shift] = []
        for period in loose.mappings(rotation.get("periods")):
            stints += _stints(period, rota, level, report)
        yield from _joined(stints)


def _stints(
    period: dict[str, Any], rota: _Rota, level: int | None, report: Report
) -> Iterator[Shift]:
    what, span = f"a period of {rota.name!r}", rota.span
    starts = loose.moment(period.get("startDate"), f"startDate of {what}", span, report)
    ends = loose.moment(period.get("endDate"), f"endDate of {what}", span, report)
    if starts is None or ends is None or ends <= starts:
        report.error("wrong-shape", f"{what} without start and end; it was left out", span)
        return
    recipient = loose.mapping(period.get("recipient", period.get("responder")))
    kind = (loose.text(recipient.get("type")) or "user").lower()
    people = loose.mappings(period.get("flattenedRecipients"))
    if kind == "user" and recipient:
        people = [recipient]
    if kind in _NOBODY or not people:
        report.skip("period of an Opsgenie timeline that names nobody")
        return
    for person in people:
        yield replace(rota.shift(person, level), starts_at=starts, ends_at=ends)


def _joined(stints: list[Shift]) -> Iterator[Shift]:
    """One shift a stretch: timelines cut a period in two where the past ends."""
    standing: dict[str, Shift] = {}
    for stint in sorted(stints, key=_begin):
        who = stint.email or stint.person or stint.user_id
        before = standing.get(who)
        if before is not None and before.ends_at == stint.starts_at:
            standing[who] = replace(before, ends_at=stint.ends_at)
            continue
        if before is not None:
            yield before
        standing[who] = stint
    yield from standing.values()


def _begin(shift: Shift) -> datetime:
    assert shift.starts_at is not None
    return shift.starts_at
