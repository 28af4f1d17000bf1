"""Who is called: "who is on call for payments", "oncall ledger", "am I on call", "teams where nobody is on call"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from search.plan import Compare, Not, Op, Predicate, Related, Select, conjoin
from search.understand.grammar.base import Made, rule
from search.understand.grammar.relations import kinds_in
from search.understand.semantics import Condition, FieldWord, Negation, OnCall, SetOf, select_of

_COVERED = (k.COMPONENT, k.GROUP, k.RESOURCE, k.SYSTEM, k.API)
_RUNNING = Compare(field="active", op=Op.EQ, value=True)


def on_call(level: int | None, target: Select | None = None) -> Predicate:
    """The person holds a shift that runs now, at that level, for one of the targets."""
    where = conjoin(
        _RUNNING,
        Compare(field="level", op=Op.EQ, value=level) if level is not None else None,
        Related(relation="answersFor", to=target) if target is not None else None,
    )
    return Related(relation="hasShift", to=Select(kinds=(k.SHIFT,), where=where))


def _for(word: OnCall, target: SetOf, delta: float) -> Iterator[Made]:
    if target.unknown is not None:
        yield Made(target, delta)
        return
    kinds = kinds_in(target)
    if set(kinds) & set(_COVERED):
        narrowed = target.but(names=tuple(c for c in target.names if c.kind in _COVERED))
        where = on_call(word.level, select_of(narrowed))
        bonus = 0.0 if target.names or target.mine or target.where is not None else -0.3
        yield Made(SetOf(kinds=(k.USER,), where=where, plural=True), delta + bonus, atoms=(where,))
    elif set(kinds) == {k.USER} and target.names:
        where = on_call(word.level)
        yield Made(
            target.but(where=conjoin(target.where, where), checked=True), 0.2, atoms=(where,)
        )
    elif k.USER in kinds and target.where is None:
        yield Made(word, 0.15)  # "on-call engineer", "anyone on call"


@rule(OnCall, SetOf)
def on_call_for(word: OnCall, target: SetOf) -> Iterator[Made]:
    """On call for payments."""
    yield from _for(word, target, 0.5)


@rule(SetOf, OnCall)
def covered_by(target: SetOf, word: OnCall) -> Iterator[Made]:
    """Payments on call · [is] jane on call."""
    yield from _for(word, target, 0.4)


@rule(Negation, OnCall)
def nobody_on_call(_: Negation, __: OnCall) -> Iterator[Made]:
    """(teams where) nobody is on call."""
    shift = Select(kinds=(k.SHIFT,), where=_RUNNING)
    where = Not(of=Related(relation="answeredBy", to=shift))
    yield Made(Condition(where, (k.GROUP, k.COMPONENT, k.SYSTEM, k.RESOURCE)), 0.4, atoms=(where,))


@rule(OnCall, FieldWord)
def call_data(word: OnCall, field: FieldWord) -> Iterator[Made]:
    """on-call shift: said twice."""
    if field.unknown is None and any(row.name in ("user", "level") for row in field.rows):
        yield Made(word, 0.0)
