"""What is measured over outcomes: one row a measure, each a ratio of sums over cases so that all get intervals alike."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from eval import ranking
from eval.expectations import REFUSALS, STATUSES
from eval.outcome import Outcome
from eval.statistics import Interval, ratio_interval

Part: TypeAlias = tuple[float, float] | None
"""What one case adds to the numerator and the denominator; None when the measure does not look at it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Attributes:
        name: as gates and reports call it.
        part: what a case adds.
        doc: what it means, in a sentence.
        higher_is_better: which way a gate looks.
        unit: "share" (0–1), "ms" or "tokens".
    """

    name: str
    part: Callable[[Outcome], Part]
    doc: str
    higher_is_better: bool = True
    unit: str = "share"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure over some cases.

    Attributes:
        cases: how many it looked at.
        low, high: 95 % bootstrap interval.
    """

    name: str
    value: float
    low: float
    high: float
    cases: int
    unit: str
    higher_is_better: bool

    def to_json(self) -> dict[str, Any]:
        """As JSON-compatible data, rounded to what can be told apart."""
        return {
            "value": round(self.value, 6),
            "low": round(self.low, 6),
            "high": round(self.high, 6),
            "cases": self.cases,
            "unit": self.unit,
        }


def _ranked(measure: Callable[[Outcome], float | None]) -> Callable[[Outcome], Part]:
    def part(outcome: Outcome) -> Part:
        if outcome.relevant is None:
            return None
        value = measure(outcome)
        return None if value is None else (value, 1)

    return part


def expected_status(outcome: Outcome) -> str:
    """The status that was wanted: the one that came where it passes, else the first named."""
    return outcome.status if outcome.status in outcome.wanted else outcome.wanted[0]


def _precision_of(status: str) -> Callable[[Outcome], Part]:
    def part(outcome: Outcome) -> Part:
        return (outcome.status in outcome.wanted, 1) if outcome.status == status else None

    return part


def _recall_of(status: str) -> Callable[[Outcome], Part]:
    def part(outcome: Outcome) -> Part:
        return (outcome.status == status, 1) if expected_status(outcome) == status else None

    return part


def _filters(outcome: Outcome) -> tuple[Counter[str], Counter[str]] | None:
    """Conditions of the reading and those expected, each as text; None where none are expected."""
    if outcome.wanted_filters is None:
        return None
    wanted = Counter(_condition(f) for f in outcome.wanted_filters)
    ops = {bool("op" in f) for f in outcome.wanted_filters}
    with_op = ops != {False}
    found = Counter(_condition(f, with_op=with_op) for f in outcome.chips)
    return found, wanted


def _condition(part: Mapping[str, Any], *, with_op: bool = True) -> str:
    names = ("field", "op", "value") if with_op and "op" in part else ("field", "value")
    return json.dumps([part.get(name) for name in names], sort_keys=True, default=str).lower()


def _filter_precision(outcome: Outcome) -> Part:
    if (pair := _filters(outcome)) is None:
        return None
    found, wanted = pair
    return (found & wanted).total(), found.total()


def _filter_recall(outcome: Outcome) -> Part:
    if (pair := _filters(outcome)) is None:
        return None
    found, wanted = pair
    return (found & wanted).total(), wanted.total()


def _links(outcome: Outcome) -> Part:
    if not outcome.wanted_links:
        return None
    linked = json.dumps([chip.get("value") for chip in outcome.chips], default=str).lower()
    return sum(json.dumps(ref.lower()) in linked for ref in outcome.wanted_links), len(
        outcome.wanted_links
    )


MEASURES: tuple[Measure, ...] = (
    Measure("right", lambda o: (o.right, 1), "Execution match: the answer is what was expected."),
    Measure(
        "silent_wrong",
        lambda o: (o.silent, 1),
        "Answered with confidence, and wrong: the costliest outcome.",
        higher_is_better=False,
    ),
    Measure(
        "refused_wrongly",
        lambda o: (o.refused, 1),
        "Not answered, although something else was expected.",
        higher_is_better=False,
    ),
    Measure(
        "plan_match",
        lambda o: (o.plan_right, 1) if o.wanted_plan else None,
        "The reading is the expected plan, whatever its order.",
    ),
    Measure(
        "filter_precision",
        _filter_precision,
        "Conditions of the reading that were expected, over all of its conditions.",
    ),
    Measure(
        "filter_recall",
        _filter_recall,
        "Expected conditions that the reading holds, over all expected.",
    ),
    Measure(
        "link_accuracy",
        _links,
        "Things the question names that the reading links to the right reference.",
    ),
    Measure(
        "citation_support",
        lambda o: (o.supported, o.cited) if o.cited else None,
        "Shown results and passages that a citation stands behind.",
    ),
    Measure(
        "nDCG@10",
        _ranked(lambda o: ranking.ndcg(o.pages, o.relevant or {}, k=10)),
        "Gain of the first ten pages by grade and rank.",
    ),
    Measure(
        "RR",
        _ranked(lambda o: ranking.reciprocal_rank(o.pages, o.relevant or {})),
        "One over the rank of the first relevant page; its mean is the MRR.",
    ),
    Measure(
        "R@10",
        _ranked(lambda o: ranking.recall(o.pages, o.relevant or {}, k=10)),
        "Relevant pages among the first ten.",
    ),
    Measure(
        "P@1",
        _ranked(lambda o: ranking.precision(o.pages, o.relevant or {}, k=1)),
        "The first page is relevant.",
    ),
    *(
        row
        for status in ("empty", *REFUSALS)
        for row in (
            Measure(
                f"precision[{status}]",
                _precision_of(status),
                f"Answers with status `{status}` that should have had it.",
            ),
            Measure(
                f"recall[{status}]",
                _recall_of(status),
                f"Questions that should end as `{status}` and did.",
            ),
        )
    ),
    Measure(
        "tokens",
        lambda o: (o.tokens, 1),
        "Tokens of language models a question; 0 where none is used.",
        higher_is_better=False,
        unit="tokens",
    ),
)

MEASURE_BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}

PERCENTILES = (50, 95, 99)
"""Of latencies; named `took_ms_p95` (answering) and `wall_ms_p95` (as the caller sees it)."""

LATENCIES = tuple(f"{clock}_p{p}" for clock in ("took_ms", "wall_ms") for p in PERCENTILES)


def measured(
    outcomes: Sequence[Outcome], *, only: Iterable[str] | None = None
) -> dict[str, Figure]:
    """Every measure that has something to say over these outcomes, by name.

    Args:
        outcomes: of one run, or a part of it.
        only: names of measures; all when None.
    """
    wanted = None if only is None else set(only)
    found: dict[str, Figure] = {}
    for measure in MEASURES:
        if wanted is not None and measure.name not in wanted:
            continue
        parts = [part for outcome in outcomes if (part := measure.part(outcome)) is not None]
        interval = ratio_interval([p[0] for p in parts], [p[1] for p in parts])
        if interval is not None:
            found[measure.name] = _figure(measure, interval, len(parts))
    return found | {
        name: figure
        for name, figure in latencies(outcomes).items()
        if wanted is None or name in wanted
    }


def _figure(measure: Measure, interval: Interval, cases: int) -> Figure:
    return Figure(
        measure.name,
        interval.value,
        interval.low,
        interval.high,
        cases,
        measure.unit,
        measure.higher_is_better,
    )


def latencies(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Percentiles of the times, with the times a little below and above as their interval."""
    import numpy as np  # noqa: PLC0415

    found = {}
    clocks = {
        "took_ms": [o.took_ms for o in outcomes if o.took_ms],
        "wall_ms": [o.wall_ms for o in outcomes],
    }
    for stage in sorted({stage for o in outcomes for stage in o.stages_ms}):
        clocks[f"{stage}_ms"] = [o.stages_ms[stage] for o in outcomes if stage in o.stages_ms]
    for clock, times in clocks.items():
        if not times:
            continue
        for p in PERCENTILES:
            # Order statistics: the ranks that hold the percentile with 95 % confidence, by the normal approximation.
            spread = 1.96 * (p / 100 * (1 - p / 100) / len(times)) ** 0.5 * 100
            low, value, high = np.percentile(times, [max(0, p - spread), p, min(100, p + spread)])
            name = f"{clock}_p{p}"
            found[name] = Figure(
                name, float(value), float(low), float(high), len(times), "ms", False
            )
    return found


def by_type(outcomes: Sequence[Outcome], name: str) -> dict[str, Figure]:
    """One measure for every type of question, ordered by type."""
    found = {}
    for type_ in sorted({outcome.type for outcome in outcomes}):
        group = [outcome for outcome in outcomes if outcome.type == type_]
        figures = measured(group, only=[name])
        if name in figures:
            found[type_] = figures[name]
    return found


def by_field(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int, int]]:
    """Field → conditions expected, found, and both: precision and recall of every field on its own."""
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for outcome in outcomes:
        if (pair := _filters(outcome)) is None:
            continue
        for counter, conditions in (
            (found, pair[0]),
            (expected, pair[1]),
            (both, pair[0] & pair[1]),
        ):
            for condition, number in conditions.items():
                counter[str(json.loads(condition)[0])] += number
    return {
        field: (expected[field], found[field], both[field]) for field in sorted({*expected, *found})
    }


def confusion(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Wanted status → status that came → how many; statuses in their usual order, failures last."""
    seen = {outcome.status for outcome in outcomes}
    columns = [*STATUSES, *sorted(seen - set(STATUSES))]
    found = {wanted: dict.fromkeys(columns, 0) for wanted in STATUSES}
    for outcome in outcomes:
        found[expected_status(outcome)][outcome.status] += 1
    return {wanted: row for wanted, row in found.items() if any(row.values())}
