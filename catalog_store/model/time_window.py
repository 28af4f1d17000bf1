"""A half-open stretch of time in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """[start, end), both UTC; None leaves that side open.

    >>> w = TimeWindow(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    >>> datetime(2026, 2, 1, tzinfo=UTC) in w
    False
    """

    start: datetime | None
    end: datetime | None

    def __post_init__(self) -> None:
        for side in (self.start, self.end):
            if side is not None and side.utcoffset() != UTC.utcoffset(None):
                raise ValueError(f"a window's sides are UTC, got {side!r}")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(f"a window ends before it starts: {self.start} … {self.end}")

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (
            self.end is None or moment < self.end
        )


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
"""Length of a stretch of the calendar in days, on average."""


def stretches(start: datetime, end: datetime, every: str) -> float:
    """How many days, weeks, months, quarters or years lie between two moments.

    Whole months count as they are; anything else by the average length of a month.

    >>> stretches(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC), "month")
    3.0
    """
    whole = all(m.day == 1 and (m.hour, m.minute, m.second) == (0, 0, 0) for m in (start, end))
    if whole and every in _MONTHS:
        return ((end.year - start.year) * 12 + end.month - start.month) / _MONTHS[every]
    return (end - start).total_seconds() / 86400 / _DAYS[every]
