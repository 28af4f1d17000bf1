"""What a system, domain or team depends on: what its components depend on, since the catalog ties dependencies to them."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.relations import ends, opposite
from search.plan import Predicate, Related
from search.understand.grammar.base import Made, rule
from search.understand.grammar.joins import joins, related
from search.understand.grammar.parts import WHOLES
from search.understand.selecting import select_of
from search.understand.semantics import Condition, RelationNoun, RelationWord, SetOf

_BUILT = (k.SYSTEM, k.DOMAIN)
"""Of a name that a team bears too, what is built is rather what depends on something."""

_DEPENDING = frozenset(("uses", "usedBy", "dependsOn", "dependencyOf"))


def _components(
    whole: SetOf, able: tuple[str, ...]
) -> Iterator[tuple[SetOf, Predicate, float, str]]:
    """The components of a named whole that cannot stand in the relation itself, how they are tied to it, and the note."""
    kinds = {c.kind for c in whole.names}
    if not kinds or not kinds <= set(WHOLES) or kinds & set(able) or k.COMPONENT not in able:
        return
    components = SetOf(kinds=(k.COMPONENT,), plural=True)
    words = " or ".join(sorted(k.KIND_BY_NAME[kind].words[0] for kind in kinds))
    note = f"a {words} depends on, and is depended on, through its components"
    delta = 0.0 if kinds <= set(_BUILT) else -0.15
    for join in joins(components, whole):
        yield components.but(where=join.where), join.where, join.delta + delta, note


@rule(SetOf, RelationWord)
def what_the_whole_uses(whole: SetOf, verb: RelationWord) -> Iterator[Made]:
    """What does (the) checkout (system) depend on."""
    for side in _DEPENDING.intersection(verb.sides):
        sources, targets = ends(side)
        for components, tie, delta, note in _components(whole, sources):
            where = related(opposite(side), components, hops=verb.hops)
            yield Made(Condition(where, targets), delta, (tie, where), (note,))


@rule(RelationWord, SetOf)
def what_uses_the_whole(verb: RelationWord, whole: SetOf) -> Iterator[Made]:
    """(services that) depend on (the) checkout (system)."""
    for side in _DEPENDING.intersection(verb.sides):
        sources, targets = ends(side)
        for components, tie, delta, note in _components(whole, targets):
            where = related(side, components, hops=verb.hops)
            yield Made(Condition(where, sources), 0.3 + delta, (tie, where), (note,))


@rule(RelationNoun, SetOf)
def dependencies_of_the_whole(noun: RelationNoun, whole: SetOf) -> Iterator[Made]:
    """Dependencies of (the) checkout (system)."""
    for side in _DEPENDING.intersection(noun.sides):
        sources, targets = ends(side)
        for components, tie, delta, note in _components(whole, sources):
            where = Related(relation=opposite(side), to=select_of(components), hops=1)
            wanted = SetOf(kinds=targets, where=where, plural=noun.plural)
            yield Made(wanted, 0.3 + delta, (tie, where), (note,))


@rule(SetOf, RelationNoun)
def the_wholes_dependencies(whole: SetOf, noun: RelationNoun) -> Iterator[Made]:
    """Checkout's dependencies."""
    for made in dependencies_of_the_whole(noun, whole):
        yield Made(made.meaning, made.delta - 0.1, made.atoms, made.notes)
