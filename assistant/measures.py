"""The answer of a delivery measure: one number, one a group, or the key measures together. No value is said to be one, never 0 %."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from assistant.answer import AnswerKind, Result, Status, ValueRow
from assistant.composed import LISTED, Composed
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.measures import DELIVERY, MEASURE_BY_NAME, Measure
from search.explain_measures import UNITS, said_window
from search.plan import Aggregate, Compare, Function, Having, Op
from search.result import SearchResult

_HOLDS: dict[Op, Callable[[float, float], bool]] = {
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
    Op.LT: lambda a, b: a < b,
    Op.LE: lambda a, b: a <= b,
    Op.GT: lambda a, b: a > b,
    Op.GE: lambda a, b: a >= b,
}


def compose_measure(
    plan: Aggregate,
    result: SearchResult,
    said: str,
    thing: Callable[[str], Result | None],
    held: Collection[Table],
) -> Composed:
    """The sentence and the numbers of a measure.

    Args:
        plan: with `metric` set.
        result: its rows.
        said: the plan in English.
        thing: a group's key → the thing it is, or None for plain values and stretches of time.
        held: the tables that some source fills.
    """
    if plan.metric == DELIVERY:
        return _delivery(plan, result, said, held)
    measure = MEASURE_BY_NAME[plan.metric or ""]
    if plan.group_by is None and plan.every is None:
        return _single(plan, measure, result, said)
    return _groups(plan, measure, result, said, thing)


def _single(plan: Aggregate, measure: Measure, result: SearchResult, said: str) -> Composed:
    value = _rounded(result.rows[0]["value"]) if result.rows else None
    if value is None:
        text = f"There is nothing to measure: {_nothing(measure)} in {said_window(plan.window)} — {said}."
        return Composed(Status.EMPTY, AnswerKind.VALUE, text, unit=measure.unit)
    shown = _number(value, measure.unit)
    if plan.having is not None:
        holds = _holds(plan.having, value)
        text = f"**{'Yes' if holds else 'No'}** — it is {shown}: {said}."
        return Composed(Status.ANSWERED, AnswerKind.VALUE, text, value=holds, total=1)
    text = f"**{shown}** — {said}."
    return Composed(
        Status.ANSWERED, AnswerKind.VALUE, text, value=value, unit=measure.unit, total=1
    )


def _groups(
    plan: Aggregate,
    measure: Measure,
    result: SearchResult,
    said: str,
    thing: Callable[[str], Result | None],
) -> Composed:
    found = [
        (str(row["key"]), _rounded(row["value"]), thing(str(row["key"]))) for row in result.rows
    ]
    rows = tuple(ValueRow(key=key, label=it.title if it else key, value=v) for key, v, it in found)
    if not rows and plan.function is not Function.COUNT:
        text = f"Nothing matches: {said}."
        return Composed(Status.EMPTY, AnswerKind.TABLE, text, unit=measure.unit)
    listed = "; ".join(f"{row.label}: {_number(row.value, measure.unit)}" for row in rows[:LISTED])
    total = min(result.total, plan.limit) if plan.limit else result.total
    more = f"; and {total - LISTED} more" if total > LISTED else ""
    text = f"{said[0].upper()}{said[1:]}: {listed}{more}."
    if plan.limit == 1:
        text = f"**{rows[0].label}** with {_number(rows[0].value, measure.unit)} — {said}."
    lacking = [
        it.title for it in map(thing, _named(plan)) if it and it.ref not in {r.key for r in rows}
    ]
    if lacking and plan.having is None and plan.limit is None:
        text += (
            f" Nothing to measure for {' and '.join(lacking)}: {_nothing(measure)} in that time."
        )
    results = tuple(it for _, _, it in found if it is not None)
    if plan.function is Function.COUNT:
        return Composed(
            Status.ANSWERED,
            AnswerKind.VALUE,
            f"**{total}** — {said}{': ' if rows else ''}{listed}{more}.",
            results,
            rows,
            value=total,
            unit="count",
            total=total,
        )
    return Composed(
        Status.ANSWERED,
        AnswerKind.TABLE,
        text,
        results,
        rows=rows,
        unit=measure.unit,
        total=total,
    )


def _named(plan: Aggregate) -> tuple[str, ...]:
    """The groups a plan lists by name."""
    where = plan.group_to.where if plan.group_to is not None else None
    if isinstance(where, Compare) and where.field == "ref" and isinstance(where.value, tuple):
        return tuple(str(ref) for ref in where.value)
    return ()


def _delivery(
    plan: Aggregate, result: SearchResult, said: str, held: Collection[Table]
) -> Composed:
    """The key measures as a table; a measure with nothing to measure is named without a number."""
    rows = []
    lines = []
    for row in result.rows:
        measure = MEASURE_BY_NAME[row["key"]]
        value = _rounded(row["value"])
        unit = UNITS[measure.unit]
        rows.append(ValueRow(key=measure.name, label=f"{measure.label} ({unit})", value=value))
        shown = (
            f"**{_number(value, measure.unit)}**"
            if value is not None
            else f"no value, {_why_none(measure, held)}"
        )
        lines.append(f"{measure.label}: {shown}")
    if all(row.value is None for row in rows):
        text = f"There is nothing to measure in {said_window(plan.window)}: {said}."
        return Composed(Status.EMPTY, AnswerKind.TABLE, text)
    lacking = "; ".join(m.lacks for m in MEASURE_BY_NAME.values() if m.lacks)
    text = f"{said[0].upper()}{said[1:]}: {'; '.join(lines)}. Lead time is left out: {lacking}."
    return Composed(Status.ANSWERED, AnswerKind.TABLE, text, rows=tuple(rows), total=len(rows))


def _why_none(measure: Measure, held: Collection[Table]) -> str:
    table = table_of(measure.kind)
    return _nothing(measure) if table in held else f"no source provides {table.value}"


def _nothing(measure: Measure) -> str:
    if measure.name == "time_to_restore":
        return "no incident was resolved"
    return f"no {measure.environment or ''} {measure.kind.lower()}s".replace("  ", " ")


def _holds(having: Having, value: float) -> bool:
    return _HOLDS[having.op](value, having.value)


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)


def _number(value: Any, unit: str) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if value is not None else "none"
    return f"{text} {UNITS[unit]}"
