""" "or", "and", "neither … nor": alternatives of one field, several names, several conditions."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model.kinds import table_of
from search.plan import AnyOf, Compare, Not, Op, Predicate, conjoin
from search.understand.amounts import Number
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import overlap
from search.understand.semantics import Condition, Link, Linked, SetOf


@rule(Link, Condition)
def link_condition(link: Link, right: Condition) -> Iterator[Made]:
    """Or kotlin."""
    yield Made(Linked(link.disjunctive, right), 0.0)


@rule(Link, SetOf)
def link_things(link: Link, right: SetOf) -> Iterator[Made]:
    """Or search."""
    yield Made(Linked(link.disjunctive, right), 0.0)


@rule(Link, Number)
def link_number(link: Link, right: Number) -> Iterator[Made]:
    """Or 2."""
    yield Made(Linked(link.disjunctive, right), 0.0)


def either(left: Predicate, right: Predicate) -> Predicate:
    """One or the other; values of one field become one list.

    >>> either(Compare(field="language", op=Op.EQ, value="go"), Compare(field="language", op=Op.EQ, value="java")).value
    ('go', 'java')
    """
    if isinstance(left, Compare) and isinstance(right, Compare) and left.field == right.field:
        values = _values(left) + _values(right)
        if left.op in (Op.EQ, Op.IN) and right.op in (Op.EQ, Op.IN):
            return Compare(field=left.field, op=Op.IN, value=tuple(dict.fromkeys(values)))
    parts = (left.of if isinstance(left, AnyOf) else (left,)) + (
        right.of if isinstance(right, AnyOf) else (right,)
    )
    return AnyOf(of=parts)


def _values(where: Compare) -> tuple[bool | int | float | str, ...]:
    if where.value is None:
        return ()
    return where.value if isinstance(where.value, tuple) else (where.value,)


def _exclusive(left: Predicate, right: Predicate) -> bool:
    """Both cannot hold of one thing, so "and" between them lists alternatives: "java and kotlin services"."""
    return (
        isinstance(left, Compare)
        and isinstance(right, Compare)
        and left.field == right.field
        and left.op in (Op.EQ, Op.IN)
        and right.op is Op.EQ
    )


@rule(Condition, Linked)
def linked_conditions(left: Condition, linked: Linked) -> Iterator[Made]:
    """Java or kotlin · deprecated and tier 1 · neither java nor go."""
    right = linked.right
    if not isinstance(right, Condition):
        return
    kinds = overlap(left.kinds, right.kinds)
    if kinds is None:
        return
    if linked.disjunctive and isinstance(left.where, Not) and not isinstance(right.where, Not):
        where: Predicate | None = conjoin(
            left.where, Not(of=right.where)
        )  # "not java or go" denies both
    elif linked.disjunctive or _exclusive(left.where, right.where):
        where = either(left.where, right.where)
    else:
        where = conjoin(left.where, right.where)
    assert where is not None
    yield Made(Condition(where, kinds), 0.35, atoms=(where,))


@rule(Number, Linked)
def linked_numbers(left: Number, linked: Linked) -> Iterator[Made]:
    """1 or 2."""
    right = linked.right
    if isinstance(right, Number) and (left.unit == right.unit or left.unit is None):
        yield Made(Number((*left.values, *right.values), right.unit), 0.3)


@rule(SetOf, Linked)
def linked_things(left: SetOf, linked: Linked) -> Iterator[Made]:
    """Checkout or search: two names are one set."""
    right = linked.right
    if not isinstance(right, SetOf):
        return
    if left.unknown is not None or right.unknown is not None:
        unknown = left if left.unknown is not None else right
        if left.named and right.named:
            yield Made(unknown, 0.1)
        return
    if left.names and right.names:
        kinds = {c.kind for c in left.names}
        if kinds == {c.kind for c in right.names} and not left.checked:
            yield Made(right.but(names=left.names + right.names, plural=True), 0.3)
    elif (
        not left.named
        and not right.named
        and left.kinds
        and right.kinds
        and not left.order
        and not right.order
    ):
        # findings and open incidents are no one set: what is said of one would be lost on the other
        apart = {table_of(x) for x in left.kinds} != {table_of(x) for x in right.kinds}
        if apart and (left.where or right.where):
            return
        if left.where == right.where or not left.where or not right.where:
            merged = tuple(dict.fromkeys(left.kinds + right.kinds))
            yield Made(left.but(kinds=merged, where=left.where or right.where), -0.1)
        elif left.kinds == right.kinds:
            where = either(left.where, right.where)
            yield Made(left.but(where=where, plural=True), 0.2, atoms=(where,))
