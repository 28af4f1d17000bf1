"""Two groupings at once: "services per team and language", "incidents by team by month"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from search.understand.grammar.aggregates import per_field, per_things, things_per
from search.understand.grammar.base import Made, rule
from search.understand.grammar.periods import records_per
from search.understand.semantics import (
    Every,
    FieldWord,
    Grouped,
    Grouping,
    Link,
    Linked,
    SetOf,
)


@rule(Link, FieldWord)
def link_field(link: Link, word: FieldWord) -> Iterator[Made]:
    """(per team) and language."""
    if not link.disjunctive and word.rows:
        yield Made(Linked(False, word), 0.0)


@rule(Link, Every)
def link_period(link: Link, every: Every) -> Iterator[Made]:
    """(by team) and by month."""
    if not link.disjunctive:
        yield Made(Linked(False, Grouping(every=every.unit)), 0.0)


@rule(Link, Grouping)
def link_grouping(link: Link, grouping: Grouping) -> Iterator[Made]:
    """(per team) and per language."""
    if not link.disjunctive and grouping != Grouping():
        yield Made(Linked(False, grouping), 0.0)


@rule(Grouping, Linked)
def and_by(first: Grouping, linked: Linked) -> Iterator[Made]:
    """Per team and language."""
    if linked.disjunctive or first == Grouping() or first.then is not None:
        return
    for second, delta in _groupings(linked.right):
        yield Made(replace(first, then=second), delta + 0.1)


@rule(Grouping, Grouping)
def by_and_by(first: Grouping, second: Grouping) -> Iterator[Made]:
    """By team by language."""
    if Grouping() not in (first, second) and first.then is None and second.then is None:
        yield Made(replace(first, then=second), 0.3)


@rule(Grouping, Every)
def by_and_each(first: Grouping, every: Every) -> Iterator[Made]:
    """By team by month."""
    if first != Grouping() and first.then is None and first.every is None:
        yield Made(replace(first, then=Grouping(every=every.unit)), 0.4)


@rule(Grouped, Every)
def grouped_each(grouped: Grouped, every: Every) -> Iterator[Made]:
    """Incidents by team by month."""
    yield from _within(grouped, Grouping(every=every.unit))


@rule(Every, Grouped)
def each_grouped(every: Every, grouped: Grouped) -> Iterator[Made]:
    """Monthly incidents by team."""
    yield from _within(grouped, Grouping(every=every.unit))


@rule(Grouped, Grouping)
def grouped_by_more(grouped: Grouped, grouping: Grouping) -> Iterator[Made]:
    """Incidents by month by team."""
    if grouping != Grouping() and grouping.then is None:
        yield from _within(grouped, grouping)


@rule(Grouped, Linked)
def grouped_and_by(grouped: Grouped, linked: Linked) -> Iterator[Made]:
    """Incidents by month and team."""
    if not linked.disjunctive:
        for second, delta in _groupings(linked.right):
            for made in _within(grouped, second):
                yield replace(made, delta=made.delta + delta - 0.2)


def _within(grouped: Grouped, second: Grouping) -> Iterator[Made]:
    """A grouped set with a second grouping, by which it may be grouped as well."""
    first = grouped.by
    plain = grouped.most is None and grouped.having is None
    if first is None or first.then is not None or not plain or grouped.side is not None:
        return
    ways = (
        records_per(grouped.of, Every(second.every))
        if second.every is not None
        else things_per(grouped.of, second)
    )
    twice = first.every is not None and second.every is not None
    if not twice and any(isinstance(m.meaning, Grouped) for m in ways):
        yield Made(replace(grouped, by=replace(first, then=second)), 0.4)


def _groupings(right: object) -> Iterator[tuple[Grouping, float]]:
    """What stands behind the "and" as a grouping of its own."""
    if isinstance(right, Grouping):
        yield right, 0.3
    elif isinstance(right, FieldWord):
        made = per_field(Grouping(), right)
        yield from ((m.meaning, m.delta) for m in made if isinstance(m.meaning, Grouping))
    elif isinstance(right, SetOf):
        made = per_things(Grouping(), right)
        yield from ((m.meaning, m.delta) for m in made if isinstance(m.meaning, Grouping))
