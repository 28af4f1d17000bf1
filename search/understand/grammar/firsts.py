"""The first of a ranking as a thing of its own: "the runbook of the service with the most incidents", "who owns the busiest service".

What stands before it is asked of the one that comes first, or of all that are level with it; the ranking itself is the answer only
where nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from search.plan import Aggregate, Among, conjoin
from search.understand.grammar.aggregates import said_again
from search.understand.grammar.asks import field_of, possessed_field
from search.understand.grammar.base import Made, Rule, rule
from search.understand.grammar.filters import attach
from search.understand.grammar.names import restrict
from search.understand.grammar.on_call import on_call_for
from search.understand.grammar.relations import noun_of, verb_with_object, verb_without_object
from search.understand.grouping import grouped_plans
from search.understand.reading import Reading
from search.understand.semantics import (
    Condition,
    FieldWord,
    Grouped,
    OnCall,
    RelationNoun,
    RelationWord,
    SetOf,
)

LEVEL = "of several that are level at the top, all are meant"

OF_THE_FIRST = 0.15
"""Added for asking something of the first: whatever reads the words otherwise ranks what was asked for."""


def first_of(grouped: Grouped) -> SetOf | None:
    """The things that a ranking is cut to, or that a threshold keeps; None for groups that are no things, or not cut."""
    by = grouped.by.by if grouped.by is not None else None
    if by is None or by.named or not by.kinds or grouped.averaged:
        return None
    plan = next((r.plan for r in grouped_plans(grouped, Reading(None, 0.0, 0))), None)
    if not isinstance(plan, Aggregate) or (plan.limit is None and plan.having is None):
        return None
    if plan.limit == 1:
        plan = plan.model_copy(update={"limit": None, "place": 1})
    where = conjoin(by.where, Among(of=plan))
    return SetOf(kinds=by.kinds, where=where, plural=plan.place is None)


def _asked_of_it(function: Rule, left: object, grouped: Grouped) -> Iterator[Made]:
    things = first_of(grouped)
    if things is None:
        return
    for made in function(left, things):
        notes = (*made.notes, *(() if things.plural else (LEVEL,)))
        delta = made.delta + OF_THE_FIRST
        yield replace(made, delta=delta, atoms=(things.where, *made.atoms), notes=notes)


@rule(RelationNoun, Grouped)
def role_of_the_first(noun: RelationNoun, grouped: Grouped) -> Iterator[Made]:
    """Owner of the service with the most incidents."""
    yield from _asked_of_it(noun_of, noun, grouped)


@rule(FieldWord, Grouped)
def field_of_the_first(word: FieldWord, grouped: Grouped) -> Iterator[Made]:
    """Tier of the service with the most incidents."""
    yield from _asked_of_it(field_of, word, grouped)


@rule(RelationWord, Grouped)
def related_to_the_first(verb: RelationWord, grouped: Grouped) -> Iterator[Made]:
    """(who) owns the service with the most incidents."""
    yield from _asked_of_it(verb_with_object, verb, grouped)


@rule(Grouped, RelationWord)
def what_the_first_relates_to(grouped: Grouped, verb: RelationWord) -> Iterator[Made]:
    """(what does) the service with the most incidents depend on."""
    if not said_again(verb):
        things = first_of(grouped)
        for made in verb_without_object(things, verb) if things is not None else ():
            yield replace(made, delta=made.delta + 0.2)


@rule(OnCall, Grouped)
def on_call_for_the_first(word: OnCall, grouped: Grouped) -> Iterator[Made]:
    """On call for the service with the most incidents."""
    yield from _asked_of_it(on_call_for, word, grouped)


@rule(SetOf, Grouped)
def things_of_the_first(things: SetOf, grouped: Grouped) -> Iterator[Made]:
    """Runbook of the service with the most incidents."""
    yield from _asked_of_it(lambda left, first: restrict(left, first, 0.15), things, grouped)


@rule(Grouped, FieldWord)
def field_after_the_first(grouped: Grouped, word: FieldWord) -> Iterator[Made]:
    """(when was) the service with the most incidents last deployed."""
    first = first_of(grouped)
    for made in possessed_field(first, word) if first is not None and not first.plural else ():
        yield replace(made, notes=(LEVEL,))


@rule(Grouped, Condition)
def whether_the_first_is(grouped: Grouped, condition: Condition) -> Iterator[Made]:
    """(is) the service with the most incidents healthy."""
    first = first_of(grouped)
    made = attach(first, condition) if first is not None and not first.plural else None
    if made is not None:
        yield Made(made.but(checked=True), 0.0, notes=(LEVEL,))


@rule(Grouped, SetOf)
def whether_the_first_has(grouped: Grouped, things: SetOf) -> Iterator[Made]:
    """(does) the service with the most incidents have an slo."""
    first = first_of(grouped)
    if first is not None and not first.plural:
        for made in restrict(first, things, 0.1):
            if isinstance(made.meaning, SetOf):
                yield replace(made, meaning=made.meaning.but(checked=True), notes=(LEVEL,))
