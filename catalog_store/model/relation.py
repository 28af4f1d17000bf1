"""What a row of the table of relations says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """One direction of a relation, read "source … target".

    Attributes:
        name: Backstage's name for the direction ("ownedBy").
        verbs: phrases that stand between source and target: "services [owned by] payments".
        nouns: what the target is to the source: "[owner] of checkout".
        phrase: how the explanation says it: "owned by".
    """

    name: str
    verbs: tuple[str, ...]
    nouns: tuple[str, ...]
    phrase: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation and its inverse.

    Attributes:
        forward: canonical direction; its name is what `Edge.relation` holds.
        inverse: the other direction.
        sources, targets: kinds that may stand at either end.
        derived: computed from other edges when a snapshot is built.
    """

    forward: Side
    inverse: Side
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    derived: bool = False
