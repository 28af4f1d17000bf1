"""What every retriever takes and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from catalog_store.indexes.pages import Page, Pages


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look. None allows everything; an empty set allows nothing.

    Attributes:
        doc_refs: pages or entities, by ref.
        kinds: "entity", "doc", "runbook".
    """

    doc_refs: frozenset[str] | None = None
    kinds: frozenset[str] | None = None

    def allows(self, page: Page) -> bool:
        """Whether a page lies within.

        >>> page = Page("doc:a.md", "doc", "A", "", (), (), (), 0, 1)
        >>> Scope(kinds=frozenset({"runbook"})).allows(page), EVERYWHERE.allows(page)
        (False, True)
        """
        return (self.kinds is None or page.kind in self.kinds) and (
            self.doc_refs is None or page.ref in self.doc_refs
        )

    def rows(self, pages: Pages) -> npt.NDArray[np.int64] | None:
        """Row numbers of the passages within, ascending; None when that is all of them."""
        if self.doc_refs is None and self.kinds is None:
            return None
        if self.doc_refs is None:
            numbers = list(range(len(pages)))
        else:
            numbers = sorted(n for ref in self.doc_refs if (n := pages.of_ref(ref)) is not None)
        within = [pages[number] for number in numbers if self.allows(pages[number])]
        parts = [np.arange(page.first, page.last, dtype=np.int64) for page in within]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage_id: its row number; `Snapshot.passages` gives the text.
        doc_ref: the page or entity it is part of.
        score: larger is better; comparable only within one list.
        relevance: probability, 0..1, that the page answers the question; None from retrievers that cannot tell.
        ranks: retriever → rank of the passage there, from 1; absent when that one did not find it.
    """

    passage_id: int
    doc_ref: str
    score: float
    relevance: float | None = None
    ranks: Mapping[str, int] = field(default_factory=dict)


class Retriever(Protocol):
    """Finds passages of one snapshot for a question."""

    def retrieve(self, text: str, scope: Scope = EVERYWHERE, top_k: int = 10) -> list[Hit]:
        """At most `top_k` hits, best first, equal scores by passage id; empty when nothing matches."""
