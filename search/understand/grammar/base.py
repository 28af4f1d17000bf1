"""How a composition rule is declared: two neighbouring meanings in, any number of combined ones out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from search.understand.semantics import Meaning


@dataclass(frozen=True, slots=True)
class Made:
    """What a rule makes of two neighbours.

    Attributes:
        meaning: the combined meaning.
        delta: how natural the combination is, added to the score of its parts; 0 is neutral.
        atoms: conditions this step created: the words of both sides are their evidence.
        notes: choices that were made, to be said in the answer.
    """

    meaning: Meaning
    delta: float = 0.0
    atoms: tuple[object, ...] = ()
    notes: tuple[str, ...] = ()


Rule = Callable[[Any, Any], Iterator[Made]]

RULES: dict[tuple[type, type], list[Rule]] = defaultdict(list)
"""(category of the left neighbour, category of the right one) → rules, in the order they were declared."""


def rule(left: type, right: type) -> Callable[[Rule], Rule]:
    """Declare a rule for two neighbours of these categories."""

    def register(function: Rule) -> Rule:
        RULES[left, right].append(function)
        return function

    return register
