"""All of a set, in an order: "sorted by cost, highest first", "newest first", "in descending order"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model.kinds import table_of
from search.plan import Order
from search.understand.amounts import Number
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import MOMENT_OF
from search.understand.grammar.filters import overlap
from search.understand.semantics import (
    Asked,
    Direction,
    Grouped,
    Grouping,
    MostOf,
    Recency,
    SetOf,
    Sorting,
    Superlative,
    kinds_of,
)


@rule(Superlative, Direction)
def most_first(superlative: Superlative, direction: Direction) -> Iterator[Made]:
    """Highest monthly cost first · cheapest first."""
    if direction.descending is None and superlative.good is None and superlative.limit is None:
        yield Made(Sorting(superlative.descending, superlative.row), 0.4)


@rule(Recency, Direction)
def latest_first(recency: Recency, direction: Direction) -> Iterator[Made]:
    """Newest first."""
    if direction.descending is None:
        yield Made(Sorting(recency.last), 0.4)


@rule(Grouping, Direction)
def by_field_in_order(grouping: Grouping, direction: Direction) -> Iterator[Made]:
    """(sorted) by cost, descending."""
    if direction.descending is not None and grouping.row is not None:
        yield Made(Sorting(direction.descending, grouping.row), 0.3)


@rule(SetOf, Direction)
def in_the_order_said(things: SetOf, direction: Direction) -> Iterator[Made]:
    """Newest deployments first: all of them, where without "first" the newest few are wanted."""
    if direction.descending is None and things.order and things.limit is not None:
        yield Made(things.but(limit=None), 0.3)


@rule(SetOf, Sorting)
def things_sorted(things: SetOf, sorting: Sorting) -> Iterator[Made]:
    """Incidents, newest first."""
    if things.named:
        return
    if sorting.row is None:
        tables = {table_of(kind) for kind in things.kinds}
        field = MOMENT_OF.get(tables.pop()) if len(tables) == 1 else None
    else:
        kinds = overlap(things.kinds, kinds_of(sorting.row))
        field = sorting.row.name if kinds is not None else None
        things = things.but(kinds=kinds or things.kinds)
    if field is not None:
        order = Order(field=field, descending=sorting.descending, nulls="last")
        yield Made(things.but(order=(order,), limit=None), 0.35)


@rule(Asked, Sorting)
def listed_sorted(asked: Asked, sorting: Sorting) -> Iterator[Made]:
    """Services sorted by cost, highest first: the field is said before its end."""
    if asked.of.order and sorting.row is None:
        order = replace_direction(asked.of.order[0], sorting)
        yield Made(replace(asked, of=asked.of.but(order=(order,))), 0.35)


def replace_direction(order: Order, sorting: Sorting) -> Order:
    """The same order from the end that was said."""
    return order.model_copy(update={"descending": sorting.descending})


@rule(Grouped, Sorting)
def groups_sorted(grouped: Grouped, sorting: Sorting) -> Iterator[Made]:
    """Incidents per team, most first."""
    if sorting.row is None and grouped.by is not None and grouped.by.every is None:
        most = MostOf(grouped.of, sorting.descending)
        yield Made(replace(grouped, most=most), 0.35)


@rule(Grouped, Superlative)
def the_highest_group(grouped: Grouped, superlative: Superlative) -> Iterator[Made]:
    """Number of services per team, the highest · … the highest 3."""
    if superlative.row is None and superlative.good is None and grouped.by is not None:
        most = MostOf(grouped.of, superlative.descending, superlative.limit or 1)
        yield Made(replace(grouped, most=most), 0.2)


@rule(Number, Superlative)
def so_many_at_the_end(number: Number, superlative: Superlative) -> Iterator[Made]:
    """The 10 with the highest monthly cost · the one with the lowest coverage."""
    if superlative.limit is None and number.unit is None and len(number.values) == 1:
        limit = int(number.values[0])
        if limit == number.values[0] and limit >= 1 and superlative.row is not None:
            yield Made(replace(superlative, limit=limit), 0.3)
