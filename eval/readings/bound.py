"""How much a better order of readings could win at most: an oracle that always takes a right one where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.readings.collect import Asked


@dataclass(frozen=True, slots=True)
class Bound:
    """Counts over the cases of some suites.

    Attributes:
        right: as they are answered.
        silent: answered, and wrong.
        oracle: right, or would be with another of their readings.
        complete: of the wrong ones, those where such a reading uses every content word: the others are right by being a refusal.
        silent_reached: of the silently wrong ones, those with a right reading.
    """

    cases: int
    right: int
    silent: int
    oracle: int
    complete: int
    silent_reached: int


def bound(asked: Sequence[Asked]) -> Bound:
    """Count what is right and what could be."""
    wrong = [a for a in asked if not a.outcome.right]
    silent = [a for a in wrong if a.outcome.silent]
    return Bound(
        cases=len(asked),
        right=len(asked) - len(wrong),
        silent=len(silent),
        oracle=sum(a.reachable for a in asked),
        complete=sum(any(c.outcome.right and not c.left for c in a.candidates[1:]) for a in wrong),
        silent_reached=sum(a.reachable for a in silent),
    )
