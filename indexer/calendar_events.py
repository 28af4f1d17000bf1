"""Calendars and their events, once they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from catalog_store.model.document import SourceSpan


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone an event is for."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT.

    Attributes:
        uid: empty when the event has none.
        start, end: with a zone; a day begins at its midnight in the zone of the calendar.
        rule: the recurrence rule as written; empty for none.
        more: further starts; without, without_days: moments (UTC) and days that are left out.
        replaces: the moment (UTC) of the turn of the same uid that this event stands for.
        sequence: of two versions of one event the higher one counts.
    """

    uid: str
    summary: str
    guests: tuple[Guest, ...]
    start: datetime
    end: datetime
    rule: str
    more: tuple[datetime, ...]
    without: frozenset[datetime]
    without_days: frozenset[date]
    replaces: datetime | None
    sequence: int
    cancelled: bool
    span: SourceSpan


@dataclass(slots=True)
class Sheet:
    """One VCALENDAR: its name, who made it, and its events in the order of the file."""

    name: str = ""
    maker: str = ""
    zone: tzinfo = UTC
    events: list[Event] = field(default_factory=list)
