"""Words that ask nothing beside what stands next to them: a greeting before the question, a verb that only links two nouns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog_store.analyzer import Token
from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldType
from search.understand import words
from search.understand.measure_words import RECORD_NOUNS
from search.understand.semantics import (
    Condition,
    EventWord,
    FieldWord,
    Measured,
    OnCall,
    RelationNoun,
    RelationWord,
    SetOf,
)
from search.understand.spans import Mention, Word

_GREETINGS = frozenset(
    "hi hey hello hiya howdy yo good morning afternoon evening thanks thank sorry greetings dear welcome cheers".split()
)
_ADDRESSED = frozenset("team all folks everyone everybody there people guys".split())
"""Who a greeting may be said to."""

_SPEAKING_OF_ONESELF = frozenset(
    "i i'm im ive we new newbie newcomer first just hope hoping".split()
)

_THINGS = (SetOf, Condition, OnCall, Measured)
"""What a sentence about the asker does not speak of: "I started today" is no field."""
_TELLING = (*_THINGS, FieldWord, RelationWord, RelationNoun, EventWord)

_BEFORE_VALUES = frozenset(
    "handle handles handled handling process processes processing treat treats touch touches".split()
)
"""Verbs that add nothing to a value after them: "handles restricted data"."""

_UNDER = frozenset("fall falls falling fell comes come coming".split())
"""Before "under" and the like: verbs that say no more than that it does."""

_PREPOSITIONS = frozenset("under into within in inside".split())
_TEAM_PREPOSITIONS = frozenset("of in from at on".split())

_FOLK = frozenset("colleagues folks guys people crew friends engineers".split())
"""Before "of" and a team, where something of theirs is asked for: the team itself is meant."""

_CODE = frozenset(("repo", "repository", "codebase"))
"""Beside a component by its name, where records of it are asked for: the component itself is meant."""

_OF_A_DATE = frozenset(("date", "day", "time", "timestamp"))


def aside(text: str, tokens: Sequence[Token], mentions: Sequence[Mention]) -> int:
    """How many words at the start only greet or introduce: whole sentences before the one that asks.

    They greet, or speak of the asker, name nothing of the catalog, and ask nothing.
    """
    if not tokens or tokens[0].text not in _GREETINGS | _SPEAKING_OF_ONESELF:
        return 0
    start = 0
    for end in _sentence_ends(text, tokens):
        if not _small_talk(text, tokens, start, end, mentions):
            break
        start = end
    return start


def _sentence_ends(text: str, tokens: Sequence[Token]) -> Iterator[int]:
    for i in range(1, len(tokens)):
        between = text[tokens[i - 1].end : tokens[i].start]
        greeted = "," in between and all(t.text in _GREETINGS | _ADDRESSED for t in tokens[:i])
        if greeted or (any(mark in between for mark in ".!?:;\n") and not between.isspace()):
            yield i


def _small_talk(
    text: str, tokens: Sequence[Token], start: int, end: int, mentions: Sequence[Mention]
) -> bool:
    said = [t.text for t in tokens[start:end]]
    asks = (
        not set(said).isdisjoint(words.WH) or "?" in text[tokens[end - 1].end : tokens[end].start]
    )
    if asks or said[0] not in _GREETINGS | _SPEAKING_OF_ONESELF:
        return False
    greeted = said[0] in _GREETINGS
    told = (
        m
        for m in mentions
        if m.start >= start
        and m.end <= end
        and not (greeted and m.end - m.start == 1 and tokens[m.start].text in _ADDRESSED)
    )
    telling = _THINGS if "i" in said else _TELLING
    return not any(_tells(m, telling) for m in told)


def _tells(mention: Mention, telling: tuple[type, ...]) -> bool:
    return any(
        isinstance(i.meaning, telling) and getattr(i.meaning, "unknown", None) is None
        for i in mention.items
    )


def linking(read: Sequence[Word], mentions: Sequence[Mention]) -> frozenset[int]:
    """Positions of verbs and nouns that only link what stands beside them, and so restrict nothing."""
    return frozenset(i for i in range(len(read)) if _links(read, i, mentions))


def _links(read: Sequence[Word], i: int, mentions: Sequence[Mention]) -> bool:
    word, after = read[i].text, _after(read, i)
    following = [x.meaning for m in mentions if m.start == after for x in m.items]
    if word in _BEFORE_VALUES:
        return any(isinstance(x, Condition) for x in following) and i > 0
    if word in _UNDER and i + 1 < len(read) and read[i + 1].text in _PREPOSITIONS:
        return any(isinstance(x, Condition | FieldWord) or _placed(x) for x in following)
    if word in _FOLK and i + 1 < len(read) and read[i + 1].text in _TEAM_PREPOSITIONS:
        return any(map(_is_team, following)) and _asked_before(i, mentions)
    if word in _CODE and any(w.text in RECORD_NOUNS for w in read):
        beside = [x.meaning for m in mentions if i in (m.start - 1, m.end) for x in m.items]
        return any(isinstance(x, SetOf) and x.names for x in beside)
    if word in _OF_A_DATE and i + 1 < len(read) and read[i + 1].text == "of":
        near = [x.meaning for m in mentions if i < m.start <= after + 1 for x in m.items]
        return any(isinstance(x, FieldWord) and _dated(x) for x in near)
    return False


def _after(read: Sequence[Word], i: int) -> int:
    """Position of the next word that says something."""
    i += 1
    while i < len(read) and (read[i].text in words.POLITE or read[i].text in ("of", "for", "from")):
        i += 1
    return i


def _is_team(meaning: object) -> bool:
    return isinstance(meaning, SetOf) and any(c.kind == k.GROUP for c in meaning.names)


def _asked_before(i: int, mentions: Sequence[Mention]) -> bool:
    """Whether things other than people are named before a word: "the incidents your | colleagues of payments had"."""
    before = [x.meaning for m in mentions if m.end <= i for x in m.items]
    return any(isinstance(x, SetOf) and set(x.kinds) - {k.USER} for x in before)


def _placed(meaning: object) -> bool:
    return isinstance(meaning, SetOf) and meaning.unknown is None


def _dated(word: FieldWord) -> bool:
    return any(row.type is FieldType.TIMESTAMP for row in word.rows)
