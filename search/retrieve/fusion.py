"""Join several rankings of the same passages into one.

Only ranks are used, never scores: BM25 scores and cosine similarities do not share a scale. `hybrid.py` does
better by looking at the evidence itself; this is the simple reference it is measured against.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

RRF_K = 60
"""Rank offset, unitless; the value Cormack, Clarke & Büttcher (SIGIR 2009) suggest."""

_Item = TypeVar("_Item", bound=Hashable)


def reciprocal_rank_fusion(
    runs: Sequence[Sequence[_Item]], *, k: int = RRF_K, top_k: int = 20
) -> list[tuple[_Item, float]]:
    """Fuse rankings by summing 1 / (k + rank), rank counted from 1.

    Args:
        runs: one ranking per retriever, best first, no repeats. Lists may differ in length; an item
            absent from a run adds nothing for it.
        k: rank offset, unitless, > 0. Larger flattens the lead of the first ranks.
        top_k: most results returned, >= 1.

    Returns:
        (item, fused score) pairs, best first, at most `top_k`. Scores lie in (0, len(runs) / (k + 1)]
        and mean nothing outside this one list. Equal scores keep the order of first appearance.

    Raises:
        ValueError: `k` <= 0 or `top_k` < 1.

    Source: Cormack, Clarke & Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
    rank learning methods", SIGIR 2009.

    >>> reciprocal_rank_fusion([["a", "b"], ["b"]], k=60, top_k=2)[0][0]
    'b'
    """
    if k <= 0 or top_k < 1:
        raise ValueError(f"k must be > 0 and top_k >= 1, not {k} and {top_k}")
    scores: dict[_Item, float] = {}
    for run in runs:
        for rank, item in enumerate(run, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: -item[1])[:top_k]
