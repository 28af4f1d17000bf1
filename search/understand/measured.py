"""A composed measure → its plan: which records, of what, when, and whether it is one number or one a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog_store.model import kinds as k
from catalog_store.model.kinds import table_of
from catalog_store.model.measures import DEFAULT_DAYS, DELIVERY, MEASURE_BY_NAME, Measure
from catalog_store.model.time_window import TimeWindow
from search.plan import (
    Aggregate,
    All,
    AnyOf,
    Compare,
    Function,
    Having,
    Op,
    Predicate,
    Select,
    Window,
    conjoin,
)
from search.sql.aggregates import OF_COMPONENT
from search.understand.grammar.events import MOMENT_OF, iso
from search.understand.grammar.joins import joins
from search.understand.selecting import select_of
from search.understand.semantics import Grouping, Measured, SetOf

_COMPARED_BY = frozenset((k.GROUP, k.SYSTEM, k.DOMAIN))
"""Kinds that, named as a whole ("mttr of the teams"), are looked at one by one."""

_HOW_IT_WENT = frozenset(("outcome", "rolled_back"))


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """A plan, with what was chosen for the asker."""

    plan: Aggregate
    notes: tuple[str, ...] = ()


def measure_plans(measured: Measured, *, now: datetime) -> Iterator[MeasurePlan]:
    """The plans a composed measure may stand for; none while it is not known which measure, or of what.

    Args:
        measured: as composed.
        now: where windows end that are open, and from where the default one reaches back.
    """
    if measured.measure == DELIVERY:
        yield from _delivery(measured, now)
        return
    row = MEASURE_BY_NAME.get(measured.measure or "")
    if row is None:
        return
    where, said = _without_window(measured.records.where if measured.records else None, row)
    window, notes = window_of(measured.window or said, now)
    by, scope = _grouping(measured)
    of = _records(row, where, scope)
    if of is None:
        return
    plan = Aggregate(function=Function.MEASURE, of=of, metric=row.name, window=window)
    if measured.having is not None:
        op, value = measured.having
        having = Having(op=op, value=value)  # type: ignore[arg-type]
        plan = plan.model_copy(update={"having": having})
    grouped = _grouped(plan, by, measured, row)
    if grouped is not None:
        yield MeasurePlan(grouped, notes)


def _delivery(measured: Measured, now: datetime) -> Iterator[MeasurePlan]:
    """All key measures of one set of components."""
    scope = measured.things
    if scope is not None and not (scope.named or scope.mine) and set(scope.kinds) & _COMPARED_BY:
        return  # a table for each of several is no one table
    window, notes = window_of(measured.window, now)
    of = Select(kinds=(k.COMPONENT,))
    if scope is not None and set(_kinds(scope)) <= {k.COMPONENT}:
        of = select_of(scope)
    elif scope is not None:
        where = next((join.where for join in joins(SetOf(kinds=(k.COMPONENT,)), scope)), None)
        if where is None:
            return
        of = Select(kinds=(k.COMPONENT,), where=where)
    plan = Aggregate(function=Function.MEASURE, of=of, metric=DELIVERY, window=window)
    yield MeasurePlan(plan, notes)


def _kinds(things: SetOf) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.kind for c in things.names)) or things.kinds


def window_of(window: TimeWindow | None, now: datetime) -> tuple[Window, tuple[str, ...]]:
    """The window of a plan, and that it was chosen where none was named."""
    if window is None:
        start = now - timedelta(days=DEFAULT_DAYS)
        return Window(start=iso(start), end=iso(now)), (
            f"over the last {DEFAULT_DAYS} days, as no time was named",
        )
    end = window.end or now
    return Window(start=iso(window.start) if window.start else None, end=iso(end)), ()


def _without_window(
    where: Predicate | None, row: Measure
) -> tuple[Predicate | None, TimeWindow | None]:
    """A condition on records without what it says about their moment, and that as a window."""
    moment = MOMENT_OF[table_of(row.kind)]
    kept: list[Predicate] = []
    window = None
    for part in where.of if isinstance(where, All) else (where,) if where is not None else ():
        said = said_window(part) if isinstance(part, Compare) and part.field == moment else None
        if said is not None:
            window = said
        elif not (row.unit == "percent" and _how_it_went(part)):
            kept.append(part)
    return conjoin(*kept), window


def said_window(part: Compare) -> TimeWindow | None:
    """The window that a condition on a moment gives; None when it gives none."""
    values = part.value if isinstance(part.value, tuple) else (part.value,)
    moments = [datetime.fromisoformat(str(value)) for value in values]
    if part.op is Op.BETWEEN:
        return TimeWindow(moments[0], moments[1])
    if part.op in (Op.GE, Op.GT):
        return TimeWindow(moments[0], None)
    if part.op in (Op.LT, Op.LE):
        return TimeWindow(None, moments[0])
    return None


def _how_it_went(part: Predicate) -> bool:
    """Says which deployments count as failures, which the measure itself defines."""
    if isinstance(part, Compare):
        return part.field in _HOW_IT_WENT
    return isinstance(part, AnyOf | All) and all(_how_it_went(inner) for inner in part.of)


def _grouping(measured: Measured) -> tuple[Grouping | None, SetOf | None]:
    """What it is grouped by, and what it is restricted to."""
    things = measured.things
    if measured.by is not None:
        return measured.by, things
    if things is None:
        return None, None
    listed = len(things.names) > 1 and things.plural
    compared = measured.most is not None or measured.having is not None or measured.ranks
    bare = things.where is None and bool(things.kinds) and set(things.kinds) <= _COMPARED_BY
    if listed or (not things.named and not things.mine and (compared or bare)):
        return Grouping(by=things), None
    return None, things


def _records(row: Measure, where: Predicate | None, scope: SetOf | None) -> Select | None:
    """The records in scope; None when the scope has none of them."""
    place = None
    if row.environment is not None and not _names_place(where):
        place = Compare(field="environment", op=Op.EQ, value=row.environment)
    within = None
    if scope is not None:
        within = next((join.where for join in joins(SetOf(kinds=(row.kind,)), scope)), None)
        if within is None:
            return None
    return Select(kinds=(row.kind,), where=conjoin(place, where, within))


def _names_place(where: Predicate | None) -> bool:
    parts = where.of if isinstance(where, All | AnyOf) else (where,)
    return any(isinstance(part, Compare) and part.field == "environment" for part in parts)


def _grouped(
    plan: Aggregate, by: Grouping | None, measured: Measured, row: Measure
) -> Aggregate | None:
    """The plan with its groups, their order and how many; None when there is nothing to rank."""
    if by is None:
        return None if measured.most is not None else plan
    changes: dict[str, object] = {"descending": True}
    if by.every is not None:
        changes = {"every": by.every, "descending": None}
    elif by.row is not None:
        changes["group_by"] = by.row.name
    elif by.by is not None:
        things = by.by
        said = things.count[1] if things.count is not None else None
        changes["group_by"] = OF_COMPONENT[table_of(row.kind)]
        changes["group_to"] = select_of(things.but(count=None))
        if measured.most is not None:
            listed = things.named
            changes["limit"] = (
                measured.most[2] or said or (None if things.plural and not listed else 1)
            )
    if measured.most is not None:
        worst, descending, limit = measured.most
        if worst is not None:
            descending = worst is bool(row.more_is_worse)
        changes["descending"] = descending
        changes.setdefault("limit", limit)
    return plan.model_copy(update=changes)
