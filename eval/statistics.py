"""How sure a figure is, and whether two runs over the same cases differ: bootstrap intervals and paired tests, seeded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
"""Resamples of a bootstrap: the ends of a 95 % interval then move by well under a percent point from seed to seed."""

SEED = 7

CONFIDENCE = 0.95

_EXACT_UP_TO = 12
"""Differences that are flipped in every way; beyond, 2^n ways are sampled."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and the interval it lies in with the wanted confidence."""

    value: float
    low: float
    high: float


def ratio_interval(
    numerators: Sequence[float],
    denominators: Sequence[float],
    *,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Interval | None:
    """Σ numerators ÷ Σ denominators with a percentile bootstrap over cases.

    Args:
        numerators: one a case.
        denominators: one a case; a mean has denominators of 1.
        confidence: of the interval, between 0 and 1.
        seed: the same cases and seed give the same interval.

    Returns:
        None when the denominators add up to 0: there is nothing to say.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.

    >>> ratio_interval([1, 1, 1], [1, 1, 1])
    Interval(value=1.0, low=1.0, high=1.0)
    """
    over, under = np.asarray(numerators, float), np.asarray(denominators, float)
    if not under.sum():
        return None
    picks = _picks(len(over), seed)
    below = under[picks].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = over[picks].sum(axis=1) / below
    low, high = _ends(ratios[below > 0], confidence)
    return Interval(float(over.sum() / under.sum()), low, high)


def difference_interval(
    before: Sequence[float],
    after: Sequence[float],
    *,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Interval | None:
    """Mean of after − before over the same cases, with a paired bootstrap.

    >>> difference_interval([0, 0], [1, 1])
    Interval(value=1.0, low=1.0, high=1.0)
    """
    differences = np.asarray(after, float) - np.asarray(before, float)
    if not len(differences):
        return None
    means = differences[_picks(len(differences), seed)].mean(axis=1)
    low, high = _ends(means, confidence)
    return Interval(float(differences.mean()), low, high)


def _picks(size: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(seed).integers(0, size, (RESAMPLES, size))


def _ends(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], confidence: float
) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """Probability that right and wrong would change sides this unevenly by chance: McNemar's test, exact, two-sided.

    Args:
        before: whether each case was right.
        after: the same of the same cases, in the same order.

    Source: McNemar, Psychometrika 1947; exact form by the binomial distribution.

    >>> mcnemar([True, True, False], [True, True, False])
    1.0
    """
    better = sum(b < a for b, a in zip(before, after, strict=True))
    worse = sum(b > a for b, a in zip(before, after, strict=True))
    changed = better + worse
    if not changed:
        return 1.0
    tail: float = sum(math.comb(changed, n) for n in range(min(better, worse) + 1)) / 2**changed
    return min(1.0, 2 * tail)


def sign_flips(before: Sequence[float], after: Sequence[float], *, seed: int = SEED) -> float:
    """Probability of a mean difference at least this large when the sign of each is chance: a paired randomisation test.

    Args:
        before: a number a case.
        after: the same of the same cases, in the same order.
        seed: of the sampled flips, when there are too many to try all.

    Source: Smucker, Allan & Carterette, "A comparison of statistical significance tests for information retrieval
    evaluation", CIKM 2007.

    >>> sign_flips([0.0], [0.0])
    1.0
    """
    differences = np.asarray(after, float) - np.asarray(before, float)
    differences = differences[differences != 0]
    size = len(differences)
    if not size:
        return 1.0
    if size <= _EXACT_UP_TO:
        bits = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
        signs = 1 - 2 * bits
    else:
        signs = 1 - 2 * np.random.default_rng(seed).integers(0, 2, (RESAMPLES, size))
        signs[0] = 1  # what was seen is one of the ways
    means = np.abs((signs * differences).sum(axis=1))
    return float((means >= abs(differences.sum()) - 1e-12).mean())
