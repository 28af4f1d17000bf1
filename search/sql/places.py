"""Places in an order: who is second, and who stands level with whom."""

from __future__ import annotations

from sqlglot import exp

STANDING, LEVEL = "standing", "level_with"
"""Columns of an ordered row: its place (those that are level share the first of theirs), and how many are level, itself included."""


def standings(value: exp.Expr, *, descending: bool) -> tuple[exp.Expr, exp.Expr]:
    """The two columns, by a value; those without a value come last."""
    order = exp.Order(
        expressions=[exp.Ordered(this=value.copy(), desc=descending, nulls_first=False)]
    )
    place = exp.Window(this=exp.Rank(), order=order)
    level = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[value.copy()])
    return exp.alias_(place, STANDING), exp.alias_(level, LEVEL)


def at_place(query: exp.Select, place: int, alias: str, *columns: str) -> exp.Select:
    """Of a query with both columns, the rows at a place: "second" of 9, 7, 7, 5 are both sevens, and so is "third"."""
    wanted = exp.Literal.number(place)
    first = exp.column(STANDING, alias)
    end = exp.Add(this=first.copy(), expression=exp.column(LEVEL, alias))
    return (
        exp.select(*(exp.column(name, alias) for name in columns), *(() if columns else ("*",)))
        .from_(query.subquery(alias))
        .where(exp.LTE(this=first, expression=wanted), exp.LT(this=wanted.copy(), expression=end))
    )
