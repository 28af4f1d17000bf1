"""Meanings of numbers, and of the words that compare with them."""

from __future__ import annotations

from dataclasses import dataclass

from search.plan import Op


@dataclass(frozen=True, slots=True)
class Number:
    """One or several numbers with a unit."""

    values: tuple[float, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Comparator:
    """ "more than", "below", … waiting for a number."""

    op: Op
    after: bool = False


@dataclass(frozen=True, slots=True)
class Judging:
    """ "or better", "worse than": waits for a number, and for a field to say which end is good; `after` includes the number."""

    good: bool
    after: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A comparison with a number: "> 3", "between 30 and 60 days"."""

    op: Op
    values: tuple[float, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """ "99.9% or better", "worse than 3": a comparison whose direction depends on what it is of."""

    judging: Judging
    value: float
    unit: str | None = None

    def amount(self, *, high_is_good: bool) -> Amount:
        """The comparison, once it is known which end is good."""
        upwards = self.judging.good is high_is_good
        if self.judging.after:
            return Amount(Op.GE if upwards else Op.LE, (self.value,), self.unit)
        return Amount(Op.GT if upwards else Op.LT, (self.value,), self.unit)
