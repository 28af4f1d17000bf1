"""How one thing leads to another: "path from checkout to ledger-db"."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model.relations import ends
from search.understand.grammar.base import Made, rule
from search.understand.semantics import Linked, SetOf, Way


@rule(Way, SetOf)
def way_from(way: Way, thing: SetOf) -> Iterator[Made]:
    """Path from checkout (to ledger-db)."""
    if thing.unknown is not None:
        yield Made(thing, 0.3)
        return
    end = _on_a_way(thing)
    if end is None:
        return
    if way.start is None and not way.between:
        yield Made(Way(start=end), 0.3)
    elif way.start is not None and way.end is None:
        yield Made(Way(way.start, end, way.between), 0.5)


@rule(SetOf, Way)
def connected_to(thing: SetOf, way: Way) -> Iterator[Made]:
    """(how is) checkout connected to (ledger-db)."""
    if thing.unknown is not None:
        yield Made(thing, 0.3)
        return
    start = _on_a_way(thing)
    if start is not None and way.between and way.start is None:
        yield Made(Way(start=start, between=True), 0.3)


def _on_a_way(thing: SetOf) -> SetOf | None:
    """The things of the name that dependencies lead through; None when there are none."""
    names = tuple(c for c in thing.names if c.kind in ends("uses")[0])
    return thing.but(names=names) if names and not thing.checked else None


@rule(Way, Linked)
def way_between(way: Way, linked: Linked) -> Iterator[Made]:
    """Path between checkout and ledger-db."""
    if way.start is None or way.end is not None or not isinstance(linked.right, SetOf):
        return
    end = _on_a_way(linked.right)
    if end is not None:
        yield Made(Way(way.start, end), 0.5)
