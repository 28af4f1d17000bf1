"""The section `usage` of `callboard.yaml`: how much of what is asked an organisation agreed to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.shape import mapping, only_known, wrong

USAGE_SECTIONS = ("usage",)

LEVELS = ("off", "counts", "questions")
"""What is kept: nothing; that something was asked and how it ended; also the words."""

REDACTED = ("emails", "tokens", "numbers")
"""What is taken out of a question before it is kept, unless the section names fewer."""

_KEYS = ("keep", "retention_days", "redact", "insights_page", "suggest")


@dataclass(frozen=True, slots=True)
class UsagePolicy:
    """What an organisation agreed to.

    Attributes:
        keep: one of `LEVELS`.
        retention_days: how long a day's file is kept.
        redact: names of `REDACTED` that are taken out of questions.
        insights_page: whether a server shows what was learnt, at `/insights`.
        suggest: whether suggestions put first what people ask about and open.
    """

    keep: str = "counts"
    retention_days: int = 90
    redact: tuple[str, ...] = REDACTED
    insights_page: bool = False
    suggest: bool = True


def read_usage_policy(written: object, where: str) -> UsagePolicy:
    """What stands under `usage`.

    Args:
        written: the section, parsed; None when it is not there.
        where: the file, for messages.

    Raises:
        UserError: a value is not as expected; names the file, the key, what it is and what was expected.

    >>> read_usage_policy({"keep": "questions"}, "callboard.yaml").retention_days
    90
    """
    said = mapping(written, where, "usage")
    only_known(said, _KEYS, where, "usage")
    usual = UsagePolicy()
    keep = (
        "off" if said.get("keep") is False else said.get("keep", usual.keep)
    )  # YAML reads a bare `off` as no
    if keep not in LEVELS:
        raise wrong(where, "usage.keep", keep, "one of " + ", ".join(LEVELS))
    days = said.get("retention_days", usual.retention_days)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3650:
        raise wrong(where, "usage.retention_days", days, "a whole number of days from 1 to 3650")
    switches = {name: said.get(name, getattr(usual, name)) for name in ("insights_page", "suggest")}
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise wrong(where, f"usage.{name}", value, "yes or no")
    return UsagePolicy(str(keep), days, _redact(said.get("redact"), where), **switches)


def _redact(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return REDACTED
    names = value if isinstance(value, list) else [value]
    for name in names:
        if name not in REDACTED:
            raise wrong(where, "usage.redact", name, "some of " + ", ".join(REDACTED))
    return tuple(str(name) for name in names)
