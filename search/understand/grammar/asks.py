"""A field asked of things: "tier of checkout", "checkout's dashboard", "lifecycle billing"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.quality import NOTICED
from search.understand.grammar.base import Made, rule
from search.understand.grammar.joins import joins
from search.understand.semantics import Asked, FieldWord, SetOf, kinds_of

NEVER_HELD = 0.7
"""Charged for asking the things of the answer before for what their kind never holds: the code of a team."""


@rule(FieldWord, SetOf)
def field_of(word: FieldWord, things: SetOf) -> Iterator[Made]:
    """Tier of checkout."""
    yield from _asked(word, things, 0.35)


@rule(SetOf, FieldWord)
def possessed_field(things: SetOf, word: FieldWord) -> Iterator[Made]:
    """Checkout's tier."""
    yield from _asked(word, things, 0.25)


@rule(FieldWord, FieldWord)
def same_field(left: FieldWord, right: FieldWord) -> Iterator[Made]:
    """Which repository holds the code (of checkout): two words for one field."""
    rows = tuple(row for row in left.rows if row in right.rows)
    if rows:
        yield Made(FieldWord(rows), -0.1)


def _asked(word: FieldWord, things: SetOf, delta: float) -> Iterator[Made]:
    if things.unknown is not None:
        yield Made(things, delta)
        return
    if word.unknown is not None:
        if things.names or things.mine or things.kinds:
            yield Made(Asked(things, unknown=word.unknown), delta - 0.2)
        return
    if not things.named and not things.mine and not things.pronoun and not things.where:
        delta -= 0.25
    for row in word.rows:
        kinds = kinds_of(row)
        if row.type is FieldType.BOOLEAN and not word.of and things.plural and not things.names:
            continue  # "pci services": those that are, unless it is asked of them
        if (row.relation is not None or row.name in NOTICED) and not things.named:
            continue  # owners of several things are a set of their own: the relation noun says so; and so are gaps
        if things.names:
            names = tuple(c for c in things.names if c.kind in kinds)
            if names:
                yield Made(Asked(things.but(names=names), (row,)), delta)
            elif row.table is Table.ENTITIES and kinds == (k.COMPONENT,) and not things.checked:
                yield from _of_parts(things, row, delta - 0.3)
        elif things.pronoun and table_of(k.COMPONENT) is row.table:
            never = bool(things.kinds) and set(things.kinds).isdisjoint(kinds)
            yield Made(Asked(things, (row,)), delta - (NEVER_HELD if never else 0.0))
        elif things.kinds and set(things.kinds) & set(kinds):
            yield Made(
                Asked(things.but(kinds=tuple(x for x in things.kinds if x in kinds)), (row,)), delta
            )


def _of_parts(whole: SetOf, row: Field, delta: float) -> Iterator[Made]:
    """Scorecard of a team or system, which has none of its own: of each of its components."""
    for join in joins(SetOf(kinds=(k.COMPONENT,)), whole):
        components = SetOf(kinds=join.kinds, where=join.where, plural=True)
        yield Made(Asked(components, (row,)), delta + join.delta, atoms=(join.where,))


@rule(Asked, FieldWord)
def and_field(asked: Asked, word: FieldWord) -> Iterator[Made]:
    """Owner and tier of checkout."""
    for row in word.rows:
        if asked.rows and row.table is asked.rows[0].table and row not in asked.rows:
            yield Made(Asked(asked.of, (*asked.rows, row)), 0.1 if asked.of.named else -0.9)


@rule(FieldWord, Asked)
def field_and(word: FieldWord, asked: Asked) -> Iterator[Made]:
    """Tier and owner of checkout."""
    for row in word.rows:
        if asked.rows and row.table is asked.rows[0].table and row not in asked.rows:
            yield Made(Asked(asked.of, (row, *asked.rows)), 0.1 if asked.of.named else -0.9)
