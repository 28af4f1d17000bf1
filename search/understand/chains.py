"""Relations as far as they were meant: to their ends ("indirectly", "all the way"), and to one or to all of what is listed."""

from __future__ import annotations

from typing import Any

from search.plan import (
    Aggregate,
    All,
    Check,
    Compare,
    Op,
    Related,
    Select,
    Traverse,
    conjoin,
    conjuncts,
)

_CHAINS = frozenset(("uses", "usedBy"))
"""Relations that "indirectly" and "all the way" follow beyond one hop."""


def all_the_way(node: Any) -> Any:
    """The plan with its dependencies followed over all hops."""
    if isinstance(node, Traverse):
        hops = None if node.relation in _CHAINS else node.hops
        return node.model_copy(update={"hops": hops, "to": all_the_way(node.to)})
    if isinstance(node, Related):
        hops = None if node.relation in _CHAINS else node.hops
        return node.model_copy(update={"hops": hops, "to": all_the_way(node.to)})
    if isinstance(node, All):
        return conjoin(*(all_the_way(part) for part in node.of))
    if isinstance(node, Select) and node.where is not None:
        return node.model_copy(update={"where": all_the_way(node.where)})
    if isinstance(node, Aggregate | Check):
        return node.model_copy(update={"of": all_the_way(node.of)})
    return node


def one_of_several(node: Any) -> bool:
    """Whether a plan takes what relates to any one of several things named in a list."""
    if isinstance(node, Traverse):
        return one_of_several(node.start)
    if isinstance(node, Select):
        return any(one_of_several(part) for part in conjuncts(node.where))
    if isinstance(node, Related | Aggregate | Check):
        return one_of_several(node.to if isinstance(node, Related) else node.of)
    return isinstance(node, Compare) and node.field == "ref" and node.op is Op.IN
