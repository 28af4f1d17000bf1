"""Ages: "more than 90 days ago", "between 30 and 60 days old", "for more than 90 days"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldType
from catalog_store.model.kinds import table_of
from catalog_store.model.time_window import TimeWindow
from search.plan import AnyOf, Compare, Not, Op, Predicate, conjoin
from search.understand.amounts import Amount, Comparator
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import MOMENT_OF, deployed, in_window, iso
from search.understand.semantics import (
    Age,
    Condition,
    EventWord,
    FieldWord,
    Negation,
    SetOf,
    Stale,
    Time,
    kinds_of,
)


def age_condition(field: str, age: Age) -> Predicate | None:
    """The field's moment has that age. Older means an earlier moment."""
    if age.until is not None:
        return in_window(field, TimeWindow(age.back, age.until))
    op = {Op.GT: Op.LT, Op.GE: Op.LE, Op.LT: Op.GT, Op.LE: Op.GE, Op.EQ: Op.GE}[age.op]
    return Compare(field=field, op=op, value=iso(age.back))


@rule(EventWord, Age)
def deployed_ago(event: EventWord, age: Age) -> Iterator[Made]:
    """Deployed more than 90 days ago."""
    yield from _last_deployed(event, age, 0.35)


@rule(Age, EventWord)
def ago_deployed(age: Age, event: EventWord) -> Iterator[Made]:
    """Older than 90 days deployments."""
    yield from _last_deployed(event, age, 0.15)


def _last_deployed(_: EventWord, age: Age, delta: float) -> Iterator[Made]:
    where = age_condition("last_deployed_at", age)
    if where is not None:
        since = age.back if age.op in (Op.GT, Op.GE) and age.until is None else None
        yield Made(Condition(where, (k.COMPONENT,), since=since), delta, atoms=(where,))


@rule(Negation, Condition)
def not_for_longer(_: Negation, condition: Condition) -> Iterator[Made]:
    """Not deployed for more than 90 days: no deployment in that time."""
    if (
        condition.since is not None
        and isinstance(condition.where, Compare)
        and condition.where.field != "last_deployed_at"
    ):
        where: Predicate = AnyOf(
            of=(condition.where, Compare(field=condition.where.field, op=Op.MISSING))
        )
        yield Made(Condition(where, condition.kinds), 0.5, atoms=(where,))
    elif condition.since is not None:
        where = Not(of=deployed(EventWord(), TimeWindow(condition.since, None)).where)
        yield Made(Condition(where, condition.kinds), 0.5, atoms=(where,))


@rule(Stale, Age)
def stale_for_longer(_: Stale, age: Age) -> Iterator[Made]:
    """Stale for more than 60 days."""
    where = Not(of=deployed(EventWord(), TimeWindow(age.back, None)).where)
    yield Made(Condition(where, (k.COMPONENT,)), 0.4, atoms=(where,))


@rule(FieldWord, Age)
def field_age(word: FieldWord, age: Age) -> Iterator[Made]:
    """Last deployment more than 90 days ago · newest deployment between 30 and 60 days old."""
    for row in word.rows:
        if row.type is FieldType.TIMESTAMP:
            where = age_condition(row.name, age)
            if where is not None:
                since = age.back if age.op in (Op.GT, Op.GE) and age.until is None else None
                yield Made(Condition(where, kinds_of(row), since=since), 0.4, atoms=(where,))


@rule(Age, FieldWord)
def age_field(age: Age, word: FieldWord) -> Iterator[Made]:
    """Older than 90 days last deployment."""
    yield from field_age(word, age)


@rule(SetOf, Age)
def records_aged(things: SetOf, age: Age) -> Iterator[Made]:
    """Runbooks older than 6 months · incidents less than 2 days old."""
    tables = {table_of(kind) for kind in things.kinds}
    field = MOMENT_OF.get(next(iter(tables))) if len(tables) == 1 else None
    if field is None or things.named or things.kinds == (k.DEPLOYMENT,):
        return  # the age of a deployment is that of a thing's last one
    where = age_condition(field, age)
    if where is not None:
        yield Made(things.but(where=conjoin(things.where, where)), 0.35, atoms=(where,))


@rule(Comparator, Time)
def longer_than(comparator: Comparator, time: Time) -> Iterator[Made]:
    """More than 90 days (ago)."""
    if not comparator.after:
        yield from _age(comparator.op, time)


@rule(Time, Comparator)
def or_longer(time: Time, comparator: Comparator) -> Iterator[Made]:
    """100 days or more."""
    if comparator.after:
        yield from _age(comparator.op, time)


def _age(op: Op, time: Time) -> Iterator[Made]:
    if time.days is not None and time.back is not None:
        yield Made(Age(op, time.back), 0.25)
        yield Made(Amount(op, (time.days,), "days"), 0.2)


@rule(FieldWord, Time)
def lasted_at_most(word: FieldWord, time: Time) -> Iterator[Made]:
    """(incidents) resolved within 30 minutes · fixed in an hour."""
    if time.days is None:
        return
    for row in word.rows:
        if row.name == "duration_hours":
            where = Compare(field=row.name, op=Op.LE, value=round(time.days * 24, 6))
            yield Made(Condition(where, kinds_of(row)), 0.3, atoms=(where,))
