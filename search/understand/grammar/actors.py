"""Who made a deployment: "what did jane deploy", "deployed by jane", "who deployed to production yesterday"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Op, Order, Related, conjoin, conjuncts
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import deployments, in_window
from search.understand.selecting import select_of
from search.understand.semantics import Condition, EventWord, FieldWord, SetOf, Time


def made_by(people: SetOf) -> Related | None:
    """The deployment was made by one of the people; None where not only people are named, or more is said of them."""
    if not people.names or people.where is not None or people.pronoun:
        return None
    names = tuple(c for c in people.names if c.kind == k.USER)
    if not names:
        return None
    return Related(relation="deployedBy", to=select_of(people.but(names=names)))


@rule(SetOf, EventWord)
def person_deploys(people: SetOf, event: EventWord) -> Iterator[Made]:
    """(what did) jane deploy (last week): her deployments, to production unless it says otherwise."""
    by = made_by(people)
    if by is not None and event.by is None:
        selected = deployments(replace(event, by=by))
        made = SetOf(kinds=selected.kinds, where=selected.where)
        # "jane's deployments" are all of them: the noun has a reading of its own
        yield Made(made, -0.3 if event.noun else 0.4, atoms=(selected.where,))


@rule(SetOf, FieldWord)
def person_last_deployed(people: SetOf, word: FieldWord) -> Iterator[Made]:
    """(when did) jane last deploy: the latest of her own, not of what she owns."""
    by = made_by(people)
    if by is not None and any(row.name == "last_deployed_at" for row in word.rows):
        selected = deployments(EventWord(by=by))
        latest = SetOf(
            kinds=selected.kinds,
            where=selected.where,
            order=(Order(field="at", descending=True),),
            limit=1,
            asked=("at", "component"),
        )
        yield Made(latest, 0.4, atoms=(selected.where,))


@rule(EventWord, SetOf)
def deployed_by_person(event: EventWord, people: SetOf) -> Iterator[Made]:
    """(services) deployed by jane."""
    by = made_by(people)
    if by is not None and event.by is None:
        yield Made(replace(event, by=by), 0.35, atoms=(by,))


@rule(EventWord, Condition)
def deployed_by_actor(event: EventWord, condition: Condition) -> Iterator[Made]:
    """Deployed by the robot that no user stands for."""
    where = condition.where
    if isinstance(where, Compare) and where.field == "actor" and event.by is None:
        yield Made(replace(event, by=where), 0.35, atoms=(where,))


@rule(SetOf, Condition)
def person_did(people: SetOf, condition: Condition) -> Iterator[Made]:
    """(what did) jane deploy to staging in march: the time came before the person."""
    by, where = made_by(people), condition.where
    if by is None or not isinstance(where, Related) or where.relation != "hasDeployment":
        return
    whole = conjoin(where.to.where, by)
    if where.op is Op.GE and where.count == 1 and whole is not None:
        yield Made(SetOf(kinds=(k.DEPLOYMENT,), where=whole), 0.4, atoms=(whole,))


@rule(Condition, SetOf)
def deployed_then_by(condition: Condition, people: SetOf) -> Iterator[Made]:
    """(services) deployed last week by jane."""
    by, where = made_by(people), condition.where
    if by is not None and isinstance(where, Related) and where.relation == "hasDeployment":
        to = where.to.model_copy(update={"where": conjoin(where.to.where, by)})
        narrowed = where.model_copy(update={"to": to})
        yield Made(Condition(narrowed, condition.kinds), 0.35, atoms=(narrowed,))


@rule(SetOf, EventWord)
def deployments_to(things: SetOf, event: EventWord) -> Iterator[Made]:
    """(failed) deployments to production: the place, said like an event of its own."""
    if things.kinds == (k.DEPLOYMENT,) and not things.named:
        place = Compare(field="environment", op=Op.EQ, value=event.environment)
        where = conjoin(things.where, place, event.by)
        yield Made(things.but(where=where), 0.35, atoms=(place,))


@rule(FieldWord, SetOf)
def actor_is(word: FieldWord, people: SetOf) -> Iterator[Made]:
    """(deployments whose) author is jane."""
    by = made_by(people)
    if by is not None and any(row.name == "actor" for row in word.rows):
        yield Made(Condition(by, (k.DEPLOYMENT,)), 0.3, atoms=(by,))


@rule(SetOf, Time)
def deployed_thing_when(things: SetOf, time: Time) -> Iterator[Made]:
    """(who) deployed checkout … this month: the time comes after the thing."""
    where = things.where
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    at = in_window("at", window) if window is not None else None
    if (
        at is not None
        and things.names
        and isinstance(where, Related)
        and where.relation == "hasDeployment"
        and not any(isinstance(p, Compare) and p.field == "at" for p in conjuncts(where.to.where))
    ):
        to = where.to.model_copy(update={"where": conjoin(where.to.where, at)})
        made = where.model_copy(update={"to": to})
        yield Made(things.but(where=made), 0.3, atoms=(made,))
