"""Passages → an answer in the page's own words: each piece verbatim, cited with its heading and lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer import Citation, PassageHit, Result
from catalog_store.store import CatalogStore
from search.engine import FoundPassage
from search.retrieve.answer_spans import answer_spans

SHOWN = 5
"""Passages an answer shows."""


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


def quote(question: str, found: Sequence[FoundPassage]) -> tuple[str, tuple[Citation, ...]]:
    """The sentences, steps or rows of the best page that answer, verbatim and cited.

    Returns:
        Markdown that names the page, quotes it and marks it [1]; and the citation behind the mark.
    """
    best = found[0]
    passage = best.passage
    spans = answer_spans(question, passage.text, first_line=passage.span.first)
    place = f"**{best.title}**" + (
        f" › {passage.heading}" if passage.heading and passage.heading != best.title else ""
    )
    if not spans:
        citation = Citation(
            id=1,
            path=passage.span.path,
            lines=(passage.span.first, passage.span.last),
            ref=best.hit.doc_ref,
        )
        return f"{place} [1]:\n\n{passage.text.strip()}", (citation,)
    quoted = "\n".join(span.text.strip("\n") for span in spans)
    citation = Citation(
        id=1,
        path=passage.span.path,
        lines=(min(s.first for s in spans), max(s.last for s in spans)),
        ref=best.hit.doc_ref,
    )
    return f"{place} [1]:\n\n{quoted}", (citation,)


def page_results(found: Sequence[FoundPassage], store: CatalogStore) -> tuple[Result, ...]:
    """Things among what was found: runbooks, and catalog entities found by their description."""
    out = []
    for f in found:
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


_FIRST_AID = re.compile(r"mitigat|resol|remed|fix|what to do|steps|procedure", re.IGNORECASE)
"""Headings under which runbooks say what to do."""


def runbook_steps(refs: Sequence[str], store: CatalogStore) -> tuple[PassageHit, ...]:
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
