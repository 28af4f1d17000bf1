"""What a reader must know of a page before trusting it: superseded, never accepted, long not reviewed, or contradicted by another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assistant.answer import Citation
from catalog_store.analyzer import index_terms, query_terms
from catalog_store.reader import CatalogReader
from search.result import FoundPassage
from search.retrieve.answer_spans import AnswerSpan, answer_spans

STALE_DAYS = 365
"""Days after which a page that says when it was reviewed is called old."""

COMPARABLE = 0.5
"""Share of the question both statements must hold, before their numbers are compared."""

_SUPERSEDED = re.compile(
    r"\b(?:superseded|replaced|obsoleted)\W{1,6}by\b[:\s]*(?P<by>[^\n.]{1,80})", re.I
)
_RECORD = re.compile(r"\badr[-\s_#]*0*(\d+)\b", re.IGNORECASE)
_QUANTITY = re.compile(r"(?P<number>\d+(?:[.,]\d+)*)\s*(?P<unit>%|€|\$|[A-Za-z]{1,12})")

_STANDING = {
    "superseded": "This record is superseded",
    "deprecated": "This record is deprecated",
    "rejected": "This was rejected",
    "proposed": "This is only proposed, not decided",
    "draft": "This is a draft",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the page that answers.

    Attributes:
        text: Markdown, one sentence; marks its own citation as [2].
        citation: what it rests on, when that is another page.
        successor: ref of the page that counts now.
    """

    text: str
    citation: Citation | None = None
    successor: str | None = None


def notes_on(
    question: str,
    page: FoundPassage,
    others: Sequence[FoundPassage],
    catalog: CatalogReader,
    *,
    now: datetime,
    idf: Callable[[str], float],
) -> list[Note]:
    """Remarks on the page an answer quotes, the gravest first.

    Args:
        question: as asked.
        page: the passage quoted.
        others: further pages that are relevant.
        catalog: where pages say their standing and review.
        now: today.
        idf: weight of a term.
    """
    rows = catalog.fetch("SELECT * FROM documents WHERE ref = ?", [page.hit.doc_ref])
    if not rows:
        return []
    found = [
        _standing(rows[0], catalog),
        _contradiction(question, page, others, idf),
        _age(rows[0], now),
    ]
    return [note for note in found if note is not None]


def _standing(row: dict[str, Any], catalog: CatalogReader) -> Note | None:
    said = _STANDING.get(str(row["status"] or ""))
    if said is None:
        return None
    successor = _successor(row["ref"], catalog) if row["status"] == "superseded" else None
    if successor is None:
        return Note(f"{said}.")
    lines = (successor["first_line"], successor["last_line"])
    citation = Citation(id=2, path=successor["path"], lines=lines, ref=successor["ref"])
    return Note(f"{said}; **{successor['title']}** counts now [2].", citation, successor["ref"])


def _successor(ref: str, catalog: CatalogReader) -> dict[str, Any] | None:
    """The page that a record says replaces it, by number or by title."""
    text = "\n".join(row["text"] for row in catalog.passages_of(ref))
    named = _SUPERSEDED.search(text)
    if named is None:
        return None
    number = _RECORD.search(named["by"])
    for row in catalog.fetch(
        "SELECT ref, title, path, first_line, last_line FROM documents WHERE status IS NOT NULL AND ref <> ? ORDER BY ref",
        [ref],
    ):
        own = _RECORD.search(row["title"]) or _RECORD.search(row["path"])
        same_number = number is not None and own is not None and own[1] == number[1]
        if same_number or row["title"].lower() in named["by"].lower():
            return row
    return None


def _age(row: dict[str, Any], now: datetime) -> Note | None:
    """The date of a decision is no review: it stands until another one replaces it."""
    if row["status"] is not None:
        return None
    reviewed = row["reviewed_at"]
    day = reviewed.date() if isinstance(reviewed, datetime) else reviewed
    if not isinstance(day, date):
        return None
    days = (now.date() - day).days
    if days <= STALE_DAYS:
        return None
    return Note(
        f"Last reviewed {day.isoformat()}, {round(days / 30.4)} months ago: check before relying on it."
    )


def _contradiction(
    question: str,
    page: FoundPassage,
    others: Sequence[FoundPassage],
    idf: Callable[[str], float],
) -> Note | None:
    """Another page that answers the same with another number of the same unit."""
    ours = _statement(question, page, idf)
    if ours is None:
        return None
    for other in others:
        theirs = _statement(question, other, idf)
        if theirs is None or not _about_same(page, other):
            continue
        if _differ(ours.text, theirs.text):
            citation = Citation(
                id=2,
                path=other.passage.span.path,
                lines=(theirs.first, theirs.last),
                ref=other.hit.doc_ref,
            )
            said = " ".join(theirs.text.split())
            return Note(f"**{other.title}** says otherwise: “{said}” [2]", citation)
    return None


def _statement(question: str, page: FoundPassage, idf: Callable[[str], float]) -> AnswerSpan | None:
    """The one sentence that answers, when it holds enough of the question and a number."""
    passage = page.passage
    spans = answer_spans(question, passage.text, first_line=passage.text_first, idf=idf, top_k=1)
    if not spans or not _QUANTITY.search(spans[0].text):
        return None
    weights = {term: idf(term) for term in query_terms(question)}
    held = set(index_terms(spans[0].text))
    share = sum(w for t, w in weights.items() if t in held) / (sum(weights.values()) or 1.0)
    return spans[0] if share >= COMPARABLE else None


def _about_same(page: FoundPassage, other: FoundPassage) -> bool:
    """Pages of different things may well give different numbers."""
    mine, theirs = set(page.entity_refs), set(other.entity_refs)
    return not (mine or theirs) or bool(mine & theirs)


def _differ(ours: str, theirs: str) -> bool:
    """Whether one unit comes with one number here and another there."""
    mine, other = _quantities(ours), _quantities(theirs)
    shared = mine.keys() & other.keys()
    return any(mine[unit].isdisjoint(other[unit]) for unit in shared)


def _quantities(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _QUANTITY.finditer(text):
        unit = match["unit"].lower().rstrip("s")
        found.setdefault(unit, set()).add(match["number"].replace(",", ""))
    return found
