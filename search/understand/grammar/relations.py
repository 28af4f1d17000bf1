"""Verbs and nouns that lead from one set to another: "depends on", "owner of", "what breaks if"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.relations import ends, opposite
from search.plan import All, AnyOf, Compare, Op, Related, Select, conjoin
from search.understand.amounts import Amount, Number
from search.understand.english import LANGUAGES
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins, related, side_fits
from search.understand.selecting import select_of
from search.understand.semantics import Condition, Impact, RelationNoun, RelationWord, SetOf


def kinds_in(things: SetOf) -> tuple[str, ...]:
    """The kinds a set may hold; () for any."""
    return tuple(dict.fromkeys(c.kind for c in things.names)) or things.kinds


@rule(RelationWord, SetOf)
def verb_with_object(verb: RelationWord, target: SetOf) -> Iterator[Made]:
    """[services] that depend on checkout."""
    if target.unknown is not None:
        yield Made(target, 0.3)
        return
    for side in verb.sides:
        sources = side_fits(side, (), kinds_in(target))
        if sources is None:
            continue
        where = related(side, target, hops=verb.hops)
        yield Made(Condition(where, sources), 0.4, atoms=(where,))


@rule(SetOf, RelationWord)
def verb_without_object(subject: SetOf, verb: RelationWord) -> Iterator[Made]:
    """[what does] checkout depend on: the object is what is asked for."""
    if subject.unknown is not None:
        yield Made(subject, 0.2)
        return
    for side in verb.sides:
        back = opposite(side)
        targets = side_fits(back, (), kinds_in(subject))
        if targets is None:
            continue
        where = related(back, subject, hops=verb.hops)
        yield Made(
            Condition(where, targets),
            0.05 if subject.names or subject.mine else -0.1 if subject.where is not None else -0.45,
            atoms=(where,),
        )


@rule(SetOf, RelationWord)
def topic_before_verb(topic: SetOf, verb: RelationWord) -> Iterator[Made]:
    """Checkout: who owns it. What can only be at the verb's other end is no subject of it."""
    if not topic.names or topic.checked or topic.where is not None:
        return
    for side in verb.sides:
        agents = side_fits(side, (), kinds_in(topic))
        if agents is not None and set(agents) <= {k.GROUP, k.USER}:
            if side_fits(side, kinds_in(topic), ()) is not None:
                continue
            where = related(side, topic, hops=verb.hops)
            yield Made(Condition(where, agents, topic=True), -0.2, atoms=(where,))


@rule(SetOf, RelationWord)
def verb_said_again(subject: SetOf, verb: RelationWord) -> Iterator[Made]:
    """(order relay:) which system is it part of: the verb repeats what the two nouns say."""
    where = subject.where
    if subject.named or not isinstance(where, Related) or not kinds_in(subject):
        return
    if where.relation == "contains" and any(opposite(side) == "contains" for side in verb.sides):
        yield Made(subject, 0.5)


@rule(RelationNoun, SetOf)
def noun_of(noun: RelationNoun, start: SetOf) -> Iterator[Made]:
    """Owner of checkout · consumers of the ledger api."""
    if start.unknown is not None:
        yield Made(start, 0.3)
        return
    yield from _reached(noun, start, 0.4)


@rule(SetOf, RelationNoun)
def possessed_noun(start: SetOf, noun: RelationNoun) -> Iterator[Made]:
    """Checkout's owner · checkout dependencies."""
    if start.unknown is not None:
        yield Made(start, 0.25)
        return
    yield from _reached(noun, start, 0.3)


def _reached(noun: RelationNoun, start: SetOf, delta: float) -> Iterator[Made]:
    for side in noun.sides:
        if side_fits(side, kinds_in(start), ()) is None:
            continue
        where: Related = Related(relation=opposite(side), to=select_of(start), hops=1)
        targets = ends(side)[1]
        wanted = SetOf(kinds=targets, where=where, plural=noun.plural)
        yield Made(
            wanted,
            delta if start.names or start.mine or start.pronoun else delta - 0.15,
            atoms=(where,),
        )


_IMPACTED = (k.COMPONENT, k.API, k.RESOURCE)


@rule(Impact, SetOf)
def breaks_if(impact: Impact, cause: SetOf) -> Iterator[Made]:
    """What breaks if the ledger database goes down."""
    if not impact.active:  # what affects the ledger is what it depends on
        yield from _impact(impact, cause)


@rule(SetOf, Impact)
def fails_and_affects(cause: SetOf, impact: Impact) -> Iterator[Made]:
    """If the ledger database fails, what is affected."""
    yield from _impact(impact, cause)
    if impact.of is None and not cause.named and not impact.active:
        yield Made(Impact(of=cause), 0.1)


def _impact(impact: Impact, cause: SetOf) -> Iterator[Made]:
    if cause.unknown is not None:
        yield Made(cause, 0.3)
        return
    if (not cause.names and not cause.pronoun) or (
        side_fits("usedBy", kinds_in(cause), ()) is None and not cause.pronoun
    ):
        return
    where = Related(relation="uses", to=select_of(cause), hops=None)
    if impact.of is None:
        yield Made(Condition(where, _IMPACTED), 0.5, atoms=(where,))
    else:
        yield from _impacted(impact.of, where)


def _impacted(things: SetOf, where: Related) -> Iterator[Made]:
    """The things that depend on the cause; teams, systems and domains through the components they own or hold."""
    kinds = things.kinds or (k.COMPONENT,)
    if set(kinds) & set(_IMPACTED):
        yield Made(things.but(kinds=kinds, where=conjoin(things.where, where)), 0.5, (where,))
        return
    components = SetOf(kinds=(k.COMPONENT,), where=where, plural=True)
    for join in joins(things.but(kinds=kinds), components):
        hit = things.but(kinds=join.kinds, where=conjoin(things.where, join.where))
        yield Made(hit, 0.5, (where, join.where))


@rule(RelationWord, Condition)
def verb_with_condition(verb: RelationWord, condition: Condition) -> Iterator[Made]:
    """(apis) whose provider was not deployed for 60 days: the object is given by the condition alone."""
    if "uses" in verb.sides and _is_language(condition):
        yield Made(condition, 0.3)  # "services still on python 3.11": what they are written in
    elif "within" in verb.sides and _is_value(condition):
        yield Made(
            condition, 0.3
        )  # "everything sitting in production": being so, not being part of what is so
    for side in verb.sides:
        sources, targets = ends(side)
        kinds = overlap(targets, condition.kinds)
        if kinds:
            where: Related = Related(
                relation=side, to=Select(kinds=kinds, where=condition.where), hops=verb.hops
            )
            yield Made(Condition(where, sources), 0.1, atoms=(where,))


def _is_language(condition: Condition) -> bool:
    """Every part gives a language, or a version beside one."""
    where = condition.where
    parts = where.of if isinstance(where, All | AnyOf) else (where,)
    compared = [part for part in parts if isinstance(part, Compare)]
    return len(compared) == len(parts) and (
        any(part.field == "language" for part in compared)
        or all(part.op is Op.HAS and part.value in LANGUAGES for part in compared)
    )


def _is_value(condition: Condition) -> bool:
    """One value of one field, which nothing is part of."""
    where = condition.where
    return isinstance(where, Compare) and where.op is Op.EQ and isinstance(where.value, str | int)


@rule(Amount, RelationNoun)
def so_many_of(amount: Amount, noun: RelationNoun) -> Iterator[Made]:
    """(apis with) at least five consumers."""
    yield from _counted(noun, amount.op, amount.values, amount.unit, 0.4)


@rule(Number, RelationNoun)
def exactly_so_many_of(number: Number, noun: RelationNoun) -> Iterator[Made]:
    """(apis with) five consumers."""
    yield from _counted(noun, Op.EQ, number.values, number.unit, 0.1)


def _counted(
    noun: RelationNoun, op: Op, values: tuple[float, ...], unit: str | None, delta: float
) -> Iterator[Made]:
    if unit is not None or len(values) != 1 or values[0] != int(values[0]):
        return
    for side in noun.sides:
        sources, targets = ends(side)
        where = Related(relation=side, to=Select(kinds=targets), op=op, count=int(values[0]))  # type: ignore[arg-type]
        yield Made(Condition(where, sources), delta, atoms=(where,))


@rule(RelationNoun, RelationNoun)
def same_noun_twice(left: RelationNoun, right: RelationNoun) -> Iterator[Made]:
    """Parts (subcomponents) of …: said twice."""
    if set(left.sides) & set(right.sides):
        yield Made(right, 0.6)
