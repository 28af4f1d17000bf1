"""What follows the mitigation of a runbook: who to call now, where to look, and what else is going on with that service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.reader import Row
from search.engine import SearchEngine
from search.plan import All, Compare, Op, Related, Select
from search.result import Outcome

RUNNING = ("component", "resource", "api", "system")
"""Kinds of things that run and break."""

INCIDENTS = 3
"""Open incidents named one by one."""


def escalation(refs: Sequence[str], engine: SearchEngine, now: datetime) -> str:
    """A short list for the thing a runbook is about; empty when it belongs to nothing of the catalog.

    Args:
        refs: entities of the runbook, most specific first.
        engine: answers the questions behind the list.
        now: the moment "now" is.
    """
    ref = next((r for r in refs if r.partition(":")[0] in RUNNING), None)
    if ref is None:
        return ""
    row = engine.snapshot.catalog.entity(ref) or {}
    lines = [
        _on_call(ref, row, engine, now),
        _incidents(ref, engine, now),
        _deployment(ref, engine, now),
        f"Dashboard: {row['dashboard']}" if row.get("dashboard") else "",
    ]
    said = "\n".join(f"- {line}" for line in lines if line)
    return f"**{engine.name(ref)}** right now:\n{said}" if said else ""


def alerting(alert: str, engine: SearchEngine) -> tuple[str, ...]:
    """What an alert is on, by its name."""
    rows = engine.snapshot.catalog.fetch(
        "SELECT e.target FROM edges e JOIN alerts a ON a.ref = e.source WHERE e.relation = 'alertOn' AND lower(a.name) = lower(?) "
        "ORDER BY e.target",
        [alert],
    )
    return tuple(row["target"] for row in rows)


def _on_call(ref: str, row: Row, engine: SearchEngine, now: datetime) -> str:
    """Everyone on call, level by level; else who owns it, which is whom to ask when nobody is."""
    on_it = Select(
        kinds=(k.SHIFT,),
        where=All(
            of=(
                Compare(field="active", op=Op.EQ, value=True),
                Related(relation="answersFor", to=_only(ref)),
            )
        ),
    )
    rows = _rows(on_it, engine, now)
    people: dict[str, Row] = {}
    for shift in sorted(rows, key=lambda r: (r["level"] is None, r["level"] or 0)):
        people.setdefault(shift["user"], shift)
    named = [
        engine.name(user).removeprefix("user ")
        + (f" (level {shift['level']})" if shift.get("level") is not None else "")
        for user, shift in people.items()
    ]
    if named:
        return f"On call: {', '.join(named)}"
    owner = row.get("owner")
    return f"Nobody is known to be on call; it is owned by {engine.name(owner)}" if owner else ""


def _incidents(ref: str, engine: SearchEngine, now: datetime) -> str:
    open_ones = Select(
        kinds=(k.INCIDENT,),
        where=All(
            of=(
                Compare(field="open", op=Op.EQ, value=True),
                Related(relation="incidentOn", to=_only(ref)),
            )
        ),
    )
    rows = _rows(open_ones, engine, now)
    if rows is _UNHELD:
        return ""
    named = [f"{row.get('title') or row['ref']}" for row in rows[:INCIDENTS]]
    more = f" and {len(rows) - INCIDENTS} more" if len(rows) > INCIDENTS else ""
    return f"Open incidents: {'; '.join(named)}{more}" if rows else "Open incidents: none"


def _deployment(ref: str, engine: SearchEngine, now: datetime) -> str:
    asked = _only(ref).model_copy(update={"fields": ("last_deployed_at",)})
    rows = _rows(asked, engine, now)
    at = rows[0].get("last_deployed_at") if rows else None
    if not isinstance(at, datetime):
        return ""
    days = (now - at).days
    ago = "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
    return f"Last production deployment: {at:%Y-%m-%d %H:%M} UTC, {ago}"


_UNHELD: Sequence[Row] = ()
"""Nothing, because no source provides such facts; told from the empty answer by identity."""


def _rows(plan: Select, engine: SearchEngine, now: datetime) -> Sequence[Row]:
    result = engine.run(plan, now=now, limit=50)
    return list(result.rows) if result.outcome is Outcome.ROWS else _UNHELD


def _only(ref: str) -> Select:
    return Select(where=Compare(field="ref", op=Op.EQ, value=ref))
