"""What retrievers ask of an index, whatever engine holds it.

Row numbers are the ids everywhere: row i is passage i of the catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from catalog_store.embedder import Vectors


class DenseSearch(Protocol):
    """Nearest vectors by inner product. Safe to share between threads."""

    def __len__(self) -> int:
        """How many vectors it holds."""
        ...

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        ...

    def search(
        self, vector: Vectors, top_k: int, *, allowed: npt.NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The rows most like a vector.

        Args:
            vector: unit vector, shape (dimension,).
            top_k: most results, >= 1.
            allowed: row numbers to choose from; None for all.

        Returns:
            (row number, cosine in -1..1), best first, equal cosines by row number.
        """
        ...

    def vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The stored vectors of some rows, in their order, shape (len(rows), dimension)."""
        ...

    def close(self) -> None:
        """Give back what it holds open."""
        ...


class LexicalSearch(Protocol):
    """BM25 over the fields of passages. Safe to share between threads."""

    def __len__(self) -> int:
        """How many passages it holds."""
        ...

    def search(
        self,
        terms: Sequence[str],
        top_k: int,
        *,
        doc_refs: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        forgiving: bool = False,
    ) -> list[tuple[int, float]]:
        """The passages that match best.

        Args:
            terms: of `analyzer.query_terms`; any of them may match.
            top_k: most results, >= 1.
            doc_refs: only passages of these pages; None for all.
            kinds: only passages of these kinds; None for all.
            forgiving: a term that no passage holds stands for those a letter away.

        Returns:
            (passage id, BM25 score > 0), best first, equal scores by passage id.
        """
        ...

    def idf(self, term: str) -> float:
        """How much a term says, in nats, > 0."""
        ...

    @property
    def rarest_idf(self) -> float:
        """The idf of a term no passage holds."""
        ...
