"""iCalendar feeds of rotas (`.ics`, RFC 5545), as PagerDuty, Opsgenie and shared calendars export them.

Read: Shift records, one per turn of every event. Recurring events are written out from 30 days before the build to 90
days after it, since they have no end; single events are all read. The guests of an event are on call, else whom its
title names ("On Call - Ann Ek - Payments"). Times without a zone and whole days are meant in the zone of the calendar
(`X-WR-TIMEZONE`), else in UTC. "Primary", "secondary", "L2" in the name of calendar or event is the level.

Joined: the person by address, else by name; what the rota is for by the name of the calendar, then the title of the
event, then the name of the file, without words such as "on-call" and "schedule": whoever carries that as
`opsgenie.com/team`, else the team or service called so.

Ignored: calendars and events that say nothing of being on call (holidays, meetings), cancelled turns, tasks, alarms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import ClassVar

from indexer.calendar_events import Event, Guest, Sheet
from indexer.collectors.shifts import Shift
from indexer.files import InputFile
from indexer.recurrences import UnreadableRule, Window, turns
from indexer.reporting import Report
from indexer.rotas import is_rota, level_of, subjects_of
from indexer.sources.base import FeedReader, Harvest
from indexer.text import NotText

TOOL = "calendar"

_CALENDAR = re.compile(r"^BEGIN:VCALENDAR\s*$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PIECES = re.compile(r"\s+[-–—|/]\s+|[:()\[\]|]+|\s+@\s+|\s+is\s+(?=on)")
_AND = re.compile(r"\s*[&+]\s*|\s+and\s+", re.IGNORECASE)
_ALL_TIME = Window(datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


class IcalOncalls(FeedReader):
    """Reads every turn of every event that is about being on call."""

    name: ClassVar[str] = "ical-oncalls"
    suffixes: ClassVar[frozenset[str]] = frozenset({".ics", ".ical"})

    def claims(self, file: InputFile) -> bool:
        """A line that begins a calendar."""
        return bool(_CALENDAR.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one shift a person and turn."""
        from indexer.calendars import read_calendars  # noqa: PLC0415  loads only for calendars

        try:
            text = file.text()
        except NotText as error:
            message = f"{error.reason}; nothing in it was indexed"
            harvest.report.error("not-utf8", message, file.span(error.line))
            return
        for sheet in read_calendars(file, text, harvest.report):
            named = [sheet.name, sheet.maker, *PurePosixPath(file.path).with_suffix("").parts]
            rota = any(is_rota(part) for part in named)
            events = [event for event in sheet.events if rota or is_rota(event.summary)]
            _report_rest(sheet, len(sheet.events) - len(events), file, harvest.report)
            harvest.volatile |= any(event.rule for event in events)
            schedule = sheet.name or PurePosixPath(file.path).stem
            for shift in _shifts(events, schedule, PurePosixPath(file.path).stem, harvest):
                harvest.tell(shift)


SOURCE = IcalOncalls


def _report_rest(sheet: Sheet, rest: int, file: InputFile, report: Report) -> None:
    if rest and rest == len(sheet.events):
        message = (
            f"the calendar {sheet.name!r} says nothing of being on call, so its {rest} events were left out; "
            "put 'on-call' into its name or the file's if it is a rota"
        )
        report.warning("no-rota", message, file.span())
    for _ in range(rest):
        report.skip("calendar event that says nothing of being on call")


def _shifts(events: Sequence[Event], schedule: str, stem: str, harvest: Harvest) -> Iterator[Shift]:
    window = Window.around(harvest.now)
    current = _current(events)
    replaced: dict[str, set[datetime]] = {}
    for event in current:
        if event.replaces is not None and event.uid:
            replaced.setdefault(event.uid, set()).add(event.replaces)
    for event in current:
        if event.cancelled:
            harvest.report.skip("cancelled calendar event")
            continue
        instead = () if event.replaces is not None else replaced.get(event.uid, ())
        times = list(_turns(event, instead, window, harvest.report))
        people = list(_people(event, schedule))
        if times and not people:
            harvest.report.skip("on-call event that names nobody")
        for starts, ends in times:
            yield from (_shift(event, one, starts, ends, schedule, stem) for one in people)


def _current(events: Sequence[Event]) -> list[Event]:
    """The newest version of every event and turn; events of one id and version may stand side by side."""
    newest: dict[tuple[str, datetime | None], int] = {}
    for event in events:
        key = (event.uid, event.replaces)
        newest[key] = max(newest.get(key, 0), event.sequence)
    kept: dict[object, Event] = {}
    for event in events:
        if not event.uid:
            kept[event.span] = event
        elif event.sequence == newest[event.uid, event.replaces]:
            kept[event.uid, event.replaces, event.start] = event
    return list(kept.values())


def _turns(
    event: Event, instead: Iterable[datetime], window: Window, report: Report
) -> Iterator[tuple[datetime, datetime]]:
    recurring = bool(event.rule) and event.replaces is None
    if recurring:
        report.skip(
            "recurring on-call event, written out for 30 days before the build and 90 after it"
        )
    left_out = event.without | frozenset(instead)
    for rule in (event.rule if recurring else "", ""):
        try:
            yield from turns(
                event.start,
                event.end,
                rule,
                window if rule else _ALL_TIME,
                more=event.more,
                without=left_out,
                without_days=event.without_days,
            )
        except UnreadableRule as error:
            message = f"the recurrence {rule!r:.80} cannot be written out: {error}; only its first turn was read"
            report.error("invalid-recurrence", message, event.span)
        else:
            return


def _people(event: Event, schedule: str) -> Iterator[tuple[Guest, tuple[str, ...]]]:
    """Everyone who is on call, with further names the title may give them."""
    if event.guests:
        yield from ((guest, ()) for guest in event.guests)
        return
    addresses = _ADDRESS.findall(event.summary)
    if addresses:
        yield from ((Guest(address, ""), ()) for address in dict.fromkeys(addresses))
        return
    pieces = _title(event.summary, schedule)
    if pieces and len(pieces[0]) > 1:
        yield from ((Guest("", name), ()) for name in pieces[0])
    elif pieces:
        yield Guest("", pieces[0][0]), tuple(name for piece in pieces[1:] for name in piece)


def _title(summary: str, schedule: str) -> list[list[str]]:
    """The pieces of a title that may be names of people, likeliest first: not what the rota is called.

    >>> _title("On Call - Ann Ek & Bo Ohm - Payments On-Call", "On Call Schedule for Payments")
    [['Ann Ek', 'Bo Ohm']]
    """
    known = {name.lower() for name in subjects_of(schedule)}
    found: list[list[str]] = []
    for piece in _PIECES.split(summary):
        bare = [name for part in _AND.split(piece) for name in subjects_of(part)[-1:]]
        names = [n for n in dict.fromkeys(bare) if not is_rota(n) and n.lower() not in known]
        if names and names not in found:
            found.append(names)
    return found


def _shift(
    event: Event,
    person: tuple[Guest, tuple[str, ...]],
    starts: datetime,
    ends: datetime,
    schedule: str,
    stem: str,
) -> Shift:
    guest, names = person
    own = {guest.name.lower(), guest.email.lower()}
    titles = [name for piece in _title(event.summary, schedule) for name in piece]
    return Shift(
        person=guest.name,
        email=guest.email,
        level=level_of(event.summary) or level_of(schedule) or level_of(stem),
        starts_at=starts,
        ends_at=ends,
        schedule=schedule,
        policy=None,
        services=(),
        teams=(),
        span=event.span,
        tool=TOOL,
        names=names,
        rotas=tuple(dict.fromkeys((schedule, *(t for t in titles if t.lower() not in own), stem))),
    )
