"""One question in, one answer out: the search result worded, cited, and with the reading shown."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from assistant.answer import (
    Answer,
    AnswerKind,
    Citation,
    Interpretation,
    Option,
    PassageHit,
    Result,
    Status,
    Unused,
)
from assistant.chips import chips_of, unused_of
from assistant.compose import Composer
from assistant.composed import Composed
from assistant.conversation import Conversations
from assistant.escalation import alerting, escalation
from assistant.golden_path import handbook, tell, unmade
from assistant.page_answer import Nearest, answer_from_pages, kept_by, nearest_page
from assistant.pages import runbook_steps
from assistant.proposer import Proposer
from assistant.quality import options, ranked
from assistant.several import Several, joined, read_apart
from assistant.writer import Writer
from catalog_store.analyzer import well_formed
from catalog_store.errors import BadRequest
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.relations import RELATION_BY_SIDE
from catalog_store.snapshot import Snapshot
from search.engine import SearchEngine
from search.language_model import LanguageModel
from search.plan import Compare, Plan, Retrieve, Review, Traverse, read_plan
from search.result import Outcome, SearchResult
from search.stages import reached
from search.understand.dangling import REFERRING
from search.understand.follow_on import goes_back
from search.understand.identity import STRANGER

MAX_QUESTION = 2_000
"""Characters of a question; longer ones are refused."""

CITED = 10
"""Things whose source is cited; the table names the rest."""


class Assistant:
    """Answers questions over one snapshot. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        conversations: Conversations | None = None,
        model: LanguageModel | None = None,
    ) -> None:
        """Everything a structured question needs is built here; pages wait for the first question that needs them.

        Args:
            snapshot: what is known.
            conversations: plans carried between questions; hand in a shared one so that they outlive the snapshot.
            model: words passages into prose, and proposes readings where it may; without one passages are quoted, and what the
                grammar cannot read is refused.
        """
        self._writer = Writer(model) if model is not None else None
        self._conversations = conversations or Conversations()
        self._engine = SearchEngine(snapshot)
        self._composer = Composer(self._engine)
        proposes = model is not None and model.proposes
        self._proposer = Proposer(model, self._engine) if model is not None and proposes else None

    @property
    def engine(self) -> SearchEngine:
        """What finds the rows; shared with other read models of the same snapshot."""
        return self._engine

    def ask(
        self,
        question: str | None,
        *,
        now: datetime,
        asker: str | None = None,
        conversation: str | None = None,
        limit: int = 25,
        plan: dict[str, Any] | None = None,
    ) -> Answer:
        """Answer a question, or run an edited plan without one.

        Args:
            question: as typed, at most `MAX_QUESTION` characters; None only with a plan.
            now: what "today" is, timezone-aware.
            asker: ref of the user who asks, when known.
            conversation: id of the conversation this continues.
            limit: most results returned; `total` counts all.
            plan: an edited reading, as an answer's `interpretation.plan`.

        Raises:
            BadRequest: neither question nor plan, or the question is too long.
            InvalidPlan: the plan is not one.
        """
        started = time.perf_counter()
        apart: Several | None = None
        text = well_formed(question or "").strip()
        if not text and plan is None:
            raise BadRequest("nothing was asked: send a question, or a plan to run")
        if len(text) > MAX_QUESTION:
            raise BadRequest(
                f"the question has {len(text)} characters; at most {MAX_QUESTION} are read"
            )
        if plan is not None:
            result = self._engine.run(read_plan(plan), now=now, limit=limit)
            reached("reading", lambda: {"text": self._said(result), "readings": 1})
        elif conversation is not None and goes_back(text):
            result = self._back(conversation, now=now, limit=limit)
        else:
            previous = self._conversations.plan(conversation)
            search = partial(self._engine.search, now=now, asker=asker, limit=limit)
            result = search(text, previous=previous)
            heard = self._engine.quiet(text).text
            apart = read_apart(heard, result, self._engine, search, now=now, previous=previous)
            if apart is not None:
                result = apart.parts[0].result
            elif self._proposer is not None:
                result = self._proposer.read(text, result, now=now, limit=limit)
        if result.outcome is Outcome.ROWS:
            reached("rows", lambda: {"total": result.total, "shown": len(result.rows)})
        elif result.outcome is Outcome.PAGES:
            found = list(dict.fromkeys(p.hit.doc_ref for p in result.passages))
            reached("passages", lambda: {"total": result.total, "pages": found})
        if apart is None:
            answer = self.tell(text, result, now)
        else:
            said = [self.tell(p.clause.text, p.result, now) for p in apart.parts]
            answer = joined(apart, said)
        reached("text", lambda: {"status": answer.status.value, "text": answer.text})
        conversation = conversation or uuid.uuid4().hex
        self._conversations.carry(conversation, result)
        return answer.model_copy(
            update={
                "conversation": conversation,
                "took_ms": round((time.perf_counter() - started) * 1000, 2),
            }
        )

    def _back(self, conversation: str, *, now: datetime, limit: int) -> SearchResult:
        """The answer before the last one, once more."""
        plan = self._conversations.back(conversation)
        if plan is None:
            return SearchResult(Outcome.NO_SUCH_FACT, missing="an answer to go back to")
        found = self._engine.run(plan, now=now, limit=limit)
        return replace(found, notes=(*found.notes, "went back to the answer before"))

    def _said(self, result: SearchResult) -> str | None:
        return self._engine.explainer.explain(result.plan) if result.plan is not None else None

    # ── by outcome ───────────────────────────────────────────────────────────────────────────────

    def tell(self, text: str, result: SearchResult, now: datetime) -> Answer:
        """What was found for a question, worded and cited; `text` is the question as typed."""
        match result.outcome:
            case Outcome.ROWS:
                return self._rows(text, result, now)
            case Outcome.PAGES:
                return self._pages(text, result, now)
            case Outcome.AMBIGUOUS:
                return self._ambiguous(text, result, now)
            case Outcome.UNKNOWN_NAME:
                return self._unknown(text, result, now)
            case Outcome.NO_SUCH_FACT:
                return self._missing(text, result, now)
            case Outcome.OUT_OF_SCOPE:
                return self._out_of_scope(text, result, now)

    def _rows(self, text: str, result: SearchResult, now: datetime) -> Answer:
        if result.golden is not None and result.golden.other:
            said, near = unmade(result.golden, self._engine)
            return self._refusal(Status.EMPTY, said, text, result, now, near)
        composed = self._composer.compose(result)
        if result.passages and composed.results:
            return self._keeper(text, result, composed, now)
        unused = self._unused(text, result)
        said = composed.text + self._caveats(result, unused)
        passages: tuple[PassageHit, ...] = ()
        if composed.results and composed.results[0].kind == k.RUNBOOK and composed.total <= 5:
            passages = runbook_steps(
                [r.ref for r in composed.results], self._engine.snapshot.catalog
            )
        citations = self._citations(composed, result)
        if result.golden is not None and composed.results:
            composed = tell(result.golden, composed, self._engine)
            passages, pages = handbook(result.golden, self._engine)
            said = composed.text + "".join(f"\n\nMore in **{p.title}** [1]." for p in passages)
            citations = _numbered((*pages, *citations))
        noted = replace(result, notes=result.notes + composed.notes)
        return Answer(
            status=composed.status,
            kind=composed.kind,
            text=said,
            interpretation=self._interpretation(text, noted, now),
            results=composed.results,
            total=composed.total,
            value=composed.value,
            unit=composed.unit,
            rows=composed.rows,
            passages=passages,
            citations=citations,
            options=self._alternatives(result) + options(result, ranked(result.rows))
            if isinstance(result.plan, Review)
            else self._alternatives(result),
            suggestions=self._suggestions(composed),
        )

    def _keeper(self, text: str, result: SearchResult, composed: Composed, now: datetime) -> Answer:
        told = kept_by(composed.results[0].ref, result, self._engine)
        return Answer(
            status=composed.status,
            kind=AnswerKind.ENTITIES,
            text=told.text,
            interpretation=self._interpretation(text, replace(result, reading=None), now),
            results=composed.results[:1],
            total=1,
            passages=told.passages,
            citations=told.citations,
        )

    def _pages(self, text: str, result: SearchResult, now: datetime) -> Answer:
        asked = text or getattr(result.plan, "text", "")
        told = answer_from_pages(asked, result, self._engine, self._writer, now)
        exact = isinstance(result.plan, Retrieve) and result.plan.exact is not None
        whether = exact and result.understanding is not None and result.understanding.frame.yes_no
        noted = replace(result, notes=result.notes + told.notes)
        return Answer(
            status=Status.ANSWERED,
            kind=AnswerKind.PASSAGES,
            text=told.text,
            interpretation=self._interpretation(text, noted, now),
            results=told.results,
            total=result.total,
            value=True if whether else None,
            passages=told.passages,
            citations=told.citations,
        )

    def _ambiguous(self, text: str, result: SearchResult, now: datetime) -> Answer:
        options = tuple(
            Option(label=a.label, ref=a.ref, plan=a.plan.model_dump(mode="json"))
            for a in result.alternatives[:10]
        )
        names = ", ".join(f"**{o.label}**" for o in options)
        return self._refusal(
            Status.AMBIGUOUS,
            f"That may mean several things: {names}. Which one?",
            text,
            result,
            now,
            options,
        )

    def _unknown(self, text: str, result: SearchResult, now: datetime) -> Answer:
        options = tuple(
            Option(
                label=self._engine.name(c.ref),
                ref=c.ref,
                question=self._retyped(text, result, c.title),
            )
            for c in result.near
        )
        near = f" Did you mean {_either([o.label for o in options[:3]])}?" if options else ""
        at = self._unknown_at(result)
        typed = text[at[0] : at[1]] if at is not None else result.unknown
        said = f"Nothing in the catalog is called “{typed}”.{near}"
        if result.unknown in STRANGER:
            said = "I do not know who you are, so I cannot tell what is yours."
        if result.unknown in REFERRING:
            said = f"I cannot tell what “{result.unknown}” stands for: name the service, team or system that is meant."
        return self._refusal(Status.UNKNOWN_NAME, said, text, result, now, options)

    def _missing(self, text: str, result: SearchResult, now: datetime) -> Answer:
        names = ", ".join(self._engine.name(c.ref) for c in result.subject[:3])
        about = f" for {names}" if names and "since no source" not in (result.missing or "") else ""
        said = f"The catalog does not hold {result.missing or 'that'}{about}."
        near = nearest_page(result, self._engine)
        options = self._alternatives(result)
        if isinstance(result.plan, Retrieve) and result.plan.exact is not None:
            call = escalation(alerting(result.plan.exact, self._engine), self._engine, now)
            said, near = f"{said}\n\n{call}".rstrip(), None
        if near is not None:
            said, options = f"{said} {near.said}", (*options, _page(near))
        return self._refusal(Status.NO_SUCH_FACT, said, text, result, now, options)

    def _out_of_scope(self, text: str, result: SearchResult, now: datetime) -> Answer:
        said = (
            "That is not something I can answer: I only know this organisation's software catalog, its docs and its runbooks, "
            "and nothing in them is about it."
        )
        near = nearest_page(result, self._engine)
        if near is None:
            return self._refusal(Status.OUT_OF_SCOPE, said, text, result, now)
        said = f"No page answers that. {near.said}"
        return self._refusal(Status.OUT_OF_SCOPE, said, text, result, now, (_page(near),))

    def _refusal(
        self,
        status: Status,
        said: str,
        text: str,
        result: SearchResult,
        now: datetime,
        options: tuple[Option, ...] = (),
    ) -> Answer:
        kind = AnswerKind.PASSAGES if status is Status.OUT_OF_SCOPE else AnswerKind.ENTITIES
        return Answer(
            status=status,
            kind=kind,
            text=said,
            interpretation=self._interpretation(text, result, now),
            options=options,
        )

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def _interpretation(self, text: str, result: SearchResult, now: datetime) -> Interpretation:
        plan = result.plan
        return Interpretation(
            text=self._engine.explainer.explain(plan) if plan is not None else f"“{text}”",
            chips=chips_of(result, self._engine.explainer),
            unused=self._unused(text, result),
            assumptions=result.notes + _meanings(plan),
            as_of=now,
            sql=result.compiled.sql if result.compiled else None,
            plan=plan.model_dump(mode="json") if plan is not None else None,
        )

    def _unused(self, text: str, result: SearchResult) -> tuple[Unused, ...]:
        if result.reading is None or result.outcome in (Outcome.PAGES, Outcome.OUT_OF_SCOPE):
            return ()
        return unused_of(result.understanding, result.reading.mask, text)

    def _caveats(self, result: SearchResult, unused: Sequence[Unused]) -> str:
        said = ""
        if unused:
            said += f" I did not use: {', '.join(f'“{u.text}”' for u in unused)}."
        if result.alternatives:
            said += f" It could also be read as: {result.alternatives[0].label}."
        return said

    def _alternatives(self, result: SearchResult) -> tuple[Option, ...]:
        return tuple(
            Option(label=a.label, ref=a.ref, plan=a.plan.model_dump(mode="json"))
            for a in result.alternatives
        )

    def _citations(self, composed: Composed, result: SearchResult) -> tuple[Citation, ...]:
        """Where each thing was declared; for a single value or relation, the lines that say it."""
        rows = result.rows
        said = self._said_at(result)
        out: list[Citation] = []
        for row in (*rows[:CITED], *composed.cited[:CITED]):
            if not row.get("path") or not row.get("first_line"):
                continue
            place = said.get(row["ref"]) or SourceSpan(
                row["path"], row["first_line"], row["last_line"]
            )
            if (
                composed.kind is AnswerKind.VALUE
                and len(rows) == 1
                and composed.results
                and composed.results[0].fields
            ):
                spans = self._engine.snapshot.catalog.spans(row["ref"])
                place = spans.get(next(iter(composed.results[0].fields)), place)
            out.append(
                Citation(
                    id=len(out) + 1,
                    path=place.path,
                    lines=(place.first, place.last),
                    ref=row["ref"],
                )
            )
        return tuple(out)

    def _said_at(self, result: SearchResult) -> dict[str, SourceSpan]:
        """For "owner of checkout": the line of checkout's file that names the owner, by what was found."""
        plan = result.plan
        if not isinstance(plan, Traverse) or not isinstance(plan.start.where, Compare):
            return {}
        start = str(plan.start.where.value)
        relation = RELATION_BY_SIDE[plan.relation][0].forward.name
        if len(result.rows) > CITED:
            return {}
        edges = self._engine.snapshot.catalog.edges(start, relation)
        return {
            (e["target"] if e["source"] == start else e["source"]): SourceSpan(
                e["path"], e["first_line"], e["last_line"]
            )
            for e in edges
            if e["path"]
        }

    def _suggestions(self, composed: Composed) -> tuple[str, ...]:
        """Questions that follow from one thing and that the catalog can answer."""
        if len(composed.results) != 1:
            return ()
        result: Result = composed.results[0]
        asks = {
            k.COMPONENT: ("who owns {}?", "what depends on {}?", "runbook for {}"),
            k.GROUP: ("services owned by the {} team", "who is in the {} team?"),
            k.API: ("who uses {}?", "who owns {}?"),
            k.RESOURCE: ("what breaks if {} goes down?",),
            k.SYSTEM: ("components of the {} system",),
        }
        return tuple(ask.format(result.title) for ask in asks.get(result.kind, ()))

    def _retyped(self, text: str, result: SearchResult, title: str) -> str | None:
        """The question with the unknown name replaced."""
        at = self._unknown_at(result)
        return text[: at[0]] + title + text[at[1] :] if at is not None else None

    def _unknown_at(self, result: SearchResult) -> tuple[int, int] | None:
        """Where the unknown name stands in the question, as offsets; None when its words do not stand there in a row."""
        if result.reading is None or result.understanding is None:
            return None
        words, tokens = (result.unknown or "").split(), result.understanding.tokens
        n = len(words)
        for i in range(len(tokens) - n + 1 if words else 0):
            if [t.text for t in tokens[i : i + n]] == words:
                return tokens[i].start, tokens[i + n - 1].end
        return None


def _page(near: Nearest) -> Option:
    return Option(label=f"page {near.title}", ref=near.ref)


def _numbered(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(c.model_copy(update={"id": n}) for n, c in enumerate(citations, 1))


def _either(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"


def _meanings(plan: Plan | None) -> tuple[str, ...]:
    """Choices the plan's meaning makes that a reader may not expect."""
    said = []
    text = "" if plan is None else plan.model_dump_json()
    if '"node":"not"' in text and '"hasDeployment"' in text:
        said.append("never-deployed things are included and counted apart")
    if '"hasDeployment"' in text or "last_deployed" in text:
        said.append(
            "deployed means successfully, to production, unless another environment is named"
        )
    if '"Finding"' in text and '"field":"open"' in text:
        said.append("open findings are those neither fixed nor waived")
    return tuple(said)
