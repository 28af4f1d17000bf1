"""Relative clauses of an object: "services that depend on a service that had an incident", "owners of anything that uses …".

What follows the pronoun is said of the noun right before it, not of the things the question is about. The noun is read with
its clause by itself, the innermost first, so that one clause may stand within another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.understand.cuts import cuts
from search.understand.frame import Frame
from search.understand.parser import Chart, compose
from search.understand.semantics import FieldWord, Item, RelationNoun, RelationWord, SetOf
from search.understand.spans import Mention, Word, mention_of

BELONGING = 0.8
"""Added to what a noun with its clause is worth: its words belong together before they go with any others."""

KEPT = 4
"""Meanings of one noun with its clause that are handed on."""

_PRONOUNS = frozenset(("that", "which", "who"))
_OF_SEVERAL = frozenset("are have were do dont arent werent havent".split())
_OF_ONE = frozenset("is has was does doesnt isnt wasnt hasnt".split())


def relatives(read: Sequence[Word], mentions: Sequence[Mention], frame: Frame) -> Iterator[Mention]:
    """A mention for every noun with the clause that follows it, where something before the noun leads to it.

    The clause ends with the question, or before an "and", "or" or "but".
    """
    known = list(mentions)
    for at in range(len(read) - 2, 1, -1):
        if read[at].text not in _PRONOUNS:
            continue
        ends = [i for i in _ends(read, known, frame) if i > at + 1]
        for noun in _antecedents(read, known, at):
            for end in ends:
                made = _with_clause(read, known, frame, noun, end)
                if made is not None:
                    known.append(made)
                    yield made


def _ends(read: Sequence[Word], mentions: Sequence[Mention], frame: Frame) -> list[int]:
    """Where a clause may end; the verb of the clause around it may follow: "apis that no service that is live | uses"."""
    verbs = {
        m.start
        for m in mentions
        if m.end == len(read) and any(isinstance(i.meaning, RelationWord) for i in m.items)
    }
    return sorted(frame.links | verbs | {len(read)})


def _antecedents(read: Sequence[Word], mentions: Sequence[Mention], at: int) -> list[Mention]:
    """The nouns right before a pronoun, its number considered; none where it is the noun that leads the question."""
    verb = read[at + 1].text
    found = []
    for m in mentions:
        nouns = [i.meaning for i in m.items if m.end == at and _is_noun(i)]
        fitting = [
            noun
            for noun in nouns
            if isinstance(noun, SetOf) and verb not in (_OF_ONE if noun.plural else _OF_SEVERAL)
        ]
        if fitting and any(_leads(other) for other in mentions if other.end <= m.start):
            found.append(m)
    return found


def _is_noun(item: Item) -> bool:
    meaning = item.meaning
    return isinstance(meaning, SetOf) and not meaning.named and not meaning.pronoun


def _leads(mention: Mention) -> bool:
    return any(
        isinstance(i.meaning, RelationWord | RelationNoun | FieldWord | SetOf)
        for i in mention.items
    )


def _with_clause(
    read: Sequence[Word], mentions: Sequence[Mention], frame: Frame, noun: Mention, end: int
) -> Mention | None:
    """The noun restricted by all that stands between the pronoun and the end."""
    inner = [
        m
        for m in mentions
        if (noun.end < m.start and m.end <= end) or (m.start, m.end) == (noun.start, noun.end)
    ]
    kinds = {i.meaning.kinds for i in noun.items if isinstance(i.meaning, SetOf)}
    chart = Chart()
    made: dict[object, Item] = {}
    for cut in cuts(inner, read[:end], frame):
        for item in compose(cut.mentions, chart):
            meaning = item.meaning
            restricted = (
                isinstance(meaning, SetOf)
                and not meaning.named
                and item.mask >> noun.start & 1
                and item.mask >> noun.end
                and (meaning.kinds in kinds or () in kinds)
            )
            score = item.score - cut.penalty + BELONGING
            if restricted and (meaning not in made or made[meaning].score < score):
                made[meaning] = replace(item, score=score)
    best = sorted(made.values(), key=lambda item: -item.score)[:KEPT]
    return mention_of(noun.start, end, best, read) if best else None
