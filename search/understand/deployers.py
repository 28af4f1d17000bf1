"""Who deployed, where a question speaks of a time or of no thing by name: the deployments, counted by who made them."""

from __future__ import annotations

from catalog_store.model import kinds as k
from search.plan import (
    Aggregate,
    Compare,
    Function,
    Not,
    Predicate,
    Related,
    Select,
    conjoin,
    conjuncts,
)
from search.understand.grammar.aggregates import ACTOR


def tells_when(where: Predicate) -> bool:
    """Whether a deployment condition says when: then it asks for more than the latest one."""
    of = where.to.where if isinstance(where, Related) else None
    return any(isinstance(p, Compare) and p.field == "at" for p in conjuncts(of))


def by_person(where: Predicate, *more: Predicate) -> Aggregate:
    """Who deployed: the deployments a condition speaks of, counted by who made them."""
    assert isinstance(where, Related)
    of = Select(kinds=(k.DEPLOYMENT,), where=conjoin(where.to.where, *more))
    return Aggregate(function=Function.COUNT, of=of, group_by=ACTOR.name, descending=True)


def not_by_person(where: Predicate) -> Select:
    """Who has not deployed: users who made none of the deployments a condition speaks of."""
    assert isinstance(where, Related)
    return Select(kinds=(k.USER,), where=Not(of=Related(relation="madeDeployment", to=where.to)))
