"""What every sub-command reads the same way: mistakes on the command line, and moments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from catalog_store.errors import UserError

_T = TypeVar("_T")


class UsageError(UserError):
    """The command line, or a setting, cannot be read: a misuse, not a failure."""


def usable(read: Callable[[], _T]) -> _T:
    """What the command line or the settings say; a mistake there is a misuse, not a failure."""
    try:
        return read()
    except UserError as error:
        raise UsageError(str(error)) from error


def moment(text: str) -> datetime:
    """A moment as written after `--now`, in UTC.

    >>> moment("2026-11-20T13:00:00+01:00").isoformat()
    '2026-11-20T12:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a moment; expected ISO 8601, for example 2026-11-20T12:00:00Z"
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
