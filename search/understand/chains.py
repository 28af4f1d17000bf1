"""Dependencies followed to their ends: "indirectly", "all the way"."""

from __future__ import annotations

from typing import Any

from search.plan import Aggregate, All, Check, Related, Select, Traverse, conjoin

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
