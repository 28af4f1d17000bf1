"""The SQL of computed fields: sub-selects over the tables a thing's records lie in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table
from search.plan import Compare, Op, Related, Select, conjoin
from search.sql.terms import equal, rows_of, table_node, timestamp

if TYPE_CHECKING:
    from search.sql.sets import Sets


def last_deployment(sets: Sets, alias: str, value: str, *, successful: bool = True) -> exp.Expr:
    """A column of the latest deployment to production: of the latest successful one, or of the latest attempt."""
    d = sets.alias("d")
    picked: exp.Expr = (
        exp.Max(this=exp.column("at", d))
        if value == "at"
        else exp.func("arg_max", exp.column(value, d), exp.column("at", d))
    )
    succeeded = equal(exp.column("outcome", d), exp.Literal.string("success"))
    return rows_of(
        Table.DEPLOYMENTS.value,
        d,
        [picked],
        equal(exp.column("component", d), exp.column("ref", alias)),
        equal(exp.column("environment", d), exp.Literal.string("production")),
        succeeded if successful else exp.true(),
        exp.LTE(this=exp.column("at", d), expression=timestamp(sets.now)),
    ).subquery(copy=False)


def days_since(sets: Sets, moment: exp.Expr) -> exp.Expr:
    """Whole days from a moment to now."""
    return exp.Anonymous(
        this="date_sub", expressions=[exp.Literal.string("day"), moment, timestamp(sets.now)]
    )


def active(sets: Sets, alias: str) -> exp.Expr:
    """The moment lies in [starts_at, ends_at); an open side always fits."""
    now = timestamp(sets.now)
    starts, ends_at = exp.column("starts_at", alias), exp.column("ends_at", alias)
    begun = exp.or_(starts.is_(exp.null()), exp.LTE(this=starts.copy(), expression=now))
    running = exp.or_(ends_at.is_(exp.null()), exp.GT(this=ends_at.copy(), expression=now.copy()))
    return exp.paren(exp.and_(begun, running))


def lasted(sets: Sets, alias: str) -> exp.Expr:
    """Hours from opening to resolution, or to now while it is open."""
    end = exp.func("coalesce", exp.column("resolved_at", alias), timestamp(sets.now))
    seconds = exp.Anonymous(
        this="date_diff",
        expressions=[exp.Literal.string("second"), exp.column("created_at", alias), end],
    )
    return exp.paren(exp.Div(this=seconds, expression=exp.Literal.number("3600.0")))


def upcoming(sets: Sets, alias: str) -> exp.Expr:
    """The shift begins after now."""
    starts = exp.column("starts_at", alias)
    return exp.paren(exp.GT(this=starts, expression=timestamp(sets.now)))


def healthy(sets: Sets, alias: str) -> exp.Expr:
    """No open incident, no firing alert, no breached SLO on the thing itself."""
    trouble = (
        ("hasIncident", k.INCIDENT, Compare(field="open", op=Op.EQ, value=True)),
        ("hasAlert", k.ALERT, Compare(field="state", op=Op.EQ, value="active")),
        ("hasSlo", k.SLO, Compare(field="breached", op=Op.EQ, value=True)),
    )
    parts = [
        sets.related(Related(relation=side, to=Select(kinds=(kind,), where=where)), alias)
        for side, kind, where in trouble
    ]
    return exp.paren(exp.not_(exp.paren(exp.or_(*parts))))


def of_records(sets: Sets, alias: str, side: str, wanted: Select, value: str | None) -> exp.Expr:
    """The smallest value of a column among records that hang on the thing; how many there are when no column is named."""
    e, r = sets.alias(), sets.alias()
    near, far, name = sets.columns(side)
    table = sets.table(wanted)
    summed: exp.Expr = (
        exp.Min(this=exp.column(value, r))
        if value is not None
        else exp.Count(this=exp.Distinct(expressions=[exp.column("ref", r)]))
    )
    return (
        exp.select(summed)
        .from_(table_node("edges", e))
        .join(table_node(table.value, r), on=exp.column("ref", r).eq(exp.column(far, e)))
        .where(
            exp.column("relation", e).eq(name),
            exp.column(near, e).eq(exp.column("ref", alias)),
            sets.where(wanted, table, r),
        )
        .subquery(copy=False)
    )


def _findings(severity: str | None = None) -> Select:
    """Open findings, of one severity or any."""
    where = conjoin(
        Compare(field="open", op=Op.EQ, value=True),
        Compare(field="severity", op=Op.EQ, value=severity) if severity else None,
    )
    return Select(kinds=(k.FINDING,), where=where)


def _open_findings(sets: Sets, alias: str, *, severity: str) -> exp.Expr:
    return of_records(sets, alias, "hasFinding", _findings(severity), None)


_OPEN = Select(kinds=(k.INCIDENT,), where=Compare(field="open", op=Op.EQ, value=True))
_FIRING = Select(kinds=(k.ALERT,), where=Compare(field="state", op=Op.EQ, value="active"))

_E = Table.ENTITIES

DERIVED: dict[tuple[Table, str], Callable[[Sets, str], exp.Expr]] = {
    (_E, "last_deployed_at"): lambda sets, alias: last_deployment(sets, alias, "at"),
    (_E, "days_since_deployed"): lambda sets, alias: days_since(
        sets, last_deployment(sets, alias, "at")
    ),
    (_E, "last_deployed_by"): lambda sets, alias: last_deployment(sets, alias, "actor"),
    (_E, "last_deployment_outcome"): lambda sets, alias: last_deployment(
        sets, alias, "outcome", successful=False
    ),
    (_E, "version"): lambda sets, alias: last_deployment(sets, alias, "version"),
    (_E, "healthy"): healthy,
    (_E, "open_incidents"): lambda sets, alias: of_records(sets, alias, "hasIncident", _OPEN, None),
    (_E, "firing_alerts"): lambda sets, alias: of_records(sets, alias, "hasAlert", _FIRING, None),
    (_E, "open_findings"): lambda sets, alias: of_records(
        sets, alias, "hasFinding", _findings(), None
    ),
    **{
        (_E, f"{severity}_findings"): partial(_open_findings, severity=severity)
        for severity in ("critical", "high", "medium", "low")
    },
    (_E, "error_budget_left"): lambda sets, alias: of_records(
        sets, alias, "hasSlo", Select(kinds=(k.SLO,)), "budget_left"
    ),
    (Table.DOCUMENTS, "days_since_review"): lambda sets, alias: days_since(
        sets, exp.column("reviewed_at", alias)
    ),
    (Table.INCIDENTS, "duration_hours"): lasted,
    (Table.SHIFTS, "active"): active,
    (Table.SHIFTS, "upcoming"): upcoming,
}
"""(table, field) → its SQL for the row with this alias."""
