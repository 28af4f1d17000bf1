"""Another owner: "depends on an api owned by another team" is true of two things together, not of either alone.

A reading says so with a mark where the words stand; once the plan is whole, the mark moves to the relation that ties the two.
"""

from __future__ import annotations

from typing import Any

from search.plan import (
    Aggregate,
    All,
    Among,
    AnyOf,
    Check,
    Compare,
    Not,
    Op,
    Predicate,
    Related,
    Select,
    Traverse,
    conjoin,
    conjuncts,
)
from search.sql import as_select

ANOTHER = Compare(field="owner", op=Op.NE, value="another")
"""The mark: has an owner, and another one than the thing it is tied to."""

_TIES = frozenset(
    (
        "uses",
        "usedBy",
        "dependsOn",
        "dependencyOf",
        "consumesApi",
        "apiConsumedBy",
        "providesApi",
        "apiProvidedBy",
        "within",
        "contains",
    )
)
"""Relations between things that both have owners."""


def set_apart(plan: Any) -> Any:
    """The plan with each mark moved to its relation; None where one has no relation to move to."""
    moved = _moved(plan)
    return None if _marked(moved) else moved


def _moved(node: Any) -> Any:
    if isinstance(node, Traverse) and _has_mark(node.to.where):
        return _moved(as_select(node))
    if isinstance(node, Select):
        where = _moved_in(node.where)
        return node if where == node.where else node.model_copy(update={"where": where})
    if isinstance(node, Aggregate | Check):
        return node.model_copy(update={"of": _moved(node.of)})
    return node


def _moved_in(where: Predicate | None) -> Predicate | None:
    """A condition in which the mark, beside a relation or at its end, became part of the relation."""
    parts = [_tied(part) for part in conjuncts(where)]
    if ANOTHER not in parts:
        return conjoin(*parts)
    tie = next((p for p in parts if isinstance(p, Related) and p.relation in _TIES), None)
    if tie is None:
        return where
    rest = (p for p in parts if p is not tie and p != ANOTHER)
    return conjoin(tie.model_copy(update={"apart": True}), *rest)


def _tied(part: Predicate) -> Predicate:
    if isinstance(part, Not):
        return Not(of=_tied(part.of))
    if isinstance(part, AnyOf):
        return AnyOf(of=tuple(_tied(p) for p in part.of))
    if not isinstance(part, Related):
        return part
    inner = conjuncts(part.to.where)
    if ANOTHER in inner and part.relation in _TIES:
        bare = part.to.model_copy(update={"where": conjoin(*(p for p in inner if p != ANOTHER))})
        return part.model_copy(update={"to": _moved(bare), "apart": True})
    return part.model_copy(update={"to": _moved(part.to)})


def _has_mark(where: Predicate | None) -> bool:
    return ANOTHER in conjuncts(where)


def _marked(node: Any) -> bool:
    if isinstance(node, Select):
        return _marked(node.where)
    if isinstance(node, All | AnyOf):
        return any(_marked(part) for part in node.of)
    if isinstance(node, Not | Aggregate | Check | Among):
        return _marked(node.of)
    if isinstance(node, Related):
        return _marked(node.to)
    if isinstance(node, Traverse):
        return _marked(node.start) or _marked(node.to)
    return bool(node == ANOTHER)
