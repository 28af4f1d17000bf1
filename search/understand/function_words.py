"""The closed classes of words: comparators, negation, connectives, superlatives; what they mean, whatever the catalog holds."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import Table
from search.understand import event_words, impact_words, relating_words, words
from search.understand.amounts import Comparator, Judging
from search.understand.apart import ANOTHER
from search.understand.semantics import (
    Alike,
    Breakdown,
    Condition,
    Direction,
    EventWord,
    FieldWord,
    Grouping,
    Impact,
    Link,
    Meaning,
    Negation,
    Placing,
    Recency,
    SetOf,
    Stale,
    Summary,
    Superlative,
    Way,
    YesNo,
)


def function_words(fields: FieldTable) -> Iterator[tuple[str, Meaning, float]]:
    """(phrase, meaning, how sure the words alone make it); all by the words themselves, since their inflection carries meaning."""
    for op_words in (words.COMPARATORS,):
        for phrase, op in op_words.items():
            yield (phrase, Comparator(op), 0.9)
    for phrase, op in words.AFTER_NUMBER.items():
        yield (phrase, Comparator(op, after=True), 0.9)
    for judging, after in ((words.JUDGED_AFTER, True), (words.JUDGED_BEFORE, False)):
        for phrase, good in judging.items():
            yield (phrase, Judging(good, after=after), 0.9)
    for phrase in words.NOT:
        each, things = phrase in words.NOT_EACH, phrase in words.NO_SUCH
        yield (phrase, Negation(each=each, things=things, again=phrase == "nor"), 0.9)
    for phrase in words.UNSET:
        yield (phrase, Negation(after=True, unset=True), 0.9)
    for phrase in words.NOT_AFTER:
        yield (phrase, Negation(after=True), 0.9)
    for phrase in words.OR:
        yield (phrase, Link(disjunctive=True, nor=phrase == "nor"), 0.8)
    for phrase in words.AND:
        yield (phrase, Link(disjunctive=False), 0.8)
    for phrase in words.GROUP:
        yield (phrase, Grouping(), 0.45 if phrase in ("by", "each", "every") else 0.9)
    for phrase in words.BREAKDOWN:
        yield (phrase, Breakdown(), 0.9)
    for phrase in words.LAST:
        yield (phrase, Recency(last=True), 0.8)
    for phrase in words.FIRST:
        yield (phrase, Recency(last=False), 0.8)
    for phrase, descending in words.DIRECTIONS.items():
        yield (phrase, Direction(descending), 0.8)
    for phrase, value in words.TRUTH.items():
        yield (phrase, YesNo(value), 1.0)
    for phrase in words.MOST:
        yield (phrase, Superlative(descending=True), 0.85)
    for phrase in words.BY_NUMBER:
        yield (phrase, Superlative(descending=True), 0.9)
    for phrase in words.LEAST:
        yield (phrase, Superlative(descending=False), 0.85)
    for phrase, good in words.JUDGED.items():
        yield (phrase, Superlative(descending=not good, good=good), 0.85)
    for phrase, function in words.AGGREGATES.items():
        yield (phrase, Summary(function), 0.8)
    impact = Impact()
    for phrase in words.IMPACT:
        yield (phrase, impact, 1.0)
    for phrase in impact_words.ACTIVE:
        yield (phrase, Impact(active=True), 0.8)
    for phrase in relating_words.WAY:
        yield (phrase, Way(), 0.9)
    for phrase in relating_words.ANOTHERS:
        yield (phrase, Condition(ANOTHER, (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM)), 0.95)
    for phrase in relating_words.ALIKE:
        yield (phrase, Alike(), 0.9)
    for phrase in relating_words.CONNECTED:
        yield (phrase, Way(between=True), 0.8)
    for phrase in (*event_words.STALE, *event_words.STALE_LIVE):
        yield (phrase, Stale(), 0.9)
    for phrase in event_words.DEPLOYED:
        noun = phrase.rpartition(" ")[2] in event_words.DEPLOYMENTS - {"release"}
        several = phrase in event_words.SEVERAL
        yield (phrase, EventWord(noun=noun, plural=several), 0.95)
    for phrase in words.PLACED:
        yield (phrase, Placing(), 0.9)
    applied = fields.get(Table.ENTITIES, "last_applied_at")
    assert applied is not None
    for phrase in event_words.APPLIED:
        yield (phrase, FieldWord((applied,)), 0.9)
    for phrase in (
        "anyone",
        "anybody",
        "someone",
        "any team",
        "somebody",
    ):
        yield (phrase, SetOf(kinds=(k.GROUP, k.USER), anyone=True), 0.7)


def trend_phrases() -> Iterator[tuple[str, bool]]:
    """(growing fastest, True), (fastest falling, False), …: which end of a trend is meant."""
    for moving, up in ((words.GROWING, True), (words.SHRINKING, False)):
        for verb in moving:
            for pace in words.TREND_PACE:
                yield f"{verb} {pace}", up
                yield f"{pace} {verb}", up
