"""Time in words → a stretch of time: "last 60 days", "since March", "before Oct 3", "tonight", "next week".

"last 60 days" ends now, which is written as an open end, since nothing later is known. What is said of the calendar itself lies in
`search/understand/calendar_words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from catalog_store.analyzer import Token
from catalog_store.model.time_window import TimeWindow
from search.understand.calendar_words import (
    MONTH_NUMBER,
    UNITS,
    WEEKDAY_NUMBER,
    ago,
    calendar,
    calendar_at,
    dated,
    day_number,
    day_start,
    length_at,
    number_of,
    year_at,
)


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
        joined: several stretches in a row, which may also be set against each other: "april and may".
    """

    start: int
    end: int
    kind: TimeKind
    window: TimeWindow | None = None
    length: tuple[float, str] | None = None
    back: datetime | None = None
    joined: bool = False


def time_mentions(tokens: Sequence[Token], now: datetime) -> Iterator[TimeMention]:
    """Every stretch of the tokens that says something about time; stretches may overlap."""
    words = [t.text for t in tokens]
    for i in range(len(words)):
        for reader in (
            _relative,
            _calendar_span,
            _bounded,
            _between,
            _months,
            _to_date,
            _clock,
            _days_of_month,
            _part_of_day,
            _coming,
            _day,
            _length,
        ):
            found = reader(words, i, now)
            if found is not None:
                yield found


def _length(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    found = length_at(words, i)
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
        found = length_at(words, j + 1)
        if found:
            return _window(i, found[2], TimeWindow(ago(now, found[0], found[1]), None))
        unit = UNITS.get(words[j + 1]) if j + 1 < len(words) and len(words[j + 1]) > 1 else None
        if unit and lead != "since":
            # "last week" is the one before this one, "in the last week" the seven days that end now
            rolling = words[j] == "past" or (words[j] == "last" and words[j - 1] == "the" and j > 0)
            span = TimeWindow(ago(now, 1, unit), None) if rolling else calendar(unit, now, -1)
            return _window(i, j + 2, span)
        if unit:
            return _window(i, j + 2, TimeWindow(calendar(unit, now, -1).start, None))
        return None
    if lead in ("within", "in", "for", "during") and j > i:
        found = length_at(words, j)
        if found:
            end = found[2]
            return _window(i, end, TimeWindow(ago(now, found[0], found[1]), None))
    if (
        lead == "since"
        and j > i
        and (found := length_at(words, j))
        and words[found[2] : found[2] + 1] != ["ago"]
    ):
        length = (found[0], found[1])
        return TimeMention(i, found[2], TimeKind.DURATION, length=length, back=ago(now, *length))
    return None


def _window(start: int, end: int, window: TimeWindow) -> TimeMention:
    return TimeMention(start, end, TimeKind.WINDOW, window=window)


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
    length = length_at(words, i + 1)
    if length and words[length[2] : length[2] + 1] == ["ago"]:
        moment, end = ago(now, length[0], length[1]), length[2] + 1
        return _window(
            i, end, TimeWindow(None, moment) if side == "before" else TimeWindow(moment, None)
        )
    found = calendar_at(words, i + 1, now)
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
    if (
        j > i
        and j < len(words)
        and year_at(words, j)[0] is None
        and number_of(words[j]) is not None
    ):
        return None
    found = calendar_at(words, j, now)
    if found is None:
        return None
    if (
        j == i
        and words[i] in MONTH_NUMBER
        and words[i] in ("may", "mar", "march", "dec", "sep")
        and found[1] == i + 1
    ):
        return None  # also an ordinary word or a name: only read as a month with "in", "since", …
    if (
        j == i
        and number_of(words[i]) is not None
        and found[1] == i + 1
        and words[i] not in ("today",)
    ):
        return None
    return _window(i, found[1], found[0])


def _between(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Between march and june · from 1 october to 15 october · from 1 october to before 1 november."""
    if words[i] not in ("between", "from"):
        return None
    first = calendar_at(words, i + 1, now)
    if (
        first is None
        or first[1] >= len(words)
        or words[first[1]] not in ("and", "to", "until", "till", "through", "thru")
    ):
        return None
    before = words[first[1] + 1 : first[1] + 2] == ["before"]
    second = _weekday_after(words, first) or calendar_at(words, first[1] + 1 + before, now)
    if (
        second is None
        or first[0].start is None
        or second[0].end is None
        or second[0].end < first[0].start
    ):
        return None
    end = (
        second[0].start
        if before
        or (words[i] == "between" and second[0].end - (second[0].start or now) < timedelta(days=2))
        else second[0].end
    )
    return _window(i, second[1], TimeWindow(first[0].start, end))


def _weekday_after(
    words: Sequence[str], first: tuple[TimeWindow, int]
) -> tuple[TimeWindow, int] | None:
    """From monday to wednesday: the wednesday after that monday."""
    at = first[1] + 1
    day = WEEKDAY_NUMBER.get(words[at]) if at < len(words) else None
    start = first[0].start
    if day is None or start is None or words[first[1] - 1] not in WEEKDAY_NUMBER:
        return None
    ahead = (day - start.weekday()) % 7
    return calendar("days", start, ahead), at + 1


_JOINING = frozenset(("and", "or", "to", "until", "till", "through", "thru"))


def _months(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """In april and may · march, april and may · june to august 2026 · last month and this month · yesterday and today.

    Neighbours are one stretch, with "to" whatever lies between.
    """
    j = i + 1 if words[i] in ("in", "during", "for", "over", "throughout", "from") else i
    first = _stretch_at(words, j, now)
    if first is None:
        return None
    begun, end = first
    whole: TimeWindow | None = None
    while True:
        joiner = words[end] if end < len(words) and words[end] in _JOINING else None
        following = _stretch_at(words, end + (joiner is not None), now)
        if following is None:
            break
        ended = following[0]
        assert ended.start is not None
        assert begun.start is not None
        assert begun.end is not None
        if ended.start < begun.start and words[j] in MONTH_NUMBER:  # "november to january"
            year = relativedelta(years=1)
            begun = TimeWindow(begun.start - year, begun.end - year)
        if joiner in ("and", "or", None) and ended.start != begun.end:
            return None
        if begun.start is None or ended.start < begun.start:
            return None
        begun = whole = TimeWindow(begun.start, ended.end)
        end = following[1]
    if whole is None:
        return None
    return TimeMention(i, end, TimeKind.WINDOW, window=whole, joined=True)


def _stretch_at(words: Sequence[str], i: int, now: datetime) -> tuple[TimeWindow, int] | None:
    """A stretch of the calendar with both its ends at `i`; days of a month are read elsewhere."""
    if i >= len(words):
        return None
    found = calendar_at(words, i, now)
    if found is None or found[0].start is None or found[0].end in (None, found[0].start):
        return None
    named = words[i] in MONTH_NUMBER or _QUARTER.fullmatch(words[i]) is not None
    return found if named or words[i] in _NAMED_STRETCH else None


_NAMED_STRETCH = frozenset("last this previous today yesterday the".split())


_QUARTER = re.compile(r"q[1-4]")
_TO_DATE = {"ytd": "years", "mtd": "months", "qtd": "quarters", "wtd": "weeks"}


def _to_date(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Year to date · ytd · so far this year · this month so far."""
    if words[i] in _TO_DATE:
        return _window(i, i + 1, calendar(_TO_DATE[words[i]], now, 0))
    if len(words[i]) > 1 and words[i] in UNITS and list(words[i + 1 : i + 3]) == ["to", "date"]:
        return _window(i, i + 3, calendar(UNITS[words[i]], now, 0))
    so_far = i + 2 if list(words[i : i + 2]) == ["so", "far"] else i
    if so_far < len(words) and words[so_far] in ("this", "today"):
        found = calendar_at(words, so_far, now)
        if found is not None:
            behind = list(words[found[1] : found[1] + 2]) == ["so", "far"]
            if so_far > i or behind:
                return _window(i, found[1] + 2 * behind, found[0])
    return None


_HOUR_OF = re.compile(r"(\d{1,2})(am|pm)?")


def _clock(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Since 9am · before noon · after 5 pm yesterday · since 14:30 today: of today unless another day is said."""
    if words[i] not in ("since", "after", "before", "until", "till") or i + 1 >= len(words):
        return None
    found = _time_of_day(words, i + 1)
    if found is None:
        return None
    hours, end = found
    day = day_start(now)
    if words[end : end + 1] == ["yesterday"]:
        day, end = day - timedelta(days=1), end + 1
    elif words[end : end + 1] == ["today"]:
        end += 1
    moment = day + timedelta(hours=hours)
    before = words[i] in ("before", "until", "till")
    return _window(i, end, TimeWindow(None, moment) if before else TimeWindow(moment, None))


def _time_of_day(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """Hours since midnight, and where they end: 9am, 9 pm, 14:30, noon."""
    if words[i] in ("noon", "midday"):
        return 12.0, i + 1
    match = _HOUR_OF.fullmatch(words[i])
    if match is None or int(match[1]) > 24:
        return None
    following = words[i + 1] if i + 1 < len(words) else ""
    half = match[2] or (following if following in ("am", "pm") else None)
    if half is not None:
        hour = int(match[1]) % 12 + (12 if half == "pm" else 0)
        return (float(hour), i + (1 if match[2] else 2)) if int(match[1]) <= 12 else None
    minutes = re.fullmatch(r"[0-5]\d", following)
    return (int(match[1]) + int(following) / 60, i + 2) if minutes is not None else None


def _days_of_month(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Between 1 and 15 november · from the 3rd to the 10th of march · between october 1 and 15: the month is said once."""
    if words[i] not in ("between", "from"):
        return None
    j = i + 1 + (words[i + 1 : i + 2] == ["the"])
    month_first = words[j] in MONTH_NUMBER if j < len(words) else False
    k = j + 1 if month_first else j
    if k >= len(words) or (first := day_number(words[k])) is None:
        return None
    k += 1
    if words[k : k + 1] not in (["and"], ["to"], ["until"], ["till"]):
        return None
    k += 1 + (words[k + 1 : k + 2] == ["the"])
    if k >= len(words) or (last := day_number(words[k])) is None or last < first:
        return None
    k += 1
    if month_first:
        month, (year, end) = words[j], year_at(words, k)
    else:
        k += words[k : k + 1] == ["of"]
        if k >= len(words) or words[k] not in MONTH_NUMBER:
            return None
        month, (year, end) = words[k], year_at(words, k + 1)
    begun = dated(year, MONTH_NUMBER[month], first, now, end)
    ended = dated(year, MONTH_NUMBER[month], last, now, end)
    if begun is None or ended is None:
        return None
    if (
        ended[0].start is not None
        and begun[0].start is not None
        and ended[0].start < begun[0].start
    ):
        return None
    return _window(i, end, TimeWindow(begun[0].start, ended[0].end))


_PARTS_OF_DAY: dict[str, tuple[int, int]] = {
    "morning": (0, 12),
    "afternoon": (12, 18),
    "evening": (18, 24),
    "night": (18, 30),
}
"""Part of a day → the hours it lasts from and to, counted from midnight UTC; a night ends at six the next morning."""

DAY_PARTS = frozenset((*_PARTS_OF_DAY, "tonight", "weekend", "tomorrow", "tonite"))
"""Words of time that are greetings or padding elsewhere, and never where they say when."""


def _part_of_day(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """This morning · yesterday evening · last night · tonight · overnight."""
    day = day_start(now)
    if words[i] in ("tonight", "tonite"):
        return _window(i, i + 1, _hours(day, "night"))
    if words[i] == "overnight":
        return _window(i, i + 1, _hours(day - timedelta(days=1), "night"))
    weekday = i + (words[i] in ("last", "on", "previous"))
    if weekday + 1 < len(words) and words[weekday] in WEEKDAY_NUMBER:
        said = calendar_at(words, weekday, now)
        part = words[weekday + 1]
        if said is None or said[0].start is None or part not in _PARTS_OF_DAY:
            return None
        return _window(i, weekday + 2, _hours(said[0].start, part))
    lead = {
        "this": 0,
        "today": 0,
        "yesterday": -1,
        "last": -1,
        "tomorrow": 1,
    }.get(words[i])
    part = words[i + 1] if i + 1 < len(words) else ""
    if lead is None or part not in _PARTS_OF_DAY or (words[i] == "last" and part != "night"):
        return None
    return _window(i, i + 2, _hours(day + timedelta(days=lead), part))


def _hours(day: datetime, part: str) -> TimeWindow:
    first, last = _PARTS_OF_DAY[part]
    return TimeWindow(day + timedelta(hours=first), day + timedelta(hours=last))


def _coming(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """Tomorrow · next week · next monday · in the next 3 days · this weekend · over the weekend."""
    j = i + 1 if words[i] in ("in", "for", "over", "during", "on", "at", "within") else i
    j += words[j : j + 1] == ["the"]
    if j >= len(words):
        return None
    following = words[j + 1] if j + 1 < len(words) else ""
    if words[j] == "tomorrow" and following not in _PARTS_OF_DAY:
        return _window(i, j + 1, calendar("days", now, 1))
    if words[j] == "weekend" and j > i:
        return _window(i, j + 1, _weekend(now, 0 if now.weekday() >= _SATURDAY else -1))
    if words[j] in ("this", "next", "last", "coming") and following == "weekend":
        offset = {"next": 1, "last": -1}.get(words[j], 0)
        return _window(i, j + 2, _weekend(now, offset))
    if words[j] in ("next", "coming", "following"):
        if length := length_at(words, j + 1):
            span = now - ago(now, length[0], length[1])
            return _window(i, length[2], TimeWindow(now, now + span))
        if len(following) > 1 and following in UNITS:
            return _window(i, j + 2, calendar(UNITS[following], now, 1))
        if following in WEEKDAY_NUMBER:
            ahead = (WEEKDAY_NUMBER[following] - now.weekday()) % 7 or 7
            return _window(i, j + 2, calendar("days", now, ahead))
    return None


_SATURDAY = 5


def _weekend(now: datetime, offset: int) -> TimeWindow:
    """Saturday and Sunday of the ISO week that lies `offset` weeks away."""
    week = calendar("weeks", now, offset)
    assert week.start is not None
    return TimeWindow(week.start + timedelta(days=_SATURDAY), week.end)


def _day(words: Sequence[str], i: int, now: datetime) -> TimeMention | None:
    """recently: the last 30 days, said in the reading."""
    if words[i] in ("recently", "lately") and words[i - 1] not in ("most", "least", "more"):
        return _window(i, i + 1, TimeWindow(ago(now, 30, "days"), None))
    return None
