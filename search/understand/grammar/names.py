"""A name beside a noun: "payments team", "team payments", "payments services", and names the catalog does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from search.plan import Compare, Related, conjoin
from search.understand.grammar.base import Made, rule
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins
from search.understand.selecting import select_of
from search.understand.semantics import Condition, SetOf


@rule(SetOf, SetOf)
def name_with_its_kind(left: SetOf, right: SetOf) -> Iterator[Made]:
    """Payments team · team payments: the noun says which of the names is meant."""
    for name, noun, bonus in ((left, right, 0.6), (right, left, 0.45)):
        if (
            not name.names
            or noun.named
            or noun.anyone
            or not noun.kinds
            or noun.count
            or name.checked
            or (
                name.pronoun and noun.plural and len(name.names) == 1
            )  # "which services would that affect"
        ):
            continue
        fitting = tuple(c for c in name.names if c.kind in noun.kinds)
        if not fitting:
            continue
        if noun.where is not None and not (
            isinstance(noun.where, Compare) and noun.where.field == "type"
        ):
            continue
        typed = tuple(c for c in fitting if _type_fits(noun, c.type))
        delta = bonus if typed else bonus - 0.5
        if noun.plural:
            delta -= 0.75
        yield Made(name.but(names=typed or fitting), delta)


def _type_fits(noun: SetOf, type_: str | None) -> bool:
    where = noun.where
    if where is None:
        return True
    if isinstance(where, Compare) and where.field == "type":
        wanted = where.value if isinstance(where.value, tuple) else (where.value,)
        return type_ in wanted
    return False


@rule(SetOf, SetOf)
def things_of(left: SetOf, right: SetOf) -> Iterator[Made]:
    """Payments services · services of payments · incidents on checkout · services with an open incident."""
    yield from restrict(left, right, 0.15)
    one = right.kinds == (k.GROUP,) and not right.plural and k.GROUP in {c.kind for c in left.names}
    # "the payments team" is that team, not one below it
    yield from restrict(right, left, -1.0 if one else 0.1)


def restrict(subject: SetOf, target: SetOf, delta: float) -> Iterator[Made]:
    """The subject, by whatever ties it to the target; of a ranked target, to its first."""
    if target.unknown is not None and target.kinds and not subject.named:
        yield Made(target, delta)  # "components of squad fir", where no squad is called so
        return
    if target.mine and any(c.kind == k.USER for c in target.names) and subject.kinds != (k.GROUP,):
        return  # "components I …" waits for its verb; "teams I'm in" are those of a member
    if (
        subject.named
        or subject.unknown
        or target.unknown
        or subject.anyone
        or (subject.pronoun and not subject.kinds)
    ):
        return
    if (target.names and target.checked) or (target.order and target.limit is None):
        return
    if (target.gap or subject.gap) and overlap(subject.kinds, target.kinds):
        return  # "apis with broken references" are apis, not what is joined to such things
    if (
        not target.names
        and target.where is None
        and target.count is None
        and not target.anyone
        and not target.mine
    ):
        delta -= 0.25  # a bare noun restricts little: "services with incidents" is fine, "apis services" is not
    for join in joins(subject, target):
        penalty = (
            0.3
            if subject.plural is False
            and target.names
            and subject.kinds
            and not _is_record(subject)
            else 0.0
        )
        restricted = subject.but(kinds=join.kinds, where=conjoin(subject.where, join.where))
        yield Made(restricted, delta + join.delta - penalty * 0.5, atoms=(join.where,))


_PARTS = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM)
_WHOLES = {
    k.GROUP: ("memberOf", (k.USER,)),
    k.SYSTEM: ("within", _PARTS),
    k.DOMAIN: ("within", _PARTS),
}
"""Kind of a whole → the relation of its parts to it, and their kinds."""


@rule(SetOf, SetOf)
def one_in_another(one: SetOf, whole: SetOf) -> Iterator[Made]:
    """(is) wren in the lab team · (is) ledger-db in the payments system: whether the one is part of the other."""
    if not one.names or not whole.names or one.where is not None or whole.where is not None:
        return
    if one.plural or one.pronoun or whole.pronoun:
        return
    for kind, (relation, parts) in _WHOLES.items():
        members = tuple(c for c in one.names if c.kind in parts)
        wholes = tuple(c for c in whole.names if c.kind == kind)
        if members and wholes:
            where = Related(relation=relation, to=select_of(whole.but(names=wholes)))
            yield Made(one.but(names=members, where=where), -0.1, atoms=(where,))


def _is_record(things: SetOf) -> bool:
    return all(table_of(kind) is not Table.ENTITIES for kind in things.kinds)


@rule(SetOf, SetOf)
def unknown_name_with_noun(left: SetOf, right: SetOf) -> Iterator[Made]:
    """The blackbird team · team griffin: nothing is called so."""
    for name, noun in ((left, right), (right, left)):
        if name.unknown is None or noun.unknown is not None:
            continue
        if noun.names:
            if all(c.quality < 0.9 for c in noun.names):
                yield Made(
                    SetOf(
                        unknown=f"{left.unknown or noun.names[0].title} {right.unknown or noun.names[0].title}"
                    ),
                    0.2,
                )
        elif noun.where is None or (isinstance(noun.where, Compare) and noun.where.field == "type"):
            yield Made(name.but(kinds=noun.kinds), -0.4 if noun.plural else 0.5)


@rule(SetOf, SetOf)
def is_one_of(name: SetOf, things: SetOf) -> Iterator[Made]:
    """[is] jane doe a member of payments: a named thing, and a set it may belong to."""
    if (
        not name.names
        or name.checked
        or things.named
        or things.where is None
        or things.order
        or things.count
    ):
        return
    fitting = tuple(c for c in name.names if not things.kinds or c.kind in things.kinds)
    if fitting:
        yield Made(
            name.but(names=fitting, where=conjoin(name.where, things.where), checked=True), -0.1
        )


@rule(Condition, SetOf)
def condition_at(condition: Condition, place: SetOf) -> Iterator[Made]:
    """(what is) broken at the identity team: the things are given by the condition, where they belong by the name."""
    yield from _things_at(condition, place, -0.2)


@rule(SetOf, Condition)
def at_condition(place: SetOf, condition: Condition) -> Iterator[Made]:
    """Identity team: broken."""
    yield from _things_at(condition, place, -0.3)


_PLACES = (k.SYSTEM, k.DOMAIN, k.GROUP)
"""What things are in, rather than what is asked whether it is so: "undocumented in the checkout system"."""


def _things_at(condition: Condition, place: SetOf, delta: float) -> Iterator[Made]:
    if (
        not (place.names or place.mine)
        or place.unknown is not None
        or not condition.kinds
        or place.checked
    ):
        return
    own = {c.kind for c in place.names}
    kinds = tuple(kind for kind in condition.kinds if kind not in own)
    if not kinds or (own & set(condition.kinds) and not own <= set(_PLACES)):
        return
    for join in joins(SetOf(kinds=kinds), place):
        where = conjoin(condition.where, join.where)
        yield Made(
            SetOf(kinds=join.kinds, where=where, plural=True),
            delta + join.delta,
            atoms=(join.where,),
        )
