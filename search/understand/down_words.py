"""Down, offline, dead: said of things in general it asks which are not well; of one thing by its name it is the setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog_store.model import kinds as k
from search.plan import Compare, Op
from search.understand import words
from search.understand.semantics import Condition, SetOf
from search.understand.spans import Mention, Word, item_of, mention_of

_DOWN = frozenset(
    "down offline dead unavailable unresponsive unreachable stuck crashed crashing hung frozen dark borked".split()
)
_COPULAS = frozenset("is are was were being been currently presently".split())
_BETWEEN = _COPULAS | frozenset(
    "that which who now right still all really just have has gone at the moment s".split()
)
"""What may stand between the things and what is said of them."""

_ANYTHING = frozenset("what anything everything something things stuff whatever".split())
_AFTER = frozenset("by to into".split())
"""After "down" words with which it is no state: "break the services down by tier"."""

_UP = frozenset("up alive online operational reachable responding working".split())
"""Of one thing by its name, at the end of a yes/no question: it is well."""


def down_mentions(read: Sequence[Word], found: Sequence[Mention]) -> Iterator[Mention]:
    """Words that say of things in general that they do not run, as the condition that they are not healthy."""
    for i in down_at(read, found):
        well = read[i].text in _UP
        said = "healthy" if well else "unhealthy"
        note = f"“{read[i].text}” is read as {said}: an open incident, a firing alert or a breached SLO"
        where = Compare(field="healthy", op=Op.EQ, value=well)
        item = item_of(Condition(where, (k.COMPONENT,)), i, i + 1, 0.9, (note,))
        yield mention_of(i, i + 1, [item], read)


def down_at(read: Sequence[Word], found: Sequence[Mention]) -> frozenset[int]:
    """Positions of those words."""
    nouns, names = set(), set()
    for mention in found:
        for item in mention.items:
            if isinstance(item.meaning, SetOf) and item.meaning.names:
                names.add(mention.end - 1)
            elif isinstance(item.meaning, SetOf) and item.meaning.kinds:
                nouns.add(mention.end - 1)
    return frozenset(
        i
        for i, word in enumerate(read)
        if (word.text in _DOWN and _of_things(read, i, nouns))
        or (word.text in _DOWN | _UP and _whether(read, i, names))
    )


def _whether(read: Sequence[Word], i: int, names: set[int]) -> bool:
    """ "Is checkout down": whether one thing runs is all that is asked."""
    after = all(w.text in words.POLITE for w in read[i + 1 :])
    return after and read[0].text == "is" and _before(read, i) in names


def _before(read: Sequence[Word], i: int) -> int:
    """Position of what is spoken of."""
    at = i - 1
    while at >= 0 and read[at].text in _BETWEEN:
        at -= 1
    return at


def _of_things(read: Sequence[Word], i: int, nouns: set[int]) -> bool:
    after = [w.text for w in read[i + 1 :]]
    if after[:1] and after[0] in _AFTER:
        return False
    at = _before(read, i)
    if at < 0 or not (at in nouns or read[at].text in _ANYTHING):
        return False
    said = {w.text for w in read[at + 1 : i]}
    return not said.isdisjoint(_COPULAS) or all(t in words.POLITE for t in after)
