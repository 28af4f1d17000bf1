"""Superlatives of several words, and ranks by what stands in a relation: "top 3 most expensive", "most direct dependents"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.relations import ends, opposite
from search.understand.grammar.aggregates import ranked_by_count
from search.understand.grammar.base import Made, rule
from search.understand.grammar.joins import side_fits
from search.understand.semantics import (
    FieldWord,
    MostOf,
    RelationNoun,
    RelationWord,
    SetOf,
    Superlative,
)


@rule(Superlative, Superlative)
def top_of_the_most(left: Superlative, right: Superlative) -> Iterator[Made]:
    """Top 3 most expensive · bottom 5 lowest: the number of the one, the field of the other."""
    if left.row is not None or left.good is not None or (left.limit and right.limit):
        return
    # "least expensive" and "top 3 cheapest" both start from the small end
    descending = left.descending and right.descending
    good = right.good if left.descending else None
    merged = replace(right, descending=descending, good=good, limit=left.limit or right.limit)
    yield Made(merged, 0.3)


@rule(FieldWord, Superlative)
def field_and_its_trend(word: FieldWord, superlative: Superlative) -> Iterator[Made]:
    """(whose) cost is growing fastest: the field a trend is of, before the trend."""
    row = superlative.row
    if row is None or not superlative.trend:
        return
    own = row.name.split("_")
    if any(set(own) & set(other.name.split("_")) for other in word.rows):
        yield Made(superlative, 0.4)


@rule(Superlative, RelationNoun)
def most_of_a_role(superlative: Superlative, noun: RelationNoun) -> Iterator[Made]:
    """Most direct dependents · fewest members."""
    if superlative.row is not None or superlative.trend:
        return
    for side in noun.sides:
        counted = SetOf(kinds=ends(side)[1], plural=True)
        yield Made(_most(superlative, counted, opposite(side)), 0.4)


@rule(Superlative, RelationWord)
def most_related(superlative: Superlative, verb: RelationWord) -> Iterator[Made]:
    """Most depended on · most used."""
    if superlative.row is not None or superlative.trend:
        return
    for side in verb.sides:
        yield Made(_most(superlative, SetOf(kinds=ends(side)[0], plural=True), side), -0.1)


def _most(superlative: Superlative, counted: SetOf, side: str) -> MostOf:
    return MostOf(counted, superlative.descending, superlative.limit, superlative.worst, side=side)


@rule(MostOf, RelationWord)
def most_things_that(most: MostOf, verb: RelationWord) -> Iterator[Made]:
    """(the service) most components depend on: what is ranked stands at the verb's far end."""
    if most.side is not None or most.of.named:
        return
    for side in verb.sides:
        if side_fits(side, most.of.kinds, ()) is not None:
            yield Made(replace(most, side=side), 0.3)


@rule(RelationWord, MostOf)
def owns_most(verb: RelationWord, most: MostOf) -> Iterator[Made]:
    """(who) owns the most services."""
    if most.side is None and not most.of.named and "ownerOf" in verb.sides:
        for kind in most.of.kinds:
            if side_fits("ownerOf", (k.GROUP,), (kind,)) is not None:
                yield Made(replace(most, side="ownedBy"), 0.3)
                return


@rule(MostOf, MostOf)
def top_by_number(top: MostOf, counted: MostOf) -> Iterator[Made]:
    """Top 5 teams by number of incidents."""
    if top.side is None:
        ranked = replace(counted, descending=top.descending, limit=top.limit)
        for made in ranked_by_count(top.of, ranked):
            yield replace(made, delta=made.delta + 0.1)
