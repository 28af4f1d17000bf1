"""Why something is not healthy: the open incidents, firing alerts and breached SLOs on it, each by its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.reader import Row
from search.engine import SearchEngine
from search.plan import All, AnyOf, Compare, Not, Op, Plan, Predicate, Related, Select, conjoin

MOST = 200
"""Records of trouble that are read for one answer."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason, and what it is about."""

    on: str
    ref: str
    text: str
    row: Row


_SORTS: tuple[tuple[str, str, Compare], ...] = (
    (k.INCIDENT, "incidentOn", Compare(field="open", op=Op.EQ, value=True)),
    (k.ALERT, "alertOn", Compare(field="state", op=Op.EQ, value="active")),
    (k.SLO, "sloOf", Compare(field="breached", op=Op.EQ, value=True)),
)
"""What is trouble, as the field `healthy` defines it."""


def asks_for_health(plan: Plan) -> bool:
    """Whether an answer to the plan says that something is not well."""
    if isinstance(plan, Select) and "healthy" in plan.fields:
        return True
    of = getattr(plan, "of", plan)
    return isinstance(of, Select) and _unwell(of.where)


def _unwell(where: Predicate | None) -> bool:
    if isinstance(where, Compare):
        return where.field == "healthy"
    if isinstance(where, Not):
        return _unwell(where.of)
    if isinstance(where, All | AnyOf):
        return any(_unwell(part) for part in where.of)
    return isinstance(where, Related) and where.relation == "hasSlo" and _breach(where.to.where)


def _breach(where: Predicate | None) -> bool:
    parts = where.of if isinstance(where, All) else (where,)
    return any(isinstance(part, Compare) and part.field == "breached" for part in parts)


def about_objectives(plan: Plan) -> bool:
    """Whether only broken promises are asked for, not health as a whole."""
    return "healthy" not in plan.model_dump_json()


def troubles(
    engine: SearchEngine, refs: Sequence[str], *, now: datetime, objectives: bool = False
) -> tuple[Trouble, ...]:
    """Every reason why these things are not healthy, worst sort first, by reference within a sort.

    Args:
        engine: runs the plans.
        refs: the things.
        now: when.
        objectives: only breached SLOs count.
    """
    if not refs:
        return ()
    named = Select(where=Compare(field="ref", op=Op.IN, value=tuple(refs)))
    found: list[Trouble] = []
    edges = {ref: engine.snapshot.catalog.edges(ref) for ref in refs}
    for kind, side, bad in _SORTS[-1:] if objectives else _SORTS:
        plan = Select(kinds=(kind,), where=conjoin(bad, Related(relation=side, to=named)))
        result = engine.run(plan, now=now, limit=MOST)
        for row in result.rows:
            on = [
                r
                for r in refs
                if any(e["source"] == row["ref"] and e["target"] == r for e in edges[r])
            ]
            found += [Trouble(ref, row["ref"], _said(kind, row), row) for ref in on]
    return tuple(found)


def _said(kind: str, row: Row) -> str:
    """One reason in words, with its reference."""
    ref = f"`{row['ref']}`"
    if kind == k.INCIDENT:
        priority = f"{row['priority']} " if row.get("priority") else ""
        return f"{priority}incident “{row['title']}” is open ({ref})"
    if kind == k.ALERT:
        severity = f"{row['severity']} " if row.get("severity") else ""
        return f"{severity}alert {row['name']} is firing ({ref})"
    left = row.get("budget_left")
    budget = f", {left:g} %" if left is not None else ""
    return f"SLO {row['name']} has no error budget left{budget} ({ref})"
