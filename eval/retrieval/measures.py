"""nDCG@10, MRR and hit@1 through ir_measures, with bootstrap intervals and paired permutation tests.

MRR is cut at 10; a hit is a page of grade 1 or better. Intervals are percentile bootstraps over questions; the
test permutes which system a question's value belongs to (Smucker, Allan & Carterette, CIKM 2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, Success, nDCG

from eval.retrieval.systems import Run

MEASURES = {"nDCG@10": nDCG @ 10, "MRR@10": RR @ 10, "hit@1": Success @ 1, "hit@3": Success @ 3}

ROUNDS = 5_000
"""Resamples and permutations; the error of a p of 0.05 is then about 0.003."""

SEED = 20261120

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One system's mean less another's on the same questions, with its 95 % interval and two-sided p."""

    value: float
    low: float
    high: float
    p: float


def per_question(
    run: Run, qrels: Mapping[str, Mapping[str, int]], questions: Sequence[str]
) -> dict[str, Floats]:
    """Measure → values in the order of the questions, each 0..1; a question without results counts 0."""
    wanted = {query: dict(qrels[query]) for query in questions}
    given = {query: dict(run.get(query, {})) for query in questions}
    values = {name: np.zeros(len(questions)) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    place = {query: number for number, query in enumerate(questions)}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), wanted, given):
        values[names[metric.measure]][place[metric.query_id]] = metric.value
    return values


def mean(values: Floats) -> Mean:
    """The mean with a percentile bootstrap interval.

    >>> mean(np.array([1.0, 1.0]))
    Mean(value=1.0, low=1.0, high=1.0)
    """
    low, high = np.quantile(_resampled(values), (0.025, 0.975))
    return Mean(float(values.mean()), float(low), float(high))


def difference(ours: Floats, theirs: Floats) -> Difference:
    """A paired difference: bootstrap interval, and p of a two-sided sign-flipping permutation test.

    >>> difference(np.array([1.0, 0.5]), np.array([1.0, 0.5])).p
    1.0
    """
    gaps = ours - theirs
    low, high = np.quantile(_resampled(gaps), (0.025, 0.975))
    signs = np.random.default_rng(SEED).choice((-1.0, 1.0), size=(ROUNDS, len(gaps)))
    as_large = np.abs((signs * gaps).mean(axis=1)) >= abs(gaps.mean()) - 1e-12
    return Difference(float(gaps.mean()), float(low), float(high), float(as_large.mean()))


def _resampled(values: Floats) -> Floats:
    drawn = np.random.default_rng(SEED).integers(0, len(values), size=(ROUNDS, len(values)))
    means: Floats = values[drawn].mean(axis=1)
    return means
