"""Measures of one ranking, as trec_eval and ir_measures define them.

Pages not judged count as grade 0. A query without a relevant page has no value: it is left out, not counted as 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(pages: Sequence[str], grades: Mapping[str, int], *, k: int = 10) -> float | None:
    """nDCG@k with the grade as gain and a discount of log2(rank + 1).

    Args:
        pages: the ranking, best first, no repeats.
        grades: page → how well it answers, ≥ 0.
        k: how deep to look, ≥ 1.

    Returns:
        0 to 1; None when no page is relevant.

    Source: Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.

    >>> ndcg(["b", "a"], {"a": 2, "b": 1}, k=2) == (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    True
    """
    best = sorted((g for g in grades.values() if g > 0), reverse=True)[:k]
    if not best:
        return None
    return _discounted([grades.get(page, 0) for page in pages[:k]]) / _discounted(best)


def _discounted(gains: Sequence[int]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def reciprocal_rank(pages: Sequence[str], grades: Mapping[str, int]) -> float | None:
    """1 / rank of the first relevant page, 0 when none is found; None when no page is relevant.

    >>> reciprocal_rank(["x", "a"], {"a": 1})
    0.5
    """
    if not any(grade > 0 for grade in grades.values()):
        return None
    ranks = (rank for rank, page in enumerate(pages, start=1) if grades.get(page, 0) > 0)
    return 1 / first if (first := next(ranks, None)) else 0.0


def recall(pages: Sequence[str], grades: Mapping[str, int], *, k: int = 10) -> float | None:
    """Share of the relevant pages that are among the first k; None when no page is relevant.

    >>> recall(["a", "x"], {"a": 1, "b": 1}, k=2)
    0.5
    """
    relevant = {page for page, grade in grades.items() if grade > 0}
    return len(relevant & set(pages[:k])) / len(relevant) if relevant else None


def precision(pages: Sequence[str], grades: Mapping[str, int], *, k: int = 1) -> float | None:
    """Share of the first k that are relevant, missing ones counted as not; None when no page is relevant.

    >>> precision(["a"], {"a": 1}, k=2)
    0.5
    """
    if not any(grade > 0 for grade in grades.values()):
        return None
    return sum(grades.get(page, 0) > 0 for page in pages[:k]) / k
