"""Delivery measures: "change failure rate of payments last quarter", "top 5 services by deployment frequency"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.measures import DELIVERY, MEASURE_BY_NAME
from catalog_store.model.time_window import TimeWindow
from search.plan import (
    AnyOf,
    Compare,
    Function,
    Not,
    Op,
    Predicate,
    Related,
    conjoin,
    conjuncts,
)
from search.understand.amounts import Amount
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins
from search.understand.semantics import (
    Condition,
    EventWord,
    Grouping,
    Link,
    Linked,
    Measured,
    MostOf,
    SetOf,
    Summary,
    Superlative,
    Time,
)

SCOPES = (k.COMPONENT, k.GROUP, k.USER, k.SYSTEM, k.DOMAIN)
"""Kinds a measure is taken of: what records hang on, who owns it, what it is part of."""

_DEPLOYMENT_PARTS = frozenset(("outcome", "rolled_back"))
"""Fields of a deployment that say how it went: a share of such deployments is a measure of its own."""


def record_kind(measured: Measured) -> str | None:
    """The kind of record a measure is taken over; None while the measure is open, or for several at once."""
    row = MEASURE_BY_NAME.get(measured.measure or "")
    return row.kind if row is not None else None


@rule(Link, Measured)
def link_measure(link: Link, right: Measured) -> Iterator[Made]:
    """And mttr."""
    if right == Measured(measure=right.measure):
        yield Made(Linked(link.disjunctive, right), 0.0)


@rule(Measured, Linked)
def measures_linked(left: Measured, linked: Linked) -> Iterator[Made]:
    """Deployment frequency and mttr: the table of them all."""
    if isinstance(linked.right, Measured):
        yield from _together(left, linked.right)


@rule(Measured, Measured)
def measures_listed(left: Measured, right: Measured) -> Iterator[Made]:
    """Deployment frequency, lead time (and mttr)."""
    yield from _together(left, right)


def _together(left: Measured, right: Measured) -> Iterator[Made]:
    """Several measures asked for at once are answered by the table of all; each alone must be bare."""
    names = [m.measure for m in (left, right) if m.measure and m == Measured(measure=m.measure)]
    if len(set(names)) < 2:
        return
    rows = [MEASURE_BY_NAME[name] for name in names if name in MEASURE_BY_NAME]
    notes = tuple(f"{row.label} is not held: {row.lacks}" for row in rows if row.lacks)
    yield Made(Measured(measure=DELIVERY), 0.4, notes=notes)


# ── what it is taken of ──────────────────────────────────────────────────────────────────────────


@rule(Measured, SetOf)
def measure_of(measured: Measured, things: SetOf) -> Iterator[Made]:
    """Mttr of checkout · change failure rate of tier 1 services."""
    yield from _taken_of(measured, things, 0.4)


@rule(SetOf, Measured)
def things_measured(things: SetOf, measured: Measured) -> Iterator[Made]:
    """Checkout mttr · teams with a change failure rate (above 20%)."""
    yield from _taken_of(measured, things, 0.35)


def _taken_of(measured: Measured, things: SetOf, delta: float) -> Iterator[Made]:
    if things.unknown is not None:
        yield Made(things, delta)
        return
    if things.order or things.anyone or things.checked:
        return
    parts = conjuncts(things.where)
    if measured.measure is None and measured.unit == "percent":
        parts = tuple(
            p for p in parts if not isinstance(p, Not)
        )  # "share of services not deployed"
    if any(_about_deployments(part) or _owns_any(part) for part in parts):
        return
    kinds = tuple(dict.fromkeys(c.kind for c in things.names)) or things.kinds
    if kinds and not things.named and not set(kinds) - {k.DEPLOYMENT, k.INCIDENT}:
        yield from _over(measured, things, delta)
        return
    if not things.named and {k.GROUP, k.USER} <= set(kinds):
        return  # "who owns the service with the worst mttr" asks for more than a ranking
    fitting = overlap(kinds, SCOPES)
    if fitting is None or (things.count is not None and things.count[0] is not Op.EQ):
        return
    if things.names:
        things = things.but(names=tuple(c for c in things.names if c.kind in SCOPES))
    else:
        things = things.but(kinds=fitting if kinds else ())
    if measured.things is None:
        yield Made(measured.but(things=things), delta)
        return
    if measured.things.named == things.named:
        return
    bare, name = (measured.things, things) if things.named else (things, measured.things)
    for join in joins(bare, name):
        where = conjoin(bare.where, join.where)
        narrowed = bare.but(kinds=join.kinds, where=where)
        yield Made(measured.but(things=narrowed), delta + join.delta - 0.1, atoms=(join.where,))


def _over(measured: Measured, records: SetOf, delta: float) -> Iterator[Made]:
    """The records a measure is taken over; they also say which measure "how often" and "what share" ask for."""
    if measured.records is not None or records.count is not None:
        return
    if measured.measure is None:
        made = settled(measured, records)
        if made is not None:
            yield Made(made, delta)
        elif measured.unit == "percent" and measured.things is None:
            yield Made(measured.but(things=records), delta)  # "what share of incidents were P1"
    elif (record_kind(measured),) == records.kinds:
        yield Made(measured.but(records=records), delta)


def settled(measured: Measured, records: SetOf) -> Measured | None:
    """The measure that such records are asked for by its unit; None when there is none."""
    incidents = records.kinds == (k.INCIDENT,)
    if measured.unit == "times":
        if not incidents and _failing(records.where) is not None:
            return None  # "how often did it fail" asks for a number of times, which no measure is
        asked = "incident_rate" if incidents else "deployment_frequency"
        return measured.but(measure=asked, unit=None, records=records, counted=True)
    if measured.unit == "per_week":
        name = "incident_rate" if incidents else _failing(records.where) or "deployment_frequency"
        return measured.but(measure=name, unit=None, records=records)
    if measured.unit == "percent" and not incidents:
        failing = _failing(records.where)
        return measured.but(measure=failing, unit=None, records=records) if failing else None
    if measured.unit == "hours":
        name = "time_to_restore" if incidents else "deployment_duration"
        return measured.but(measure=name, unit=None, records=records)
    return None


def _failing(where: Predicate | None) -> str | None:
    """The measure that a share of such deployments is; None when the condition does not say how they went."""
    fields = {field for field, bad in _went(where) if bad}
    if "outcome" in fields:
        return "change_failure_rate"
    return "rollback_rate" if fields else None


def _owns_any(where: Predicate) -> bool:
    """Owning some things: "teams that own services with an mttr over 4 hours" measures those, not the teams."""
    return (
        isinstance(where, Related)
        and where.relation in ("ownerOf", "ownsWithin")
        and bool(where.to.kinds)
    )


def _about_deployments(where: Predicate) -> bool:
    """Deployed or not: how a thing was deployed is what is measured, not what it is measured of."""
    inner = where.of if isinstance(where, Not) else where
    return isinstance(inner, Related) and inner.relation == "hasDeployment"


def _went(where: Predicate | None) -> Iterator[tuple[str, bool]]:
    if isinstance(where, Compare) and where.field in _DEPLOYMENT_PARTS:
        yield where.field, where.value in (True, "failure")
    elif isinstance(where, AnyOf) or (where is not None and where.node == "all"):
        for part in where.of:
            yield from _went(part)


@rule(Measured, Condition)
def measure_where(measured: Measured, condition: Condition) -> Iterator[Made]:
    """(how often do) … in staging · P1 incidents' mttr."""
    yield from _where(measured, condition, 0.3)


@rule(Condition, Measured)
def where_measure(condition: Condition, measured: Measured) -> Iterator[Made]:
    """Tier 1 mttr · staging failure rate."""
    yield from _where(measured, condition, 0.3)


def _where(measured: Measured, condition: Condition, delta: float) -> Iterator[Made]:
    kind = record_kind(measured)
    failing = _failing(condition.where) if k.DEPLOYMENT in condition.kinds else None
    rate = measured.measure == "deployment_frequency" and not measured.counted
    if failing is not None and (measured.unit == "times" or measured.counted):
        return
    if failing is not None and (
        rate or (measured.measure is None and measured.unit in ("percent", "per_week"))
    ):
        yield Made(measured.but(measure=failing, unit=None), delta)  # how often they fail
        return
    if kind is not None and kind in condition.kinds:
        known = measured.records or SetOf(kinds=(kind,), plural=True)
        records = known.but(where=conjoin(known.where, condition.where))
        yield Made(measured.but(records=records), delta)
    kinds = overlap(condition.kinds, SCOPES)
    if {k.GROUP, k.USER} <= set(condition.kinds):
        return
    if kinds is not None and condition.kinds and not _about_deployments(condition.where):
        if measured.things is None:
            things = SetOf(kinds=kinds, where=condition.where, plural=True)
            yield Made(measured.but(things=things), delta - 0.05)
        elif not measured.things.named and overlap(measured.things.kinds, kinds) is not None:
            where = conjoin(measured.things.where, condition.where)
            yield Made(measured.but(things=measured.things.but(where=where)), delta - 0.05)


# ── which measure ────────────────────────────────────────────────────────────────────────────────


@rule(Summary, Measured)
def average_measure(summary: Summary, measured: Measured) -> Iterator[Made]:
    """Average mttr: a mean already."""
    if summary.function is Function.AVERAGE and summary.row is None:
        yield Made(measured, 0.1)


@rule(Measured, Summary)
def measure_on_average(measured: Measured, summary: Summary) -> Iterator[Made]:
    """(how often do we deploy) on average."""
    if measured.measure is not None:
        yield from average_measure(summary, measured)


@rule(Measured, EventWord)
def measure_of_event(measured: Measured, event: EventWord) -> Iterator[Made]:
    """How often does checkout ship · failure rate of deployments."""
    yield from of_event(measured, event)


@rule(EventWord, Measured)
def event_measured(event: EventWord, measured: Measured) -> Iterator[Made]:
    """Deployment failure rate · (what) share of deployments."""
    yield from of_event(measured, event)


def of_event(measured: Measured, event: EventWord) -> Iterator[Made]:
    """The measure that deployments are asked for by its unit, or that is taken over them."""
    name = measured.measure
    failing = event.outcome == "failure"
    if name is None:
        asked = {
            "per_week": "change_failure_rate" if failing else "deployment_frequency",
            "times": None if failing else "deployment_frequency",
            "percent": "change_failure_rate" if failing else None,
            "hours": "deployment_duration",
        }
        name = asked.get(measured.unit or "")
    elif record_kind(measured) != k.DEPLOYMENT:
        return
    if name is None:
        # "what share of deployments … failed": the outcome follows
        if measured.unit == "percent":
            yield Made(measured, 0.1)
        return
    made = measured.but(measure=name, unit=None, counted=measured.unit == "times")
    if event.environment != "production":
        place = Compare(field="environment", op=Op.EQ, value=event.environment)
        known = measured.records or SetOf(kinds=(k.DEPLOYMENT,), plural=True)
        made = made.but(records=known.but(where=conjoin(known.where, place)))
    yield Made(made, 0.35)


@rule(Measured, Measured)
def said_twice(left: Measured, right: Measured) -> Iterator[Made]:
    """How long (does it) take to resolve · mttr, in hours."""
    for open_, full in ((left, right), (right, left)):
        row = MEASURE_BY_NAME.get(full.measure or "")
        if row is None or not (open_.measure == full.measure or _asks_for(open_, row.unit)):
            continue
        merged = _merged(open_, full)
        if merged is not None:
            yield Made(merged, 0.3)
            return
    if left.measure is None and right.measure is None and left.unit == right.unit:
        merged = _merged(left, right)
        if merged is not None:
            yield Made(merged, 0.1)


def _asks_for(open_: Measured, unit: str) -> bool:
    """Whether "how long", "how often" or "what share" asks for a measure of this unit."""
    asked = {"hours": ("hours", "seconds"), "times": ("per_week",)}.get(
        open_.unit or "", (open_.unit,)
    )
    return open_.measure is None and unit in asked


def _merged(open_: Measured, full: Measured) -> Measured | None:
    """The one with what is known of the other; None when both know the same part differently."""
    changes: dict[str, object] = {}
    for name in ("things", "records", "window", "by", "having", "most"):
        mine, theirs = getattr(full, name), getattr(open_, name)
        if mine is not None and theirs is not None and mine != theirs:
            return None
        changes[name] = mine if mine is not None else theirs
    return full.but(**changes)


# ── when, by what, which values ──────────────────────────────────────────────────────────────────


@rule(Measured, Time)
def measure_when(measured: Measured, time: Time) -> Iterator[Made]:
    """Mttr last quarter · cfr 90d."""
    yield from _when(measured, time, 0.35)


@rule(Time, Measured)
def when_measured(time: Time, measured: Measured) -> Iterator[Made]:
    """Last quarter's mttr."""
    yield from _when(measured, time, 0.3)


def _when(measured: Measured, time: Time, delta: float) -> Iterator[Made]:
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if window is not None and measured.window is None:
        yield Made(
            measured.but(window=window), delta if time.window else delta - 0.1, atoms=(window,)
        )


@rule(Measured, Grouping)
def measure_by(measured: Measured, grouping: Grouping) -> Iterator[Made]:
    """Mttr by team."""
    if measured.by is None and measured.measure != DELIVERY and grouping != Grouping():
        yield Made(measured.but(by=grouping), 0.4)


@rule(Grouping, Measured)
def by_measure(grouping: Grouping, measured: Measured) -> Iterator[Made]:
    """(services) by mttr · for each team, mttr."""
    if grouping == Grouping():
        if measured.measure is not None and not measured.ranks and measured.things is None:
            yield Made(measured.but(ranks=True), 0.2)
    else:
        for made in measure_by(measured, grouping):
            yield Made(made.meaning, made.delta - 0.1)


@rule(Measured, Superlative)
def measure_ranked(measured: Measured, superlative: Superlative) -> Iterator[Made]:
    """(whose) mttr is highest."""
    yield from _ranked(measured, superlative)


@rule(Superlative, Measured)
def ranked_measure(superlative: Superlative, measured: Measured) -> Iterator[Made]:
    """Worst change failure rate."""
    yield from _ranked(measured, superlative)


def _ranked(measured: Measured, superlative: Superlative) -> Iterator[Made]:
    if (
        measured.most is None
        and superlative.row is None
        and measured.measure not in (None, DELIVERY)
    ):
        most = (superlative.worst, superlative.descending, superlative.limit)
        yield Made(measured.but(most=most), 0.45)


@rule(MostOf, Measured)
def top_measured(most: MostOf, measured: Measured) -> Iterator[Made]:
    """Top 5 services by deployment frequency · worst teams by mttr."""
    if measured.most is None and measured.measure is not None:
        ranked = measured.but(most=(most.worst, most.descending, most.limit), ranks=False)
        yield from _taken_of(ranked, most.of, 0.35)


@rule(Measured, Amount)
def measure_amount(measured: Measured, amount: Amount) -> Iterator[Made]:
    """Change failure rate above 20% · mttr over 4 hours."""
    yield from having(measured, amount, 0.45)


@rule(Amount, Measured)
def amount_measure(amount: Amount, measured: Measured) -> Iterator[Made]:
    """Over 20% change failure rate."""
    yield from having(measured, amount, 0.3)


def having(measured: Measured, amount: Amount, delta: float) -> Iterator[Made]:
    """The measure with the values that are wanted, in its own unit."""
    row = MEASURE_BY_NAME.get(measured.measure or "")
    if row is None or measured.having is not None or len(amount.values) != 1:
        return
    scale = {
        (None, row.unit): 1.0,
        (row.unit, row.unit): 1.0,
        ("days", "hours"): 24.0,
        ("days", "seconds"): 86_400.0,
    }.get((amount.unit, row.unit))
    if scale is not None:
        yield Made(measured.but(having=(amount.op, round(amount.values[0] * scale, 6))), delta)
