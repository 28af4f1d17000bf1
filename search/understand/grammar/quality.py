"""How well the catalog is kept: what it refers to and does not hold, and the table of all checks."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldType
from catalog_store.model.quality import OWNED
from catalog_store.model.relations import ends
from search.plan import Compare, Not, Op, Predicate, Related, Select, conjoin
from search.quality import UNKNOWN_OWNER
from search.understand.grammar.base import Made, rule
from search.understand.semantics import (
    Absent,
    Condition,
    Contrast,
    FieldWord,
    Link,
    Points,
    Quality,
    RelationNoun,
    RelationWord,
    SetOf,
    Skip,
    kinds_of,
)

_AGENTS = (k.GROUP, k.USER)
_OWNING = frozenset(("ownedBy", "ownedWithin"))
_NEEDING = frozenset(("uses", "dependsOn", "consumesApi", "providesApi"))
_NEEDED = (k.COMPONENT, k.RESOURCE, k.API)
_NEEDS = Condition(Compare(field="dangling_dependencies", op=Op.EXISTS), (k.COMPONENT, k.RESOURCE))
_ANY = Condition(Compare(field="dangling", op=Op.EXISTS), (*OWNED, *_AGENTS))
_OWNER = Condition(UNKNOWN_OWNER, OWNED)


def _made(condition: Condition, delta: float) -> Made:
    return Made(condition, delta, atoms=(condition.where,))


def _by_sides(sides: tuple[str, ...]) -> Condition:
    """What refers to nothing by a relation with these names."""
    if _OWNING & set(sides):
        return _OWNER
    return _NEEDS if _NEEDING & set(sides) else _ANY


def _by_kinds(kinds: tuple[str, ...]) -> Condition:
    """What refers to things of these kinds that are not there, when no verb says how."""
    if kinds and set(kinds) <= set(_AGENTS):
        return _OWNER
    return _NEEDS if kinds and set(kinds) <= set(_NEEDED) else _ANY


@rule(FieldWord, Absent)
def field_that_is_not_there(word: FieldWord, _: Absent) -> Iterator[Made]:
    """(components whose) system is not in the catalog."""
    for row in word.rows:
        if row.type is FieldType.REF and row.relation is not None:
            to = Select(kinds=ends(row.relation)[1])
            where: Predicate | None = conjoin(
                Compare(field=row.name, op=Op.EXISTS), Not(of=Related(relation=row.relation, to=to))
            )
            assert where is not None
            yield _made(Condition(where, kinds_of(row)), 0.4)


@rule(RelationNoun, Absent)
def role_that_is_not_there(noun: RelationNoun, _: Absent) -> Iterator[Made]:
    """(services with) an owner that is not in the catalog · a dependency that does not exist."""
    yield _made(_by_sides(noun.sides), 0.5)
    if _NEEDING & set(noun.sides):
        yield Made(Absent(_NEEDED), 0.3)


@rule(RelationWord, Absent)
def verb_to_nothing(verb: RelationWord, _: Absent) -> Iterator[Made]:
    """(services that) depend on things that do not exist · owned by a team that no longer exists."""
    yield _made(_by_sides(verb.sides), 0.5)


@rule(SetOf, Absent)
def things_that_are_not_there(things: SetOf, absent: Absent) -> Iterator[Made]:
    """(owned by) teams that no longer exist; services with an api that is not in the catalog."""
    if things.named or things.where is not None:
        return
    if absent.kinds is None:
        yield Made(Absent(things.kinds), 0.3)
    else:
        condition = _by_kinds(absent.kinds)
        kinds = tuple(x for x in things.kinds if x in condition.kinds)
        if kinds:
            where = condition.where
            yield Made(things.but(kinds=kinds, where=where), 0.3, atoms=(where,))


@rule(Absent, SetOf)
def no_known_things(absent: Absent, things: SetOf) -> Iterator[Made]:
    """(owner is) not a known group or user · (depends on) unknown components."""
    if absent.kinds is None and not things.named and things.where is None and things.kinds:
        yield Made(Absent(things.kinds), 0.3)


@rule(Link, Absent)
def or_things(_: Link, absent: Absent) -> Iterator[Made]:
    """(a dependency) or api that does not exist."""
    if absent.kinds is not None:
        yield Made(absent, 0.1)


@rule(Points, Absent)
def points_to_nothing(_: Points, absent: Absent) -> Iterator[Made]:
    """Point to an api that does not exist · references to things that are not in the catalog."""
    yield _made(_by_kinds(absent.kinds or ()), 0.5)


@rule(Contrast, SetOf)
def instead_of(_: Contrast, things: SetOf) -> Iterator[Made]:
    """(owned by a person) instead of a team."""
    sort = isinstance(things.where, Compare) and things.where.field == "type" and not things.plural
    if not things.named and (things.where is None or sort) and not things.mine:
        yield Made(Skip(), 0.3)


@rule(Quality, SetOf)
def quality_of(quality: Quality, place: SetOf) -> Iterator[Made]:
    """What needs cleaning up in the payments domain · catalog health of my team."""
    if place.unknown is not None:
        yield Made(place, 0.3)
    elif quality.of is None and (place.names or place.mine) and place.where is None:
        yield Made(Quality(place), 0.5)


@rule(SetOf, Quality)
def its_quality(place: SetOf, quality: Quality) -> Iterator[Made]:
    """Payments catalog health."""
    for made in quality_of(quality, place):
        yield Made(made.meaning, made.delta - 0.1)


@rule(Quality, Quality)
def quality_twice(left: Quality, right: Quality) -> Iterator[Made]:
    """Gaps in the catalog (that) need fixing: said twice."""
    if left.of is None or right.of is None:
        yield Made(Quality(left.of or right.of), 0.2)
