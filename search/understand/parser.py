"""Mentions + rules → composed readings: a chart over the cut question, best first, a few meanings a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from search.plan import depth
from search.understand import grammar  # noqa: F401  loading the rules is what fills the table
from search.understand.grammar.base import RULES, Made
from search.understand.semantics import Condition, Item, Meaning, SetOf, Skip
from search.understand.spans import Mention

CELL = 7
"""Meanings kept for one stretch of the question."""

MARGIN = 2.2
"""A meaning this much worse than the best of its stretch is dropped: nothing around it makes up for that."""

MAX_DELTA = 0.7
"""The most a single rule adds; what cannot reach the margin even with it is not tried."""


DEEPEST = 20
"""Levels of conditions within sets within conditions that a meaning may have: about five relations one behind the other."""

BUDGET = 6_000
"""Pairs of meanings tried for one question with all meanings of a stretch; beyond it only with the best one. The questions of
the suites stay below 2,000; "services without services without …" would take half a minute."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a question falls into subject and predicate: "which | services owned by payments | have | a runbook".

    Attributes:
        head: position of the noun that leads the subject.
        verb: position of the verb between the two.
    """

    head: int
    verb: int

    def crossed(self, left: int, right: int) -> bool:
        """Whether a part of the subject without its noun would be joined to the predicate; masks of the two sides."""
        before = (1 << self.verb) - 1
        return (
            not left & ~before
            and not right & before
            and not left >> self.head & 1
            and bool(left >> self.head)
        )


def clause_of(head: int | None, verb: int | None) -> Clause | None:
    """The subject and predicate of a question, when it has both."""
    return Clause(head, verb) if head is not None and verb is not None and verb > head else None


@dataclass(slots=True)
class Chart:
    """What was composed of one question.

    Attributes:
        clause: where its subject ends.
        composed: stretches already composed; ways of cutting a question share most of theirs.
        joined: what the rules made of two meanings, by their identity: the same two meet again wherever a word between them is passed over.
        meanings: each set and condition that was made, once; equal ones are one object.
        tried: pairs of meanings that were tried so far.
    """

    clause: Clause | None = None
    composed: dict[tuple[Mention, ...], list[Item]] = field(default_factory=dict)
    joined: dict[tuple[int, int], tuple[Made, ...]] = field(default_factory=dict)
    meanings: dict[Meaning, Meaning] = field(default_factory=dict)
    tried: int = 0

    def join(self, left: Meaning, right: Meaning) -> tuple[Made, ...]:
        """What the rules make of two neighbours; both must be held by something that lives as long as this."""
        key = (id(left), id(right))
        known = self.joined.get(key)
        if known is None:
            rules = RULES.get((type(left), type(right)), ())
            known = self.joined[key] = tuple(
                self._shared(new)
                for rule in rules
                for new in rule(left, right)
                if depth(getattr(new.meaning, "where", None)) <= DEEPEST
            )
        return known

    def _shared(self, new: Made) -> Made:
        """With the object that an equal set or condition already has; equal meanings of other categories may differ in what is not compared."""
        if not isinstance(new.meaning, SetOf | Condition):
            return new
        first = self.meanings.setdefault(new.meaning, new.meaning)
        return new if first is new.meaning else replace(new, meaning=first)


CROSSED = 0.6
"""Charged for that: the payments team owns the services, not the runbook."""


def compose(cut: Sequence[Mention], chart: Chart) -> list[Item]:
    """Every meaning of the whole cut that survived, best first.

    Neighbouring stretches are combined by every rule for their categories; a cell keeps its best few meanings, so the
    cost is bounded by the cube of the number of mentions, whatever the catalog's size.

    Args:
        cut: neighbouring mentions.
        chart: what other cuts of the same question have composed; added to.
    """
    whole = tuple(cut)
    n = len(whole)
    composed = chart.composed
    for length in range(1, n + 1):
        for i in range(n - length + 1):
            stretch = whole[i : i + length]
            if stretch in composed:
                continue
            if length == 1:
                composed[stretch] = list(stretch[0].items)
                continue
            made: dict[object, Item] = {}
            best = float("-inf")
            rich = chart.tried < BUDGET
            kept = CELL if rich else 1
            for split in range(1, length) if rich else {1, length - 1}:
                lefts, rights = composed[stretch[:split]][:kept], composed[stretch[split:]][:kept]
                chart.tried += len(lefts) * len(rights)
                for left in lefts:
                    for right in rights:
                        if left.score + right.score > best - MARGIN - MAX_DELTA:
                            best = max(best, _combine(left, right, made, chart))
            composed[stretch] = _best(made)
    return [item for item in composed.get(whole, ()) if not isinstance(item.meaning, Skip)]


def _combine(left: Item, right: Item, made: dict[object, Item], chart: Chart) -> float:
    """Add what the rules make of two neighbours; returns the best score among it."""
    best = float("-inf")
    joined = chart.join(left.meaning, right.meaning)
    if not joined:
        return best
    mask, clause = left.mask | right.mask, chart.clause
    cost = CROSSED if clause is not None and clause.crossed(left.mask, right.mask) else 0.0
    for new in joined:
        score = left.score + right.score + new.delta - cost
        best = max(best, score)
        known = made.get(new.meaning)
        if known is not None and known.score >= score:
            continue
        evidence = left.evidence + right.evidence + tuple((atom, mask) for atom in new.atoms)
        made[new.meaning] = Item(
            new.meaning, mask, score, evidence, left.notes + right.notes + new.notes
        )
    return best


def _best(made: dict[object, Item]) -> list[Item]:
    """The best few, with at least the best passing-over, so that no stretch blocks its neighbours."""
    items = sorted(made.values(), key=lambda item: -item.score)
    kept: list[Item] = []
    per_category: dict[type, int] = {}
    for item in items:
        category = type(item.meaning)
        if (
            per_category.get(category, 0) < 4
            and len(kept) < CELL
            and item.score > items[0].score - MARGIN
        ):
            kept.append(item)
            per_category[category] = per_category.get(category, 0) + 1
    if not any(isinstance(item.meaning, Skip) for item in kept):
        kept += [item for item in items if isinstance(item.meaning, Skip)][:1]
    return kept
