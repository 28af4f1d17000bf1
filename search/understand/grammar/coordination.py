""" "or", "and", "neither … nor": alternatives of one field, several names, several conditions."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model.kinds import table_of
from search.plan import Compare, Not, Predicate, conjoin
from search.understand.amounts import Number
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import either, exclusive, overlap, types_clash
from search.understand.semantics import Condition, Link, Linked, SetOf


@rule(Link, Condition)
def link_condition(link: Link, right: Condition) -> Iterator[Made]:
    """Or kotlin."""
    yield Made(Linked(link.disjunctive, right, link.nor), 0.0)


@rule(Link, SetOf)
def link_things(link: Link, right: SetOf) -> Iterator[Made]:
    """Or search."""
    yield Made(Linked(link.disjunctive, right, link.nor), 0.0)


@rule(Link, Number)
def link_number(link: Link, right: Number) -> Iterator[Made]:
    """Or 2."""
    yield Made(Linked(link.disjunctive, right, link.nor), 0.0)


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
    elif linked.disjunctive or exclusive(left.where, right.where):
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
    if not isinstance(right, SetOf) or (linked.nor and not right.names):
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
            delta = 0.2 if _says_more(right.where) is _says_more(left.where) else NARROW
            yield Made(left.but(where=where, plural=True), delta, atoms=(where,))


NARROW = -0.1
"""Worth of taking what stands beside two nouns as said of one of them: "websites and apps by search" are both by search."""


def _says_more(where: Predicate) -> bool:
    """Whether a condition is more than a noun's own."""
    return not isinstance(where, Compare)


@rule(SetOf, SetOf)
def listed_things(left: SetOf, right: SetOf) -> Iterator[Made]:
    """(payments:) services, libraries: two sorts that nothing can be at once are a list."""
    if left.named or right.named or left.kinds != right.kinds or left.order or right.order:
        return
    if left.plural and right.plural and left.where != right.where and types_clash(left, right):
        assert left.where is not None
        assert right.where is not None
        where = either(left.where, right.where)
        delta = 0.1 if _says_more(right.where) is _says_more(left.where) else NARROW
        yield Made(left.but(where=where), delta, atoms=(where,))
