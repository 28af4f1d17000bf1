"""Rates and periods: "twice a week", "incidents by month", "deployments per week this quarter", "who deployed most last month"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.measures import DELIVERY
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Function, conjoin, conjuncts
from search.understand.amounts import Amount, Number
from search.understand.grammar.aggregates import among_groups
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import MOMENT_OF, deployments, in_window
from search.understand.grammar.joins import joins
from search.understand.grammar.measures import having, of_event, settled
from search.understand.semantics import (
    Condition,
    EventWord,
    Every,
    Grouped,
    Grouping,
    Measured,
    MostOf,
    SetOf,
    Summary,
    Superlative,
    Time,
)

_WEEKS = {
    "day": 1 / 7,
    "week": 1.0,
    "month": 365.25 / 84,
    "quarter": 365.25 / 28,
    "year": 365.25 / 7,
}
"""Length of a calendar unit in weeks, for thresholds."""


@rule(Number, Every)
def times_a_week(number: Number, every: Every) -> Iterator[Made]:
    """Twice a week."""
    if every.per and number.unit is None and len(number.values) == 1:
        yield Made(Number((number.values[0] / _WEEKS[every.unit],), "per_week"), 0.3)


@rule(Amount, Every)
def amount_a_week(amount: Amount, every: Every) -> Iterator[Made]:
    """More than 3 times a week."""
    if every.per and amount.unit is None and len(amount.values) == 1:
        weekly = (amount.values[0] / _WEEKS[every.unit],)
        yield Made(Amount(amount.op, weekly, "per_week"), 0.3)


@rule(EventWord, Amount)
def deployed_so_often(event: EventWord, amount: Amount) -> Iterator[Made]:
    """Deployed more than twice a week."""
    if amount.unit == "per_week" and event.outcome != "failure":
        for made in of_event(Measured(unit="per_week"), event):
            assert isinstance(made.meaning, Measured)
            yield from having(made.meaning, amount, 0.5)


@rule(Amount, EventWord)
def so_often_deployed(amount: Amount, event: EventWord) -> Iterator[Made]:
    """Less than one deployment a week."""
    yield from deployed_so_often(event, amount)


@rule(EventWord, Every)
def deployed_per(event: EventWord, every: Every) -> Iterator[Made]:
    """Deploys per week · deployments by month."""
    if every.per and every.unit == "week":
        for made in of_event(Measured(unit="per_week"), event):
            yield Made(made.meaning, 0.2)
    selected = deployments(event)
    of = SetOf(kinds=selected.kinds, where=selected.where, plural=True)
    # "failed deployments per month" are those of every environment: the noun has a reading of its own
    delta = 0.0 if event.noun else 0.2
    yield Made(Grouped(of, Grouping(every=every.unit)), delta, atoms=(selected.where,))


@rule(Every, EventWord)
def per_deployed(every: Every, event: EventWord) -> Iterator[Made]:
    """Monthly deployments."""
    yield from deployed_per(event, every)


@rule(SetOf, Every)
def records_per(things: SetOf, every: Every) -> Iterator[Made]:
    """Incidents by month · at least 3 deployments a week."""
    if (
        things.named
        or things.order
        or len(things.kinds) != 1
        or table_of(things.kinds[0]) not in _DATED
    ):
        return
    if things.count is None:
        yield Made(Grouped(things, Grouping(every=every.unit)), 0.35)
    elif every.per and things.kinds[0] in (k.DEPLOYMENT, k.INCIDENT):
        op, count = things.count
        measured = settled(Measured(unit="per_week"), things.but(count=None))
        if measured is not None:
            yield from having(measured, Amount(op, (count / _WEEKS[every.unit],), "per_week"), 0.3)


@rule(Every, SetOf)
def per_records(every: Every, things: SetOf) -> Iterator[Made]:
    """Monthly incidents."""
    for made in records_per(things, every):
        yield Made(made.meaning, made.delta - 0.05)


@rule(Grouped, Summary)
def average_per(grouped: Grouped, summary: Summary) -> Iterator[Made]:
    """Incidents a week on average."""
    by = grouped.by
    bare = summary.row is None and summary.function is Function.AVERAGE
    if not bare or by is None or by.every is None or grouped.summary or grouped.averaged:
        return
    settling = by.every == "week" and grouped.of.kinds in ((k.DEPLOYMENT,), (k.INCIDENT,))
    measured = settled(Measured(unit="per_week"), grouped.of) if settling else None
    yield Made(measured if measured is not None else replace(grouped, averaged=True), 0.4)


@rule(Summary, Grouped)
def per_average(summary: Summary, grouped: Grouped) -> Iterator[Made]:
    """Average number of incidents a week."""
    yield from average_per(grouped, summary)


@rule(Measured, Summary)
def measure_on_average(measured: Measured, summary: Summary) -> Iterator[Made]:
    """(how many times a week do we) deploy on average: a rate is an average already."""
    if summary.row is None and summary.function is Function.AVERAGE:
        yield Made(measured, 0.2)


_DATED = frozenset((Table.DEPLOYMENTS, Table.CHANGES, Table.INCIDENTS))


@rule(Measured, Every)
def measure_per(measured: Measured, every: Every) -> Iterator[Made]:
    """Mttr by month · (how often) per week: the unit of the measure, said twice."""
    weekly = measured.unit in ("per_week", "times") or measured.measure in (
        "deployment_frequency",
        "incident_rate",
    )
    if every.per and every.unit == "week" and weekly:
        yield Made(measured, 0.4)
    elif measured.by is None and measured.measure not in (None, DELIVERY):
        yield Made(measured.but(by=Grouping(every=every.unit)), 0.35)


@rule(Every, Measured)
def per_measure(every: Every, measured: Measured) -> Iterator[Made]:
    """Weekly mttr."""
    for made in measure_per(measured, every):
        yield Made(made.meaning, made.delta - 0.05)


@rule(Grouped, Time)
def grouped_when(grouped: Grouped, time: Time) -> Iterator[Made]:
    """Incidents by month this year · deployments by person last month."""
    made = _within(grouped.of, time)
    if made is not None:
        yield Made(_regrouped(grouped, made), 0.35, atoms=(time.window,))


@rule(Time, Grouped)
def when_grouped(time: Time, grouped: Grouped) -> Iterator[Made]:
    """This year, incidents by month."""
    for made in grouped_when(grouped, time):
        yield Made(made.meaning, made.delta - 0.05, made.atoms)


@rule(MostOf, Time)
def most_when(most: MostOf, time: Time) -> Iterator[Made]:
    """(who) deployed most last month."""
    made = _within(most.of, time)
    if made is not None:
        yield Made(MostOf(made, most.descending, most.limit, most.worst), 0.2, atoms=(time.window,))


@rule(Time, MostOf)
def when_most(time: Time, most: MostOf) -> Iterator[Made]:
    """Last month (who) deployed most."""
    for made in most_when(most, time):
        yield Made(made.meaning, made.delta - 0.05, made.atoms)


def _within(records: SetOf, time: Time) -> SetOf | None:
    """Records with their moment in the window; None when they have none."""
    tables = {table_of(kind) for kind in records.kinds}
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if len(tables) != 1 or window is None or not tables <= _DATED:
        return None
    where = in_window(MOMENT_OF[tables.pop()], window)
    return records.but(where=conjoin(records.where, where)) if where is not None else None


@rule(Grouped, SetOf)
def grouped_at(grouped: Grouped, place: SetOf) -> Iterator[Made]:
    """Incidents by month for search: where they belong comes last."""
    if not (place.names or place.mine) or place.checked or grouped.most is not None:
        return
    if among_groups(grouped, place):
        return
    for join in joins(grouped.of, place):
        of = grouped.of.but(kinds=join.kinds, where=conjoin(grouped.of.where, join.where))
        yield Made(_regrouped(grouped, of), 0.2 + join.delta, atoms=(join.where,))


@rule(SetOf, Grouped)
def at_grouped(place: SetOf, grouped: Grouped) -> Iterator[Made]:
    """Search: incidents by month."""
    for made in grouped_at(grouped, place):
        yield Made(made.meaning, made.delta - 0.05, made.atoms)


def _regrouped(grouped: Grouped, of: SetOf) -> Grouped:
    return replace(grouped, of=of)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────


@rule(EventWord, Superlative)
def deployed_most(event: EventWord, superlative: Superlative) -> Iterator[Made]:
    """(who) deployed most · (which service) was deployed the most."""
    if superlative.row is None and not superlative.trend:
        selected = deployments(event)
        of = SetOf(kinds=selected.kinds, where=selected.where, plural=True)
        up, limit, worst = superlative.descending, superlative.limit, superlative.worst
        yield Made(MostOf(of, up, limit, worst), -0.1, atoms=(selected.where,))


@rule(Superlative, EventWord)
def most_deployed(superlative: Superlative, event: EventWord) -> Iterator[Made]:
    """Most deployed (service): by how many there were; least recently deployed comes from the field table."""
    for made in deployed_most(event, superlative):
        yield replace(made, delta=0.2)


@rule(MostOf, Condition)
def most_where(most: MostOf, condition: Condition) -> Iterator[Made]:
    """(who) deployed the most to staging."""
    place = condition.where
    if (
        most.of.kinds != (k.DEPLOYMENT,)
        or not isinstance(place, Compare)
        or place.field != "environment"
        or k.DEPLOYMENT not in condition.kinds
    ):
        return
    kept = [
        part
        for part in conjuncts(most.of.where)
        if not (isinstance(part, Compare) and part.field == "environment")
    ]
    of = most.of.but(where=conjoin(place, *kept))
    yield Made(MostOf(of, most.descending, most.limit, most.worst), 0.3, atoms=(place,))
