"""A message of several clauses → one answer: what is asked is answered clause by clause, what is only told is the setting."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.answer import Answer, Chip, Citation, PassageHit, Result, Status, Unused
from catalog_store.model import kinds as k
from search.engine import SearchEngine
from search.plan import Compare, Op, Plan, Select
from search.plan_parts import is_list, named_refs, selects
from search.readings import only_names
from search.result import Outcome, SearchResult
from search.understand.sentences import Clause, clauses, told

MOST = 3
"""Questions of one message that are answered."""

REFUSED = (Outcome.NO_SUCH_FACT, Outcome.UNKNOWN_NAME, Outcome.OUT_OF_SCOPE)

_SPOKEN_OF = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.GROUP)
"""Kinds of things a message may be about, the likeliest first."""

_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Part:
    """One clause that asks, and what was found for it."""

    clause: Clause
    result: SearchResult


@dataclass(frozen=True, slots=True)
class Several:
    """A message, clause by clause.

    Attributes:
        parts: what was found, clause by clause.
        open: clauses that ask what nothing answers.
        setting: clauses that only tell, and restrict nothing.
    """

    parts: tuple[Part, ...]
    open: tuple[Clause, ...]
    setting: tuple[Clause, ...]


def read_apart(
    text: str,
    whole: SearchResult,
    engine: SearchEngine,
    search: Callable[..., SearchResult],
    *,
    now: datetime,
    previous: Plan | None,
) -> Several | None:
    """Read a message clause by clause whose whole was refused.

    Args:
        text: as typed.
        whole: what came of reading it in one.
        engine: tells what is named.
        search: finds what a clause asks, given its text and the plan before it, by the name of `previous`.
        now: today.
        previous: the plan of the answer before.

    Returns:
        None when it is one clause, nothing of it asks, or nothing answers what it asks.
    """
    outside = whole.understanding is not None and whole.understanding.frame.outside
    parts = _with_a_question(clauses(text), engine, now)
    asking = [c for c in parts if c.asks][:MOST]
    closed = any(c.marked for c in asking[:-1])  # "who owns it? is it tier 1?" are two questions
    shown = whole.reading is not None and only_names(whole.reading)  # no answer to a cry for help
    unmet = whole.outcome in REFUSED or (shown and any(c.acts for c in asking))
    twice = len(asking) == len(parts) and all(c.whole for c in asking[1:])
    if outside or not asking or len(parts) < 2 or not (closed or unmet or twice):
        return None
    setting = told(parts)
    if len(asking) < 2 and not setting and len(asking[0].text) >= len(text.strip()) - 2:
        return None

    scene = ". ".join(c.text for c in setting)
    topics = []
    for clause in (c for c in setting if not c.tells):
        topic = search(clause.text, previous=None)
        if topic.outcome is Outcome.ROWS:
            topics.append(topic)
        elif not _said_again(clause, asking, engine, now):
            return None  # half of a question
    listed = next((topic.plan for topic in topics if is_list(topic.plan)), None)
    before = _spoken_of(scene, engine, now) or listed or previous
    if any(c.points for c in asking):
        before = listed or _listed(setting, search) or previous
    found: dict[Clause, SearchResult] = {}
    # what helps with what was told tells what it is about
    for clause in sorted(asking, key=lambda c: not (c.acts and scene)):
        if clause.acts and scene:
            found[clause] = search(f"{scene}, what do we do", previous=previous)
            before = before or _of_the_page(found[clause])
            if not _answers(found[clause], clause) and _ref(before) is not None:
                found[clause] = _about(clause, before, search)  # no page helps; people may
        elif clause.points and not is_list(before):
            found[clause] = SearchResult(
                Outcome.NO_SUCH_FACT
            )  # "which teams are those", of no list
        else:
            found[clause] = _about(clause, before, search)
            if found[clause].outcome is Outcome.ROWS and not setting:
                before = found[clause].plan
    answered = tuple(Part(c, found[c]) for c in asking if _answers(found[c], c))
    if not answered:
        return None
    return Several(answered, tuple(c for c in asking if not _answers(found[c], c)), setting)


def _with_a_question(
    parts: Sequence[Clause], engine: SearchEngine, now: datetime
) -> tuple[Clause, ...]:
    """The clauses; where none of them asks and those before the last restrict nothing, the last one does: "fyi: tier 1 services"."""
    if len(parts) < 2 or any(c.asks for c in parts):
        return tuple(parts)
    if any(engine.restrictions(c.text, now) for c in parts[:-1]):
        return tuple(parts)
    return (*parts[:-1], replace(parts[-1], asks=True))


def _said_again(
    clause: Clause, asking: Sequence[Clause], engine: SearchEngine, now: datetime
) -> bool:
    """Whether a heading may be set aside: it restricts nothing that the questions do not, or they say what they are about."""
    said = engine.restrictions(clause.text, now)
    return all(
        c.leans or said <= engine.restrictions(c.text, now) or bool(engine.named(c.text, now))
        for c in asking
    )


def _answers(result: SearchResult, clause: Clause) -> bool:
    """Whether something was found; a thing that is only shown answers no question but what it is."""
    shown = result.reading is not None and only_names(result.reading)
    return result.outcome not in REFUSED and (clause.describes or not shown)


def _about(
    clause: Clause, before: Plan | None, search: Callable[..., SearchResult]
) -> SearchResult:
    """What a clause asks; one that names nothing asks it of what is spoken of: "is there a runbook" is no question for all."""
    result = search(clause.text, previous=before)
    ref = _ref(before)
    if ref is None or result.outcome is not Outcome.ROWS or _names(result.plan):
        return result
    again = search(f"{clause.text} for it", previous=before)
    if again.outcome is Outcome.ROWS and not _names(again.plan):
        return replace(again, outcome=Outcome.NO_SUCH_FACT)
    return again


def _listed(setting: Sequence[Clause], search: Callable[..., SearchResult]) -> Plan | None:
    """The things that a sentence describes: "I'd like to invite every team that owns a database"."""
    found = (search(c.text, previous=None) for c in setting)
    return next((r.plan for r in found if r.outcome is Outcome.ROWS and is_list(r.plan)), None)


def _ref(plan: Plan | None) -> str | None:
    """The one thing a plan names, itself or in what it relates to."""
    named = {ref for select in selects(plan) for ref in named_refs(select)}
    return named.pop() if len(named) == 1 else None


def _names(plan: Plan | None) -> bool:
    """Whether a plan speaks of anything by its name."""
    return plan is not None and '"field":"ref"' in plan.model_dump_json()


def _spoken_of(scene: str, engine: SearchEngine, now: datetime) -> Plan | None:
    """The one thing that is named where nothing is asked yet: "500s from checkout"."""
    named = engine.named(scene, now) if scene else ()
    for kind in _SPOKEN_OF:
        refs = [ref for ref in named if engine.lexicon.candidates[ref].kind == kind]
        if len(refs) == 1:
            return Select(where=Compare(field="ref", op=Op.EQ, value=refs[0]))
        if refs:
            return None
    return None


def _of_the_page(result: SearchResult) -> Plan | None:
    if result.outcome is not Outcome.PAGES or not result.passages[0].entity_refs:
        return None
    ref = result.passages[0].entity_refs[0]
    return Select(where=Compare(field="ref", op=Op.EQ, value=ref))


# ── saying it ────────────────────────────────────────────────────────────────────────────────────


def joined(several: Several, answers: Sequence[Answer]) -> Answer:
    """One answer of the answers to the clauses, in their order: the first leads, the others follow with all they rest on."""
    said: list[str] = []
    chips: list[Chip] = []
    citations: list[Citation] = []
    results: dict[str, Result] = {}
    passages: dict[tuple[str, tuple[int, int]], PassageHit] = {}
    for number, (part, answer) in enumerate(zip(several.parts, answers, strict=True)):
        said.append(_renumbered(answer.text, len(citations)))
        chips += [
            _moved(chip, part.clause, first=not number) for chip in answer.interpretation.chips
        ]
        citations += [
            Citation(id=len(citations) + n, path=c.path, lines=c.lines, ref=c.ref)
            for n, c in enumerate(answer.citations, 1)
        ]
        results.update({r.ref: r for r in answer.results if r.ref not in results})
        passages.update({(p.path, p.lines): p for p in answer.passages})
    first = answers[0]
    acted = any(p.clause.acts for p in several.parts)  # what was told was searched with it
    background = [c for c in several.setting if not acted]
    said += [f"I took “{c.text}” as the background." for c in background]
    said += [f"I found no answer to “{c.text}”." for c in several.open]
    left = (*background, *several.open)
    unused = tuple(Unused(text=c.text, span=(c.start, c.start + len(c.text))) for c in left)
    reading = first.interpretation.model_copy(
        update={
            "text": "; ".join(a.interpretation.text for a in answers),
            "chips": tuple(chips),
            "unused": unused,
            "assumptions": tuple(
                dict.fromkeys(note for a in answers for note in a.interpretation.assumptions)
            ),
        }
    )
    return first.model_copy(
        update={
            "status": next(
                (a.status for a in answers if a.status is Status.ANSWERED), first.status
            ),
            "text": "\n\n".join(said),
            "interpretation": reading,
            "results": tuple(results.values()),
            "total": first.total if len(answers) == 1 else len(results),
            "passages": tuple(passages.values()),
            "citations": tuple(citations),
            "options": tuple(o for a in answers for o in a.options),
        }
    )


def _renumbered(text: str, by: int) -> str:
    return _MARK.sub(lambda m: f"[{int(m[1]) + by}]", text) if by else text


def _moved(chip: Chip, clause: Clause, *, first: bool) -> Chip:
    """A chip with its place in the whole message; only those of the leading plan can be changed."""
    span = (chip.span[0] + clause.start, chip.span[1] + clause.start) if chip.span else None
    kept = {} if first else {"remove": None, "at": None}
    return chip.model_copy(update={"span": span, **kept})
