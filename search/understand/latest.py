"""The one record that a question about the latest of its sort means: the last build, the last deployment to staging."""

from __future__ import annotations

from catalog_store.model import kinds as k
from search.plan import (
    Aggregate,
    Check,
    Compare,
    Function,
    Order,
    Related,
    Select,
    conjoin,
    conjuncts,
)
from search.understand.frame import Frame
from search.understand.selecting import select_of
from search.understand.semantics import SetOf

_HOW_IT_ENDED = frozenset(("outcome", "status", "open", "rolled_back"))
_ENDING = frozenset((k.RUN, k.APPLY, k.DEPLOYMENT, k.INCIDENT))
"""Records of what ends one way or another."""


def latest_change(things: SetOf) -> Check | None:
    """Whether the last build passed, the last incident is resolved: one that ended so before the last is no answer."""
    parts = conjuncts(things.where)
    outcomes = [p for p in parts if isinstance(p, Compare) and p.field in _HOW_IT_ENDED]
    timed = any(isinstance(p, Compare) and p.field == "at" for p in parts)
    if things.plural or timed or not outcomes or not set(things.kinds) <= _ENDING:
        return None
    if not things.order and not set(things.kinds) <= {k.RUN, k.APPLY}:
        return None
    rest = conjoin(*(p for p in parts if p not in outcomes))
    order = things.order or (Order(field="at", descending=True),)
    return Check(
        of=select_of(things.but(where=rest, order=order, limit=1)), holds=conjoin(*outcomes)
    )


def latest_elsewhere(things: SetOf, wh: str) -> Select | None:
    """The latest deployment to an environment other than production; what is kept of things speaks of production."""
    where = things.where
    if not isinstance(where, Related) or where.relation != "hasDeployment":
        return None
    places = [
        p.value
        for p in conjuncts(where.to.where)
        if isinstance(p, Compare) and p.field == "environment"
    ]
    if places in ([], ["production"]):
        return None
    of = Related(relation="deploymentOf", to=select_of(things.but(where=None)))
    return Select(
        kinds=(k.DEPLOYMENT,),
        where=conjoin(where.to.where, of),
        fields=("actor", "at", "component") if wh == "who" else ("at", "component", "environment"),
        order=(Order(field="at", descending=True),),
        limit=1,
    )


_STATE_MOMENTS = {
    ("status", "resolved"): "resolved_at",
    ("open", False): "resolved_at",
    ("status", "acknowledged"): "acknowledged_at",
}
"""What was done to an incident → the field that says when."""


def moment_of(things: SetOf) -> Select | None:
    """When one incident began, was resolved or acknowledged; None when that is not asked."""
    if things.kinds != (k.INCIDENT,) or things.plural:
        return None
    parts = conjuncts(things.where)
    one = things.limit == 1 or any(isinstance(p, Compare) and p.field == "number" for p in parts)
    if one and not things.asked:
        things = things.but(asked=("created_at",))
    said = {
        p: _STATE_MOMENTS[p.field, p.value]
        for p in parts
        if isinstance(p, Compare)
        and not isinstance(p.value, tuple)
        and (p.field, p.value) in _STATE_MOMENTS
    }
    if not said and things.asked:
        return select_of(things)  # "when was the last incident"
    if len(set(said.values())) != 1:
        return None
    rest = conjoin(*(p for p in parts if p not in said))
    return select_of(things.but(where=rest, asked=(next(iter(said.values())),)))


def happening(things: SetOf, frame: Frame) -> Aggregate | Select | None:
    """How many times something happened, or when one incident began or ended; None when neither is asked."""
    if frame.times:
        return times_of(things)
    return moment_of(things) if frame.wh == "when" else None


def times_of(things: SetOf) -> Aggregate | None:
    """How many times things were deployed: the deployments, not the things that were."""
    parts = conjuncts(things.where)
    happened = next(
        (p for p in parts if isinstance(p, Related) and p.relation == "hasDeployment"), None
    )
    if happened is None or things.kinds not in ((), (k.COMPONENT,)):
        return None
    rest = things.but(where=conjoin(*(p for p in parts if p is not happened)))
    of = Related(relation="deploymentOf", to=select_of(rest))
    made = Select(kinds=(k.DEPLOYMENT,), where=conjoin(happened.to.where, of))
    return Aggregate(function=Function.COUNT, of=made)
