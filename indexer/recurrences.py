"""When a calendar event happens: the moments of its recurrence rule inside of a window.

RFC 5545 by way of dateutil's `rrule`, with what that leaves open: rules run on the clock on the wall of their zone, so
that a turn that begins at nine begins at nine all year; the first moment counts also when it does not fit the rule;
and nothing a file says makes it run for long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dateutil.rrule import rrulestr

BEFORE, AFTER = timedelta(days=30), timedelta(days=90)
"""How far around the clock of a build recurring events are written out: they have no end of their own."""

MOST_TURNS = 20_000
"""Turns of one rule that are looked at; a daily one reaches it after 54 years."""
_OLDEST = timedelta(days=366 * 40)
_FREQUENCIES = frozenset({"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_ALWAYS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_PARTS = {
    "HOURLY": _ALWAYS,
    "DAILY": _ALWAYS,
    "WEEKLY": _ALWAYS | {"BYSETPOS"},
    "MONTHLY": _ALWAYS | {"BYMONTHDAY", "BYSETPOS", "BYMONTH"},
    "YEARLY": _ALWAYS | {"BYMONTHDAY", "BYSETPOS", "BYMONTH", "BYWEEKNO", "BYYEARDAY"},
}
"""Parts that are read, by frequency: with others a rule that never fits could be searched for hours."""


class UnreadableRule(ValueError):
    """A recurrence rule that is broken or not supported; the text says why."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, half-open, UTC."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, now: datetime) -> Window:
        """What recurring events are written out for."""
        return cls(now - BEFORE, now + AFTER)

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether a stretch lies in it, at least in part."""
        return start < self.end and end > self.start


def moment_of(value: date | datetime, zone: tzinfo) -> datetime:
    """A moment with a zone; a day is its midnight, a time without a zone is meant in the given one.

    >>> moment_of(date(2026, 5, 1), UTC).isoformat()
    '2026-05-01T00:00:00+00:00'
    """
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), zone)
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def turns(
    start: datetime,
    end: datetime,
    rule: str,
    window: Window,
    *,
    more: Sequence[datetime] = (),
    without: Collection[datetime] = (),
    without_days: Collection[date] = (),
) -> Iterator[tuple[datetime, datetime]]:
    """Start and end of every turn that meets a window, in order, UTC.

    Args:
        start: of the first turn, with the zone the rule runs in.
        end: of the first turn.
        rule: as written after `RRULE:`; empty for none.
        window: what is wanted.
        more: further starts.
        without: moments (UTC) whose turns are left out.
        without_days: days in the zone of the rule whose turns are left out.

    Raises:
        UnreadableRule: it is broken, too fine or too old.
    """
    zone = start.tzinfo or UTC
    # The length on the wall: a week from nine to nine stays one when the clocks change.
    length = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    began = {start, *more}
    if rule:
        last = window.end.astimezone(zone).replace(tzinfo=None)
        naive = start.replace(tzinfo=None)
        if last - naive > _OLDEST:
            raise UnreadableRule(f"it began {naive:%Y-%m-%d}, more than 40 years ago")
        began |= {moment.replace(tzinfo=zone) for moment in _moments(naive, rule, last, zone)}
    found: set[tuple[datetime, datetime]] = set()
    for moment in began:
        finish = (moment.replace(tzinfo=None) + length).replace(tzinfo=moment.tzinfo)
        turn = (moment.astimezone(UTC), finish.astimezone(UTC))
        left_out = turn[0] in without or moment.astimezone(zone).date() in without_days
        if not left_out and window.meets(*turn):
            found.add(turn)
    yield from sorted(found)


def _moments(start: datetime, rule: str, last: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The moments of a rule up to `last`, all on the clock on the wall."""
    parts = _parts(rule)
    counted = "COUNT" in parts
    if not counted:
        until = parts.get("UNTIL")
        last = min(last, _until(until, zone)) if until else last
        parts["UNTIL"] = f"{last:%Y%m%dT%H%M%S}"
    else:
        parts.pop("UNTIL", None)
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    try:
        for number, moment in enumerate(rrulestr(text, dtstart=start)):
            if moment > last:
                return
            if number >= MOST_TURNS:
                raise UnreadableRule(f"it has more than {MOST_TURNS} turns")
            yield moment
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        if isinstance(error, UnreadableRule):
            raise
        raise UnreadableRule(str(error) or "it is not a rule of RFC 5545") from error


def _parts(rule: str) -> dict[str, str]:
    parts = {
        key.strip().upper(): value.strip()
        for key, mark, value in (part.partition("=") for part in rule.split(";"))
        if mark
    }
    frequency = parts.get("FREQ", "").upper()
    if frequency not in _FREQUENCIES:
        raise UnreadableRule(f"its frequency is {frequency!r}, expected HOURLY to YEARLY")
    unknown = sorted(parts.keys() - _PARTS[frequency])
    if unknown:
        raise UnreadableRule(f"{', '.join(unknown)} in a rule that is {frequency}")
    for key in ("INTERVAL", "COUNT"):
        value = parts.get(key, "1")
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) < 100_000:
            raise UnreadableRule(f"{key} is {value!r:.40}, expected a whole number from 1")
    return parts


def _until(text: str, zone: tzinfo) -> datetime:
    """The last moment a rule may give, on the wall; a day counts to its end."""
    try:
        if len(text) == len("20260501"):
            return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time.max)  # noqa: DTZ007
        if text.endswith("Z"):
            moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return moment.astimezone(zone).replace(tzinfo=None)
        return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except (ValueError, OverflowError) as error:
        raise UnreadableRule(f"UNTIL is {text!r:.40}, expected a date or time") from error
