"""Deployments and moments: "not deployed in 60 days", "last deployed", "incidents since March"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS, Field, FieldType
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Not, Op, Order, Predicate, Related, Select, conjoin, conjuncts
from search.understand.amounts import Amount
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import attach
from search.understand.selecting import select_of
from search.understand.semantics import (
    Asked,
    Condition,
    EventWord,
    FieldWord,
    Negation,
    Recency,
    SetOf,
    Stale,
    Superlative,
    Time,
    kinds_of,
)

MOMENT_OF: dict[Table, str] = {
    Table.DEPLOYMENTS: "at",
    Table.CHANGES: "at",
    Table.INCIDENTS: "created_at",
    Table.ALERTS: "since",
    Table.FINDINGS: "detected_at",
    Table.SHIFTS: "starts_at",
    Table.DOCUMENTS: "reviewed_at",
}
"""The moment a record belongs to, for windows and for "latest"."""

_LAST_DEPLOYED: Field = next(f for f in CORE_FIELDS if f.name == "last_deployed_at")


def iso(moment: datetime) -> str:
    """A moment as plans write it.

    >>> from datetime import UTC
    >>> iso(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    '2026-01-02T03:04:00Z'
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def in_window(field: str, window: TimeWindow) -> Predicate | None:
    """The field lies in the window."""
    if window.start and window.end:
        return Compare(field=field, op=Op.BETWEEN, value=(iso(window.start), iso(window.end)))
    if window.start:
        return Compare(field=field, op=Op.GE, value=iso(window.start))
    if window.end:
        return Compare(field=field, op=Op.LT, value=iso(window.end))
    return None


def deployments(event: EventWord, window: TimeWindow | None = None) -> Select:
    """The deployments a word like "deployed" speaks of: successful ones, to production unless said otherwise."""
    where = conjoin(
        Compare(
            field="environment", op=Op.NE if event.elsewhere else Op.EQ, value=event.environment
        ),
        Compare(field="outcome", op=Op.EQ, value=event.outcome) if event.outcome else None,
        in_window("at", window) if window else None,
        event.by,
    )
    return Select(kinds=(k.DEPLOYMENT,), where=where)


def deployed(event: EventWord, window: TimeWindow | None = None) -> Condition:
    """Was deployed, in the window or ever."""
    return Condition(
        Related(relation="hasDeployment", to=deployments(event, window)), (k.COMPONENT,)
    )


@rule(EventWord, Time)
def deployed_when(event: EventWord, time: Time) -> Iterator[Made]:
    """Deployed last week · deployed 3 days ago · deployed in 60 days."""
    yield from _deployed(event, time, 0.45)


@rule(Time, EventWord)
def when_deployed(time: Time, event: EventWord) -> Iterator[Made]:
    """(in the) last 60 days deployed."""
    yield from _deployed(event, time, 0.3)


def _deployed(event: EventWord, time: Time, delta: float) -> Iterator[Made]:
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if window is not None:
        made = deployed(event, window)
        yield Made(made, delta if time.window else delta - 0.1, atoms=(made.where,))


@rule(EventWord, Amount)
def deployed_so_many_times(event: EventWord, amount: Amount) -> Iterator[Made]:
    """Deployed more than 3 times."""
    if (
        amount.unit is None
        and len(amount.values) == 1
        and amount.values[0] == int(amount.values[0])
    ):
        where = Related(
            relation="hasDeployment",
            to=deployments(event),
            op=amount.op,  # type: ignore[arg-type]
            count=int(amount.values[0]),
        )
        yield Made(Condition(where, (k.COMPONENT,)), 0.35, atoms=(where,))


@rule(Condition, Time)
def records_when(condition: Condition, time: Time) -> Iterator[Made]:
    """(what was) rolled back in the last 30 days: what happens to one kind of record only speaks of those records."""
    happened = isinstance(condition.where, Compare) and condition.where.value is True
    if happened and len(condition.kinds) == 1:
        records = SetOf(kinds=condition.kinds, where=condition.where, plural=True)
        if table_of(condition.kinds[0]) is not Table.ENTITIES:
            yield from _moment_condition(records, time, 0.3)


@rule(Condition, Time)
def so_many_times_when(condition: Condition, time: Time) -> Iterator[Made]:
    """Deployed more than 3 times … this month."""
    where = condition.where
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    counted = isinstance(where, Related) and (where.op, where.count) != (Op.GE, 1)
    if not counted or window is None or not isinstance(where, Related):
        return
    field = MOMENT_OF.get(table_of(where.to.kinds[0])) if where.to.kinds else None
    at = in_window(field, window) if field is not None else None
    said = {p.field for p in conjuncts(where.to.where) if isinstance(p, Compare)}
    if at is not None and field not in said:
        to = where.to.model_copy(update={"where": conjoin(where.to.where, at)})
        made = where.model_copy(update={"to": to})
        yield Made(Condition(made, condition.kinds), 0.35, atoms=(made,))


@rule(EventWord, Condition)
def event_with_value(event: EventWord, condition: Condition) -> Iterator[Made]:
    """Deployed to staging."""
    yield from _event_value(event, condition)


@rule(Condition, EventWord)
def value_with_event(condition: Condition, event: EventWord) -> Iterator[Made]:
    """Failed deployments · production deployment."""
    yield from _event_value(event, condition)


def _event_value(event: EventWord, condition: Condition) -> Iterator[Made]:
    where = condition.where
    other = where.of if isinstance(where, Not) else None
    if isinstance(other, Compare) and other.field == "environment" and other.op is Op.EQ:
        yield Made(replace(event, environment=str(other.value), elsewhere=True), 0.2)
    if (
        isinstance(where, Compare)
        and where.op is Op.EQ
        and isinstance(where.value, str)
        and k.DEPLOYMENT in condition.kinds
    ):
        if where.field == "environment":
            yield Made(replace(event, environment=where.value), 0.3)
        elif where.field == "outcome":
            yield Made(replace(event, outcome=where.value), 0.3)


@rule(EventWord, SetOf)
def deployed_things(event: EventWord, things: SetOf) -> Iterator[Made]:
    """Deployed services."""
    yield from _ever_deployed(things, event, -0.15)


@rule(SetOf, EventWord)
def things_deployed(things: SetOf, event: EventWord) -> Iterator[Made]:
    """[has] checkout [been] deployed."""
    yield from _ever_deployed(things, event, -0.1)


def _ever_deployed(things: SetOf, event: EventWord, delta: float) -> Iterator[Made]:
    if things.unknown is not None:
        yield Made(things, 0.2)
        return
    condition = deployed(event)
    made = attach(things, condition)
    if made is not None and k.COMPONENT in (made.kinds or (k.COMPONENT,)):
        yield Made(made, delta, atoms=(condition.where,))


@rule(Negation, EventWord)
def never_deployed(_: Negation, event: EventWord) -> Iterator[Made]:
    """Never deployed."""
    where = Not(of=deployed(event).where)
    yield Made(Condition(where, (k.COMPONENT,)), 0.35, atoms=(where,))


@rule(Negation, Time)
def not_then(_: Negation, time: Time) -> Iterator[Made]:
    """(shipped in October) but not in November: the verb is left out the second time."""
    if time.window is not None:
        where = Not(of=deployed(EventWord(), time.window).where)
        yield Made(Condition(where, (k.COMPONENT,)), -0.2, atoms=(where,))


@rule(Recency, EventWord)
def last_deployment(recency: Recency, event: EventWord) -> Iterator[Made]:
    """Last deployed · the latest deployments."""
    if event.plural:
        selected = deployments(event)
        order = (Order(field="at", descending=recency.last),)
        latest = SetOf(kinds=selected.kinds, where=selected.where, order=order, plural=True)
        yield Made(latest, 0.1, atoms=(selected.where,))
        return
    if event != EventWord():
        yield from _latest_event(recency, event)
        return
    if recency.last:
        yield Made(FieldWord((_LAST_DEPLOYED,)), 0.3)
    yield Made(Superlative(recency.last, None, _LAST_DEPLOYED), 0.2)


def _latest_event(recency: Recency, event: EventWord) -> Iterator[Made]:
    """The latest failed deployment, or the latest to staging: no field holds it, the event itself is meant."""
    selected = deployments(event)
    order = (Order(field="at", descending=recency.last),)
    yield Made(
        SetOf(kinds=selected.kinds, where=selected.where, order=order, limit=1),
        0.3,
        atoms=(selected.where,),
    )


@rule(SetOf, SetOf)
def things_whose_latest(things: SetOf, latest: SetOf) -> Iterator[Made]:
    """Services whose last deploy failed: how the latest attempt ended, not the latest one that ended so."""
    said = {p.field: p.value for p in conjuncts(latest.where) if isinstance(p, Compare)}
    one = latest.kinds == (k.DEPLOYMENT,) and latest.limit == 1 and latest.order
    if not one or not latest.order[0].descending or len(said) < len(conjuncts(latest.where)):
        return
    if set(said) - {"environment"} != {"outcome"}:
        return
    if said.get("environment", "production") != "production":
        return
    if things.named or k.COMPONENT not in things.kinds:
        return
    where = Compare(field="last_deployment_outcome", op=Op.EQ, value=said["outcome"])
    made = attach(things, Condition(where, (k.COMPONENT,)))
    if made is not None:
        yield Made(made, 0.4, atoms=(where,))


@rule(EventWord, Recency)
def deployed_last(event: EventWord, recency: Recency) -> Iterator[Made]:
    """Deployed last."""
    if event != EventWord():
        yield from _latest_event(recency, event)
        return
    if recency.last:
        yield Made(FieldWord((_LAST_DEPLOYED,)), 0.3)
    yield Made(Superlative(recency.last, None, _LAST_DEPLOYED), 0.25)


@rule(SetOf, Condition)
def deployed_thing_where(things: SetOf, condition: Condition) -> Iterator[Made]:
    """(who) deployed checkout … to staging: the place comes after the thing."""
    where, place = things.where, condition.where
    if (
        not things.names
        or not isinstance(where, Related)
        or where != deployed(EventWord()).where
        or not isinstance(place, Compare)
        or place.field != "environment"
        or not isinstance(place.value, str)
    ):
        return
    made = deployed(EventWord(place.value)).where
    yield Made(things.but(where=made), 0.3, atoms=(made,))


@rule(SetOf, Recency)
def deployed_thing_last(things: SetOf, recency: Recency) -> Iterator[Made]:
    """(who) deployed checkout last: the deployment that is asked about is the latest one anyway."""
    where = things.where
    if (
        recency.last
        and things.names
        and isinstance(where, Related)
        and where.relation == "hasDeployment"
    ):
        yield Made(things, 0.3)


@rule(Recency, FieldWord)
def oldest_field(recency: Recency, word: FieldWord) -> Iterator[Made]:
    """Oldest last deployment · newest version."""
    versions = tuple(row for row in word.rows if row.name == "version")
    if versions and recency.last:
        yield Made(FieldWord(versions), 0.1)
    for row in word.rows:
        if row.type is FieldType.TIMESTAMP:
            yield Made(Superlative(recency.last, None, row), 0.05)


@rule(FieldWord, Recency)
def field_oldest(word: FieldWord, recency: Recency) -> Iterator[Made]:
    """(whose) last deployment is the oldest."""
    yield from oldest_field(recency, word)


@rule(Stale, Time)
def stale_for(_: Stale, time: Time) -> Iterator[Made]:
    """Stale 60d."""
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if window is not None:
        where = Not(of=deployed(EventWord(), window).where)
        yield Made(Condition(where, (k.COMPONENT,)), 0.4, atoms=(where,))


def _moment_condition(things: SetOf, time: Time, delta: float) -> Iterator[Made]:
    kinds = things.kinds
    tables = {table_of(kind) for kind in kinds}
    if len(tables) != 1 or things.named:
        return
    field = MOMENT_OF.get(tables.pop())
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if field is None or window is None:
        return
    where = in_window(field, window)
    if where is not None:
        yield Made(things.but(where=conjoin(things.where, where)), delta, atoms=(where,))


@rule(SetOf, Time)
def things_when(things: SetOf, time: Time) -> Iterator[Made]:
    """Incidents since March."""
    yield from _moment_condition(things, time, 0.35)


@rule(Time, SetOf)
def when_things(time: Time, things: SetOf) -> Iterator[Made]:
    """Last week's incidents."""
    yield from _moment_condition(things, time, 0.25)


@rule(Recency, SetOf)
def latest_thing(recency: Recency, things: SetOf) -> Iterator[Made]:
    """Most recent incident (at the search api)."""
    yield from _latest(recency, things, 0.3)


@rule(SetOf, Recency)
def thing_latest(things: SetOf, recency: Recency) -> Iterator[Made]:
    """incident, latest."""
    yield from _latest(recency, things, 0.1)


def _latest(recency: Recency, things: SetOf, delta: float) -> Iterator[Made]:
    tables = {table_of(kind) for kind in things.kinds}
    if things.named or things.order or len(tables) != 1:
        return
    field = MOMENT_OF.get(tables.pop())
    if field is not None:
        order = (Order(field=field, descending=recency.last),)
        yield Made(things.but(order=order, limit=None if things.plural else 1), delta)


@rule(FieldWord, Time)
def field_when(word: FieldWord, time: Time) -> Iterator[Made]:
    """Last deployment before October."""
    for row in word.rows:
        if row.type is not FieldType.TIMESTAMP:
            continue
        window = time.window or (TimeWindow(time.back, None) if time.back else None)
        where = in_window(row.name, window) if window else None
        if where is not None:
            delta = 0.35 if time.window else 0.25
            yield Made(Condition(where, kinds_of(row)), delta, atoms=(where,))


@rule(Asked, Condition)
def asked_where(asked: Asked, condition: Condition) -> Iterator[Made]:
    """Version of checkout in prod · last deployment of checkout to staging."""
    where = condition.where
    if not isinstance(where, Compare) or not isinstance(where.value, str) or not asked.of.names:
        return
    deployed_fields = {"version", "last_deployed_at", "last_deployed_by", "days_since_deployed"}
    if not {row.name for row in asked.rows} & deployed_fields:
        return
    if where.field in ("environment", "lifecycle") and where.value == "production":
        yield Made(asked, 0.1)  # what these fields speak of anyway
    elif where.field == "environment":
        selected = deployments(EventWord(where.value, "success"))
        at = Related(relation="deploymentOf", to=select_of(asked.of))
        latest = SetOf(
            kinds=selected.kinds,
            where=conjoin(selected.where, at),
            order=(Order(field="at", descending=True),),
            limit=1,
        )
        yield Made(latest, 0.2, atoms=(where,))


@rule(Condition, Asked)
def where_asked(condition: Condition, asked: Asked) -> Iterator[Made]:
    """Prod version of checkout."""
    yield from asked_where(asked, condition)


@rule(FieldWord, Condition)
def field_live(word: FieldWord, condition: Condition) -> Iterator[Made]:
    """(which) version is live."""
    yield from production_field(condition, word)


@rule(Condition, FieldWord)
def production_field(condition: Condition, word: FieldWord) -> Iterator[Made]:
    """Prod version."""
    where = condition.where
    rows = tuple(row for row in word.rows if row.name in ("version", "last_deployed_at"))
    if rows and isinstance(where, Compare) and where.value == "production":
        yield Made(FieldWord(rows), 0.1)
