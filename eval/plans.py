"""Whether two readings ask the same: plans are compared after they were put into one order."""

from __future__ import annotations

from typing import Any

from catalog_store.errors import InvalidPlan
from search.plan import All, conjoin, read_plan


def same_plan(got: object, want: object) -> bool:
    """Whether two plans, as data, ask the same thing; the order of a conjunction and defaults do not count.

    >>> one = {"node": "select", "kinds": ["Component"], "where": None}
    >>> same_plan(one, {"node": "select", "kinds": ["Component"]})
    True
    """
    try:
        return bool(_ordered(read_plan(got)) == _ordered(read_plan(want)))
    except InvalidPlan:
        return False


def _ordered(node: Any) -> Any:
    """Conjunctions in their one order, at every depth."""
    if not hasattr(node, "model_fields_set"):
        return tuple(_ordered(item) for item in node) if isinstance(node, tuple) else node
    changed = {name: _ordered(getattr(node, name)) for name in type(node).model_fields}
    copied = node.model_copy(update=changed)
    return conjoin(*copied.of) if isinstance(copied, All) else copied
