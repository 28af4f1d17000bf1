"""The platform: "buckets that live in eu-west-1", "what does terraform manage", "when did terraform last touch it"."""

from __future__ import annotations

from collections.abc import Iterator

from search.plan import Compare, Op
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import attach
from search.understand.semantics import Asked, Condition, Negation, Placing, RelationWord

_PLACES = frozenset(
    {"region", "provider", "environment", "k8s_namespace", "k8s_cluster", "engine", "image"}
)
"""Fields whose values something lives in, or runs on."""

_APPLIED = "last_applied_at"


def _is_on(condition: Condition, fields: frozenset[str]) -> bool:
    where = condition.where
    return isinstance(where, Compare) and where.op in (Op.EQ, Op.IN) and where.field in fields


@rule(Placing, Condition)
def placed_at(_: Placing, condition: Condition) -> Iterator[Made]:
    """(buckets that) live in eu-west-1."""
    if _is_on(condition, _PLACES):
        yield Made(condition, 0.4, atoms=(condition.where,))


@rule(Asked, Placing)
def asked_place(asked: Asked, _: Placing) -> Iterator[Made]:
    """Which namespace does checkout run in."""
    if asked.rows and {row.name for row in asked.rows} <= _PLACES:
        yield Made(asked, 0.3)


@rule(Negation, Condition)
def not_applied_since(_: Negation, condition: Condition) -> Iterator[Made]:
    """Not applied in 30 days: the last apply is older. One that nobody knows of may have been yesterday."""
    where = condition.where
    if isinstance(where, Compare) and where.field == _APPLIED and where.op in (Op.GE, Op.BETWEEN):
        since = where.value[0] if isinstance(where.value, tuple) else where.value
        before = Compare(field=_APPLIED, op=Op.LT, value=since)
        yield Made(Condition(before, condition.kinds), 0.6, atoms=(before,))


@rule(Condition, RelationWord)
def managed_by_tool(condition: Condition, verb: RelationWord) -> Iterator[Made]:
    """(what does) terraform manage."""
    if _is_on(condition, frozenset({"managed_by"})) and "ownerOf" in verb.sides:
        yield Made(condition, 0.3, atoms=(condition.where,))


@rule(Condition, Asked)
def applied_by_tool(condition: Condition, asked: Asked) -> Iterator[Made]:
    """(when did) terraform last touch orders: only what terraform manages can be meant."""
    if not _is_on(condition, frozenset({"managed_by"})):
        return
    of = attach(asked.of, condition)
    if of is not None and {row.name for row in asked.rows} == {_APPLIED}:
        yield Made(Asked(of, asked.rows), 0.3, atoms=(condition.where,))


@rule(Asked, Condition)
def applied_last_by_tool(asked: Asked, condition: Condition) -> Iterator[Made]:
    """(when was) orders last touched by terraform."""
    yield from applied_by_tool(condition, asked)
