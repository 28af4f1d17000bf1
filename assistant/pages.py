"""Passages → an answer in the page's own words: each piece verbatim, cited with its heading and lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Citation, PassageHit, Result
from catalog_store.model.document import Passage, SourceSpan
from catalog_store.reader import CatalogReader
from catalog_store.snapshot import Snapshot
from search.pages import called_so
from search.result import FoundPassage
from search.retrieve.answer_spans import AnswerSpan, PieceKind, answer_spans, pieces

SHOWN = 5
"""Passages an answer shows."""

PAGES_READ, NEAR_RELEVANCE, NEAR_SCORE = 2, 0.12, 0.12
"""Pages that are read whole for the words that answer, when the second is nearly as relevant as the first and ranks
nearly as high: a page that is clearly ahead is not overruled by a sentence of another."""

RELEVANT = 0.4
"""Relevance from which a further page counts among the results, or may contradict the first; the floor of retrieval."""

FOUND_BONUS = 0.15
"""What the section that retrieval found is ahead of the others of its page; comparable with one word in seven."""


DECISION_CHARS = 600

_REASON = re.compile(r"\bwhy\b|\breasons?\b|\bhow come\b", re.IGNORECASE)

_DECISION_TITLE = re.compile(r"\badr\b|\bdecision\b", re.IGNORECASE)

_FIRST_AID = re.compile(r"mitigat|resol|remed|fix|what to do|steps|procedure", re.IGNORECASE)
"""Headings under which runbooks say what to do."""


STEPS_BONUS = 0.5
"""Added for the steps of a page that is called just what is asked for: they are what it is for."""


def passage_hits(found: Sequence[FoundPassage]) -> tuple[PassageHit, ...]:
    """The passages as surfaces show them, best first."""
    return tuple(
        PassageHit(
            path=f.passage.span.path,
            ref=f.entity_refs[0] if f.entity_refs else f.hit.doc_ref,
            title=f.title,
            heading=f.passage.heading,
            text=f.passage.text,
            lines=(f.passage.span.first, f.passage.span.last),
            score=round(f.hit.relevance if f.hit.relevance is not None else f.hit.score, 4),
        )
        for f in found[:SHOWN]
    )


@dataclass(frozen=True, slots=True)
class Quote:
    """What answers, in the page's own words.

    Attributes:
        text: Markdown that names the page, quotes it and marks it [1].
        citation: the lines behind the mark.
        passage: the passage it was taken from, in place of the one that was found.
        literal: it holds steps or commands, which are to be copied as they are.
    """

    text: str
    citation: Citation
    passage: FoundPassage
    literal: bool = False


def first_aid(runbook: FoundPassage, snapshot: Snapshot) -> Quote | None:
    """What the runbook of an alert says to do, whole: at night nobody should have to open it for the second step."""
    sections = [s for s in _sections(runbook, snapshot) if _FIRST_AID.search(s.passage.heading)]
    if not sections:
        return None
    passage = sections[0].passage
    citation = Citation(
        id=1,
        path=passage.span.path,
        lines=(passage.span.first, passage.span.last),
        ref=passage.doc_ref,
    )
    return Quote(
        f"**{runbook.title}** › {passage.heading} [1]:\n\n{passage.text.strip()}",
        citation,
        sections[0],
    )


def quote(question: str, found: Sequence[FoundPassage], snapshot: Snapshot) -> Quote:
    """The sentences, steps or rows that answer, verbatim and cited.

    The best pages are read whole: the passage that was found tells which page answers, the answer itself may stand in
    another section of it.
    """
    best: tuple[float, FoundPassage, list[AnswerSpan]] | None = None
    first = found[0].hit
    for page in found[:PAGES_READ]:
        behind = (first.relevance or 0.0) - (page.hit.relevance or 0.0)
        if behind > NEAR_RELEVANCE or first.score - page.hit.score > NEAR_SCORE:
            continue
        for section in _sections(page, snapshot):
            above = " ".join((page.title, *section.passage.heading_path, section.passage.heading))
            spans = answer_spans(
                question,
                section.passage.text,
                first_line=section.passage.text_first,
                heading=above,
                idf=snapshot.lexical.idf,
            )
            same = section.passage.ordinal == page.passage.ordinal
            score = max((s.score for s in spans), default=0.0) + FOUND_BONUS * same
            score += page.hit.relevance or 0.0
            if called_so(question, page.title) and any(s.kind is PieceKind.STEP for s in spans):
                score += STEPS_BONUS
            if _REASON.search(question) and _short_decision(section):
                spans = pieces(section.passage.text, section.passage.text_first)
            if best is None or score > best[0]:
                best = (score, section, spans)
    assert best is not None
    _, source, spans = best
    passage = source.passage
    place = f"**{source.title}**"
    if passage.heading and passage.heading != source.title:
        place += f" › {passage.heading}"
    text = _verbatim(spans, passage)
    lines = (passage.span.first, passage.span.last)
    if spans and source.kind != "entity":  # what is said of an entity is worded from its fields
        lines = (min(s.first for s in spans), max(s.last for s in spans))
    citation = Citation(id=1, path=passage.span.path, lines=lines, ref=source.hit.doc_ref)
    literal = any(span.kind in (PieceKind.STEP, PieceKind.CODE) for span in spans)
    return Quote(f"{place} [1]:\n\n{text}", citation, source, literal)


def _short_decision(section: FoundPassage) -> bool:
    """A section of a decision record that is short enough to be read whole: the reason may stand in any sentence of it."""
    short = len(section.passage.text) <= DECISION_CHARS
    return short and _DECISION_TITLE.search(section.title) is not None


def _verbatim(spans: Sequence[AnswerSpan], passage: Passage) -> str:
    """The spans as written; steps with everything between the first and the last of them."""
    if any(span.kind is PieceKind.STEP for span in spans):
        start = min(s.first for s in spans) - passage.text_first
        end = max(s.last for s in spans) - passage.text_first + 1
        return "\n".join(passage.text.split("\n")[start:end])
    said: list[str] = []
    header = ""
    for span in spans:
        text = span.text.strip("\n")
        above, _, row = text.rpartition("\n")
        if span.kind is PieceKind.ROW and above and above == header:
            text = row  # the rows of one table stand under one header
        header = above if span.kind is PieceKind.ROW else ""
        said.append(text)
    return "\n".join(said) or passage.text.strip()


def _sections(page: FoundPassage, snapshot: Snapshot) -> Iterator[FoundPassage]:
    """Every passage of a page; of a catalog entity only its card."""
    rows = snapshot.catalog.passages_of(page.hit.doc_ref) if page.kind != "entity" else []
    if not rows:
        yield page
    for row in rows:
        span = SourceSpan(row["path"], row["first_line"], row["last_line"])
        passage = Passage(
            row["doc_ref"],
            row["ordinal"],
            row["heading"],
            tuple(row["heading_path"] or ()),
            row["text"],
            span,
        )
        yield replace(page, passage=passage)


def page_results(found: Sequence[FoundPassage], store: CatalogReader) -> tuple[Result, ...]:
    """Things among what was found: runbooks, and catalog entities found by their description; what is hardly relevant is none."""
    out = []
    for number, f in enumerate(found):
        if number and (f.hit.relevance or 0.0) < RELEVANT:
            continue
        if f.kind == "entity":
            row = store.entity(f.hit.doc_ref)
            if row is not None:
                out.append(
                    Result(
                        ref=f.hit.doc_ref,
                        kind=row["kind"],
                        title=f.title,
                        fields={"owner": row.get("owner")},
                    )
                )
        elif f.kind == "runbook":
            out.append(Result(ref=f.hit.doc_ref, kind="Runbook", title=f.title))
    return tuple(out)


def runbook_steps(refs: Sequence[str], store: CatalogReader) -> tuple[PassageHit, ...]:
    """For runbooks that were asked for: what to do first, the mitigation section or else the first passage."""
    hits: list[PassageHit] = []
    for ref in refs[:SHOWN]:
        passages = store.passages_of(ref)
        first = next((p for p in passages if _FIRST_AID.search(p["heading"] or "")), None) or next(
            iter(passages), None
        )
        if first is not None:
            hits.append(
                PassageHit(
                    path=first["path"],
                    ref=ref,
                    title=first["title"],
                    heading=first["heading"],
                    text=first["text"],
                    lines=(first["first_line"], first["last_line"]),
                    score=1.0,
                )
            )
    return tuple(hits)
