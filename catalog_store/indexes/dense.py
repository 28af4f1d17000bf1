"""Nearest vectors by inner product, on FAISS: exact up to a size, by the nearest cells above it.

Row numbers are the ids: row i of the index is passage i of the catalog.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from catalog_store.embedder import Vectors
from catalog_store.errors import IndexMismatch

EXACT_LIMIT = 40_000
"""Rows up to which every vector is compared: measured 20 to 27 ms per 100,000 rows of 384 floats on two cores."""

ROWS_PER_CELL = 256
"""Vectors of a cell on average: few enough to be compared at once, many enough that cells are quickly told apart."""

PROBED_SHARE, FEWEST_PROBED = 0.125, 16
"""Share of the cells that are looked through, and the fewest: on text, 97 of the 100 nearest lie in the nearest eighth."""

TRAINED_PER_CELL, ROUNDS = 48, 10
"""Vectors per cell and rounds of k-means that place the cells; FAISS warns below 39."""

SMALL_SCOPE = 20_000
"""Scopes up to this many rows are compared one by one where only some cells would be looked through."""

Ids = npt.NDArray[np.int64]


def build(path: Path, vectors: Vectors, *, exact_limit: int = EXACT_LIMIT) -> None:
    """Write an index of unit vectors, shape (n, dimension); row numbers become the ids."""
    rows, dimension = vectors.shape
    vectors = np.ascontiguousarray(vectors, np.float32)
    if rows <= exact_limit:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        index = _cells(vectors)
    if rows:
        index.add(vectors)
    if rows > exact_limit:
        index.make_direct_map()
    faiss.write_index(index, str(path))


def _cells(vectors: Vectors) -> Any:
    """An empty index of cells, placed by k-means over a sample that is always the same."""
    rows, dimension = vectors.shape
    count = max(1, rows // ROWS_PER_CELL)
    # the stub files of faiss know neither of these classes fully
    api: Any = faiss
    index = api.IndexIVFFlat(
        api.IndexFlatIP(dimension), dimension, count, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.seed = ROUNDS, 1
    index.cp.min_points_per_centroid = 1
    step = max(1, rows // (count * TRAINED_PER_CELL))
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index.train(np.ascontiguousarray(vectors[::step]))
    return index


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
        # one question is too little work to share: on a busy machine threads wait for each other several times as long as they save
        faiss.omp_set_num_threads(1)
        self._cells = isinstance(self._index, faiss.IndexIVF)

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
        if allowed is not None and self._cells and len(allowed) <= SMALL_SCOPE:
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
        if self._cells:
            cells = int(api.downcast_index(self._index).nlist)
            probed = max(FEWEST_PROBED, round(PROBED_SHARE * cells))
            return api.SearchParametersIVF(nprobe=min(cells, probed), sel=selector)
        return None if selector is None else api.SearchParameters(sel=selector)


def _ranked(rows: Ids, scores: npt.NDArray[np.float32]) -> list[tuple[int, float]]:
    return sorted(
        zip(rows.tolist(), scores.tolist(), strict=True), key=lambda item: (-item[1], item[0])
    )
