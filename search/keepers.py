"""Who to talk to about a topic that is no thing of the catalog: whoever keeps the page about it."""

from __future__ import annotations

import re

from catalog_store.snapshot import Snapshot
from search.pages import PageFinder
from search.plan import Compare, Op, Retrieve, Select
from search.result import FoundPassage, Outcome

_TALKING = re.compile(
    r"\bwhom?\s+(?:(?:do|should|can|could|would|must|shall)\s+(?:i|we|one|you)|to|is\s+the\s+(?:right\s+|best\s+)?(?:person|team|one|contact|squad)\s+to)\s+"
    r"(?:talk|speak|turn|go|ask|reach\s+out|bug|ping|contact|write|consult|bother|poke|message|approach|chat)(?:\s+(?:to|with))?\s+"
    r"(?:about|for|regarding|on|re|with|concerning)\s+(?P<topic>[^?.!;]+)"
    r"|\bwho\s+(?:here\s+)?(?:knows\s+(?:most\s+|anything\s+|a\s+lot\s+)?about|can\s+help\s+(?:me\s+|us\s+)?with|is\s+the\s+(?:right\s+)?(?:person|team|contact|squad)"
    r"\s+for)\s+(?P<other>[^?.!;]+)",
    re.IGNORECASE,
)
"""Asks for people by a topic: "who do I talk to about personal data", "who knows about overbooking"."""

HELD = 0.75
"""Share of a topic's words, by rarity, that a page must hold to be about it."""


def topic_of(text: str) -> str | None:
    """The topic of a question for somebody to talk to; None when it asks for nothing of the kind.

    >>> topic_of("hey, who do i talk to about gRPC deadlines?")
    'gRPC deadlines'
    """
    match = _TALKING.search(text)
    return (match["topic"] or match["other"]).strip() if match is not None else None


class Keepers:
    """Finds who keeps a page."""

    def __init__(self, snapshot: Snapshot, pages: PageFinder) -> None:
        """Of one snapshot."""
        self._catalog = snapshot.catalog
        self._pages = pages

    def of(self, topic: str) -> tuple[Select, FoundPassage] | None:
        """Who keeps the page about a topic, and that page; None when no page is about it, or nobody is said to keep it."""
        found = self._pages.find(Retrieve(text=topic, kinds=("Doc", "Runbook")))
        if found.outcome is not Outcome.PAGES:
            return None
        for page in found.passages[:2]:
            owner = self._owner(page) if self._pages.about(topic, page) >= HELD else None
            if owner is not None:
                return Select(where=Compare(field="ref", op=Op.EQ, value=owner)), page
        return None

    def _owner(self, page: FoundPassage) -> str | None:
        rows = self._catalog.fetch("SELECT owner FROM documents WHERE ref = ?", [page.hit.doc_ref])
        if rows and rows[0]["owner"]:
            return str(rows[0]["owner"])
        owners = ((self._catalog.entity(ref) or {}).get("owner") for ref in page.entity_refs)
        return next((str(owner) for owner in owners if owner), None)
