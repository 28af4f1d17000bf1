"""What a negation reaches: the condition, the relation or the things right after it — or before it, for "left out"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldType
from catalog_store.model.kinds import ENTITY_KINDS, Table, table_of
from catalog_store.model.relations import ends, opposite
from search.plan import All, AnyOf, Compare, Not, Op, Predicate, Related, Select, conjoin, conjuncts
from search.understand.grammar.base import Made, rule
from search.understand.grammar.events import things_when
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins
from search.understand.semantics import (
    Condition,
    FieldWord,
    Lack,
    Linked,
    Negation,
    RelationNoun,
    RelationWord,
    SetOf,
    Time,
    kinds_of,
)


def negated(where: Predicate) -> Predicate:
    """The opposite; two negations cancel.

    >>> negated(Not(of=Compare(field="tier", op=Op.EQ, value=1))).field
    'tier'
    """
    if isinstance(where, Not):
        return where.of
    if isinstance(where, Compare) and where.op is Op.EQ and isinstance(where.value, bool):
        return where.model_copy(update={"value": not where.value})
    return Not(of=where)


_BEFORE_IT = {
    Compare(field="status", op=Op.EQ, value="acknowledged"): Compare(
        field="status", op=Op.EQ, value="triggered"
    )
}
"""State of an incident → the one that comes before it: resolved ones wait for nobody's acknowledgement."""


@rule(Negation, Condition)
def not_so(negation: Negation, condition: Condition) -> Iterator[Made]:
    """Not deprecated · not deployed in 60 days · not owned by anyone · nobody has acknowledged."""
    if not negation.after:
        earlier = None
        if condition.kinds == (k.INCIDENT,) and isinstance(condition.where, Compare):
            earlier = _BEFORE_IT.get(condition.where)
        where = earlier or negated(condition.where)
        # "without critical findings" denies the findings before what is said of them; of several conditions the next one is meant
        records = condition.kinds and not set(condition.kinds) & set(ENTITY_KINDS)
        reach = 0.1 if isinstance(condition.where, All) else 0.2 if records else 0.35
        if negation.things and not isinstance(condition.where, Related):
            reach = 0.0  # "teams without deprecated apis" have none such
        yield Made(Condition(where, condition.kinds), reach, atoms=(where,))


@rule(Condition, Negation)
def so_left_out(condition: Condition, negation: Negation) -> Iterator[Made]:
    """Deprecated left out."""
    if negation.after and not negation.unset:
        where = negated(condition.where)
        yield Made(Condition(where, condition.kinds), 0.35, atoms=(where,))


@rule(Negation, SetOf)
def without(negation: Negation, things: SetOf) -> Iterator[Made]:
    """Without a runbook."""
    if negation.after or things.unknown is not None:
        return
    several = len(things.kinds) > 1 and not things.named
    if several and any(table_of(kind) is not Table.ENTITIES for kind in things.kinds):
        return  # "without docs or runbooks": no one relation leads to both
    yield Made(Lack(things, each=negation.each, again=negation.again), 0.2)


@rule(Lack, Linked)
def lack_of_both(lack: Lack, linked: Linked) -> Iterator[Made]:
    """Without docs or a runbook: neither. Missing docs or a runbook: one of them."""
    right = linked.right
    if not isinstance(right, SetOf) or right.named or lack.of.named:
        return
    either = linked.disjunctive and lack.each
    if not lack.also or either is lack.either:
        yield Made(Lack(lack.of, (*lack.also, right), either, lack.each), 0.3)


@rule(Lack, Time)
def lack_of_both_then(lack: Lack, time: Time) -> Iterator[Made]:
    """(with) neither incidents nor deployments last month: the time is that of both."""
    if not lack.also:
        return
    parts = [next(things_when(things, time), None) for things in (lack.of, *lack.also)]
    then = [made.meaning for made in parts if made is not None and isinstance(made.meaning, SetOf)]
    if len(then) == len(parts):
        atoms = tuple(atom for made in parts if made is not None for atom in made.atoms)
        yield Made(replace(lack, of=then[0], also=tuple(then[1:])), 0.5, atoms)


@rule(SetOf, Negation)
def left_out(things: SetOf, negation: Negation) -> Iterator[Made]:
    """Services left out."""
    if negation.after and not negation.unset and things.unknown is None:
        bare = things.where is None or isinstance(things.where, Compare)
        yield Made(Lack(things), 0.2 if bare else -0.3)


@rule(Negation, RelationNoun)
def without_relation(negation: Negation, noun: RelationNoun) -> Iterator[Made]:
    """Without an owner · no consumers."""
    if negation.after:
        return
    for side in noun.sides:
        sources, targets = ends(side)
        where = Not(of=Related(relation=side, to=Select(kinds=targets)))
        for table in dict.fromkeys(table_of(kind) for kind in sources):
            kinds = tuple(kind for kind in sources if table_of(kind) is table)
            yield Made(Condition(where, kinds), 0.4, atoms=(where,))


@rule(Negation, FieldWord)
def without_field(negation: Negation, word: FieldWord) -> Iterator[Made]:
    """Without a tier · no slack channel."""
    if negation.after:
        return
    for row in word.rows:
        if row.relation == "ownedBy":
            continue  # an owner that is not in the catalog is none: the relation noun says so
        where: Predicate = Compare(field=row.name, op=Op.MISSING)
        if row.type is FieldType.BOOLEAN:
            where = Compare(field=row.name, op=Op.EQ, value=False)
        # "not pci services" are services that are not, before they are what lacks such services
        reach = 0.8 if row.type is FieldType.BOOLEAN else 0.0 if negation.again else 0.3
        yield Made(Condition(where, kinds_of(row)), reach, atoms=(where,))


@rule(FieldWord, Negation)
def field_left_out(word: FieldWord, negation: Negation) -> Iterator[Made]:
    """(whose) language isn't set."""
    if negation.after:
        for made in without_field(replace(negation, after=False), word):
            yield replace(made, delta=made.delta + 0.1)


@rule(SetOf, Lack)
def things_without(things: SetOf, lack: Lack) -> Iterator[Made]:
    """Services without a runbook · components except services."""
    if things.unknown is not None:
        return
    absent = lack.of
    if lack.also:
        yield from _without_all(things, lack)
        return
    if lack.again and not any(isinstance(part, Not) for part in conjuncts(things.where)):
        return  # "neither services nor websites" are no services that are not websites
    if things.names and absent.names:
        return  # "uses checkout other than search": nothing is left out of the one checkout
    same = overlap(things.kinds, absent.kinds) if not things.named else None
    if same and absent.where is not None and not absent.named and _same_table(things, absent):
        where = negated(absent.where)
        yield Made(things.but(where=conjoin(things.where, where)), 0.35, atoms=(where,))
        return  # "components, services left out" are not what is part of no service
    if same and absent.named and {c.kind for c in absent.names} & set(things.kinds):
        where = negated(Compare(field="ref", op=Op.IN, value=tuple(c.ref for c in absent.names)))
        yield Made(things.but(where=conjoin(things.where, where)), 0.2, atoms=(where,))
        return
    for join in joins(things, absent):
        where = negated(join.where)
        yield Made(
            things.but(
                kinds=join.kinds,
                where=conjoin(things.where, where),
                checked=things.checked or things.named,
            ),
            0.3 + join.delta,
            atoms=(where,),
        )


@rule(Condition, Lack)
def so_but_for(condition: Condition, lack: Lack) -> Iterator[Made]:
    """(what) uses the ledger other than checkout."""
    absent = lack.of
    kinds = {c.kind for c in absent.names}
    if not kinds or lack.also or not kinds & set(condition.kinds or ENTITY_KINDS):
        return
    others = negated(Compare(field="ref", op=Op.IN, value=tuple(c.ref for c in absent.names)))
    where = conjoin(condition.where, others)
    assert where is not None
    yield Made(Condition(where, condition.kinds), 0.2, atoms=(others,))


def _without_all(things: SetOf, lack: Lack) -> Iterator[Made]:
    """Each of several things is absent, or one of them is."""
    parts: list[Predicate] = []
    kinds: tuple[str, ...] | None = things.kinds
    for absent in (lack.of, *lack.also):
        join = next(joins(things, absent), None)
        if join is None or kinds is None:
            return
        parts.append(negated(join.where))
        kinds = overlap(kinds, join.kinds)
    where = AnyOf(of=tuple(parts)) if lack.either else conjoin(*parts)
    if kinds is not None and where is not None:
        restricted = things.but(kinds=kinds, where=conjoin(things.where, where))
        yield Made(restricted, 0.35, atoms=(where,))


def _same_table(left: SetOf, right: SetOf) -> bool:
    kinds = {c.kind for c in right.names} | set(right.kinds)
    return (
        {table_of(x) for x in left.kinds or ("Component",)}
        == {table_of(x) for x in kinds}
        == {Table.ENTITIES}
    )


@rule(Condition, Lack)
def so_except(condition: Condition, lack: Lack) -> Iterator[Made]:
    """(what) talks to the ledger besides checkout: all that do but the one that is named."""
    absent = lack.of
    if lack.also or not absent.names or absent.where is not None:
        return
    refs = tuple(c.ref for c in absent.names if not condition.kinds or c.kind in condition.kinds)
    if refs:
        where = conjoin(condition.where, Not(of=Compare(field="ref", op=Op.IN, value=refs)))
        assert where is not None
        yield Made(Condition(where, condition.kinds), 0.3, atoms=(where,))


@rule(Lack, SetOf)
def without_before(lack: Lack, things: SetOf) -> Iterator[Made]:
    """no-runbook services."""
    for made in things_without(things, lack):
        yield Made(made.meaning, made.delta - 0.15, made.atoms)


@rule(Negation, RelationWord)
def nobody_does(negation: Negation, verb: RelationWord) -> Iterator[Made]:
    """(apis) nobody consumes."""
    if negation.after:
        return
    for side in verb.sides:
        sources, targets = ends(side)
        where = Not(of=Related(relation=opposite(side), to=Select(kinds=sources)))
        yield Made(Condition(where, targets), -0.1, atoms=(where,))


@rule(RelationWord, Lack)
def verb_with_no(verb: RelationWord, lack: Lack) -> Iterator[Made]:
    """(components that) sit in no system · depend on no database."""
    if lack.of.named or lack.either:
        return
    for side in verb.sides:
        sources, targets = ends(side)
        parts: list[Predicate] = []
        for absent in (lack.of, *lack.also):
            kinds = overlap(targets, absent.kinds)
            if kinds:
                to = Select(kinds=kinds, where=absent.where)
                parts.append(Not(of=Related(relation=side, to=to, hops=verb.hops)))
        where = conjoin(*parts)
        if where is not None and len(parts) == 1 + len(lack.also):
            yield Made(Condition(where, sources), 0.4, atoms=(where,))


@rule(RelationWord, Negation)
def verb_with_nothing(verb: RelationWord, negation: Negation) -> Iterator[Made]:
    """(services that) depend on nothing."""
    if negation.after:
        return
    for side in verb.sides:
        sources, targets = ends(side)
        where = Not(of=Related(relation=side, to=Select(kinds=targets), hops=verb.hops))
        yield Made(Condition(where, sources), -0.5, atoms=(where,))
