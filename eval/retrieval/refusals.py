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
        auc_found: the same of the answerable questions whose page comes first. Of the others no answer would be right either,
            so a low relevance is no mistake there.
    """

    removed: float
    unanswerable: float | None
    falsely: float
    auc: float
    auc_found: float


def refusals(snapshot: Snapshot, asked: RetrievalSet, *, floor: float = FLOOR) -> Refusals:
    """Measure the floor on one set."""
    hybrid = HybridRetriever(snapshot)
    path_of = paths_of(snapshot, asked)
    everything = frozenset(path_of)

    def asked_of(text: str, without: frozenset[str] = frozenset()) -> tuple[float, str | None]:
        left = Scope(doc_refs=everything - without if without else None, kinds=DOCUMENTS)
        hits = hybrid.retrieve(text, left, 10)
        return (hits[0].relevance or 0.0, hits[0].doc_ref) if hits else (0.0, None)

    present, found, removed = [], [], []
    for query in asked.answerable:
        judged = asked.qrels[query]
        pages = frozenset(ref for ref, path in path_of.items() if path in judged)
        relevance, first = asked_of(asked.queries[query])
        present.append(relevance)
        if first in pages:
            found.append(relevance)
        removed.append(asked_of(asked.queries[query], pages)[0])
    none = [asked_of(asked.queries[query])[0] for query in asked.unanswerable]
    return Refusals(
        removed=_below(removed, floor),
        unanswerable=_below(none, floor) if none else None,
        falsely=_below(present, floor),
        auc=_auc(present, removed),
        auc_found=_auc(found, removed),
    )


def _auc(present: list[float], removed: list[float]) -> float:
    wins = sum((p > r) + 0.5 * (p == r) for p in present for r in removed)
    return wins / max(len(present) * len(removed), 1)


def _below(values: list[float], floor: float) -> float:
    return sum(value < floor for value in values) / len(values)
