"""Time in words → a stretch of time: "last 60 days", "since March", "before Oct 3", "yesterday", "last quarter".

Windows are half-open and UTC; "last 60 days" ends now, which is written as an open end, since nothing later is known; "last week" is the previous ISO week; quarters are those of
the calendar. A month or a weekday without a year means the latest one that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from catalog_store.analyzer import Token
from catalog_store.model.time_window import TimeWindow
from search.understand.words import NUMBERS

UNITS: dict[str, str] = {
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minutes"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), "hours"),
    **dict.fromkeys(("day", "days", "d"), "days"),
    **dict.fromkeys(("week", "weeks", "w", "wk", "wks"), "weeks"),
    **dict.fromkeys(("month", "months", "mo", "mos"), "months"),
    **dict.fromkeys(("quarter", "quarters"), "quarters"),
    **dict.fromkeys(("year", "years", "y", "yr", "yrs"), "years"),
}
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH_NUMBER = {name: i for i, full in enumerate(MONTHS, 1) for name in (full, full[:3])} | {
    "sept": 9
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_NUMBER = {name: i for i, full in enumerate(_WEEKDAYS) for name in (full, full[:3])} | {
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
_WEEKDAY_NUMBER = {
    k: v for k, v in _WEEKDAY_NUMBER.items() if k not in {"sun", "mon", "sat", "wed"}
} | {"wed": 2}
_GLUED = re.compile(r"(\d+)(d|w|h|mo|m|y|days?|weeks?|months?|hrs?)")
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class TimeKind(StrEnum):
    """What a stretch of words says about time."""

    WINDOW = "window"
    DURATION = "duration"
    """A bare length: "60 days"; a window once something says which."""


@dataclass(frozen=True, slots=True)
class TimeMention:
    """Words about time and what they mean.

    Attributes:
        start, end: token positions, half-open.
        kind: a window, or a bare length.
        window: for windows.
        length: for lengths, as (number, unit).
        back: `now` minus the length.
    """

    start: int
    end: int
    kind: TimeKind
    window: TimeWindow | None = None
    length: tuple[float, str] | None = None
    back: datetime | None = None


def ago(now: datetime, number: float, unit: str) -> datetime:
    """The moment so much time before `now`.

    >>> ago(datetime(2026, 3, 31, tzinfo=UTC), 1, "months").date().isoformat()
    '2026-02-28'
    """
    if unit == "quarters":
        return now - relativedelta(months=round(3 * number))
    if unit in ("months", "years") and number == int(number):
        return now - relativedelta(months=int(number) * (12 if unit == "years" else 1))
    days = {
        "minutes": 1 / 1440,
        "hours": 1 / 24,
        "days": 1,
        "weeks": 7,
        "months": 30,
        "years": 365,
    }[unit]
    return now - timedelta(days=number * days)


def time_mentions(tokens: Sequence[Token], now: datetime) -> Iterator[TimeMention]:
    """Every stretch of the tokens that says something about time; stretches may overlap."""
    words = [t.text for t in tokens]
    for i in range(len(words)):
        for reader in (_relative, _calendar_span, _bounded, _between, _day, _length):
            found = reader(words, i, now)
            if found is not None:
                yield found


def _number(word: str) -> float | None:
    if word in NUMBERS:
        return NUMBERS[word]
    if word in ("a", "an"):
        return 1
    try:
        return float(word.replace(",", ""))
    except ValueError:
        return None


def _length_at(words: Sequence[str], i: int) -> tuple[float, str, int] | None:
    """A number with a unit of time at `i`: (number, unit, next position)."""
    if i >= len(words):
        return None
    glued = _GLUED.fullmatch(words[i])
    if glued and glued[2] in UNITS | {"m": "months"}:
        return float(glued[1]), UNITS.get(glued[2], "months"), i + 1
    for half in (["half", "a", "year"], ["half", "year"]):
        if list(words[i : i + len(half)]) == half:
            return 6.0, "months", i + len(half)
    number = _number(words[i])
    if number is None or i + 1 >= len(words):
        return None
    unit = UNITS.get(words[i + 1])
    return (
        None
        if unit is None or (len(words[i + 1]) == 1 and words[i] in ("a", "an"))
        else (number, unit, i + 2)
    )


def _length(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    found = _length_at(words, i)
    if found is None:
        return None
    number, unit, end = found
    back = ago(now, number, unit)
    if words[end : end + 1] == ["ago"]:
        return TimeMention(i, end + 1, TimeKind.DURATION, length=(number, unit), back=back)
    return TimeMention(i, end, TimeKind.DURATION, length=(number, unit), back=back)


_LAST = ("last", "past", "previous", "recent", "preceding")


def _relative(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Last 60 days · in the past week · within 7 days · last week · this quarter."""
    j = i
    lead = words[i]
    if lead in ("in", "for", "within", "over", "during", "since") and j + 1 < len(words):
        j += 1
    if words[j] == "the" and j + 1 < len(words):
        j += 1
    if words[j] in _LAST:
        found = _length_at(words, j + 1)
        if found:
            return _window(i, found[2], TimeWindow(ago(now, found[0], found[1]), None))
        unit = UNITS.get(words[j + 1]) if j + 1 < len(words) and len(words[j + 1]) > 1 else None
        if unit and lead != "since":
            span = _calendar(unit, now, 0 if words[j] == "past" else -1)
            if words[j] == "past":
                span = TimeWindow(ago(now, 1, unit), None)
            return _window(i, j + 2, span)
        if unit:
            return _window(i, j + 2, TimeWindow(_calendar(unit, now, -1).start, None))
        return None
    if lead in ("within", "in", "for", "during") and j > i:
        found = _length_at(words, j)
        if found:
            end = found[2]
            return _window(i, end, TimeWindow(ago(now, found[0], found[1]), None))
    if (
        lead == "since"
        and j > i
        and (found := _length_at(words, j))
        and words[found[2] : found[2] + 1] != ["ago"]
    ):
        length = (found[0], found[1])
        return TimeMention(i, found[2], TimeKind.DURATION, length=length, back=ago(now, *length))
    return None


def _window(start: int, end: int, window: TimeWindow) -> TimeMention:
    return TimeMention(start, end, TimeKind.WINDOW, window=window)


def _day_start(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _calendar(unit: str, now: datetime, offset: int) -> TimeWindow:
    """The calendar day, ISO week, month, quarter or year `offset` away from the current one."""
    day = _day_start(now)
    if unit == "weeks":
        start = day - timedelta(days=day.weekday()) + timedelta(weeks=offset)
        return TimeWindow(start, start + timedelta(weeks=1))
    if unit == "months":
        start = day.replace(day=1) + relativedelta(months=offset)
        return TimeWindow(start, start + relativedelta(months=1))
    if unit == "quarters":
        start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) + relativedelta(
            months=3 * offset
        )
        return TimeWindow(start, start + relativedelta(months=3))
    if unit == "years":
        start = day.replace(month=1, day=1) + relativedelta(years=offset)
        return TimeWindow(start, start + relativedelta(years=1))
    if unit == "days":
        start = day + timedelta(days=offset)
        return TimeWindow(start, start + timedelta(days=1))
    return TimeWindow(ago(now, 1, unit), now)


def _calendar_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """A named stretch of the calendar at `i`, and where it ends: yesterday, this week, march 2026, q3, 2026-10-03, oct 3."""
    if i >= len(words):
        return None
    if words[i] in ("the", "on") and i + 1 < len(words):
        return _calendar_at(words, i + 1, now)
    word = words[i]
    if word in ("today", "yesterday"):
        return _calendar("days", now, 0 if word == "today" else -1), i + 1
    if (
        word in ("this", "current")
        and i + 1 < len(words)
        and len(words[i + 1]) > 1
        and words[i + 1] in UNITS
    ):
        return _calendar(UNITS[words[i + 1]], now, 0), i + 2
    if word in ("last", "previous") and i + 1 < len(words) and words[i + 1] in _WEEKDAY_NUMBER:
        return _weekday(words[i + 1], now), i + 2
    if (
        word in ("last", "previous")
        and i + 1 < len(words)
        and len(words[i + 1]) > 1
        and words[i + 1] in UNITS
    ):
        return _calendar(UNITS[words[i + 1]], now, -1), i + 2
    if words[i : i + 2] == ["beginning", "of"] or words[i : i + 2] == ["start", "of"]:
        found = _calendar_at(words, i + 2, now)
        if found and found[0].start:
            return TimeWindow(found[0].start, found[0].start), found[1]
    quarter = re.fullmatch(r"q([1-4])", word)
    if quarter:
        year, end = _year_at(words, i + 1)
        return _quarter(int(quarter[1]), year, now), end
    if word in _WEEKDAY_NUMBER:
        return _weekday(word, now), i + 1
    return _date_at(words, i, now)


def _quarter(number: int, year: int | None, now: datetime) -> TimeWindow:
    start = datetime(year or now.year, 3 * number - 2, 1, tzinfo=UTC)
    if year is None and start > now:
        start -= relativedelta(years=1)
    return TimeWindow(start, start + relativedelta(months=3))


def _weekday(word: str, now: datetime) -> TimeWindow:
    """The latest such day before today."""
    back = (now.weekday() - _WEEKDAY_NUMBER[word]) % 7 or 7
    return _calendar("days", now, -back)


def _year_at(words: Sequence[str], i: int) -> tuple[int | None, int]:
    if i < len(words) and re.fullmatch(r"(19|20)\d\d", words[i]):
        return int(words[i]), i + 1
    return None, i


def _day_number(word: str) -> int | None:
    match = _ORDINAL.fullmatch(word) or re.fullmatch(r"(\d{1,2})", word)
    if match and 1 <= int(match[1]) <= 31:
        return int(match[1])
    return {"first": 1, "second": 2, "third": 3}.get(word)


def _date_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """2026-10-03 · oct 3 · 3 october 2026 · the first of november · march · 2025."""
    if _ISO.fullmatch("-".join(words[i : i + 3])):
        full = [int(w) for w in words[i : i + 3]]
        return _dated(full[0], full[1], full[2], now, i + 3)
    word = words[i]
    if word in _MONTH_NUMBER and not (word == "may" and i + 1 == len(words) and i == 0):
        month = _MONTH_NUMBER[word]
        day = _day_number(words[i + 1]) if i + 1 < len(words) else None
        if day is not None:
            year_, end = _year_at(words, i + 2)
            return _dated(year_, month, day, now, end)
        year_, end = _year_at(words, i + 1)
        return _dated(year_, month, None, now, end)
    first = _day_number(word)
    if first is not None:
        j = i + 1 + (words[i + 1 : i + 2] == ["of"])
        if j < len(words) and words[j] in _MONTH_NUMBER:
            year_, end = _year_at(words, j + 1)
            return _dated(year_, _MONTH_NUMBER[words[j]], first, now, end)
    year_, end = _year_at(words, i)
    if year_ is not None:
        start = datetime(year_, 1, 1, tzinfo=UTC)
        return TimeWindow(start, start + relativedelta(years=1)), end
    return None


def _dated(
    year: int | None, month: int, day: int | None, now: datetime, end: int
) -> tuple[TimeWindow, int] | None:
    try:
        start = datetime(year or now.year, month, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    if year is None and start > now:
        start -= relativedelta(years=1)
    return TimeWindow(
        start, start + (relativedelta(months=1) if day is None else timedelta(days=1))
    ), end


def _bounded(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Since march · before oct 3 · after yesterday · until last week · since 3 days ago."""
    side = {
        "since": "from",
        "after": "after",
        "from": "from",
        "before": "before",
        "until": "before",
        "till": "before",
        "by": None,
    }.get(words[i])
    if side is None:
        return None
    length = _length_at(words, i + 1)
    if length and words[length[2] : length[2] + 1] == ["ago"]:
        moment, end = ago(now, length[0], length[1]), length[2] + 1
        return _window(
            i, end, TimeWindow(None, moment) if side == "before" else TimeWindow(moment, None)
        )
    found = _calendar_at(words, i + 1, now)
    if found is None:
        return None
    window, end = found
    if side == "before":
        return _window(i, end, TimeWindow(None, window.start))
    start = window.end if side == "after" and window.end and window.end <= now else window.start
    return _window(i, end, TimeWindow(start, None))


def _calendar_span(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """During October 2026 · in March · last quarter · yesterday."""
    j = i + 1 if words[i] in ("in", "during", "on", "within", "throughout", "over") else i
    if j > i and j < len(words) and _year_at(words, j)[0] is None and _number(words[j]) is not None:
        return None
    found = _calendar_at(words, j, now)
    if found is None:
        return None
    if (
        j == i
        and words[i] in _MONTH_NUMBER
        and words[i] in ("may", "mar", "march", "dec", "sep")
        and found[1] == i + 1
    ):
        return None  # also an ordinary word or a name: only read as a month with "in", "since", …
    if (
        j == i
        and _number(words[i]) is not None
        and found[1] == i + 1
        and words[i] not in ("today",)
    ):
        return None
    return _window(i, found[1], found[0])


def _between(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Between march and june · from 1 october to 15 october."""
    if words[i] not in ("between", "from"):
        return None
    first = _calendar_at(words, i + 1, now)
    if (
        first is None
        or first[1] >= len(words)
        or words[first[1]] not in ("and", "to", "until", "till")
    ):
        return None
    second = _calendar_at(words, first[1] + 1, now)
    if (
        second is None
        or first[0].start is None
        or second[0].end is None
        or second[0].end < first[0].start
    ):
        return None
    end = (
        second[0].start
        if words[i] == "between" and second[0].end - (second[0].start or now) < timedelta(days=2)
        else second[0].end
    )
    return _window(i, second[1], TimeWindow(first[0].start, end))


def _day(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """recently: the last 30 days, said in the reading."""
    if words[i] in ("recently", "lately"):
        return _window(i, i + 1, TimeWindow(ago(now, 30, "days"), None))
    return None
