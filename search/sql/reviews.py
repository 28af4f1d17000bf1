"""How many things fail each check of the catalog's quality, and how many were looked at."""

from __future__ import annotations

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model.quality import CHECK_BY_NAME
from search.plan import Review, Select
from search.quality import found_by, looked_at
from search.sql.sets import Sets
from search.sql.terms import unknown


def review(sets: Sets, plan: Review) -> str:
    """One row per check: its name, how many things fail it, and how many were looked at.

    Raises:
        InvalidPlan: an unknown check, or none that has to do with the scope.
    """
    parts: list[exp.Select] = []
    for name in plan.checks or CHECK_BY_NAME:
        if name not in CHECK_BY_NAME:
            raise unknown("no check is called", name, CHECK_BY_NAME)
        failed, seen = found_by(name, sets.now, plan.scope), looked_at(name, plan.scope)
        if failed is not None and seen is not None:
            counts = {"value": _number_of(sets, failed), "checked": _number_of(sets, seen)}
            parts.append(
                exp.select(
                    exp.alias_(exp.Literal.string(name), "key"),
                    *(exp.alias_(count, column) for column, count in counts.items()),
                )
            )
    if not parts:
        raise InvalidPlan("none of these checks has to do with that")
    rows = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
    return sets.sql(exp.select("key", "value", "checked").from_(rows.subquery("r")))


def _number_of(sets: Sets, select: Select) -> exp.Expr:
    refs = sets.refs(select).subquery(sets.alias())
    return exp.select(exp.Count(this=exp.Star())).from_(refs).subquery()
