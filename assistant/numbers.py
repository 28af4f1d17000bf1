"""The answer of a count or a sum: one number, or one a group, those that are level with the last of a ranking said."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from assistant.answer import AnswerKind, Result, Status, ValueRow
from assistant.composed import LISTED, Composed
from assistant.said import number, plain
from catalog_store.reader import Row
from search.explain_measures import UNITS, said_window
from search.plan import Aggregate, Comparison, Op, Window
from search.result import SearchResult
from search.sql import LEVEL, STANDING


@dataclass(frozen=True, slots=True)
class Names:
    """What groups are called, and the things they are when they are things."""

    label: Callable[[object], str]
    thing: Callable[[str], Result | None]


def compose_number(result: SearchResult, said: str, unit: str | None, apart: str) -> Composed:
    """One number; `apart` is what is said beside it."""
    value = result.rows[0]["value"] if result.rows else None
    if value is None:
        return Composed(Status.EMPTY, AnswerKind.VALUE, f"Nothing to sum up: {said}.", unit=unit)
    value = rounded(value)
    text = f"**{number(value, unit)}** — {said}.{apart}"
    return Composed(Status.ANSWERED, AnswerKind.VALUE, text, value=value, unit=unit, total=1)


def compose_groups(
    plan: Aggregate, result: SearchResult, said: str, unit: str | None, names: Names
) -> Composed:
    """One number a group; with two groupings, one for each group within it as well."""
    rows = tuple(_rows(result.rows, names, nested=plan.then is not None))
    if not rows:
        return Composed(Status.EMPTY, AnswerKind.TABLE, f"Nothing to group: {said}.", unit=unit)
    listed = "; ".join(_listed(row, unit) for row in rows[:LISTED])
    total = min(result.total, plan.limit) if plan.limit else result.total
    named = min(len(rows), LISTED)
    more = f"; and {total - named} more" if total > named else ""
    text = f"{said[0].upper()}{said[1:]}: {listed}{more}{level_with(result.rows)}."
    if plan.limit == 1 or plan.place is not None:
        first = " and ".join(f"**{r.label}**" for r in rows)
        level = level_with(result.rows)
        text = f"{first} with {number(rows[0].value, unit)}{level} — {said}."
    groups = (names.thing(row.key) for row in rows) if plan.group_to is not None else ()
    results = tuple(group for group in groups if group is not None)
    return Composed(
        Status.ANSWERED,
        AnswerKind.TABLE,
        text,
        results,
        rows=rows,
        unit=unit,
        total=result.total,
    )


_COMPARED: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def compose_comparison(
    plan: Comparison, result: SearchResult, said: str, unit: str | None, names: Names
) -> Composed:
    """Both numbers, and whether they lie as asked; a side without a value leaves nothing to compare."""
    rows = tuple(
        ValueRow(
            key=str(r["key"]), label=_side(str(r["key"]), names), value=plain(rounded(r["value"]))
        )
        for r in result.rows
    )
    lacking = [row.label for row in rows if row.value is None]
    if lacking:
        text = f"There is nothing to compare: no value for {' and '.join(lacking)} — {said}."
        return Composed(Status.EMPTY, AnswerKind.TABLE, text, rows=rows, unit=unit)
    groups = (names.thing(row.key) for row in rows)
    results = tuple(group for group in groups if group is not None)
    shown = UNITS.get(unit or "", unit) if unit != "percent" else unit
    listed = "; ".join(f"{row.label}: {number(row.value, shown)}" for row in rows)
    value = None
    text = f"{listed} — {said}."
    if plan.op is not None:
        value = _COMPARED[plan.op](rows[0].value, rows[1].value)
        text = f"**{'Yes' if value else 'No'}** — {listed} ({said})."
    return Composed(
        Status.ANSWERED, AnswerKind.TABLE, text, results, rows, value=value, unit=unit, total=2
    )


def _side(key: str, names: Names) -> str:
    """What a side is called: a thing by its name, a stretch of time by its first and last moment."""
    start, slash, end = key.partition("/")
    if slash and start[:1].isdigit():
        return said_window(Window(start=start, end=end))
    return names.label(key)


def _rows(found: Sequence[Row], names: Names, *, nested: bool) -> Iterator[ValueRow]:
    for key, group in groupby(found, key=lambda row: row["key"]):
        rows = list(group)
        cells = tuple(
            ValueRow(
                key=str(row["then_key"]),
                label=names.label(row["then_key"]),
                value=rounded(row["then_value"]),
            )
            for row in rows
            if nested and row["then_key"] is not None and row["then_value"] is not None
        )
        value = rounded(rows[0]["value"])
        yield ValueRow(key=str(key), label=names.label(key), value=value, cells=cells)


def _listed(row: ValueRow, unit: str | None) -> str:
    within = ", ".join(f"{cell.label}: {number(cell.value, unit)}" for cell in row.cells)
    return f"{row.label}: {number(row.value, unit)}" + (f" ({within})" if within else "")


def level_with(rows: Sequence[Row]) -> str:
    """Who a ranking was cut before although they stand level with its last: none of them is left out in silence.

    >>> level_with([{"standing": 1, "level_with": 1}, {"standing": 2, "level_with": 3}])
    ', and 2 more are level with the last'
    """
    if not rows or STANDING not in rows[-1]:
        return ""
    last = rows[-1]
    left = last[LEVEL] - sum(1 for row in rows if row[STANDING] == last[STANDING])
    if left <= 0:
        return ""
    return f", and {left} more {'is' if left == 1 else 'are'} level with the last"


def rounded(value: Any) -> Any:
    """A value to four places."""
    return round(value, 4) if isinstance(value, float) else value
