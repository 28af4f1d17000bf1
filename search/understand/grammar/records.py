"""Records asked for as things: "incident 4711", "who owns the alert DiskFull", "incidents resolved yesterday"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import CORE_FIELDS
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Op, Related, conjuncts
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import in_window
from search.understand.grammar.joins import joins, side_fits
from search.understand.grammar.relations import kinds_in, noun_of, verb_with_object
from search.understand.semantics import (
    Asked,
    Condition,
    Measured,
    RelationNoun,
    RelationWord,
    SetOf,
    Time,
)

_HANGING = frozenset((k.DEPLOYMENT, k.INCIDENT, k.ALERT, k.FINDING, k.SLO))
"""Records that hang on components and have no owner of their own."""

ANY_COMPONENT = "“service” is read as any component here"
_SERVICE = Compare(field="type", op=Op.EQ, value="service")
_DURATION = next(row for row in CORE_FIELDS if row.name == "duration_hours")

_RESOLVED = (
    Compare(field="status", op=Op.EQ, value="resolved"),
    Compare(field="open", op=Op.EQ, value=False),
)


def _behind(records: SetOf) -> SetOf | None:
    """The components that records hang on; None for what is no such record, or any of them."""
    kinds = kinds_in(records)
    if not kinds or not set(kinds) <= _HANGING or not (records.names or records.where):
        return None
    join = next(joins(SetOf(kinds=(k.COMPONENT,)), records), None)
    return SetOf(kinds=join.kinds, where=join.where) if join is not None else None


@rule(RelationWord, SetOf)
def verb_with_record(verb: RelationWord, target: SetOf) -> Iterator[Made]:
    """(who) owns the alert DiskFull: whoever owns what it is on."""
    owning = tuple(side for side in verb.sides if side == "ownerOf")
    behind = _behind(target) if owning else None
    if behind is not None and side_fits("ownerOf", (), kinds_in(target)) is None:
        for made in verb_with_object(RelationWord(owning), behind):
            yield Made(made.meaning, made.delta - 0.1, made.atoms)


@rule(RelationNoun, SetOf)
def noun_of_record(noun: RelationNoun, target: SetOf) -> Iterator[Made]:
    """Owner of incident 4711."""
    owning = tuple(side for side in noun.sides if side == "ownedBy")
    behind = _behind(target) if owning else None
    if behind is not None and side_fits("ownedBy", kinds_in(target), ()) is None:
        for made in noun_of(RelationNoun(owning, noun.plural), behind):
            yield Made(made.meaning, made.delta, made.atoms)


def _one(records: SetOf) -> bool:
    """Whether a set is one record, by its name or number, or as the first of an order."""
    numbered_ = any(
        isinstance(p, Compare) and p.field == "number" for p in conjuncts(records.where)
    )
    return bool(records.names) or numbered_ or records.limit == 1


@rule(SetOf, SetOf)
def component_of(things: SetOf, record: SetOf) -> Iterator[Made]:
    """(which) service was incident 4711 on: people say service for whatever it is."""
    kinds = kinds_in(record)
    if things.named or things.where != _SERVICE or not set(kinds) <= _HANGING or not kinds:
        return
    if _one(record) and not things.plural:
        for join in joins(SetOf(kinds=(k.COMPONENT,)), record):
            made = SetOf(kinds=join.kinds, where=join.where)
            yield Made(made, 0.5, (join.where,), (ANY_COMPONENT,))


@rule(SetOf, RelationWord)
def belongs_to_it(things: SetOf, verb: RelationWord) -> Iterator[Made]:
    """(which service does) DiskFull belong to: the verb says once more what the two nouns say."""
    where = things.where
    hangs = isinstance(where, Related) and set(where.to.kinds) <= _HANGING and where.to.kinds
    if hangs and not things.named and {"within", "ownedWithin"} & set(verb.sides):
        yield Made(things, 0.5)


@rule(Measured, SetOf)
def how_long_one(measured: Measured, things: SetOf) -> Iterator[Made]:
    """How long did incident 4711 last: of one incident, no mean is asked for."""
    lasting = measured.measure == "time_to_restore" or (
        measured.measure is None and measured.unit == "hours"
    )
    bare = measured == Measured(measure=measured.measure, unit=measured.unit)
    if lasting and bare and kinds_in(things) == (k.INCIDENT,) and _one(things):
        yield Made(Asked(things, (_DURATION,)), 0.6)


@rule(Asked, Measured)
def asked_how_long(asked: Asked, measured: Measured) -> Iterator[Made]:
    """(how long did) incident 4711 take: said twice."""
    if asked.rows == (_DURATION,) and measured == Measured(unit="hours"):
        yield Made(asked, 0.3)


@rule(Condition, Time)
def resolved_when(condition: Condition, time: Time) -> Iterator[Made]:
    """(incidents) resolved yesterday: when they were, not when they began."""
    window = time.window or (TimeWindow(time.back, None) if time.back else None)
    if condition.kinds == (k.INCIDENT,) and condition.where in _RESOLVED and window is not None:
        where = in_window("resolved_at", window)
        if where is not None:
            yield Made(Condition(where, condition.kinds), 0.4, atoms=(where,))
