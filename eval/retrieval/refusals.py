"""Whether retrieval knows when no page answers: the judged pages are taken away, and the question is asked again.

That is the hardest kind of unanswerable question, since everything it names is still spoken of by the pages beside.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog_store.snapshot import Snapshot
from eval.retrieval.sets import RetrievalSet
from eval.retrieval.systems import DOCUMENTS, paths_of
from search.retrieve.base import Scope
from search.retrieve.hybrid import FLOOR, HybridRetriever


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often the floor refuses, as shares 0..1.

    Attributes:
        removed: of questions whose pages were taken away; higher is better.
        unanswerable: of the set's own questions that no page answers; higher is better, None without any.
        falsely: of questions whose pages are there; lower is better.
        auc: chance that an answerable question has a higher relevance than one whose pages were taken away.
    """

    removed: float
    unanswerable: float | None
    falsely: float
    auc: float


def refusals(snapshot: Snapshot, asked: RetrievalSet, *, floor: float = FLOOR) -> Refusals:
    """Measure the floor on one set."""
    hybrid = HybridRetriever(snapshot)
    path_of = paths_of(snapshot, asked)
    everything = frozenset(path_of)

    def relevance(text: str, without: frozenset[str] = frozenset()) -> float:
        left = Scope(doc_refs=everything - without if without else None, kinds=DOCUMENTS)
        hits = hybrid.retrieve(text, left, 10)
        return (hits[0].relevance or 0.0) if hits else 0.0

    present, removed = [], []
    for query in asked.answerable:
        judged = asked.qrels[query]
        pages = frozenset(ref for ref, path in path_of.items() if path in judged)
        present.append(relevance(asked.queries[query]))
        removed.append(relevance(asked.queries[query], pages))
    none = [relevance(asked.queries[query]) for query in asked.unanswerable]
    wins = sum((p > r) + 0.5 * (p == r) for p in present for r in removed)
    return Refusals(
        removed=_below(removed, floor),
        unanswerable=_below(none, floor) if none else None,
        falsely=_below(present, floor),
        auc=wins / (len(present) * len(removed)),
    )


def _below(values: list[float], floor: float) -> float:
    return sum(value < floor for value in values) / len(values)
