"""The page that answers: evidence of BM25 and embeddings, weighed passage by passage, judged page by page.

Both retrievers propose passages; every page they touch is then scored by the same evidence, whichever of
them found it:

    passage = cosine + WEIGHTS.coverage · share of the question's words it holds + WEIGHTS.bm25 · BM25 / best BM25
    page    = best passage + a share of its second best
            + WEIGHTS.page_coverage · share of the question's words the whole page holds
            + WEIGHTS.page_cosine · cosine with its title and description
            + what the question names outright: an entity the page belongs to, an alert it answers
            - WEIGHTS.unsaid where it says none of the names that the question writes as such

Shares are weighted by idf, so that "etcd" counts for more than "check". Ranks alone (`fusion.py`) throw away
how good the best match was, which is also what tells an answerable question from one no page answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog_store.analyzer import query_terms
from catalog_store.embedder import Vectors
from catalog_store.indexes.texts import embedded_question
from catalog_store.snapshot import Snapshot
from search.retrieve.base import EVERYWHERE, Hit, Scope
from search.retrieve.dense import DenseRetriever
from search.retrieve.lexical import LexicalRetriever
from search.retrieve.written_names import saying


@dataclass(frozen=True, slots=True)
class Weights:
    """What each piece of evidence is worth against a cosine, which counts 1."""

    coverage: float = 0.3
    bm25: float = 0.1
    second: float = 0.1
    page_coverage: float = 0.2
    page_cosine: float = 0.1
    entity: float = 0.15
    alert: float = 1.0
    as_typed: float = 0.5
    unsaid: float = 0.5


WEIGHTS = Weights()
"""Tuned on two public documentation sets with questions written by people; flat around these values."""

CANDIDATES = 200
"""Passages each retriever proposes."""

RELEVANCE_COSINE, RELEVANCE_COVERAGE, RELEVANCE_OFFSET = 10.2, 6.4, -6.2
"""Logistic model of "this page answers", fitted on answerable questions against questions the pages do not answer."""

FLOOR = 0.4
"""Relevance below which no page answers: on documentation not used for fitting it keeps 95 of 100 answerable
questions and refuses 81 of 100 about something else, 97 of 100 that are small talk, and 60 of 100 near misses."""

UNSAID = 0.3
"""The highest relevance of a page that says none of the names a question writes: below the floor, but it may be named as the
nearest one."""

_NAME = re.compile(r"\w[\w.\-]*\w")
"""Something that may be an alert's name: KubePodCrashLooping, node_disk_full, queue.depth-high."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One entry a page: its score, the row of its best passage, that passage's cosine, the page's coverage."""

    scores: Floats
    rows: npt.NDArray[np.int64]
    cosines: Floats
    coverage: Floats


class HybridRetriever:
    """The best passage of each of the best pages, with a calibrated relevance."""

    def __init__(
        self, snapshot: Snapshot, *, weights: Weights = WEIGHTS, forgiving: bool = False
    ) -> None:
        """Indexes and model are loaded by the first question; `forgiving` as in `LexicalRetriever`."""
        self._snapshot = snapshot
        self._weights = weights
        self._lexical = LexicalRetriever(snapshot, forgiving=forgiving)
        self._dense = DenseRetriever(snapshot)

    def retrieve(
        self,
        text: str,
        scope: Scope = EVERYWHERE,
        top_k: int = 10,
        *,
        mentioned: Collection[str] = (),
    ) -> list[Hit]:
        """The pages that answer best, one hit each.

        Args:
            text: the question as asked.
            scope: where to look.
            top_k: most pages, >= 1.
            mentioned: refs of entities the question names; their pages are preferred, others stay.

        Returns:
            Hits, best first. `relevance` is the probability that the page answers: compare it with `FLOOR`.
        """
        vector = self._snapshot.embedder.encode([embedded_question(text)])[0]
        lexical = self._lexical.retrieve(text, scope, CANDIDATES)
        dense = self._dense.retrieve_vector(vector, scope, CANDIDATES)
        alerts = self._alert_pages(text, scope)
        pages = self._snapshot.pages
        found = {hit.passage_id for hit in (*lexical, *dense)}
        numbers = sorted({pages.of_passage(row) for row in found} | alerts)
        if not numbers:
            return []
        idf = {term: self._snapshot.lexical.idf(term) for term in query_terms(text)}
        evidence = self._evidence(numbers, found, alerts, vector=vector, lexical=lexical, idf=idf)

        scores = evidence.scores
        named = frozenset(mentioned)
        names = frozenset(match.group() for match in _NAME.finditer(text))
        for place, number in enumerate(numbers):
            scores[place] += self._weights.entity * (
                not named.isdisjoint(pages[number].entity_refs)
            )
            scores[place] += self._weights.alert * (number in alerts)
            # names that differ in case alone are taken for one another, but the one as typed comes first
            scores[place] += self._weights.as_typed * (not names.isdisjoint(pages[number].alerts))
        said_names = saying(text, numbers, self._snapshot, known=named)
        unsaid = np.zeros(len(numbers), bool) if said_names is None else ~said_names
        scores -= self._weights.unsaid * unsaid
        # holding all of a question that says little ("play music") means little
        weight = sum(idf.values())
        said = weight / (weight + self._snapshot.lexical.rarest_idf)
        ranks = [{hit.passage_id: hit.ranks for hit in hits} for hits in (lexical, dense)]
        hits = []
        for place in np.argsort(-scores, kind="stable")[:top_k].tolist():
            row, number = int(evidence.rows[place]), numbers[place]
            relevance = _relevance(evidence.cosines[place], said * evidence.coverage[place])
            relevance = min(relevance, UNSAID) if unsaid[place] else relevance
            found_at = {**ranks[0].get(row, {}), **ranks[1].get(row, {})}
            hits.append(
                Hit(
                    row,
                    pages[number].ref,
                    float(scores[place]),
                    1.0 if number in alerts else relevance,
                    found_at,
                )
            )
        return hits

    def _evidence(
        self,
        numbers: Sequence[int],
        found: Collection[int],
        alerts: Collection[int],
        *,
        vector: Vectors,
        lexical: Sequence[Hit],
        idf: Mapping[str, float],
    ) -> _Evidence:
        """Score pages, given by number in ascending order, by what their passages say."""
        snapshot, weights = self._snapshot, self._weights
        pages = snapshot.pages
        coverage = snapshot.terms.coverage(idf, [(pages[n].first, pages[n].last) for n in numbers])
        sizes = [pages[n].last - pages[n].first for n in numbers]
        place_of = np.repeat(np.arange(len(numbers)), sizes)
        # every passage of a page an alert names is judged, of the others those that were found
        whole = np.array([number in alerts for number in numbers])[place_of]
        judged = whole | np.isin(coverage.rows, np.fromiter(found, np.int64))
        rows, place_of = coverage.rows[judged], place_of[judged]

        cosines = (snapshot.dense.vectors(rows) @ vector).astype(np.float64)
        bm25 = {hit.passage_id: hit.score for hit in lexical}
        best_bm25 = max(bm25.values(), default=1.0)
        matched = np.array([bm25.get(row, 0.0) / best_bm25 for row in rows.tolist()])
        passage = cosines + weights.coverage * coverage.of_passage[judged] + weights.bm25 * matched

        best, second = _two_best(passage, place_of, len(numbers))
        page_rows = np.array(numbers, np.int64) + snapshot.passage_count
        page_cosines = (snapshot.dense.vectors(page_rows) @ vector).astype(np.float64)
        scores = passage[best] + weights.second * second
        scores += weights.page_coverage * coverage.of_page + weights.page_cosine * page_cosines
        return _Evidence(scores, rows[best], cosines[best], coverage.of_page)

    def _alert_pages(self, text: str, scope: Scope) -> set[int]:
        """Pages that answer an alert the question names by its full name."""
        pages = self._snapshot.pages
        named = {
            number for match in _NAME.finditer(text) for number in pages.of_alert(match.group())
        }
        return {number for number in named if scope.allows(pages[number])}


def _two_best(
    scores: Floats, groups: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Position of each group's best score, and its second best score (0 when it has one only)."""
    best = np.full(count, -1, np.int64)
    second = np.zeros(count)
    done: set[int] = set()
    for position in np.argsort(-scores, kind="stable").tolist():
        group = int(groups[position])
        if best[group] < 0:
            best[group] = position
        elif group not in done:
            second[group] = scores[position]
            done.add(group)
    return best, second


def _relevance(cosine: float, coverage: float) -> float:
    evidence = RELEVANCE_COSINE * cosine + RELEVANCE_COVERAGE * coverage + RELEVANCE_OFFSET
    return 1 / (1 + math.exp(-evidence))
