"""What one check found, how bad it is, and what to do."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, and soon or in some cases it will not."""
    FAIL = "fail"
    """It does not work, or it is not safe."""


class Finding(BaseModel):
    """One check's.

    Attributes:
        check: names it; stable, for scripts.
        message: what is so.
        next: what to do about it; None when nothing has to be done.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    level: Level
    message: str
    next: str | None = None


def ok(check: str, message: str) -> Finding:
    """Nothing to do."""
    return Finding(check=check, level=Level.OK, message=message)


def warn(check: str, message: str, step: str) -> Finding:
    """To be done some time."""
    return Finding(check=check, level=Level.WARN, message=message, next=step)


def fail(check: str, message: str, step: str) -> Finding:
    """To be done now."""
    return Finding(check=check, level=Level.FAIL, message=message, next=step)


def size(count: float) -> str:
    """Bytes as people read them.

    >>> size(4_730_880)
    '4.7 MB'
    """
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
