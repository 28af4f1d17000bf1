"""Words of a question, what a span of them may mean, and what each reading is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog_store.analyzer import Token
from search.understand.amounts import Comparator, Judging, Number
from search.understand.semantics import (
    Ahead,
    Condition,
    Direction,
    EventWord,
    FieldWord,
    Grouping,
    Item,
    Link,
    Meaning,
    Measured,
    Negation,
    OnCall,
    Recency,
    SetOf,
    Skip,
    Summary,
    Superlative,
    Time,
    YesNo,
)

LENGTH_BONUS = 0.3
"""What each further word adds to a mention that covers several: whole names before their parts."""

SKIP_COST = {
    Link: 0.1,
    Grouping: 0.15,
    Recency: 0.3,
    YesNo: 0.2,
    Direction: 0.3,
    Summary: 0.35,
    Comparator: 0.35,
    Judging: 1.2,
    Superlative: 0.45,
    FieldWord: 0.75,
    EventWord: 0.9,
    OnCall: 1.2,
    Time: 1.2,
    Ahead: 1.2,
    Negation: 1.5,
    Number: 0.6,
}
"""What passing over a mention costs, by category; anything else costs `SKIP_OTHER`."""

SKIP_OTHER = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """A span of words with everything it may mean. `worth` is what covering the words is worth to the cut."""

    start: int
    end: int
    items: tuple[Item, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class Word:
    """A token, and how it is read: misspelt words carry the spelling taken for them; `capital` says that it is written as a name."""

    token: Token
    text: str
    stem: str
    known: bool
    corrected: bool = False
    capital: bool = False


def item_of(
    meaning: Meaning, start: int, end: int, weight: float, notes: tuple[str, ...] = ()
) -> Item:
    """A reading of the words `start`..`end` (half-open positions); `weight` is its worth a word, about 0..1."""
    mask = ((1 << (end - start)) - 1) << start
    length = end - start
    evidence: tuple[tuple[object, int], ...] = ()
    if isinstance(meaning, SetOf | Condition) and meaning.where is not None:
        evidence += ((meaning.where, mask),)
    if isinstance(meaning, SetOf) and meaning.names:
        evidence += ((meaning, mask),)
    elif isinstance(meaning, SetOf) and meaning.kinds:
        evidence += ((meaning.kinds, mask),)
    elif isinstance(meaning, Measured) and meaning.measure is not None:
        evidence += ((meaning.measure, mask),)
    return Item(meaning, mask, weight * length + LENGTH_BONUS * (length - 1), evidence, notes)


def mention_of(start: int, end: int, items: list[Item], read: Sequence[Word]) -> Mention:
    """The span with its readings, each priced for words taken as misspelt, and the reading that passes over it."""
    wrong = sum(0.15 for w in read[start:end] if w.corrected)
    cost = max((_skip_cost(item) for item in items), default=SKIP_OTHER)
    skip = Item(Skip(), 0, -cost)
    priced = [replace(item, score=item.score - wrong) for item in items]
    return Mention(start, end, (*priced, skip), max(i.score for i in priced))


def _skip_cost(item: Item) -> float:
    meaning = item.meaning
    if isinstance(meaning, SetOf):
        return 1.6 if meaning.names else 0.5 if meaning.unknown is not None else 0.8
    if isinstance(meaning, Measured) and meaning.measure is None:
        return 0.3  # "how long" of something no measure is taken of
    return SKIP_COST.get(type(meaning), SKIP_OTHER)
