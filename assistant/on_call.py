"""Who is on call, worded: each person with the level of escalation and the end of the shift."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import AnswerKind, Result, Status
from assistant.composed import LISTED, Composed
from catalog_store.reader import Row
from search.engine import SearchEngine
from search.plan import All, Predicate, Related, Select, Traverse
from search.result import SearchResult
from search.sql import as_select


def compose_on_call(
    engine: SearchEngine, result: SearchResult, said: str, people: Sequence[Result]
) -> Composed | None:
    """People on call, by escalation level, with the end of each shift; None when the plan asks for something else."""
    assert isinstance(result.plan, Select | Traverse)
    shift = _shift_of(as_select(result.plan).where)
    if shift is None:
        return None
    shifts = engine.run(shift, now=result.now, limit=500).rows if result.now is not None else ()
    by_user: dict[str, Row] = {}
    for row in sorted(shifts, key=lambda r: (r["level"] is None, r["level"] or 0)):
        by_user.setdefault(row["user"], row)
    order = {ref: place for place, ref in enumerate(by_user)}
    results = sorted(people, key=lambda r: order.get(r.ref, len(order)))
    lines = []
    for person in results[:LISTED]:
        row = by_user.get(person.ref, {})
        level = f"level {row['level']}" if row.get("level") is not None else "no level"
        until = (
            f", until {row['ends_at']:%Y-%m-%d %H:%M} UTC" if row.get("ends_at") else ", permanent"
        )
        if result.now is not None and (start := row.get("starts_at")) is not None:
            later = start > result.now
            until = f", from {start:%Y-%m-%d %H:%M} UTC{until}" if later else until
        lines.append(f"**{person.title}** ({level}{until})")
    text = f"{said[0].upper()}{said[1:]}: {'; '.join(lines)}."
    return Composed(Status.ANSWERED, AnswerKind.ENTITIES, text, tuple(results), total=result.total)


def _shift_of(where: Predicate | None) -> Select | None:
    """The shifts that make people be on call, when that is what a set of people is given by."""
    parts = where.of if isinstance(where, All) else (where,)
    found = next((p.to for p in parts if isinstance(p, Related) and p.relation == "hasShift"), None)
    return (
        found.model_copy(update={"fields": ("user", "level", "starts_at", "ends_at")})
        if found is not None
        else None
    )
