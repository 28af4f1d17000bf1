"""Places other than the first: "the second biggest team", "third oldest incident", "runner-up for most deployments".

The question is read as if it asked for the first; the place is then put into the plan, which must rank something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from search.plan import Aggregate, Check, Select, Traverse
from search.understand import words

_ORDINALS = {
    word: place
    for place, word in enumerate(
        "second third fourth fifth sixth seventh eighth ninth tenth".split(), start=2
    )
}
_NUMBERED = re.compile(r"([2-9]|[1-9]\d)(?:nd|rd|th)")
_RANKS = frozenset((*words.MOST, *words.LEAST, *words.LAST, *words.FIRST, *words.JUDGED))
_BY_RANK = re.compile(r" (?:ranks?|ranked|comes|came|is|placed|places) (?:in )?$")


def place_said(texts: Sequence[str]) -> tuple[int, frozenset[int]] | None:
    """The place a question asks for, with the positions of the words that say so; None for the first, or for no ranking.

    >>> place_said("the second most deployed service".split())
    (2, frozenset({1}))
    >>> place_said("last but one incident".split())
    (2, frozenset({1, 2}))
    >>> place_said("since the second week of may".split()) is None
    True
    """
    for i, text in enumerate(texts):
        following = texts[i + 1] if i + 1 < len(texts) else ""
        if text == "runner" and following == "up":
            end = i + 3 if texts[i + 2 : i + 3] in (["for"], ["in"], ["by"], ["on"]) else i + 2
            return 2, frozenset(range(i, end))
        if list(texts[i : i + 3]) == ["last", "but", "one"]:
            return 2, frozenset((i + 1, i + 2))
        place = _place(text)
        if place is None:
            continue
        if list(texts[i + 1 : i + 3]) == ["to", "last"]:
            return place, frozenset((i, i + 1))
        ranked = following in _RANKS or (len(following) > 4 and following.endswith("est"))
        told = _BY_RANK.search(f" {' '.join(texts[:i])} ") and following in ("by", "in", "for")
        if ranked or told:
            return place, frozenset((i,))
    return None


def _place(text: str) -> int | None:
    numbered = _NUMBERED.fullmatch(text)
    return int(numbered[1]) if numbered is not None else _ORDINALS.get(text)


def placed(plan: Any, place: int) -> Any:
    """The plan with the first of its ranking replaced by another place; None when it ranks nothing, or several things."""
    if isinstance(plan, Select):
        ranks = bool(plan.order) and plan.limit is not None
        return plan.model_copy(update={"limit": None, "place": place}) if ranks else None
    if isinstance(plan, Aggregate):
        ranks = plan.descending is not None and plan.limit is not None
        return plan.model_copy(update={"limit": None, "place": place}) if ranks else None
    if isinstance(plan, Traverse):
        start = placed(plan.start, place)
        return plan.model_copy(update={"start": start}) if start is not None else None
    if isinstance(plan, Check):
        of = placed(plan.of, place)
        return plan.model_copy(update={"of": of}) if of is not None else None
    return None
