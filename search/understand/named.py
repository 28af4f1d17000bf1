"""The things that a question calls by their names: wholly, first, or taken apart by a reading."""

from __future__ import annotations

from collections.abc import Sequence

from search.understand.reading import Reading
from search.understand.semantics import Candidate, SetOf
from search.understand.spans import Mention

BROKEN_NAME = 0.4
"""Charged for reading a whole name of several words as its parts: "storefront bff db" is that resource before all else."""


def whole_names(mentions: Sequence[Mention]) -> tuple[int, ...]:
    """The words of each whole name of several words, as masks."""
    return tuple(
        ((1 << (m.end - m.start)) - 1) << m.start
        for m in mentions
        if m.end - m.start > 1
        and any(
            isinstance(i.meaning, SetOf) and any(c.quality >= 1.0 for c in i.meaning.names)
            for i in m.items
        )
    )


def broken(reading: Reading, names: Sequence[int]) -> int:
    """How many whole names a reading takes apart; a name that another one overlaps is not its own."""
    used = [m for x, m in reading.evidence if isinstance(x, SetOf) and x.names]
    kept = [name for name in names if any(m == name for m in used)]
    return sum(
        1
        for name in names
        if reading.mask & name == name
        and name not in kept
        and not any(name & whole and whole & ~name for whole in kept)
    )


def first_names(mentions: Sequence[Mention]) -> tuple[Candidate, ...]:
    """The things that the longest name of the question may mean."""
    named = [
        (m.end - m.start, i.meaning.names)
        for m in mentions
        for i in m.items
        if isinstance(i.meaning, SetOf) and i.meaning.names and not i.meaning.pronoun
    ]
    longest = max((length for length, _ in named), default=0)
    return tuple(c for length, names in named if length == longest for c in names)


PARTLY, WHOLE = 0.75, 0.97
"""How sure a name must be: for pages to come first, and to be what is spoken of."""


def about_of(mentions: Sequence[Mention], least: float = PARTLY) -> tuple[str, ...]:
    """Things the question names wholly, the longest names first: their pages come first."""
    found: list[tuple[int, str]] = []
    for mention in mentions:
        for item in mention.items:
            if isinstance(item.meaning, SetOf):
                found += [
                    (mention.end - mention.start, c.ref)
                    for c in item.meaning.names
                    if c.quality >= least
                ]
    longest = sorted(set(found), key=lambda pair: (-pair[0], pair[1]))
    return tuple(dict.fromkeys(ref for _, ref in longest))[:6]
