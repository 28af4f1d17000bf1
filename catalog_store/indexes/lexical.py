"""BM25 over the fields of passages, on tantivy.

Texts come in as terms of our own analyzer, joined by spaces, and tantivy only splits at spaces: there is one
idea of what a word is, at index and at query time.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tantivy

from catalog_store.errors import IndexMismatch

BOOSTS: Mapping[str, float] = {"title": 2.0, "heading": 1.5, "names": 1.5, "body": 1.0}
"""What a match is worth in each field, unitless. Tuned on two public documentation sets."""

TIE_BREAKER = 0.3
"""A term that matches in several fields counts its best one whole, the others by this share."""

SLIP_LETTERS = 4
"""Letters from which a term that stands nowhere may be a misspelt one."""

_WRITER_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class LexicalDoc:
    """What the lexical index holds of one passage; the terms are those of `analyzer.index_terms`, joined by spaces.

    Attributes:
        passage_id: row number of the passage in the catalog, >= 0.
        doc_ref: page or entity the passage is part of.
        kind: "entity", "doc" or "runbook".
        title: terms of the title of the page, or of the name of the entity.
        heading: terms of the headings above the passage.
        body: terms of the passage's text.
        names: terms of what it should be found by exactly: entity names, aliases, alert names, file name.
        entity_refs: entities the page belongs to.
    """

    passage_id: int
    doc_ref: str
    kind: str
    title: str
    heading: str
    body: str
    names: str = ""
    entity_refs: tuple[str, ...] = ()


def build(path: Path, docs: Iterable[LexicalDoc]) -> int:
    """Write a new index into an empty or missing folder and return how many passages it holds."""
    path.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(_schema(), path=str(path), reuse=False)
    # one thread: the same input then gives the same segments
    writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
    count = 0
    for doc in docs:
        row = tantivy.Document()
        row.add_unsigned("id", doc.passage_id)
        row.add_text("doc_ref", doc.doc_ref)
        row.add_text("kind", doc.kind)
        for ref in doc.entity_refs:
            row.add_text("entity_ref", ref)
        for name in BOOSTS:
            row.add_text(name, getattr(doc, name))
        writer.add_document(row)
        count += 1
    writer.commit()
    writer.wait_merging_threads()
    return count


class LexicalIndex:
    """A published lexical index. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open a folder that `build` filled.

        Raises:
            IndexMismatch: the folder holds no tantivy index, or one of another version.
        """
        try:
            self._index = tantivy.Index.open(str(path))
        except (ValueError, OSError) as error:
            raise IndexMismatch(
                f"{path} is not a lexical index this version can read ({error}); index the sources again"
            ) from None
        self._searcher = self._index.searcher()
        self._schema = self._index.schema
        # bound to the object: a cached method would keep closed snapshots alive
        self._known_idf = lru_cache(maxsize=50_000)(self._idf)

    def __len__(self) -> int:
        return self._searcher.num_docs

    def search(
        self,
        terms: Sequence[str],
        top_k: int,
        *,
        doc_refs: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        entity_refs: Collection[str] | None = None,
        boosts: Mapping[str, float] = BOOSTS,
        forgiving: bool = False,
    ) -> list[tuple[int, float]]:
        """The passages that match best.

        Args:
            terms: of `analyzer.query_terms`; any of them may match.
            top_k: most results, >= 1.
            doc_refs: only passages of these pages; None for all.
            kinds: only passages of these kinds; None for all.
            entity_refs: only pages that belong to one of these entities; None for all.
            boosts: field → weight.
            forgiving: a term that no passage holds stands for those a letter away.

        Returns:
            (passage id, BM25 score > 0), best first, equal scores by passage id.
        """
        if not terms:
            return []
        matches = [
            (
                tantivy.Occur.Should,
                self._term(term, boosts, slip=forgiving and self._misspelt(term)),
            )
            for term in terms
        ]
        clauses = [(tantivy.Occur.Must, tantivy.Query.boolean_query(matches))]
        for field, allowed in (("doc_ref", doc_refs), ("kind", kinds), ("entity_ref", entity_refs)):
            if allowed is not None:
                among = tantivy.Query.term_set_query(self._schema, field, sorted(allowed))
                clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0)))
        query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, limit=top_k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        found = [
            (int(number or 0), float(score)) for number, (score, _) in zip(ids, hits, strict=True)
        ]
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def idf(self, term: str) -> float:
        """How much a term says, in nats: ln(1 + (N - n + 0.5) / (n + 0.5)), as BM25 has it; > 0.

        n is the largest number of passages that hold the term in one field; a term no passage holds
        gets the largest value.
        """
        return self._known_idf(term)

    @property
    def rarest_idf(self) -> float:
        """The idf of a term no passage holds: the unit in which a question's weight can be told."""
        return math.log(1 + (max(len(self), 1) + 0.5) / 0.5)

    def _misspelt(self, term: str) -> bool:
        """Whether a term stands nowhere and is long enough that a slip can be told from another word."""
        return len(term) >= SLIP_LETTERS and not any(
            self._searcher.doc_freq(field, term) for field in BOOSTS
        )

    def _term(self, term: str, boosts: Mapping[str, float], *, slip: bool) -> tantivy.Query:
        fields = [
            tantivy.Query.boost_query(
                tantivy.Query.fuzzy_term_query(self._schema, field, term, 1, True)
                if slip
                else tantivy.Query.term_query(self._schema, field, term, "freq"),
                boost,
            )
            for field, boost in boosts.items()
        ]
        return tantivy.Query.disjunction_max_query(fields, TIE_BREAKER)

    def _idf(self, term: str) -> float:
        frequency = max(self._searcher.doc_freq(field, term) for field in BOOSTS)
        total = max(len(self), 1)
        return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=False, fast=True)
    for name in ("doc_ref", "kind", "entity_ref"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    for name in BOOSTS:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
