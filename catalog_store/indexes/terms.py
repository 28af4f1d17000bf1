"""Which terms each passage holds: how much of a question a passage or page covers, without reading its text.

BM25 says how often a word occurs; coverage says how much of what was asked is there at all. A sidecar answers
that in a few array operations: 32-bit hashes of the distinct terms of each passage, in passage order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

HASHES, OFFSETS = "terms.npy", "terms.offsets.npy"

Hashes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question some pages hold, as shares of its weight, 0..1.

    Attributes:
        rows: row numbers of every passage of the pages, in order, shape (m,).
        of_passage: share that each of these passages covers, shape (m,).
        of_page: share that each page covers with all its passages together, shape (pages,).
    """

    rows: Numbers
    of_passage: Shares
    of_page: Shares


def distinct(terms: Iterable[str]) -> Hashes:
    """The hashes of the distinct terms of one passage, in order."""
    return np.unique(np.fromiter(map(_hash, terms), np.uint32))


def save(folder: Path, passages: Sequence[Hashes]) -> None:
    """Write the terms of each passage, in row order."""
    np.save(folder / HASHES, np.concatenate(passages) if passages else np.zeros(0, np.uint32))
    np.save(folder / OFFSETS, np.cumsum([0, *map(len, passages)], dtype=np.int64))


def load(folder: Path) -> Sequence[Hashes]:
    """What `save` wrote.

    Raises:
        OSError, ValueError: it is missing or damaged.
    """
    hashes, offsets = np.load(folder / HASHES), np.load(folder / OFFSETS).tolist()
    return [hashes[first:last] for first, last in pairwise(offsets)]


class PassageTerms:
    """The terms of published passages, mapped into memory. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open what `save` wrote into a folder."""
        # as a plain array: slices of a memmap object cost several times as much
        self._hashes = np.asarray(np.load(folder / HASHES, mmap_mode="r"))
        self._offsets: Numbers = np.load(folder / OFFSETS)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def coverage(self, weights: Mapping[str, float], pages: Sequence[tuple[int, int]]) -> Coverage:
        """How much of a weighted set of terms some pages hold.

        Args:
            weights: term → weight > 0; the question's terms with their idf.
            pages: (first, last) row numbers of each page's passages, half-open.

        Two terms of one hash are taken for one another: one question in some hundred million.
        """
        rows = _ranges(pages)
        covered = np.zeros(len(rows))
        whole = np.zeros(len(pages))
        total = sum(weights.values())
        if not total or not len(rows):
            return Coverage(rows, covered, whole)
        by_hash = {_hash(term): weight / total for term, weight in weights.items()}
        asked = np.array(sorted(by_hash), np.uint32)
        share = np.array([by_hash[int(item)] for item in asked])
        starts, ends = self._offsets[rows], self._offsets[rows + 1]
        held = np.concatenate(
            [self._hashes[self._offsets[first] : self._offsets[last]] for first, last in pages]
        )
        place = np.minimum(np.searchsorted(asked, held), len(asked) - 1)
        hits = np.flatnonzero(asked[place] == held)
        # position in `held` → position in `rows`
        passage = np.searchsorted(np.cumsum(ends - starts), hits, side="right")
        np.add.at(covered, passage, share[place[hits]])
        page_of_row = np.repeat(np.arange(len(pages)), [last - first for first, last in pages])
        seen = np.zeros((len(pages), len(asked)), bool)
        seen[page_of_row[passage], place[hits]] = True
        return Coverage(rows, covered, seen @ share)


def _ranges(pages: Sequence[tuple[int, int]]) -> Numbers:
    parts = [np.arange(first, last, dtype=np.int64) for first, last in pages]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _hash(term: str) -> int:
    return zlib.crc32(term.encode())
