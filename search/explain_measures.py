"""A measure's plan → English: what it is, over which records, when, by what."""

from __future__ import annotations

from collections.abc import Callable

from catalog_store.model.measures import DELIVERY, MEASURE_BY_NAME, MEASURES, Measure, definition_of
from search.explain_nouns import ordinal, said_number
from search.plan import (
    Aggregate,
    Compare,
    Function,
    Op,
    Select,
    Traverse,
    Window,
    conjoin,
    conjuncts,
)

_HAVING = {
    Op.EQ: "of exactly",
    Op.NE: "other than",
    Op.LT: "below",
    Op.LE: "of at most",
    Op.GT: "above",
    Op.GE: "of at least",
}

EVERYTHING = "everything"

UNITS = {"percent": "%", "per_week": "per week", "hours": "hours", "seconds": "seconds"}
"""Unit of a measure → how it is written after the number."""


def said_measure(plan: Aggregate, noun: Callable[[Select], str]) -> str:
    """A measure's plan as one phrase, its definition in brackets."""
    row = MEASURE_BY_NAME.get(plan.metric or "")
    if row is None:
        names = (
            ", ".join(m.label for m in MEASURES if m.key)
            if plan.metric == DELIVERY
            else plan.metric
        )
        return f"{names} of {_scope(plan, noun)}, {_during(plan.window)}"
    scope = _scope(plan, noun)
    grouped = plan.group_by is not None or plan.every is not None
    text = row.label if grouped and scope == EVERYTHING else f"{row.label} of {scope}"
    if plan.group_by is not None:
        by = noun(plan.group_to) if plan.group_to else plan.group_by.replace("_", " ")
        text += f" per {singular(by)}"
    if plan.every is not None:
        text += f" per {plan.every}"
    if plan.having is not None:
        text += f", {_HAVING[plan.having.op]} {plan.having.value:g} {UNITS[row.unit]}"
    text += f", {_during(plan.window)}"
    if plan.function is Function.COUNT:
        text = f"how many there are by {text}"
    if plan.place is not None:
        text += f", the {ordinal(plan.place)} {'highest' if plan.descending else 'lowest'}"
    if plan.limit is not None and plan.descending is not None:
        end = "highest" if plan.descending else "lowest"
        text += f", the {end} {said_number(plan.limit)}"
    return f"{text} ({definition_of(row, place_of(plan))})"


def place_of(plan: Aggregate) -> str:
    """The environment a plan's deployments went to; empty when it restricts none."""
    for part in conjuncts(plan.of.where) if isinstance(plan.of, Select) else ():
        if isinstance(part, Compare) and part.field == "environment":
            return " or ".join(part.value) if isinstance(part.value, tuple) else str(part.value)  # type: ignore[arg-type]
    row = MEASURE_BY_NAME.get(plan.metric or "")
    records = isinstance(plan.of, Select) and row is not None and plan.of.kinds == (row.kind,)
    return "" if records or row is None else row.environment or ""


def _scope(plan: Aggregate, noun: Callable[[Select], str]) -> str:
    """The records, without the environment that the measure is of anyway."""
    if isinstance(plan.of, Traverse):
        return f"anything reached from {noun(plan.of.start)}"
    row: Measure | None = MEASURE_BY_NAME.get(plan.metric or "")
    usual = row.environment if row is not None else None
    kept = [
        part
        for part in conjuncts(plan.of.where)
        if not (isinstance(part, Compare) and part.field == "environment" and part.value == usual)
    ]
    if not kept and (row is None or plan.of.kinds == (row.kind,)):
        return EVERYTHING
    return noun(plan.of.model_copy(update={"where": conjoin(*kept)}))


def _during(window: Window | None) -> str:
    """A window in words that the reader knows: "from 2026-08-22 to before 2026-11-20"."""
    if window is None or window.start is None or window.end is None:
        return said_window(window)
    return f"from {moment(window.start)} to before {moment(window.end)}"


def said_window(window: Window | None) -> str:
    """A window as people read it.

    >>> said_window(Window(start="2026-08-22T00:00:00Z", end="2026-11-20T12:00:00Z"))
    '2026-08-22 – 2026-11-20 12:00'
    """
    if window is None or (window.start is None and window.end is None):
        return "all time"
    if window.start is None:
        return f"before {moment(window.end)}"
    return (
        f"{moment(window.start)} – {moment(window.end)}"
        if window.end
        else f"since {moment(window.start)}"
    )


def moment(value: object) -> str:
    """A moment of a plan as people read it: the date, with the time unless it is midnight.

    >>> moment("2026-09-21T12:00:00Z"), moment("2026-09-21T00:00:00Z")
    ('2026-09-21 12:00', '2026-09-21')
    """
    text = str(value).removesuffix("Z").replace("T", " ")
    return text[:10] if text.endswith("00:00:00") else text[:16]


def singular(phrase: str) -> str:
    """A noun phrase said of one thing.

    >>> singular("teams of type squad"), singular("status")
    ('team of type squad', 'status')
    """
    head, _, rest = phrase.partition(" ")
    head = {"APIs": "API", "people": "person", "SLOs": "SLO"}.get(
        head,
        head[:-3] + "y"
        if head.endswith("ies")
        else head
        if head.endswith(("ss", "us", "is"))
        else head.removesuffix("s"),
    )
    return f"{head} {rest}".strip()
