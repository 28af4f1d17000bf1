"""A page that answers → the whole answer: the quotation, what must be known of the page, and at night whom to call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from assistant.answer import Citation, PassageHit, Result
from assistant.escalation import escalation
from assistant.page_notes import notes_on
from assistant.pages import RELEVANT, first_aid, page_results, passage_hits, quote
from assistant.writer import WRITTEN, Writer
from search.engine import SearchEngine
from search.pages import as_pages_say, called_so
from search.plan import Retrieve
from search.result import FoundPassage, SearchResult

NEAREST = 0.15
"""Relevance from which a page is worth naming in a refusal: below it, the nearest page is about something else."""


_ACT = re.compile(
    r"\bwhat (?:do|should|can|must|shall) (?:i|we)\b|\bwhat (?:to do|now)\b|\bnow what\b|\bhelp\b"
    r"|\bhow (?:do|can|to|should)\b.*\b(?:fix|stop|recover|mitigate|resolve|restore|handle)\b",
    re.IGNORECASE,
)
"""Somebody wants to act: a runbook then leads with what to do, whichever section was found."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The parts of an answer from pages."""

    text: str
    passages: tuple[PassageHit, ...]
    results: tuple[Result, ...]
    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearest:
    """The page that comes nearest to a question no page answers.

    Attributes:
        said: names the page and who keeps it.
        ref: of the page.
        title: of the page.
    """

    said: str
    ref: str
    title: str


def answer_from_pages(
    asked: str, result: SearchResult, engine: SearchEngine, writer: Writer | None, now: datetime
) -> PageAnswer:
    """Word the pages that were found.

    Args:
        asked: the question.
        result: with at least one passage.
        engine: for the snapshot, and for what a runbook's escalation asks.
        writer: words passages, where somebody has set up a model.
        now: today.
    """
    exact = isinstance(result.plan, Retrieve) and result.plan.exact is not None
    at_night = result.passages[0].kind == "runbook" and _ACT.search(asked) is not None
    quoted = first_aid(result.passages[0], engine.snapshot) if exact or at_night else None
    called = called_so(asked, result.passages[0].title)  # another page may only point to it
    among = result.passages[:1] if called else result.passages
    quoted = quoted or quote(as_pages_say(asked), among, engine.snapshot)
    others = [p for p in result.passages if p.hit.doc_ref != quoted.passage.hit.doc_ref]
    found = (quoted.passage, *others)
    said = quoted.text
    citations: tuple[Citation, ...] = (quoted.citation,)
    notes: tuple[str, ...] = ()
    # steps and commands are copied at night: they are never reworded
    written = (
        writer.write(asked, found)
        if writer is not None and not (exact or at_night or quoted.literal)
        else None
    )
    if written is not None:
        said, citations, notes = written.text, written.citations, (WRITTEN,)
    said, citations = _noted(said, citations, asked, found, engine, now)
    if quoted.passage.kind == "runbook":
        call = escalation(quoted.passage.entity_refs, engine, now)
        said += f"\n\n{call}" if call else ""
    return PageAnswer(
        text=said,
        passages=passage_hits(found),
        results=page_results(found, engine.snapshot.catalog),
        citations=citations,
        notes=notes,
    )


def _noted(
    said: str,
    citations: tuple[Citation, ...],
    asked: str,
    found: tuple[FoundPassage, ...],
    engine: SearchEngine,
    now: datetime,
) -> tuple[str, tuple[Citation, ...]]:
    """The answer with remarks on its page, their marks numbered on."""
    relevant = [p for p in found[1:] if (p.hit.relevance or 0.0) >= RELEVANT]
    remarks = notes_on(
        asked,
        found[0],
        relevant,
        engine.snapshot.catalog,
        now=now,
        idf=engine.snapshot.lexical.idf,
    )
    for remark in remarks:
        text = remark.text
        if remark.citation is not None:
            number = len(citations) + 1
            text = text.replace("[2]", f"[{number}]")
            citations = (*citations, remark.citation.model_copy(update={"id": number}))
        said += f"\n\n> {text}"
    return said, citations


def kept_by(ref: str, result: SearchResult, engine: SearchEngine) -> PageAnswer:
    """Whom to talk to about the topic of a page: whoever keeps it."""
    found = result.passages[0]
    span = found.passage.span
    name = engine.name(ref)
    said = f"{name[:1].upper()}{name[1:]} would know: they keep the page **{found.title}** [1]."
    citation = Citation(id=1, path=span.path, lines=(span.first, span.last), ref=found.hit.doc_ref)
    return PageAnswer(said, passage_hits((found,)), (), (citation,))


def nearest_page(result: SearchResult, engine: SearchEngine) -> Nearest | None:
    """What to offer when no page answers: the page that comes nearest, and who keeps it."""
    if not result.passages:
        return None
    found = result.passages[0]
    if found.kind == "entity" or (found.hit.relevance or 0.0) < NEAREST:
        return None
    rows = engine.snapshot.catalog.fetch(
        "SELECT owner FROM documents WHERE ref = ?", [found.hit.doc_ref]
    )
    owner = rows[0]["owner"] if rows else None
    for ref in found.entity_refs if owner is None else ():
        owner = owner or (engine.snapshot.catalog.entity(ref) or {}).get("owner")
    ask = f"; {engine.name(owner)} would know" if owner else ""
    said = f"The nearest page is **{found.title}** ({found.passage.span.path}){ask}."
    return Nearest(said, found.hit.doc_ref, found.title)
