"""One way a question can be read."""

from __future__ import annotations

from dataclasses import dataclass

from search.plan import Plan
from search.understand.semantics import Candidate, SetOf


@dataclass(frozen=True, slots=True)
class Reading:
    """One way the question can be read.

    Attributes:
        plan: what it asks; None when a name or a fact is missing.
        score: comparable between readings of one question only.
        mask: words that take part.
        evidence: (condition, words) pairs for the chips.
        notes: choices made, to be said.
        unknown: words in the place of a name that name nothing, and the kinds that were expected.
        missing: words in the place of a fact that the catalog has no field for, with their subject.
        headless: a condition without the things it restricts; a follow-up may hold them.
    """

    plan: Plan | None
    score: float
    mask: int
    evidence: tuple[tuple[object, int], ...] = ()
    notes: tuple[str, ...] = ()
    unknown: str | None = None
    unknown_kinds: tuple[str, ...] = ()
    missing: str | None = None
    subject: tuple[Candidate, ...] = ()
    headless: bool = False

    @property
    def choices(self) -> tuple[SetOf, ...]:
        """Names of the reading that may mean several things; names listed by the asker are not choices."""
        found = [x for x, _ in self.evidence if isinstance(x, SetOf)]
        return tuple(x for x in found if len(x.names) > 1 and not x.mine)

    @property
    def names(self) -> tuple[Candidate, ...]:
        """Every thing a name in the reading may mean."""
        return tuple(c for x, _ in self.evidence if isinstance(x, SetOf) for c in x.names)
