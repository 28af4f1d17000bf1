"""Dates in a column, in whatever way its table writes them: the column decides between day and month first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from indexer.processors.values import WrongType, read_moment

SNAPSHOT_NAMES = (
    "as_of",
    "asof",
    "as_at",
    "measured_at",
    "measured_on",
    "collected_at",
    "recorded_at",
    "observed_at",
    "captured_at",
    "sampled_at",
    "snapshot_at",
    "snapshot_date",
    "reported_at",
    "report_date",
    "reporting_date",
    "valid_from",
    "observation_date",
    "measurement_date",
)
"""Columns that say when a row was true, and nothing about the entity; in snake case, most telling first."""

MOMENT_NAMES = (
    *SNAPSHOT_NAMES,
    "updated_at",
    "updated",
    "last_updated",
    "timestamp",
    "time",
    "datetime",
    "date",
    "day",
    "week",
    "month",
    "period",
    "quarter",
    "created_at",
)
"""Columns that date the rows of a time series."""

SHARE = 0.9
"""Share of the filled cells that must be dates for a column to date its rows."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])", re.ASCII | re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})", re.ASCII)
_NAMED_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE
)
_EPOCH_SECONDS = (946_684_800, 4_102_444_800)
"""2000-01-01 to 2100-01-01: what a whole number in a dating column may mean in seconds."""


def read_dates(texts: Sequence[str], *, epochs: bool = False) -> list[datetime | None]:
    """The moment in UTC of each text; None for what is no whole date.

    Args:
        texts: of one column. "03/04/2026" is read only when another cell shows whether days or months come first.
        epochs: read whole numbers as Unix seconds or milliseconds; for columns that say they hold times.

    >>> [str(m)[:10] for m in read_dates(["03/04/2026", "25/12/2025"])], read_dates(["03/04/2026"])
    (['2026-04-03', '2025-12-25'], [None])
    """
    day_first = _day_first(texts)
    return [_date(text.strip(), day_first, epochs) for text in texts]


def column_moments(texts: Sequence[str]) -> list[datetime | None] | None:
    """Moments of a column that dates its rows, months and quarters by their first day; None when it does not."""
    moments = [
        moment or _period(text.strip())
        for text, moment in zip(texts, read_dates(texts, epochs=True), strict=True)
    ]
    filled = sum(1 for text in texts if text.strip())
    return moments if filled and sum(m is not None for m in moments) >= SHARE * filled else None


def _date(text: str, day_first: bool | None, epochs: bool) -> datetime | None:
    try:
        if _ISO.fullmatch(text.upper()) or (_NAMED_MONTH.search(text) and len(text) <= 40):
            return read_moment(text)
        if match := _YEAR_FIRST.fullmatch(text):
            return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
        if (match := _SLASHED.fullmatch(text)) and day_first is not None:
            day, month = (match[1], match[2]) if day_first else (match[2], match[1])
            return datetime(int(match[3]), int(month), int(day), tzinfo=UTC)
        if epochs and re.fullmatch(r"\d{10}(?:\d{3})?", text, re.ASCII):
            seconds = int(text) / (1000 if len(text) == 13 else 1)
            low, high = _EPOCH_SECONDS
            return datetime.fromtimestamp(seconds, UTC) if low <= seconds < high else None
    except (WrongType, ValueError, OverflowError):
        return None
    return None


def _day_first(texts: Sequence[str]) -> bool | None:
    """Whether days come before months; None when no cell shows it, or cells disagree."""
    pairs = [(int(m[1]), int(m[2])) for text in texts if (m := _SLASHED.fullmatch(text.strip()))]
    days, months = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    dotted = any("." in text for text in texts if _SLASHED.fullmatch(text.strip()))
    if days != months:
        return days
    return True if dotted and not months else None  # 3.4.2026 is written where days come first


def _period(text: str) -> datetime | None:
    try:
        if match := _MONTH.fullmatch(text):
            return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
        if match := _QUARTER.fullmatch(text):
            return datetime(int(match[1]), 3 * int(match[2]) - 2, 1, tzinfo=UTC)
    except ValueError:
        return None
    return None
