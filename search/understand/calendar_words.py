"""The calendar in words: numbers, units, months, weekdays and dates → stretches of time.

Windows are half-open and UTC; "last week" is the previous ISO week; quarters are those of the calendar. A month or a weekday without
a year means the latest one that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from catalog_store.model.time_window import TimeWindow
from search.understand.words import NUMBERS

UNITS: dict[str, str] = {
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minutes"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), "hours"),
    **dict.fromkeys(("day", "days", "d"), "days"),
    **dict.fromkeys(("week", "weeks", "w", "wk", "wks"), "weeks"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnights"),
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
MONTH_NUMBER = {name: i for i, full in enumerate(MONTHS, 1) for name in (full, full[:3])} | {
    "sept": 9
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY_NUMBER = {name: i for i, full in enumerate(_WEEKDAYS) for name in (full, full[:3])} | {
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
WEEKDAY_NUMBER = {
    k: v for k, v in WEEKDAY_NUMBER.items() if k not in {"sun", "mon", "sat", "wed"}
} | {"wed": 2}
_GLUED = re.compile(r"(\d+)(d|w|h|mo|m|y|days?|weeks?|months?|hrs?)")
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4} \d{2} \d{2})[ t](\d{2}) (\d{2})(?:(?<=t.....) (\d{2}))?z?")


def ago(now: datetime, number: float, unit: str) -> datetime:
    """The moment so much time before `now`.

    >>> ago(datetime(2026, 3, 31, tzinfo=UTC), 1, "months").date().isoformat()
    '2026-02-28'
    """
    if unit == "quarters":
        return now - relativedelta(months=round(3 * number))
    if unit == "fortnights":
        return now - timedelta(weeks=2 * number)
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


def number_of(word: str) -> float | None:
    """The number a word says: "three", "a", "2,5"."""
    if word in NUMBERS:
        return NUMBERS[word]
    if word in ("a", "an"):
        return 1
    try:
        return float(word.replace(",", ""))
    except ValueError:
        return None


def length_at(words: Sequence[str], i: int) -> tuple[float, str, int] | None:
    """A number with a unit of time at `i`: (number, unit, next position)."""
    if i >= len(words):
        return None
    glued = _GLUED.fullmatch(words[i])
    if glued and glued[2] in UNITS | {"m": "months"}:
        return float(glued[1]), UNITS.get(glued[2], "months"), i + 1
    couple = i + (words[i] == "a")
    if list(words[couple : couple + 1]) == ["couple"]:
        end = couple + 1 + (words[couple + 1 : couple + 2] == ["of"])
        unit = UNITS.get(words[end]) if end < len(words) and len(words[end]) > 1 else None
        return (2.0, unit, end + 1) if unit is not None else None
    for half in (["half", "a", "year"], ["half", "year"]):
        if list(words[i : i + len(half)]) == half:
            return 6.0, "months", i + len(half)
    number = number_of(words[i])
    if number is None or i + 1 >= len(words):
        return None
    unit = UNITS.get(words[i + 1])
    return (
        None
        if unit is None or (len(words[i + 1]) == 1 and words[i] in ("a", "an"))
        else (number, unit, i + 2)
    )


def day_start(moment: datetime) -> datetime:
    """Midnight before the moment."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def calendar(unit: str, now: datetime, offset: int) -> TimeWindow:
    """The calendar day, ISO week, month, quarter or year `offset` away from the current one."""
    day = day_start(now)
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


def calendar_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """A named stretch of the calendar at `i`, and where it ends: yesterday, this week, march 2026, q3, 2026-10-03, oct 3."""
    if i >= len(words):
        return None
    if words[i] in ("the", "on") and i + 1 < len(words):
        return calendar_at(words, i + 1, now)
    word = words[i]
    if word in ("today", "yesterday", "midnight"):
        return calendar("days", now, -1 if word == "yesterday" else 0), i + 1
    if (
        word in ("this", "current")
        and i + 1 < len(words)
        and len(words[i + 1]) > 1
        and words[i + 1] in UNITS
    ):
        return calendar(UNITS[words[i + 1]], now, 0), i + 2
    if word in ("last", "previous") and i + 1 < len(words) and words[i + 1] in WEEKDAY_NUMBER:
        return _weekday(words[i + 1], now), i + 2
    if (
        word in ("last", "previous")
        and i + 1 < len(words)
        and len(words[i + 1]) > 1
        and words[i + 1] in UNITS
    ):
        return calendar(UNITS[words[i + 1]], now, -1), i + 2
    if word in ("beginning", "start") and words[i + 1 : i + 2] == ["of"]:
        found = _current_at(words, i + 2, now) or calendar_at(words, i + 2, now)
        if found and found[0].start:
            return TimeWindow(found[0].start, found[0].start), found[1]
    if list(words[i : i + 3]) == ["day", "before", "yesterday"]:
        return calendar("days", now, -2), i + 3
    if len(word) > 1 and word in UNITS and list(words[i + 1 : i + 3]) == ["before", "last"]:
        return calendar(UNITS[word], now, -2), i + 3
    quarter = re.fullmatch(r"q([1-4])", word)
    if quarter:
        year, end = year_at(words, i + 1)
        return _quarter(int(quarter[1]), year, now), end
    if word in WEEKDAY_NUMBER:
        return _weekday(word, now), i + 1
    return _date_at(words, i, now)


def _current_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """ "The quarter", "the year": the one that runs, behind "the beginning of"."""
    i += words[i : i + 1] in (["the"], ["our"])
    unit = UNITS.get(words[i]) if i < len(words) and len(words[i]) > 1 else None
    return (calendar(unit, now, 0), i + 1) if unit is not None else None


def _quarter(number: int, year: int | None, now: datetime) -> TimeWindow:
    start = datetime(year or now.year, 3 * number - 2, 1, tzinfo=UTC)
    if year is None and start > now:
        start -= relativedelta(years=1)
    return TimeWindow(start, start + relativedelta(months=3))


def _weekday(word: str, now: datetime) -> TimeWindow:
    """The latest such day before today."""
    back = (now.weekday() - WEEKDAY_NUMBER[word]) % 7 or 7
    return calendar("days", now, -back)


def year_at(words: Sequence[str], i: int) -> tuple[int | None, int]:
    """A year of four digits at `i`, and the next position."""
    if i < len(words) and re.fullmatch(r"(19|20)\d\d", words[i]):
        return int(words[i]), i + 1
    return None, i


def day_number(word: str) -> int | None:
    """The day of a month: 3, "3rd", "third"."""
    match = _ORDINAL.fullmatch(word) or re.fullmatch(r"(\d{1,2})", word)
    if match and 1 <= int(match[1]) <= 31:
        return int(match[1])
    return {"first": 1, "second": 2, "third": 3}.get(word)


def _date_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """2026-10-03 · oct 3 · 3 october 2026 · the first of november · march · 2025."""
    if (moment := _moment_at(words, i)) is not None:
        return moment
    if _ISO.fullmatch("-".join(words[i : i + 3])):
        full = [int(w) for w in words[i : i + 3]]
        return dated(full[0], full[1], full[2], now, i + 3)
    word = words[i]
    if word in MONTH_NUMBER and not (word == "may" and i + 1 == len(words) and i == 0):
        month = MONTH_NUMBER[word]
        day = day_number(words[i + 1]) if i + 1 < len(words) else None
        if day is not None:
            year_, end = year_at(words, i + 2)
            return dated(year_, month, day, now, end)
        year_, end = year_at(words, i + 1)
        return dated(year_, month, None, now, end)
    first = day_number(word)
    if first is not None:
        j = i + 1 + (words[i + 1 : i + 2] == ["of"])
        if j < len(words) and words[j] in MONTH_NUMBER:
            year_, end = year_at(words, j + 1)
            return dated(year_, MONTH_NUMBER[words[j]], first, now, end)
    year_, end = year_at(words, i)
    if year_ is not None:
        start = datetime(year_, 1, 1, tzinfo=UTC)
        return TimeWindow(start, start + relativedelta(years=1)), end
    return None


def _moment_at(words: Sequence[str], i: int) -> tuple[TimeWindow, int] | None:
    """2026-10-03 14:30 · 2026-10-03T14:30:00Z, as machines and our own readings write it; the words hold no punctuation."""
    for count in (5, 4):
        match = _MOMENT.fullmatch(" ".join(words[i : i + count]))
        if match is not None:
            with suppress(ValueError):
                day, hour, minute, second = match.groups()
                said = f"{day.replace(' ', '-')}T{hour}:{minute}:{second or '00'}Z"
                moment = datetime.fromisoformat(said)
                return TimeWindow(moment, moment), i + count
    return None


def dated(
    year: int | None, month: int, day: int | None, now: datetime, end: int
) -> tuple[TimeWindow, int] | None:
    """The day or whole month, the latest that has begun where no year is said, with `end`; None for a date that is none."""
    try:
        start = datetime(year or now.year, month, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    if year is None and start > now:
        start -= relativedelta(years=1)
    return TimeWindow(
        start, start + (relativedelta(months=1) if day is None else timedelta(days=1))
    ), end
