"""How one thing leads to another: "path from checkout to ledger-db"."""

from __future__ import annotations

from collections.abc import Iterator

from search.understand.grammar.base import Made, rule
from search.understand.semantics import Linked, SetOf, Way


@rule(Way, SetOf)
def way_from(way: Way, thing: SetOf) -> Iterator[Made]:
    """Path from checkout (to ledger-db)."""
    if thing.unknown is not None:
        yield Made(thing, 0.3)
    elif thing.names and not thing.checked:
        if way.start is None:
            yield Made(Way(start=thing), 0.3)
        elif way.end is None:
            yield Made(Way(way.start, thing), 0.5)


@rule(Way, Linked)
def way_between(way: Way, linked: Linked) -> Iterator[Made]:
    """Path between checkout and ledger-db."""
    if (
        way.start is not None
        and way.end is None
        and isinstance(linked.right, SetOf)
        and linked.right.names
    ):
        yield Made(Way(way.start, linked.right), 0.5)
