"""What two things have in common: "services that share a database with checkout", "owned by the same team as search"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.relations import ends, opposite
from search.plan import Compare, Not, Op, Related, conjoin
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import attach
from search.understand.grammar.joins import direct_side, related
from search.understand.selecting import select_of
from search.understand.semantics import Alike, Condition, RelationNoun, RelationWord, SetOf

_HAD_BY = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM)
"""What things that have something in common may be."""


@rule(Alike, SetOf)
def alike_in(alike: Alike, things: SetOf) -> Iterator[Made]:
    """The same database (as checkout)."""
    if alike.of is None:
        if things.kinds and not things.named and not things.pronoun and not things.mine:
            yield Made(replace(alike, of=things), 0.3)
        return
    if things.unknown is not None:
        yield Made(things, 0.3)
    elif things.names and not things.checked:
        yield from _in_common(alike, alike.of, things)


@rule(Alike, RelationNoun)
def alike_noun(alike: Alike, noun: RelationNoun) -> Iterator[Made]:
    """The same owner (as checkout) · share a dependency (with)."""
    if alike.of is None:
        for side in noun.sides:
            yield Made(Alike(SetOf(kinds=ends(side)[1]), side), 0.3)


def _in_common(alike: Alike, of: SetOf, things: SetOf) -> Iterator[Made]:
    """Things that stand in one relation to something to which the named ones do too; these themselves aside."""
    names = tuple(c for c in things.names if c.kind in _HAD_BY)
    if not names:
        return
    named = things.but(names=names)
    for kind in of.kinds:
        side = alike.side or direct_side(names[0].kind, kind)
        if side is None or not set(ends(side)[0]) & set(_HAD_BY):
            continue
        shared = of.but(kinds=(kind,), where=conjoin(of.where, related(opposite(side), named)))
        where = Related(relation=side, to=select_of(shared))
        refs = tuple(c.ref for c in names)
        others = Not(of=Compare(field="ref", op=Op.IN, value=refs))
        both = conjoin(where, others)
        assert both is not None
        kinds = tuple(x for x in ends(side)[0] if x in _HAD_BY)
        yield Made(Alike(SetOf(kinds=kinds, where=both), side), 0.5, atoms=(where,))


def _done(alike: Alike) -> SetOf | None:
    return alike.of if alike.of is not None and alike.of.where is not None and alike.side else None


@rule(SetOf, Alike)
def things_alike(things: SetOf, alike: Alike) -> Iterator[Made]:
    """Services that share a database with checkout."""
    common = _done(alike)
    if common is None or common.where is None or things.named:
        return
    made = attach(things, Condition(common.where, common.kinds))
    if made is not None:
        yield Made(made, 0.3)


@rule(RelationWord, Alike)
def verb_alike(verb: RelationWord, alike: Alike) -> Iterator[Made]:
    """(services) that use the same database as checkout: the verb says how."""
    common = _done(alike)
    if common is None:
        return
    direct = {"ownedWithin": "ownedBy", "partOf": "within"}
    said = {direct.get(side, side) for side in verb.sides}
    if direct.get(alike.side or "", alike.side) in said:
        yield Made(alike, 0.4)
