"""BM25: passages that hold the question's words."""

from __future__ import annotations

from catalog_store.analyzer import query_terms
from catalog_store.snapshot import Snapshot
from search.retrieve.base import EVERYWHERE, Hit, Scope


class LexicalRetriever:
    """Passages by BM25 over title, headings, names and body."""

    name = "lexical"

    def __init__(self, snapshot: Snapshot, *, forgiving: bool = False) -> None:
        """The index is opened by the first question.

        Args:
            snapshot: what is searched.
            forgiving: take a word that stands nowhere for those a slip away; for boxes in which people type, not for questions.
        """
        self._snapshot = snapshot
        self._forgiving = forgiving

    def retrieve(self, text: str, scope: Scope = EVERYWHERE, top_k: int = 10) -> list[Hit]:
        """Passages with the highest BM25 score, which is > 0; several may be of one page."""
        found = self._snapshot.lexical.search(
            query_terms(text),
            top_k,
            doc_refs=scope.doc_refs,
            kinds=scope.kinds,
            forgiving=self._forgiving,
        )
        pages = self._snapshot.pages
        return [
            Hit(row, pages[pages.of_passage(row)].ref, score, ranks={self.name: rank})
            for rank, (row, score) in enumerate(found, start=1)
        ]
