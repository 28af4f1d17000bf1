"""Embeddings: passages that say what the question says, in whatever words."""

from __future__ import annotations

from catalog_store.embedder import Vectors
from catalog_store.indexes.texts import embedded_question
from catalog_store.snapshot import Snapshot
from search.retrieve.base import EVERYWHERE, Hit, Scope


class DenseRetriever:
    """Passages by the cosine of their embedding with the question's."""

    name = "dense"

    def __init__(self, snapshot: Snapshot) -> None:
        """The model and the index are loaded by the first question."""
        self._snapshot = snapshot

    def retrieve(self, text: str, scope: Scope = EVERYWHERE, top_k: int = 10) -> list[Hit]:
        """Passages with the highest cosine, -1..1; several may be of one page."""
        return self.retrieve_vector(
            self._snapshot.embedder.encode([embedded_question(text)])[0], scope, top_k
        )

    def retrieve_vector(
        self, vector: Vectors, scope: Scope = EVERYWHERE, top_k: int = 10
    ) -> list[Hit]:
        """The same for a question that is embedded already, shape (dimension,)."""
        pages, count = self._snapshot.pages, self._snapshot.passage_count
        allowed = scope.rows(pages)
        # rows of whole pages lie behind those of passages; some come up among the best and are dropped
        wanted = top_k if allowed is not None else 2 * top_k
        rows = [
            (row, cosine)
            for row, cosine in self._snapshot.dense.search(vector, wanted, allowed=allowed)
            if row < count
        ]
        return [
            Hit(row, pages[pages.of_passage(row)].ref, cosine, ranks={self.name: rank})
            for rank, (row, cosine) in enumerate(rows[:top_k], start=1)
        ]
