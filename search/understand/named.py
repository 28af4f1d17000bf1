"""The things that a question calls by their names: wholly, first, or taken apart by a reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.plan import Compare
from search.understand.reading import Reading
from search.understand.semantics import Candidate, Condition, Item, SetOf, Time
from search.understand.spans import Mention, Word

BROKEN_NAME, BROKEN_WORD = 0.4, 1.5
"""Charged for reading a whole name of several words as its parts; more where they are typed as one: "storefront-db" is that resource."""


def whole_names(mentions: Sequence[Mention], read: Sequence[Word]) -> dict[int, float]:
    """The words of each whole name of several words, as masks, with what taking it apart is charged."""
    return {
        ((1 << (m.end - m.start)) - 1) << m.start: BROKEN_WORD
        if all(w.token.joined for w in read[m.start + 1 : m.end])
        else BROKEN_NAME
        for m in mentions
        if m.end - m.start > 1 and any(_whole(i) or _sort(i) for i in m.items)
    }


def _whole(item: Item) -> bool:
    return isinstance(item.meaning, SetOf) and any(c.quality >= 1.0 for c in item.meaning.names)


def _sort(item: Item) -> bool:
    """Whether an item is a noun for things of a type: "machine learning models" are no models of a team called so in part."""
    where = item.meaning.where if isinstance(item.meaning, SetOf) else None
    return isinstance(where, Compare) and where.field == "type"


def broken(reading: Reading, names: Mapping[int, float]) -> float:
    """What a reading is charged for the whole names it takes apart; a name that another one overlaps is not its own."""
    used = [
        m
        for x, m in reading.evidence
        if isinstance(x, Compare) or (isinstance(x, SetOf) and x.names)
    ]
    kept = [name for name in names if any(m == name for m in used)]
    return sum(
        charge
        for name, charge in names.items()
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
    wholes = [
        (m.start, m.end) for m in mentions if m.end - m.start > 1 and any(map(_whole, m.items))
    ]
    for mention in mentions:
        if any(
            a <= mention.start and mention.end <= b and b - a > mention.end - mention.start
            for a, b in wholes
        ):
            continue  # "gift-card-service-db" speaks of no gift-card-service
        for item in mention.items:
            if isinstance(item.meaning, SetOf):
                found += [
                    (mention.end - mention.start, c.ref)
                    for c in item.meaning.names
                    if c.quality >= least
                ]
    longest = sorted(set(found), key=lambda pair: (-pair[0], pair[1]))
    return tuple(dict.fromkeys(ref for _, ref in longest))[:6]


def spoken_of(mentions: Sequence[Mention]) -> frozenset[str]:
    """What a text speaks of that could restrict an answer: things by their whole names, values and times, each by some key."""
    return frozenset(key for m in mentions for i in m.items for key in _restricting(i))


def _restricting(item: Item) -> tuple[str, ...]:
    meaning = item.meaning
    if isinstance(meaning, SetOf):
        return tuple(c.ref for c in meaning.names if c.quality >= WHOLE)
    if isinstance(meaning, Condition):
        return (repr(meaning.where),)
    return (repr(meaning.window),) if isinstance(meaning, Time) else ()
