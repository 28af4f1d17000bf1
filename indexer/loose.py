"""Values out of JSON and YAML whose shape nobody guarantees: what has another type counts as absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from catalog_store.model.document import SourceSpan
from indexer.processors.values import WrongType, read_moment
from indexer.reporting import Report

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z, the last moment a datetime holds."""


def text(value: Any) -> str | None:
    """The text of a string or whole number without outer blanks; None when nothing is left.

    >>> text(" a "), text(7), text(True), text(["a"]), text("")
    ('a', '7', None, None, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def first_text(*values: Any) -> str | None:
    """The first value that is text."""
    return next((found for value in values if (found := text(value)) is not None), None)


def mapping(value: Any) -> dict[str, Any]:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """The mappings among the items of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def at(value: Any, *path: str) -> Any:
    """What stands below some keys; None when there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def number(value: Any) -> float | None:
    """A finite number, also when it is written as text.

    >>> number("0.45"), number(3), number("NaN"), number(True), number("+Inf")
    (0.45, 3.0, None, None, None)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124
    if isinstance(value, str) and len(value) <= 40 and _NUMBER.fullmatch(value.strip()):
        found = float(value)
        return found if abs(found) != float("inf") else None
    return None


def integer(value: Any) -> int | None:
    """A whole number that fits 64 bits."""
    found = number(value)
    whole = found is not None and found.is_integer() and abs(found) < 2**63
    return int(found) if found is not None and whole else None


def moment(value: Any, what: str, span: SourceSpan, report: Report) -> datetime | None:
    """A moment in UTC from ISO text or Unix seconds; None when absent, and reported when it is no moment.

    Args:
        value: as parsed.
        what: what the report calls it ("created_at of incident 'Q1'").
        span: where it stands.
        report: receives what cannot be read.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 0 < value <= _LAST_SECOND:
            return datetime.fromtimestamp(value, UTC)
    elif isinstance(value, str):
        try:
            return read_moment(value)
        except WrongType:
            pass
    report.error(
        "wrong-type",
        f"{what} is {value!r:.80}, expected a date or time such as 2026-03-01T12:00:00Z; it was left empty",
        span,
    )
    return None
