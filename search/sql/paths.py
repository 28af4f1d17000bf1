"""The shortest chain from one set to another."""

from __future__ import annotations

from sqlglot import exp

from search.plan import Path
from search.sql.sets import Sets
from search.sql.terms import table_node


def path(sets: Sets, plan: Path) -> str:
    """Shortest chain, as a list of refs: breadth first, so the first arrival is shortest; of several the first by name."""
    near, far, name = sets.columns(plan.relation)
    walk, w, e = sets.alias("walk"), sets.alias(), sets.alias()
    starts = sets.alias()
    start_refs = sets.refs(plan.start)
    first = exp.select(
        exp.alias_(exp.column("ref", starts), "ref"),
        exp.alias_(exp.Array(expressions=[exp.column("ref", starts)]), "chain"),
    ).from_(start_refs.subquery(starts))
    step = (
        exp.select(
            exp.column(far, e),
            exp.func("list_append", exp.column("chain", w), exp.column(far, e)),
        )
        .from_(table_node(walk, w))
        .join(
            table_node("edges", e),
            on=exp.and_(
                exp.column(near, e).eq(exp.column("ref", w)), exp.column("relation", e).eq(name)
            ),
        )
        .where(
            exp.not_(exp.func("list_contains", exp.column("chain", w), exp.column(far, e))),
            exp.func("len", exp.column("chain", w)) < 9,
        )
    )
    body = exp.union(first, step, distinct=True)
    query = (
        exp.select("chain")
        .from_(walk)
        .with_(walk, as_=body, recursive=True)
        .where(exp.column("ref").isin(query=sets.refs(plan.end)))
        .order_by(exp.func("len", exp.column("chain")), exp.column("chain"))
        .limit(1)
    )
    return query.sql(dialect="duckdb")
