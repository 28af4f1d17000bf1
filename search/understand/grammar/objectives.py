"""Promises kept and broken: "is checkout within its availability slo", "services breaching their slo"; and how much would break."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.relations import ends
from search.plan import Compare, Not, Op, Related, conjoin
from search.understand.grammar.base import Made, rule
from search.understand.selecting import select_of
from search.understand.semantics import Condition, Impact, Negation, Promise, SetOf


@rule(Promise, SetOf)
def keeps_objective(promise: Promise, objective: SetOf) -> Iterator[Made]:
    """Within its availability slo: it has one, and none is breached."""
    if objective.named or objective.kinds != (k.SLO,) or objective.count or objective.order:
        return
    has = Related(relation="hasSlo", to=select_of(objective))
    breached = Compare(field="breached", op=Op.EQ, value=True)
    narrowed = objective.but(where=conjoin(objective.where, breached))
    broken = Related(relation="hasSlo", to=select_of(narrowed))
    where = conjoin(has, Not(of=broken)) if promise.kept else broken
    assert where is not None
    yield Made(Condition(where, ends("hasSlo")[0]), 0.6, atoms=(where, has, broken, Not(of=broken)))


@rule(Negation, Promise)
def not_kept(_: Negation, promise: Promise) -> Iterator[Made]:
    """Not within (its slo)."""
    yield Made(Promise(not promise.kept), 0.3)


@rule(Impact, SetOf)
def breaks_so_many(impact: Impact, things: SetOf) -> Iterator[Made]:
    """(services whose failure) breaks more than 20 things."""
    if impact.of is not None or things.named or things.count is None or things.where is not None:
        return
    if things.kinds and set(things.kinds) != {k.COMPONENT}:
        return
    op, count = things.count
    where = Compare(field="blast_radius", op=op, value=count)
    yield Made(Condition(where, (k.COMPONENT, k.API, k.RESOURCE)), 0.5, atoms=(where,))
