"""All, every, none, only: what a question says of each of several things, and not of some."""

from __future__ import annotations

from collections.abc import Sequence

from search.understand import words

_ALL = frozenset("all every each everything everyone everybody both".split())
_PASSED = frozenset("the our of my these those".split())
_NOT_SO = (
    ("at", "all"),
    ("of", "all"),
    ("after", "all"),
    ("all", "hops"),
    ("all", "the", "way"),
    ("all", "together"),
    ("each", "other"),
    ("all", "about"),
)
_PERIODS = frozenset("day week month quarter year morning night time hour".split())


def all_or_none(texts: Sequence[str]) -> str | None:
    """Whether a yes/no question is about all of some things, or about none of them; None for "is there any".

    >>> all_or_none("do all services have a runbook".split()), all_or_none("is checkout used at all".split())
    ('all', None)
    """
    for i, text in enumerate(texts):
        if text == "none" and i <= 2:
            return "none"
        if text not in _ALL or any(_stands(phrase, texts, i) for phrase in _NOT_SO):
            continue
        if texts[i + 1 : i + 2] and texts[i + 1] in _PERIODS:
            continue
        led = [t for t in texts[:i] if t not in _PASSED]
        if len(led) <= 1 and set(led) <= words.YES_NO:
            return "all"
        if text in ("all", "each", "both") and texts[0] in words.YES_NO:
            return "all"  # "are the services of search all on go"
        if text in ("every", "everything", "everyone"):
            return "all"
    return None


def _stands(phrase: tuple[str, ...], texts: Sequence[str], at: int) -> bool:
    """Whether the word at a position is part of a phrase."""
    return any(
        tuple(texts[start : start + len(phrase)]) == phrase
        for start in range(max(0, at - len(phrase) + 1), at + 1)
    )
