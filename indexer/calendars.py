"""iCalendar files (RFC 5545) → their events, each with its lines; a broken event loses only itself.

The `icalendar` package reads properties, parameters and zones. It reads a file as a whole, or not at all, and
forgets where things stood, so events are cut out here and handed to it one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component, vBroken, vRecur
from icalendar.timezone import tzp

from catalog_store.model.document import SourceSpan
from indexer.calendar_events import Event, Guest, Sheet
from indexer.files import InputFile
from indexer.recurrences import moment_of
from indexer.reporting import Report

_EDGE = re.compile(r"(BEGIN|END):(VCALENDAR|VEVENT|VTODO|VJOURNAL|VFREEBUSY)\s*$", re.IGNORECASE)
_NOT_HERE = frozenset({"RESOURCE", "ROOM", "GROUP"})
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)


@dataclass(slots=True)
class _Block:
    """The lines of one calendar: those around its events, and those of each event."""

    head: list[str] = field(default_factory=list)
    events: list[tuple[int, list[str]]] = field(default_factory=list)


def read_calendars(file: InputFile, text: str, report: Report) -> Iterator[Sheet]:
    """Every calendar of a file; events that cannot be read go to the report."""
    # Zones that calendars define themselves are remembered by name; those of another file are not meant here.
    tzp.use_default()
    for block in _blocks(file, text, report):
        sheet = _sheet(block)
        for first, lines in block.events:
            span = file.span(first, first + len(lines) - 1)
            event = _event(lines, sheet.zone, span, report)
            if event is not None:
                sheet.events.append(event)
        yield sheet


def _blocks(file: InputFile, text: str, report: Report) -> Iterator[_Block]:
    block, inside, first, lines = _Block(), "", 0, list[str]()
    closed = True
    rows = re.split(r"\r\n|\n|\r", text)
    for number, row in enumerate(rows, start=1):
        edge = _EDGE.match(row)
        what, name = (edge[1].upper(), edge[2].upper()) if edge else ("", "")
        if name == "VCALENDAR":
            if what == "BEGIN":
                block, closed = _Block(), False
                continue
            yield block
            block, closed = _Block(), True
        elif what == "BEGIN":
            if inside:
                _torn(file.span(first, number - 1), report)
            inside, first, lines = name, number, [row]
        elif inside:
            lines.append(row)
            if what == "END" and name == inside:
                if inside == "VEVENT":
                    block.events.append((first, lines))
                else:
                    report.skip(f"{inside} in a calendar, which is no event")
                inside = ""
        else:
            block.head.append(row)
    if inside:
        _torn(file.span(first, len(rows)), report)
    if not closed:
        message = (
            "the calendar is not closed; events after its last line may be missing, export it again"
        )
        report.warning("torn-calendar", message, file.span(len(rows)))
        yield block


def _torn(span: SourceSpan, report: Report) -> None:
    report.error("torn-event", "the event is not closed; it was left out, export it again", span)


def _sheet(block: _Block) -> Sheet:
    calendar = _parsed(["BEGIN:VCALENDAR", *block.head, "END:VCALENDAR"])
    if calendar is None:
        return Sheet()
    zone = _zone(_text(calendar, "X-WR-TIMEZONE"))
    return Sheet(
        _text(calendar, "X-WR-CALNAME") or _text(calendar, "NAME"), _text(calendar, "PRODID"), zone
    )


def _parsed(lines: list[str]) -> Component | None:
    try:
        found = Component.from_ical("\r\n".join(lines) + "\r\n")
    except _BROKEN:
        return None
    return found if isinstance(found, Component) else None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):
        return UTC


def _event(lines: list[str], zone: tzinfo, span: SourceSpan, report: Report) -> Event | None:
    raw = _parsed(lines)
    if raw is None:
        report.error(
            "invalid-event", "the event cannot be read as iCalendar; it was left out", span
        )
        return None
    for name, fault in raw.errors:
        message = (
            f"{name or 'a line'} of the event cannot be read ({fault!s:.100}); it counts as absent"
        )
        report.warning("invalid-event", message, span)
    _drop_broken(raw)
    start = _moment(raw, "DTSTART", zone, span, report)
    end = _end(raw, start, zone, span, report) if start else None
    if start is None or end is None or end <= start:
        message = "an event without a start before its end; it was left out"
        report.error("invalid-event", message, span)
        return None
    left_out = list(_dates(raw, "EXDATE"))
    rule = raw.get("RRULE")
    return Event(
        uid=_text(raw, "UID"),
        summary=_text(raw, "SUMMARY"),
        guests=tuple(_guests(raw)),
        start=start,
        end=end,
        rule=_rule(rule),
        more=tuple(at for value in _dates(raw, "RDATE") if (at := _safe(value, zone)) is not None),
        without=frozenset(
            at.astimezone(UTC)
            for value in left_out
            if isinstance(value, datetime) and (at := _safe(value, zone)) is not None
        ),
        without_days=frozenset(v for v in left_out if not isinstance(v, datetime)),
        replaces=_replaced(raw, zone),
        sequence=_sequence(raw),
        cancelled=_text(raw, "STATUS").upper() == "CANCELLED",
        span=span,
    )


def _drop_broken(raw: Component) -> None:
    """Take out what could not be read: every look at such a value would raise."""
    for key, held in list(raw.items()):
        rows = held if isinstance(held, list) else [held]
        whole = [row for row in rows if not isinstance(row, vBroken)]
        if not whole:
            del raw[key]
        elif len(whole) < len(rows):
            raw[key] = whole


def _rule(rule: Any) -> str:
    """The rule as written; of several the first one."""
    held: Any = rule[0] if isinstance(rule, list) and rule else rule
    if not isinstance(held, vRecur):
        return ""
    text: bytes = held.to_ical()  # type: ignore[no-untyped-call]
    return text.decode("utf-8", "replace")


def _moment(
    raw: Component, key: str, zone: tzinfo, span: SourceSpan, report: Report
) -> datetime | None:
    held = raw.get(key)
    value = getattr(held, "dt", None)
    if not isinstance(value, date):
        return None
    named = held.params.get("TZID") if hasattr(held, "params") else None
    if isinstance(value, datetime) and value.tzinfo is None and named:
        message = f"{key} is in the zone {named!s:.60}, which nobody knows; it was read in the zone of the calendar"
        report.warning("unknown-time-zone", message, span)
    return _safe(value, zone)


def _safe(value: date | datetime, zone: tzinfo) -> datetime | None:
    """The moment, unless it lies so near the ends of time that another zone has no word for it."""
    try:
        found = moment_of(value, zone)
        found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return found if 1900 <= found.year <= 9000 else None


def _end(
    raw: Component, start: datetime, zone: tzinfo, span: SourceSpan, report: Report
) -> datetime | None:
    if "DTEND" in raw:
        return _moment(raw, "DTEND", zone, span, report)
    lasts = getattr(raw.get("DURATION"), "dt", None)
    if not isinstance(lasts, timedelta):
        whole_day = not isinstance(getattr(raw.get("DTSTART"), "dt", None), datetime)
        lasts = timedelta(days=1) if whole_day else timedelta()
    try:
        return start + lasts
    except OverflowError:
        return None


def _dates(raw: Component, key: str) -> Iterator[date | datetime]:
    """Days and moments of a property that may come several times and hold several; periods by their start."""
    held = raw.get(key)
    for row in held if isinstance(held, list) else [held]:
        for one in getattr(row, "dts", ()):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if isinstance(value, date):
                yield value


def _replaced(raw: Component, zone: tzinfo) -> datetime | None:
    value = getattr(raw.get("RECURRENCE-ID"), "dt", None)
    at = _safe(value, zone) if isinstance(value, date) else None
    return at.astimezone(UTC) if at is not None else None


def _sequence(raw: Component) -> int:
    held = raw.get("SEQUENCE")
    return int(held) if isinstance(held, int) else 0


def _guests(raw: Component) -> Iterator[Guest]:
    """People who come; rooms, groups and those who declined do not."""
    held = raw.get("ATTENDEE")
    for one in held if isinstance(held, list) else [held]:
        params = getattr(one, "params", None)
        if one is None or params is None:
            continue
        kind, answer = (str(params.get(key, "")).upper() for key in ("CUTYPE", "PARTSTAT"))
        if kind in _NOT_HERE or answer == "DECLINED":
            continue
        address = re.sub(r"^mailto:", "", str(one).strip(), flags=re.IGNORECASE)
        name = str(params.get("CN", "")).strip()
        if "@" in address or name:
            yield Guest(address if "@" in address else "", "" if "@" in name else name)


def _text(raw: Component, key: str) -> str:
    held = raw.get(key)
    first = held[0] if isinstance(held, list) and held else held
    return str(first).strip() if isinstance(first, str) else ""
