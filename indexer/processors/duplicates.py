"""One entity per reference: who stays when two files describe the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.locations import listed_locations
from indexer.raw import RawEntity
from indexer.reporting import Report


def settle_duplicates(entities: Sequence[RawEntity], report: Report) -> list[RawEntity]:
    """Keep one entity per reference: the one a Location lists, else the one whose file came first.

    Returns:
        The kept ones, in the order they were read.
    """
    marked = mark_listed(entities)
    kept: dict[str, RawEntity] = {}
    for entity in marked:
        ref = str(entity.ref)
        first = kept.get(ref)
        if first is None:
            kept[ref] = entity
            continue
        winner, loser = (entity, first) if entity.listed and not first.listed else (first, entity)
        kept[ref] = winner
        reason = (
            "a Location lists it" if winner.listed and not loser.listed else "it was read first"
        )
        message = (
            f"{ref} is described twice; the one in {winner.span.path}:{winner.span.first} is kept because {reason}, "
            "rename or remove this one"
        )
        report.error("duplicate-ref", message, loser.span)
    survivors = {id(entity) for entity in kept.values()}
    return [entity for entity in marked if id(entity) in survivors]


def mark_listed(entities: Sequence[RawEntity]) -> list[RawEntity]:
    """The same entities, knowing whether a Location lists their file."""
    files = frozenset(entity.file.location for entity in entities)
    listed = {
        location
        for entity in entities
        if entity.ref.kind == "location"
        for location in listed_locations(entity, files)
    }
    return [
        entity
        if entity.listed == (entity.file.location in listed)
        else replace(entity, listed=not entity.listed)
        for entity in entities
    ]
