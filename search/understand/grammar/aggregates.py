"""Groups, sums and superlatives: "per team", "average coverage", "top 5 teams by incidents"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS, Field, FieldType, Polarity
from catalog_store.model.kinds import Table
from catalog_store.model.relations import ends
from search.plan import Function, Op, Order, conjoin
from search.understand.amounts import Number
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins, side_fits
from search.understand.grammar.relations import kinds_in
from search.understand.semantics import (
    Asked,
    Breakdown,
    FieldWord,
    Grouped,
    Grouping,
    MostOf,
    RelationNoun,
    RelationWord,
    SetOf,
    Summary,
    Superlative,
    kinds_of,
)

_ORDERED = (FieldType.INTEGER, FieldType.NUMBER, FieldType.TIMESTAMP)
_SUMMABLE = (FieldType.INTEGER, FieldType.NUMBER)
_GROUPABLE = (
    FieldType.KEYWORD,
    FieldType.INTEGER,
    FieldType.BOOLEAN,
    FieldType.LIST,
    FieldType.REF,
)


_HANG_ON_COMPONENTS = frozenset((k.DEPLOYMENT, k.INCIDENT, k.ALERT, k.FINDING, k.SLO))

ACTOR: Field = next(f for f in CORE_FIELDS if f.table is Table.DEPLOYMENTS and f.name == "actor")
"""Who made a deployment: what deployments by person are grouped by."""


@rule(Grouping, SetOf)
def per_things(grouping: Grouping, things: SetOf) -> Iterator[Made]:
    """Per team · per payments or search, when several are listed."""
    listed = len(things.names) > 1 and things.plural
    if grouping == Grouping() and (listed or (not things.named and things.kinds)):
        yield Made(Grouping(by=things), 0.3)


@rule(Grouping, RelationNoun)
def per_role(grouping: Grouping, noun: RelationNoun) -> Iterator[Made]:
    """Each owner."""
    if grouping == Grouping():
        for side in noun.sides:
            yield Made(Grouping(by=SetOf(kinds=ends(side)[1])), 0.3)


@rule(Grouping, FieldWord)
def per_field(grouping: Grouping, word: FieldWord) -> Iterator[Made]:
    """By language."""
    if grouping != Grouping():
        return
    for row in word.rows:
        if row.type in (*_GROUPABLE, *_ORDERED) and row.relation is None:
            yield Made(Grouping(row=row), 0.35)


@rule(SetOf, Grouping)
def things_per(things: SetOf, grouping: Grouping) -> Iterator[Made]:
    """Services per team."""
    yield from _grouped(things, grouping, 0.35)


@rule(Grouping, SetOf)
def per_then_things(grouping: Grouping, things: SetOf) -> Iterator[Made]:
    """For every team, services."""
    yield from _grouped(things, grouping, 0.2)


@rule(SetOf, Breakdown)
def breakdown_by_things(by: SetOf, _: Breakdown) -> Iterator[Made]:
    """System breakdown (of components)."""
    yield from per_things(Grouping(), by)


@rule(FieldWord, Breakdown)
def breakdown_by_field(by: FieldWord, _: Breakdown) -> Iterator[Made]:
    """Language breakdown (of services)."""
    yield from per_field(Grouping(), by)


@rule(Breakdown, Grouped)
def breakdown_of_grouped(_: Breakdown, grouped: Grouped) -> Iterator[Made]:
    """Breakdown of components by system."""
    yield Made(grouped, 0.3)


def _grouped(things: SetOf, grouping: Grouping, delta: float) -> Iterator[Made]:
    if things.named or things.unknown is not None:
        return
    if (
        things.kinds == (k.DEPLOYMENT,)
        and grouping.by is not None
        and grouping.by.kinds == (k.USER,)
    ):
        yield Made(Grouped(things, Grouping(row=ACTOR)), delta + 0.05)  # who made them
        return
    if (
        grouping.row is not None
        and things.kinds
        and set(things.kinds) <= _HANG_ON_COMPONENTS
        and k.COMPONENT in kinds_of(grouping.row)
    ):
        yield Made(Grouped(things, grouping), delta)  # "incidents by tier": of the component
        return
    if (grouping.by is not None and any(True for _ in joins(things, grouping.by))) or (
        grouping.row is not None
        and grouping.row.type in _GROUPABLE
        and overlap(things.kinds, kinds_of(grouping.row)) is not None
    ):
        yield Made(Grouped(things, grouping), delta)


@rule(Grouping, RelationWord)
def each_owns(grouping: Grouping, _: RelationWord) -> Iterator[Made]:
    """(how many services does) each team own: the verb repeats what the nouns say."""
    if grouping.by is not None:
        yield Made(grouping, 0.1)


_SUMMED_UP = frozenset((k.GROUP, k.SYSTEM, k.DOMAIN))
"""What has records through many components: their number is that of all of them together."""


@rule(SetOf, SetOf)
def groups_with_so_many(things: SetOf, records: SetOf) -> Iterator[Made]:
    """Teams with more than 5 incidents: together, not on one component."""
    if (
        things.named
        or not things.kinds
        or set(things.kinds) - _SUMMED_UP
        or records.count is None
        or records.count[0] in (Op.LT, Op.LE, Op.NE)  # those without any are in no group
        or not set(records.kinds) <= _HANG_ON_COMPONENTS
        or not records.kinds
    ):
        return
    of = records.but(count=None)
    yield Made(Grouped(of, Grouping(by=things), having=records.count), 0.3)


_NEEDING = frozenset(
    ("uses", "usedBy", "dependsOn", "dependencyOf", "consumesApi", "apiConsumedBy")
)
"""Relations that no two nouns imply: a verb for one of them asks for what stands at its other end."""


def said_again(verb: RelationWord | RelationNoun) -> bool:
    """Whether a verb may only repeat what the nouns say: "owns the most services", and not "depends on the most used service"."""
    return not set(verb.sides) <= _NEEDING


@rule(Grouped, RelationWord)
def grouped_owns(grouped: Grouped, verb: RelationWord) -> Iterator[Made]:
    """For each team, how many services do they own."""
    if said_again(verb):
        yield Made(grouped, 0.05)


@rule(Summary, FieldWord)
def summary_of_field(summary: Summary, word: FieldWord) -> Iterator[Made]:
    """Average coverage."""
    for row in word.rows:
        if row.type in _SUMMABLE:
            yield Made(Summary(summary.function, row), 0.35)


@rule(Summary, SetOf)
def summary_then_things(summary: Summary, things: SetOf) -> Iterator[Made]:
    """Average coverage of payments services."""
    yield from _summed(things, summary, 0.3)


@rule(SetOf, Summary)
def things_then_summary(things: SetOf, summary: Summary) -> Iterator[Made]:
    """Payments services average coverage."""
    yield from _summed(things, summary, 0.15)


def _summed(things: SetOf, summary: Summary, delta: float) -> Iterator[Made]:
    if summary.row is None or things.unknown is not None:
        return
    holders = kinds_of(summary.row)
    if things.names and not {c.kind for c in things.names} & set(holders):
        # average score of a team: of what it has
        for join in joins(SetOf(kinds=holders), things):
            held = SetOf(kinds=join.kinds, where=join.where, plural=True)
            yield Made(Grouped(held, summary=summary), delta + join.delta, atoms=(join.where,))
    elif overlap(things.kinds, holders) is not None:
        yield Made(Grouped(things, summary=summary), delta)


@rule(Asked, Summary)
def asked_in_total(asked: Asked, summary: Summary) -> Iterator[Made]:
    """(what do) the services of payments cost all together."""
    if len(asked.rows) == 1 and asked.rows[0].type in _SUMMABLE and summary.row is None:
        made = Summary(summary.function, asked.rows[0])
        yield from _summed(asked.of, made, 0.3)


@rule(Summary, Asked)
def in_total_asked(summary: Summary, asked: Asked) -> Iterator[Made]:
    """All together, what the services of payments cost."""
    yield from asked_in_total(asked, summary)


@rule(Grouped, Summary)
def summed_in_total(grouped: Grouped, summary: Summary) -> Iterator[Made]:
    """Total cost of payments all together: said twice."""
    if (
        grouped.summary is not None
        and summary.row is None
        and grouped.summary.function is summary.function
    ):
        yield Made(grouped, 0.1)


def among_groups(grouped: Grouped, named: SetOf) -> bool:
    """Whether a name is one of the groups rather than a whole of them: "deployments by user greta"."""
    by = grouped.by
    kinds: tuple[str, ...] = ()
    if by is not None:
        kinds = (k.USER,) if by.row is ACTOR else by.by.kinds if by.by is not None else ()
    return bool(kinds and named.names) and all(c.kind in kinds for c in named.names)


@rule(Grouped, SetOf)
def grouped_of(grouped: Grouped, whole: SetOf) -> Iterator[Made]:
    """Findings per severity for the payments domain: the counted things are its own."""
    if grouped.by is None or grouped.of.named or not whole.names or whole.checked:
        return
    if among_groups(grouped, whole):
        return
    for join in joins(grouped.of, whole):
        of = grouped.of.but(kinds=join.kinds, where=conjoin(grouped.of.where, join.where))
        made = Grouped(of, grouped.by, grouped.summary, grouped.most)
        yield Made(made, 0.1 + join.delta, atoms=(join.where,))


@rule(Grouped, Grouping)
def summed_per(grouped: Grouped, grouping: Grouping) -> Iterator[Made]:
    """Average coverage of services per domain."""
    if grouped.by is None:
        for made in _grouped(grouped.of, grouping, 0.3):
            yield Made(Grouped(grouped.of, grouping, grouped.summary), made.delta)


@rule(Summary, Grouping)
def summary_per(summary: Summary, grouping: Grouping) -> Iterator[Made]:
    """Average coverage by domain: over the things that hold the field."""
    if summary.row is None:
        return
    if _hold(grouping.by, summary.row):
        yield from _of_each(grouping.by, summary)
    else:
        things = SetOf(kinds=kinds_of(summary.row))
        for made in _grouped(things, grouping, 0.2):
            yield Made(Grouped(things, grouping, summary), made.delta)


def _hold(things: SetOf | None, row: Field) -> TypeGuard[SetOf]:
    """Whether all the things may hold the field themselves, so that there is nothing to group."""
    return things is not None and not things.named and set(things.kinds) <= set(kinds_of(row))


def _of_each(things: SetOf, summary: Summary) -> Iterator[Made]:
    """Average cost per service: one number over the services; their total cost is what each costs."""
    if summary.function is Function.SUM and summary.row is not None:
        yield Made(Asked(things, (summary.row,)), 0.2)
    else:
        yield Made(Grouped(things, summary=summary), 0.2)


@rule(SetOf, Grouping)
def things_in_order(things: SetOf, grouping: Grouping) -> Iterator[Made]:
    """Services sorted by cost: what nothing is grouped by puts in order."""
    row = grouping.row
    if row is not None and row.type in _ORDERED and row.type not in _GROUPABLE:
        kinds = overlap(things.kinds, kinds_of(row))
        if kinds is not None and not things.named and not things.order:
            order = (Order(field=row.name, descending=True, nulls="last"),)
            yield Made(Asked(things.but(kinds=kinds, order=order), (row,)), 0.35)


@rule(Superlative, Number)
def top_number(superlative: Superlative, number: Number) -> Iterator[Made]:
    """Top 5."""
    if (
        superlative.limit is None
        and number.unit is None
        and len(number.values) == 1
        and number.values[0] >= 1
    ):
        yield Made(replace(superlative, limit=int(number.values[0])), 0.3)


@rule(Number, Superlative)
def so_many_top(number: Number, superlative: Superlative) -> Iterator[Made]:
    """Five most expensive (services); "tier 1 most expensive services" asks for no one service."""
    for made in top_number(superlative, number):
        if number.values[0] > 1:
            yield Made(made.meaning, 0.0)


@rule(Superlative, FieldWord)
def superlative_of_field(superlative: Superlative, word: FieldWord) -> Iterator[Made]:
    """Lowest coverage."""
    for row in word.rows:
        if row.type in _ORDERED and superlative.row is None:
            ranked = directed(superlative, row)
            if ranked is not None:
                yield Made(ranked, 0.35)


def directed(superlative: Superlative, row: Field) -> Superlative | None:
    """The superlative of a field; "best" needs to know its good end, "worst" is the most where nobody said."""
    if superlative.good is None:
        return replace(superlative, row=row)
    if row.polarity is None:
        return replace(superlative, row=row, good=None) if not superlative.good else None
    high = (row.polarity is Polarity.HIGHER) is superlative.good
    return replace(superlative, row=row, descending=high, good=None)


@rule(FieldWord, Superlative)
def field_superlative(word: FieldWord, superlative: Superlative) -> Iterator[Made]:
    """(whose) coverage is lowest."""
    yield from superlative_of_field(superlative, word)


@rule(Superlative, SetOf)
def superlative_things(superlative: Superlative, things: SetOf) -> Iterator[Made]:
    """Least recently deployed service · most incidents."""
    yield from _ordered(things, superlative, 0.3)
    if superlative.row is None and not things.named and not things.order:
        yield Made(
            MostOf(things, superlative.descending, superlative.limit, superlative.worst), 0.1
        )


@rule(SetOf, Superlative)
def things_superlative(things: SetOf, superlative: Superlative) -> Iterator[Made]:
    """Service with the lowest coverage."""
    yield from _ordered(things, superlative, 0.3)


def _ordered(things: SetOf, superlative: Superlative, delta: float) -> Iterator[Made]:
    row = superlative.row
    listed = (
        len(things.names) > 1 and things.plural
    )  # "stripe adapter or paypal adapter": both are shown
    own = tuple(c.kind for c in things.names) if listed else things.kinds
    if (
        row is None
        or (things.named and not listed)
        or things.order
        or overlap(own, kinds_of(row)) is None
    ):
        return
    kinds = overlap(own, kinds_of(row)) or ()
    order = (Order(field=row.name, descending=superlative.descending, nulls="last"),)
    said = (
        things.count[1] if things.count and things.count[0] is Op.EQ else None
    )  # "the three services …"
    things = things.but(count=None)
    limit = superlative.limit or said or (10 if things.plural else 1)
    asked = (row.name,) if listed else things.asked
    yield Made(things.but(kinds=kinds, order=order, limit=limit, asked=asked), delta)


@rule(SetOf, MostOf)
def ranked_by_count(things: SetOf, most: MostOf) -> Iterator[Made]:
    """Team with the most incidents."""
    listed = len(things.names) > 1 and things.plural  # "payments or identity: who owns more"
    if things.named and not listed:
        return
    if (
        side_fits(most.side, most.of.kinds, kinds_in(things)) is not None
        if most.side is not None
        else any(True for _ in joins(most.of, things))
    ):
        # those that are compared by name are all shown, the first before the others
        said = things.count[1] if things.count is not None and things.count[0] is Op.EQ else None
        limit = most.limit or said or (None if things.plural else 1)
        things = (
            things.but(count=None) if said is not None else things
        )  # "three teams with the most …"
        ranked = MostOf(most.of, most.descending, limit)
        yield Made(Grouped(most.of, Grouping(by=things), most=ranked, side=most.side), 0.4)


@rule(MostOf, SetOf)
def count_then_ranked(most: MostOf, things: SetOf) -> Iterator[Made]:
    """Most services: which team."""
    for made in ranked_by_count(things, most):
        yield Made(made.meaning, made.delta - 0.15)


@rule(RelationWord, MostOf)
def verb_most(verb: RelationWord, most: MostOf) -> Iterator[Made]:
    """(which team) owns the most services: the verb repeats what the nouns say."""
    if said_again(verb):
        yield Made(most, 0.1)


@rule(RelationNoun, MostOf)
def noun_most(noun: RelationNoun, most: MostOf) -> Iterator[Made]:
    """(which team is the) owner of the most components."""
    if said_again(noun):
        yield Made(most, 0.1)


@rule(Superlative, Grouping)
def top_by(superlative: Superlative, grouping: Grouping) -> Iterator[Made]:
    """Top 5 (teams) by incidents."""
    if grouping.by is not None and superlative.row is None:
        yield Made(MostOf(grouping.by, superlative.descending, superlative.limit), 0.2)


@rule(MostOf, Grouping)
def top_things_by(most: MostOf, grouping: Grouping) -> Iterator[Made]:
    """Top 5 teams by incidents: the things come first, what is counted after "by"."""
    if grouping.by is not None and any(True for _ in joins(grouping.by, most.of)):
        counted = MostOf(grouping.by, most.descending, most.limit)
        yield Made(Grouped(grouping.by, Grouping(by=most.of), most=counted), 0.5)
    elif grouping.row is not None and grouping.row.type in _ORDERED:
        yield from _ordered(most.of, Superlative(most.descending, most.limit, grouping.row), 0.4)


@rule(FieldWord, Grouping)
def unknown_per(word: FieldWord, grouping: Grouping) -> Iterator[Made]:
    """Mttr per team, where nothing is called mttr: a fact that is not held."""
    if word.unknown is not None and grouping.by is not None:
        yield Made(Asked(grouping.by, unknown=word.unknown), 0.5)
