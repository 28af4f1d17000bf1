"""What is compared: BM25, embeddings, a simple fusion of both, and the product's own retrieval.

Every system ranks pages of documentation; where a retriever gives passages, a page counts by its best one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from catalog_store.snapshot import Snapshot
from eval.retrieval.sets import RetrievalSet
from search.retrieve.base import Hit, Scope
from search.retrieve.dense import DenseRetriever
from search.retrieve.fusion import reciprocal_rank_fusion
from search.retrieve.hybrid import HybridRetriever
from search.retrieve.lexical import LexicalRetriever

DEPTH = 100
"""Pages ranked for a question."""

PASSAGES = 400
"""Passages asked for, so that some hundred pages come of them."""

DOCUMENTS = frozenset({"doc", "runbook"})

Run = Mapping[str, Mapping[str, float]]
"""Question → page path → score; larger is better."""

Rank = Callable[[str], list[str]]
"""Question text → refs of pages, best first."""

SYSTEMS = ("BM25", "dense", "fusion", "ours")


@dataclass(frozen=True, slots=True)
class Ranked:
    """One system over one set.

    Attributes:
        run: scores by question and page.
        p50_ms: median time of a question, embedding included.
    """

    run: Run
    p50_ms: float


def rankers(snapshot: Snapshot) -> dict[str, Rank]:
    """The systems over one snapshot, by name."""
    scope = Scope(kinds=DOCUMENTS)
    lexical, dense = LexicalRetriever(snapshot), DenseRetriever(snapshot)
    hybrid = HybridRetriever(snapshot)

    def bm25(text: str) -> list[str]:
        return _pages(lexical.retrieve(text, scope, PASSAGES))

    def embeddings(text: str) -> list[str]:
        return _pages(dense.retrieve(text, scope, PASSAGES))

    def fusion(text: str) -> list[str]:
        fused = reciprocal_rank_fusion([bm25(text), embeddings(text)], top_k=DEPTH)
        return [ref for ref, _ in fused]

    def ours(text: str) -> list[str]:
        return _pages(hybrid.retrieve(text, scope, DEPTH))

    return dict(zip(SYSTEMS, (bm25, embeddings, fusion, ours), strict=True))


def rank(rank_pages: Rank, asked: RetrievalSet, path_of: Mapping[str, str]) -> Ranked:
    """Ask every question of a set; pages are named as the judgements name them."""
    run: dict[str, dict[str, float]] = {}
    times = []
    for query, text in asked.queries.items():
        begun = time.perf_counter()
        refs = rank_pages(text)
        times.append((time.perf_counter() - begun) * 1000)
        run[query] = {path_of[ref]: 1 / place for place, ref in enumerate(refs, 1)}
    return Ranked(run, statistics.median(times))


def paths_of(snapshot: Snapshot, asked: RetrievalSet) -> dict[str, str]:
    """Page ref → the path the judgements use for it, which may start with folders above the indexed ones."""
    judged = {path for pages in asked.qrels.values() for path in pages}
    prefixes = [
        "".join(f"{part}/" for part in root.resolve().parts[-depth:])
        for root in asked.corpus
        for depth in range(1, len(root.resolve().parts))
    ]
    found = {}
    pages = snapshot.pages
    for number in range(len(pages)):
        if pages[number].kind in DOCUMENTS:
            path = pages[number].ref.split(":", 1)[1]
            names = (path, *(prefix + path for prefix in prefixes))
            found[pages[number].ref] = next((name for name in names if name in judged), path)
    return found


def _pages(hits: Iterable[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.doc_ref for hit in hits))[:DEPTH]
