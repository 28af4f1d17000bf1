"""Who is called: "who is on call for payments", "oncall ledger", "am I on call", "teams where nobody is on call"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS, Field
from catalog_store.model.kinds import Table
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Not, Op, Order, Predicate, Related, Select, conjoin, conjuncts
from search.turns import turn_within
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import iso
from search.understand.grammar.joins import joins
from search.understand.grammar.relations import kinds_in
from search.understand.selecting import select_of
from search.understand.semantics import (
    Ahead,
    Asked,
    Condition,
    FieldWord,
    Negation,
    OnCall,
    SetOf,
    Time,
)

_COVERED = (k.COMPONENT, k.GROUP, k.RESOURCE, k.SYSTEM, k.API)
_RECORDS = frozenset((k.DEPLOYMENT, k.INCIDENT, k.ALERT, k.FINDING, k.SLO))
_RUNNING = Compare(field="active", op=Op.EQ, value=True)
_UPCOMING = Compare(field="upcoming", op=Op.EQ, value=True)


def on_call(
    level: int | None,
    target: Select | None = None,
    *,
    upcoming: bool = False,
    window: TimeWindow | None = None,
) -> Predicate:
    """The person holds a shift at that level for one of the targets: one that runs now, begins next, or lies in the window."""
    where = conjoin(
        _running(window) if window is not None else _UPCOMING if upcoming else _RUNNING,
        Compare(field="level", op=Op.EQ, value=level) if level is not None else None,
        Related(relation="answersFor", to=target) if target is not None else None,
    )
    shifts = Select(kinds=(k.SHIFT,), where=where)
    if upcoming:
        first = (Order(field="starts_at"),)
        shifts = shifts.model_copy(update={"order": first, "limit": 1})
    return Related(relation="hasShift", to=shifts)


def _running(window: TimeWindow) -> Predicate:
    assert window.start is not None
    assert window.end is not None
    return turn_within(iso(window.start), iso(window.end))


def _for(word: OnCall, target: SetOf, delta: float) -> Iterator[Made]:
    if target.unknown is not None:
        yield Made(target, delta)
        return
    kinds = kinds_in(target)
    if set(kinds) & set(_COVERED):
        narrowed = target.but(names=tuple(c for c in target.names if c.kind in _COVERED))
        where = on_call(word.level, select_of(narrowed), upcoming=word.upcoming, window=word.window)
        bonus = 0.0 if target.names or target.mine or target.where is not None else -0.3
        yield Made(SetOf(kinds=(k.USER,), where=where, plural=True), delta + bonus, atoms=(where,))
    elif kinds and set(kinds) <= _RECORDS and (target.where is not None or target.names):
        for join in joins(SetOf(kinds=(k.COMPONENT,)), target):  # "and who is on call for those"
            of = Select(kinds=join.kinds, where=join.where)
            where = on_call(word.level, of, upcoming=word.upcoming, window=word.window)
            yield Made(SetOf(kinds=(k.USER,), where=where, plural=True), delta, atoms=(where,))
    elif set(kinds) == {k.USER} and target.names:
        where = on_call(word.level, upcoming=word.upcoming, window=word.window)
        yield Made(
            target.but(where=conjoin(target.where, where), checked=True), 0.2, atoms=(where,)
        )
    elif k.USER in kinds and target.where is None:
        yield Made(word, 0.15)  # "on-call engineer", "anyone on call"


@rule(OnCall, SetOf)
def on_call_for(word: OnCall, target: SetOf) -> Iterator[Made]:
    """On call for payments."""
    yield from _for(word, target, 0.5)


@rule(SetOf, OnCall)
def covered_by(target: SetOf, word: OnCall) -> Iterator[Made]:
    """Payments on call · [is] jane on call."""
    yield from _for(word, target, 0.4)


@rule(OnCall, Time)
@rule(OnCall, Ahead)
def on_call_then(word: OnCall, time: Time | Ahead) -> Iterator[Made]:
    """On call tomorrow · on call last night."""
    window = time.window
    if window is None or (isinstance(time, Time) and time.today):
        return  # "on call today" is asked by those who need somebody now
    if window.start and window.end and word.window is None:
        yield Made(replace(word, window=window), 0.4)


@rule(Time, OnCall)
@rule(Ahead, OnCall)
def then_on_call(time: Time | Ahead, word: OnCall) -> Iterator[Made]:
    """This weekend's on-call."""
    yield from on_call_then(word, time)


@rule(SetOf, Time)
@rule(SetOf, Ahead)
def covered_then(people: SetOf, time: Time | Ahead) -> Iterator[Made]:
    """(who is on call for) payments tomorrow: the time comes after the thing."""
    where, window = people.where, time.window
    if not isinstance(where, Related) or where.relation != "hasShift" or window is None:
        return
    if isinstance(time, Time) and time.today:
        return
    if not (window.start and window.end) or _RUNNING not in conjuncts(where.to.where):
        return
    rest = (p for p in conjuncts(where.to.where) if p != _RUNNING)
    to = where.to.model_copy(update={"where": conjoin(_running(window), *rest)})
    then = where.model_copy(update={"to": to})
    yield Made(people.but(where=then), 0.4, atoms=(then,))


@rule(Negation, OnCall)
def nobody_on_call(_: Negation, __: OnCall) -> Iterator[Made]:
    """(teams where) nobody is on call."""
    shift = Select(kinds=(k.SHIFT,), where=_RUNNING)
    where = Not(of=Related(relation="answeredBy", to=shift))
    yield Made(Condition(where, (k.GROUP, k.COMPONENT, k.SYSTEM, k.RESOURCE)), 0.4, atoms=(where,))


@rule(OnCall, FieldWord)
def call_data(word: OnCall, field: FieldWord) -> Iterator[Made]:
    """on-call shift: said twice."""
    if field.unknown is None and any(row.name in ("user", "level") for row in field.rows):
        yield Made(word, 0.0)


def shifts_of(people: SetOf) -> SetOf | None:
    """The shifts that make the people be on call; None when they are not given by that."""
    where = people.where
    if not isinstance(where, Related) or where.relation != "hasShift":
        return None
    held = (
        Related(relation="shiftOf", to=select_of(people.but(where=None))) if people.names else None
    )
    return SetOf(kinds=(k.SHIFT,), where=conjoin(where.to.where, held))


_USER: Field = next(f for f in CORE_FIELDS if f.table is Table.SHIFTS and f.name == "user")


@rule(FieldWord, SetOf)
def until_when(word: FieldWord, people: SetOf) -> Iterator[Made]:
    """Until when is jane on call · when does the on-call for payments end: of the shift, not of the person."""
    rows = tuple(row for row in word.rows if row.table is Table.SHIFTS and row.name != "user")
    shifts = shifts_of(people)
    if rows and shifts is not None:
        yield Made(Asked(shifts, (*rows, _USER)), 0.5, atoms=(shifts.where,))


@rule(SetOf, FieldWord)
def on_call_until(people: SetOf, word: FieldWord) -> Iterator[Made]:
    """(when does) payments on call end."""
    yield from until_when(word, people)


@rule(SetOf, SetOf)
def on_call_for_which(things: SetOf, people: SetOf) -> Iterator[Made]:
    """Which team is jane on call for: what her shifts cover, not who covers her teams."""
    shifts = shifts_of(people)
    if (
        shifts is None
        or not people.names
        or things.named
        or things.pronoun
        or not things.kinds
        or not set(things.kinds) <= set(_COVERED)
    ):
        return
    to = Select(kinds=shifts.kinds, where=shifts.where)
    where = Related(relation="coveredBy", to=to)
    yield Made(things.but(where=conjoin(things.where, where)), 0.6, atoms=(where,))
