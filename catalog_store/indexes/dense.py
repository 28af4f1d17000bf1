"""Nearest vectors by inner product, on FAISS: exact up to a size, a navigable graph above it.

Row numbers are the ids: row i of the index is passage i of the catalog.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from catalog_store.embedder import Vectors
from catalog_store.errors import IndexMismatch

EXACT_LIMIT = 200_000
"""Rows up to which every vector is compared: measured 20 to 27 ms per 100,000 rows of 384 floats on two cores."""

HNSW_NEIGHBOURS = 32
"""Links a row in the graph (M); 32 suits vectors of a few hundred dimensions (Malkov & Yashunin, 2016)."""

HNSW_EF_CONSTRUCTION, HNSW_EF_SEARCH = 200, 512
"""Candidates kept while building and searching; more is slower and finds more."""

SMALL_SCOPE = 20_000
"""Scopes up to this many rows are compared one by one even in a graph, where filtering loses results."""

Ids = npt.NDArray[np.int64]


def build(path: Path, vectors: Vectors, *, exact_limit: int = EXACT_LIMIT) -> None:
    """Write an index of unit vectors, shape (n, dimension); row numbers become the ids."""
    rows, dimension = vectors.shape
    if rows <= exact_limit:
        index: faiss.Index = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.IndexHNSWFlat(dimension, HNSW_NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = HNSW_EF_CONSTRUCTION
    if rows:
        index.add(np.ascontiguousarray(vectors, np.float32))
    faiss.write_index(index, str(path))


class DenseIndex:
    """A published dense index, mapped into memory. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open a file that `build` wrote.

        Raises:
            IndexMismatch: the file is missing, or is not a FAISS index.
        """
        try:
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise IndexMismatch(
                f"{path} is not a dense index ({reason}); index the sources again"
            ) from None
        self._graph = isinstance(self._index, faiss.IndexHNSW)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self._index.d)

    def search(
        self, vector: Vectors, top_k: int, *, allowed: Ids | None = None
    ) -> list[tuple[int, float]]:
        """The rows most like a vector.

        Args:
            vector: unit vector, shape (dimension,).
            top_k: most results, >= 1.
            allowed: row numbers to choose from; None for all.

        Returns:
            (row number, cosine in -1..1), best first, equal cosines by row number.
        """
        total = len(self) if allowed is None else len(allowed)
        top_k = min(top_k, total)
        if top_k < 1:
            return []
        if allowed is not None and self._graph and len(allowed) <= SMALL_SCOPE:
            return _ranked(allowed, self.vectors(allowed) @ vector)[:top_k]
        scores, rows = self._index.search(
            np.ascontiguousarray(vector[None, :], np.float32),
            top_k,
            params=self._parameters(allowed),
        )
        found = rows[0] >= 0
        return _ranked(rows[0][found], scores[0][found])

    def vectors(self, rows: Ids) -> Vectors:
        """The stored vectors of some rows, shape (len(rows), dimension)."""
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found

    def close(self) -> None:
        """Nothing is held open: the mapping goes with the object, once the last search has ended."""

    def _parameters(self, allowed: Ids | None) -> Any:
        # the stub files of faiss know neither of these classes fully
        api: Any = faiss
        selector = (
            None
            if allowed is None
            else faiss.IDSelectorBatch(np.ascontiguousarray(allowed, np.int64))
        )
        if self._graph:
            return api.SearchParametersHNSW(efSearch=HNSW_EF_SEARCH, sel=selector)
        return None if selector is None else api.SearchParameters(sel=selector)


def _ranked(rows: Ids, scores: npt.NDArray[np.float32]) -> list[tuple[int, float]]:
    return sorted(
        zip(rows.tolist(), scores.tolist(), strict=True), key=lambda item: (-item[1], item[0])
    )
