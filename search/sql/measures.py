"""The SQL of the delivery measures: what `catalog_store/model/measures.py` declares, computed over distinct records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model.kinds import table_of
from catalog_store.model.measures import MEASURE_BY_NAME, Measure
from catalog_store.model.time_window import TimeWindow
from search.plan import Aggregate, Window
from search.sql.sets import MOMENTS, Sets
from search.sql.terms import timestamp, unknown

SECONDS_PER_WEEK = 7 * 24 * 3600
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Span:
    """A measure's window as SQL terms; None for an open start. The end is never later than now: a rate is per elapsed week."""

    start: exp.Expr | None
    end: exp.Expr

    def holds(self, moment: exp.Expr) -> exp.Expr:
        """Start <= moment < end."""
        before = exp.LT(this=moment, expression=self.end.copy())
        if self.start is None:
            return before
        return exp.and_(exp.GTE(this=moment.copy(), expression=self.start.copy()), before)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows a value is taken over: their alias, the condition of lying in the window, its length in weeks."""

    alias: str
    held: exp.Expr
    weeks: exp.Expr


def span_of(window: Window | None, now: datetime) -> Span:
    """The window of a plan; without one, everything up to now."""
    start = _moment(window.start) if window is not None and window.start else None
    end = _moment(window.end) if window is not None and window.end else now
    return Span(timestamp(start) if start else None, timestamp(min(end, now)))


def elapsed(window: Window | None, now: datetime) -> TimeWindow | None:
    """The part of a window that has passed; None for one without a start, or that has yet to begin."""
    start = _moment(window.start) if window is not None and window.start else None
    end = min(_moment(window.end), now) if window is not None and window.end else now
    return TimeWindow(start, end) if start is not None and start < end else None


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidPlan(f"the window's {text!r} is not an ISO 8601 moment") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def measure_of(plan: Aggregate) -> Measure:
    """The row of the measure a plan names.

    Raises:
        InvalidPlan: no measure is called so, or no source provides what it needs.
    """
    measure = MEASURE_BY_NAME.get(plan.metric or "")
    if measure is None:
        raise unknown("no measure is called", plan.metric, MEASURE_BY_NAME)
    if measure.lacks is not None:
        raise InvalidPlan(f"{measure.label} cannot be computed: {measure.lacks}")
    return measure


def measured(
    sets: Sets, measure: Measure, rows: exp.Select, span: Span, *, bucketed: str | None = None
) -> exp.Select:
    """Key and value of a measure, over `rows` of (key, ref, the record's columns).

    Args:
        sets: for aliases.
        measure: which.
        rows: the records in scope with the group each belongs to; a record in several groups has a row for each.
        span: the window.
        bucketed: the calendar unit the groups are, when they are stretches of time: rates are then per week of each.
    """
    alias = sets.alias("m")
    moment = exp.column(MOMENTS[table_of(measure.kind)], alias)
    weeks = _weeks(moment, span, bucketed)
    value = _VALUES[measure.name](_Rows(alias, span.holds(moment), weeks))
    query = (
        exp.select(
            exp.alias_(exp.column("key", alias), "key"),
            exp.alias_(value, "value"),
        )
        .from_(rows.distinct().subquery(alias))
        .group_by(exp.column("key", alias))
    )
    if bucketed or measure.unit != "per_week":
        query = query.where(span.holds(moment.copy()))
    return query


def _weeks(moment: exp.Expr, span: Span, bucketed: str | None) -> exp.Expr:
    """Weeks a rate is per: of the window, of the bucket within it, or since the first record when the start is open."""
    first = exp.Min(this=moment.copy())
    start: exp.Expr = span.start.copy() if span.start is not None else first
    end = span.end.copy()
    if bucketed:
        begin = trunc(bucketed, first)
        after = exp.Add(
            this=begin.copy(),
            expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var(bucketed)),
        )
        start = exp.Greatest(this=begin, expressions=[start]) if span.start is not None else begin
        end = exp.Least(this=after, expressions=[end])
    seconds = exp.Anonymous(this="date_sub", expressions=[exp.Literal.string("second"), start, end])
    weeks = exp.Div(
        this=exp.Nullif(this=seconds, expression=exp.Literal.number(0)),
        expression=exp.Literal.number(f"{SECONDS_PER_WEEK}.0"),
    )
    return exp.paren(weeks)


def trunc(unit: str, moment: exp.Expr) -> exp.Expr:
    """The start of the calendar unit a moment lies in; weeks start on Monday."""
    return exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(unit), moment])


def _count(condition: exp.Expr | None) -> exp.Expr:
    counted = exp.Count(this=exp.Star())
    if condition is None:
        return counted
    return exp.Filter(this=counted, expression=exp.Where(this=condition))


def _rate(condition: exp.Expr, weeks: exp.Expr) -> exp.Expr:
    return exp.Div(this=_count(condition), expression=weeks)


def _share(condition: exp.Expr) -> exp.Expr:
    """Percent of the rows; no rows, no share."""
    hundred = exp.Mul(this=exp.Literal.number("100.0"), expression=_count(condition))
    return exp.Div(
        this=hundred,
        expression=exp.Nullif(this=_count(None), expression=exp.Literal.number(0)),
    )


def _succeeded(alias: str) -> exp.Expr:
    return exp.column("outcome", alias).eq("success")


def _rolled_back(alias: str) -> exp.Expr:
    return exp.Coalesce(this=exp.column("rolled_back", alias), expressions=[exp.false()])


def _failed(alias: str) -> exp.Expr:
    return exp.or_(
        exp.NEQ(this=exp.column("outcome", alias), expression=exp.Literal.string("success")),
        _rolled_back(alias),
    )


def _restore(alias: str) -> exp.Expr:
    """Hours from creation to resolution; incidents that are open leave nothing to average."""
    seconds = exp.Anonymous(
        this="date_sub",
        expressions=[
            exp.Literal.string("second"),
            exp.column("created_at", alias),
            exp.column("resolved_at", alias),
        ],
    )
    return exp.Div(
        this=exp.Avg(this=seconds), expression=exp.Literal.number(f"{SECONDS_PER_HOUR}.0")
    )


_VALUES: dict[str, Callable[[_Rows], exp.Expr]] = {
    "deployment_frequency": lambda m: _rate(exp.and_(_succeeded(m.alias), m.held), m.weeks),
    "change_failure_rate": lambda m: _share(_failed(m.alias)),
    "time_to_restore": lambda m: _restore(m.alias),
    "incident_rate": lambda m: _rate(m.held, m.weeks),
    "rollback_rate": lambda m: _share(_rolled_back(m.alias)),
    "deployment_duration": lambda m: exp.Avg(this=exp.column("duration_seconds", m.alias)),
}
"""Measure → its value over rows."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "deployment_frequency": ("at", "outcome"),
    "change_failure_rate": ("at", "outcome", "rolled_back"),
    "time_to_restore": ("created_at", "resolved_at"),
    "incident_rate": ("created_at",),
    "rollback_rate": ("at", "rolled_back"),
    "deployment_duration": ("at", "duration_seconds"),
}
"""Measure → the columns of its records that it needs."""
