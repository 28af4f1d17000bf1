"""What a question means without saying it: findings are the open ones, and what is somewhere got there."""

from __future__ import annotations

from typing import Any

from catalog_store.model import kinds as k
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

_ENDED = frozenset(("outcome", "rolled_back"))
"""Fields that say how a deployment ended."""

STATES = frozenset(("open", "suppressed", "fixed"))
"""Fields that say whether a finding still counts; a question that uses one has said it itself."""

_OPEN = Compare(field="open", op=Op.EQ, value=True)


def open_findings(node: Any) -> Any:
    """The plan or condition with every set of findings narrowed to the open ones, unless it says which.

    >>> open_findings(Select(kinds=("Finding",))).where.field
    'open'
    """
    if isinstance(node, Select):
        where = open_findings(node.where)
        if node.kinds == (k.FINDING,) and not _says(node.where) and not set(node.fields) & STATES:
            where = conjoin(_OPEN, where)
        return node.model_copy(update={"where": where}) if where != node.where else node
    if isinstance(node, Traverse):
        to = open_findings(node.to)
        if node.relation == "hasFinding" and not to.kinds:
            to = open_findings(to.model_copy(update={"kinds": (k.FINDING,)}))
        return node.model_copy(update={"start": open_findings(node.start), "to": to})
    if isinstance(node, All):
        return conjoin(*(open_findings(part) for part in node.of))
    if isinstance(node, AnyOf):
        return node.model_copy(update={"of": tuple(open_findings(part) for part in node.of)})
    if isinstance(node, Not | Among):
        return node.model_copy(update={"of": open_findings(node.of)})
    if isinstance(node, Related):
        to = node.to
        if node.relation == "hasFinding" and not to.kinds and not _names(to.where):
            to = to.model_copy(update={"kinds": (k.FINDING,)})
        return node.model_copy(update={"to": open_findings(to)})
    if isinstance(node, Aggregate):
        if node.group_by in STATES:
            return node
        return node.model_copy(update={"of": open_findings(node.of)})
    if isinstance(node, Check):
        return node.model_copy(update={"of": open_findings(node.of)})
    return node


def arrived(plan: Check) -> Check:
    """Whether something "has been in prod": by a deployment that succeeded, as nothing else brings it there."""
    of = plan.of
    if not isinstance(of, Select) or of.kinds != (k.DEPLOYMENT,):
        return plan
    said = {part.field for part in conjuncts(of.where) if isinstance(part, Compare)}
    if "environment" not in said or said & _ENDED:
        return plan
    success = Compare(field="outcome", op=Op.EQ, value="success")
    narrowed = of.model_copy(update={"where": conjoin(of.where, success)})
    return plan.model_copy(update={"of": narrowed})


def _says(where: Predicate | None) -> bool:
    """Whether a condition on findings asks for others than open ones, or names one of them."""
    if isinstance(where, All | AnyOf):
        return any(_says(part) for part in where.of)
    if isinstance(where, Not):
        return _says(where.of)
    if not isinstance(where, Compare):
        return False
    # "without suppressed ones" asks for no fixed ones either
    return where.field in {"open", "ref"} or (where.field in STATES and where.value is not False)


def _names(where: Predicate | None) -> bool:
    return isinstance(where, Compare) and where.field == "ref"
