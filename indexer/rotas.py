"""What people write into the names of rotas: for whom, on which level, and that it is one at all.

"Payments Team – Primary On-Call" is the first level of whatever is called Payments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer import joins
from indexer.catalog import Catalog
from indexer.opsgenie import TEAM

FOR = ("group", "component", "system", "resource")
"""Kinds a rota may be for, likeliest first: rotas belong to teams more often than to services."""

_SIGN = re.compile(
    r"on[\s_-]?call|\brota\b|\brotas\b|\brotations?\b|\broster\b|\bpager(?:duty)?\b|\bopsgenie\b|\bon[\s_-]?duty\b"
    r"|\bduty[\s_-]rota|\bstand[\s_-]?by\b|\bescalations?\b|\bfirst[\s_-]responders?\b",
    re.IGNORECASE,
)
_LEVELS = (
    re.compile(r"\b(?:primary|l1|p1|first|1st)\b|\b(?:level|tier|layer)[\s_-]?1\b", re.IGNORECASE),
    re.compile(
        r"\b(?:secondary|backup|shadow|l2|second|2nd)\b|\b(?:level|tier|layer)[\s_-]?2\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:tertiary|l3|third|3rd)\b|\b(?:level|tier|layer)[\s_-]?3\b",
        re.IGNORECASE,
    ),
)
_FILLER = re.compile(
    r"\b(?:schedules?|calendars?|weekly|daily|monthly|default|polic(?:y|ies)|shifts?|the|for|of|engineers?|feed|ics"
    r"|responders?|support|24x7|24/7|business hours|out of hours|after hours)\b",
    re.IGNORECASE,
)
_TEAM = re.compile(r"\b(?:team|squad|crew|group)\b", re.IGNORECASE)
_MOST_CHARACTERS = 200


def is_rota(text: str) -> bool:
    """Whether a text says that it is about being on call.

    >>> is_rota("Payments on-call"), is_rota("Public holidays")
    (True, False)
    """
    return bool(_SIGN.search(_words(text)))


def level_of(text: str) -> int | None:
    """The level of escalation a name gives away.

    >>> level_of("Payments Secondary"), level_of("payments_l1"), level_of("Payments")
    (2, 1, None)
    """
    plain = _words(text)
    return next((n for n, words in enumerate(_LEVELS, start=1) if words.search(plain)), None)


def subjects_of(name: str) -> Sequence[str]:
    """What a rota of this name may be for, most literal first; names of entities, not yet looked up.

    >>> subjects_of("Data Science Team_schedule")
    ['Data Science Team_schedule', 'Data Science Team', 'Data Science']
    >>> subjects_of("On Call Schedule for payments - Primary")
    ['On Call Schedule for payments - Primary', 'payments']
    """
    plain = _words(name)
    for words in (_SIGN, *_LEVELS, _FILLER):
        plain = words.sub(" ", plain)
    bare = _tidy(plain)
    teamless = _tidy(_TEAM.sub(" ", bare))
    found = [name.strip()[:_MOST_CHARACTERS], bare, teamless]
    return list(dict.fromkeys(text for text in found if text))


def covered(catalog: Catalog, names: Iterable[str]) -> Sequence[str]:
    """References of what rotas of these names are for: who names them as their Opsgenie team, else who is called so."""
    candidates = list(dict.fromkeys(one for name in names for one in subjects_of(name)))
    for candidate in candidates:
        carrying = catalog.annotated(TEAM, candidate)
        if carrying:
            return carrying
    for candidate in candidates:
        found = joins.find(catalog, candidate, FOR)
        if found is not None:
            return (str(found),)
    return ()


def _words(text: str) -> str:
    return text[:_MOST_CHARACTERS].replace("_", " ")


def _tidy(text: str) -> str:
    """Blanks at both ends and doubled ones away; hyphens inside a name stay."""
    return re.sub(r"\s+", " ", re.sub(r"(?<!\S)[\W_]+(?!\S)", " ", text)).strip(" -–—|:,.")
