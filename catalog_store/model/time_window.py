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
