"""Question → what it means → what was found. Surfaces and the assistant read the result; nothing here writes prose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog_store.analyzer import index_terms, query_terms
from catalog_store.derive import schema
from catalog_store.errors import InvalidPlan
from catalog_store.model import kinds as k
from catalog_store.model.document import Passage
from catalog_store.model.kinds import KIND_BY_NAME, Table, table_of
from catalog_store.snapshot import Snapshot
from catalog_store.store import Row
from search import guard
from search.compile_sql import Compiled, Compiler, as_select
from search.explain import Explainer
from search.plan import (
    Aggregate,
    All,
    AnyOf,
    Check,
    Compare,
    Not,
    Op,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Select,
    Traverse,
)
from search.understand import words
from search.understand.english import is_english
from search.understand.finish import Reading
from search.understand.identity import Asker
from search.understand.lexicon import Lexicon
from search.understand.reader import Understanding, is_content, read_question
from search.understand.semantics import Candidate, SetOf

if TYPE_CHECKING:
    from search.retrieve.base import Hit, Scope

AMBIGUITY_MARGIN = 0.35
"""Readings whose scores lie closer than this are compared by what they return."""

SAME_SCORE = 0.12
"""Readings this close are told apart only by which of them returns rows."""

RESIDUE_WEIGHT, RUNBOOK_BONUS, ANSWERS = 0.8, 0.1, 1.06
"""A page answers a question about a named thing when its relevance, the share of the other words it holds (weighted by
rarity, times the first) and a bonus for runbooks reach the last: merely naming the same thing is not enough."""

_ADJECTIVE_ENDINGS = ("est", "ing", "ed", "ly")
"""Endings of words that describe a thing rather than name it: "cheapest service"."""

_PAGE_KIND = {k.DOC: "doc", k.RUNBOOK: "runbook"}
"""Kinds that are pages → what retrieval calls them."""

MAX_CHOICES = 12
"""Things a name may mean that are compared by their answers."""


class Outcome(StrEnum):
    """How the search ended; the assistant's statuses follow from it."""

    ROWS = "rows"
    PAGES = "pages"
    UNKNOWN_NAME = "unknown_name"
    AMBIGUOUS = "ambiguous"
    NO_SUCH_FACT = "no_such_fact"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found, with its page's title and kind."""

    passage: Passage
    hit: Hit
    title: str
    kind: str
    entity_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading that would answer differently."""

    label: str
    plan: Plan
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a question meant and what was found.

    Attributes:
        outcome: how it ended.
        plan: the reading taken; None when there is none.
        compiled, rows, total: the statement and its rows, cut to the limit; `total` counts all.
        passages: for pages, best first.
        reading: evidence for the chips.
        understanding: the words; None when a plan was re-run.
        unknown: words that name nothing; `near` holds what looks like them.
        missing: the fact that is not held, in words.
        alternatives: other readings, best first.
        notes: choices that were made.
        now: the moment the rows are true at.
    """

    outcome: Outcome
    plan: Plan | None = None
    compiled: Compiled | None = None
    rows: tuple[Row, ...] = ()
    total: int = 0
    passages: tuple[FoundPassage, ...] = ()
    reading: Reading | None = None
    understanding: Understanding | None = None
    unknown: str | None = None
    near: tuple[Candidate, ...] = ()
    missing: str | None = None
    subject: tuple[Candidate, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[str, ...] = ()
    now: datetime | None = None


class SearchEngine:
    """Answers questions over one snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        """The lexicon is built here; indexes and model wait for the first question that needs them."""
        self.snapshot = snapshot
        self.lexicon = Lexicon(snapshot.catalog)
        self.explainer = Explainer(snapshot.fields, self.name)
        self._tables = frozenset(schema(snapshot.fields))

    # ── questions ────────────────────────────────────────────────────────────────────────────────

    def search(
        self,
        text: str,
        *,
        now: datetime,
        asker: str | None = None,
        limit: int = 25,
        previous: Plan | None = None,
    ) -> SearchResult:
        """Read a question and find what it asks for.

        Args:
            text: as typed.
            now: what "today" is; later events are unknown.
            asker: ref of the user who asks.
            limit: rows returned at most.
            previous: the plan of the answer before, for follow-ups.
        """
        understanding = read_question(
            text, self.lexicon, now=now, asker=self._asker(asker), previous=previous
        )
        decided = self._decide(understanding, now, limit)
        corrected = tuple(f"read “{a}” as “{b}”" for a, b in understanding.corrected if a != b)
        return replace(decided, understanding=understanding, notes=decided.notes + corrected)

    def run(self, plan: Plan, *, now: datetime, limit: int = 25) -> SearchResult:
        """Run a plan as it is: an edited reading, or a follow-up."""
        missing = self._unheld(plan)
        if missing is not None:
            return SearchResult(Outcome.NO_SUCH_FACT, plan=plan, missing=missing)
        if isinstance(plan, Retrieve):
            return self._pages(plan)
        compiled = Compiler(self.snapshot.fields, now).compile(plan, limit=limit)
        guard.check(compiled.sql, self._tables)
        rows = self.snapshot.catalog.fetch(compiled.sql)
        total = int(rows[0]["total"]) if rows and "total" in rows[0] else len(rows)
        if isinstance(plan, Select | Traverse) and as_select(plan).limit is not None:
            total = min(
                total, as_select(plan).limit or total
            )  # "the oldest" is one, however many there are
        return SearchResult(
            Outcome.ROWS, plan=plan, compiled=compiled, rows=tuple(rows), total=total, now=now
        )

    # ── the decision ─────────────────────────────────────────────────────────────────────────────

    def _decide(self, u: Understanding, now: datetime, limit: int) -> SearchResult:
        """Rows, pages or an honest refusal.

        Rows when every word has its place in a reading; pages when instructions or reasons are asked for, or a page
        speaks of what no field holds.
        """
        if u.retrieve.exact is not None and not u.frame.count:
            return self._pages(u.retrieve)
        best = next(iter(u.readings), None)
        if u.frame.unheld is not None and not u.frame.how_to:
            return SearchResult(Outcome.NO_SUCH_FACT, reading=best, missing=f"“{u.frame.unheld}”")
        if u.frame.how_to or u.frame.create or best is None:
            # a reason is only given by a page that speaks of what happened
            pages = self._answering_pages(u, about=best if u.frame.wh == "why" else None)
            if pages.outcome is Outcome.PAGES or best is None:
                return pages
        assert best is not None
        if best.unknown is not None:
            return self._unknown(u, best)
        left = u.left_over(best.mask)
        if best.missing is not None or left:
            return self._missing(
                u, best, " ".join(u.tokens[i].text for i in left) or best.missing or ""
            )
        return self._structured(u, best, now, limit)

    def _structured(
        self, u: Understanding, best: Reading, now: datetime, limit: int
    ) -> SearchResult:
        """Run the best reading, and those close to it; differing answers are not chosen between in silence."""
        best, first = self._first_that_runs(u, best, now, limit)
        if first.outcome is not Outcome.ROWS:
            return first
        close = [
            r
            for r in u.readings[1:4]
            if r.plan is not None and best.score - r.score < AMBIGUITY_MARGIN
        ]
        others: list[Alternative] = []
        for reading in close:
            try:
                other = self._resolved(reading, now, limit)
            except InvalidPlan:
                continue
            if (
                other.outcome is Outcome.ROWS
                and other.rows
                and not first.rows
                and best.score - reading.score < SAME_SCORE
            ):
                first, others = other, [self._alternative(first.plan)] if first.plan else []
            elif (
                other.outcome is Outcome.ROWS
                and other.rows
                and _answer_of(other) != _answer_of(first)
                and other.plan is not None
            ):
                others.append(self._alternative(other.plan))
        rivals = [
            r
            for r in close
            if best.score - r.score < SAME_SCORE and _same_question(best.plan, r.plan)
        ]
        if others and rivals:
            return self._rivals(best, rivals, others)
        said = self.explainer.explain(first.plan) if first.plan is not None else ""
        others = [other for other in others if other.label != said]
        return replace(first, alternatives=tuple(others)) if others else first

    def _rivals(
        self, best: Reading, rivals: list[Reading], others: list[Alternative]
    ) -> SearchResult:
        """One question, one name, several things of that name, different answers: the asker must say which."""
        plans = [r.plan for r in (best, *rivals) if r.plan is not None]
        options = [Alternative(self._subject_name(plan), plan, _subject(plan)) for plan in plans]
        seen = {option.plan for option in options}
        options += [other for other in others if other.plan not in seen]
        return SearchResult(
            Outcome.AMBIGUOUS,
            plan=best.plan,
            reading=best,
            subject=best.names,
            alternatives=tuple(options),
        )

    def _subject_name(self, plan: Plan) -> str:
        ref = _subject(plan)
        return self.name(ref) if ref is not None else self.explainer.explain(plan)

    def _first_that_runs(
        self, u: Understanding, best: Reading, now: datetime, limit: int
    ) -> tuple[Reading, SearchResult]:
        """The best reading whose plan can be compiled: composition may join what no query can."""
        for reading in (best, *(r for r in u.readings if r.plan is not None and r is not best)):
            try:
                return reading, self._resolved(reading, now, limit)
            except InvalidPlan:
                continue
        return best, SearchResult(Outcome.NO_SUCH_FACT, reading=best, missing="what that asks for")

    def _alternative(self, plan: Plan) -> Alternative:
        return Alternative(self.explainer.explain(plan), plan)

    def _resolved(self, reading: Reading, now: datetime, limit: int) -> SearchResult:
        """Run a reading; a name that fits several things is resolved when all give the same answer."""
        assert reading.plan is not None
        names = self._choice(reading)
        if len(names) < 2:
            return replace(
                self.run(reading.plan, now=now, limit=limit),
                reading=reading,
                subject=names or reading.names,
            )
        single = [
            (name, self.run(_rewrite(reading.plan, name.ref), now=now, limit=limit))
            for name in names[:MAX_CHOICES]
        ]
        answers = {_answer_of(result) for _, result in single}
        first_name, first = single[0]
        if len(answers) == 1:
            note = f"“{first_name.title}” may also mean {', '.join(n.title for n in names[1:4])}; the answer is the same"
            return replace(first, reading=reading, subject=names, notes=(note,))
        options = tuple(
            Alternative(self.name(n.ref), result.plan, n.ref)
            for n, result in single
            if result.plan is not None
        )
        return SearchResult(
            Outcome.AMBIGUOUS,
            plan=reading.plan,
            reading=reading,
            subject=names,
            alternatives=options,
        )

    def _choice(self, reading: Reading) -> tuple[Candidate, ...]:
        """The things between which a name of the plan does not decide, best first."""
        for refs in _listed(reading.plan):
            for choice in reading.choices:
                members = [c for c in choice.names if c.ref in refs]
                if len(members) == len(refs):
                    exact = [c for c in members if c.quality >= 1.0]
                    return tuple(exact or members)
        return ()

    def _unknown(self, u: Understanding, best: Reading) -> SearchResult:
        """Words stand where a name should. Ordinary words may be a topic of a page, or a fact we do not hold, instead."""
        assert best.unknown is not None
        spoken = {i for i in range(len(u.tokens)) if best.mask >> i & 1}
        nothing_else = all(i in u.unknown_words or u.tokens[i].text in words.MINE for i in spoken)
        if nothing_else and not any(u.in_compound(i) for i in spoken):
            pages = self._answering_pages(u, about=best)
            return (
                pages
                if pages.outcome is Outcome.PAGES
                else SearchResult(Outcome.OUT_OF_SCOPE, reading=best)
            )
        if not self._like_a_name(u, best):
            return self._missing(u, replace(best, missing=best.unknown), best.unknown)
        near = self.lexicon.names.nearest(best.unknown)
        if best.unknown_kinds:
            near = [c for c in near if c.kind in best.unknown_kinds] or near
        return SearchResult(
            Outcome.UNKNOWN_NAME, reading=best, unknown=best.unknown, near=tuple(near)
        )

    def _like_a_name(self, u: Understanding, best: Reading) -> bool:
        """Whether unknown words look like a name: beside a noun of a kind, hyphenated, or in no dictionary."""
        if best.unknown == "your teams":
            return True
        if best.unknown_kinds:
            return not str(best.unknown).endswith(_ADJECTIVE_ENDINGS)
        unknown = [i for i in u.unknown_words if best.mask >> i & 1]
        return any(not is_english(u.tokens[i].text) or u.in_compound(i) for i in unknown)

    def _missing(self, u: Understanding, best: Reading, said: str) -> SearchResult:
        """Some words have no place in any reading: a page may hold the fact; else say what is not held, and offer the rest."""
        wanted = best.missing or said
        if _is_list(best.plan) or u.frame.count or u.frame.yes_no:
            pages = None
        else:
            pages = self._answering_pages(u, about=best)
            if pages.outcome is Outcome.PAGES:
                return pages
        if (best.plan is None and best.missing is None) or not self._about_us(u, best):
            return SearchResult(
                Outcome.OUT_OF_SCOPE, reading=best, passages=pages.passages if pages else ()
            )
        rest = (
            (Alternative(self.explainer.explain(best.plan), best.plan),)
            if best.plan is not None
            else ()
        )
        return SearchResult(
            Outcome.NO_SUCH_FACT,
            reading=best,
            missing=f"“{wanted}”",
            subject=best.subject or best.names[:1],
            alternatives=rest,
        )

    def _about_us(self, u: Understanding, best: Reading) -> bool:
        """Whether the reading speaks of the catalog at all: a thing by its name, or a kind of thing."""
        return bool(u.about or best.evidence)

    # ── pages ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _retriever(self) -> Any:
        from search.retrieve.hybrid import HybridRetriever  # noqa: PLC0415  loads only for pages

        return HybridRetriever(self.snapshot)

    def _pages(self, plan: Retrieve, top_k: int = 8) -> SearchResult:
        from search.retrieve.hybrid import FLOOR  # noqa: PLC0415  as above

        hits: list[Hit] = self._retriever.retrieve(
            plan.text, self._scope(plan), top_k, mentioned=plan.about
        )
        passages = self.snapshot.passages(hit.passage_id for hit in hits)
        pages = self.snapshot.pages
        found = []
        for hit in hits:
            page = pages[pages.of_passage(hit.passage_id)]
            found.append(
                FoundPassage(passages[hit.passage_id], hit, page.title, page.kind, page.entity_refs)
            )
        if plan.exact is not None:
            exact = [f for f in found if f.hit.relevance == 1.0]
            if not exact:
                return SearchResult(
                    Outcome.NO_SUCH_FACT,
                    plan=plan,
                    missing=f"a runbook for the alert {plan.exact}",
                    passages=tuple(found),
                )
            found = exact
        relevance = found[0].hit.relevance if found else None
        if not found or relevance is None or relevance < FLOOR:
            return SearchResult(Outcome.OUT_OF_SCOPE, plan=plan, passages=tuple(found))
        return SearchResult(Outcome.PAGES, plan=plan, passages=tuple(found), total=len(found))

    def _answering_pages(self, u: Understanding, *, about: Reading | None = None) -> SearchResult:
        """Pages for a question that no rows answer. A catalog entity's own card answers nothing unless something new is wanted.

        With `about`, a page must also hold the words the reading has no place for: a page that merely names the same thing
        answers nothing.
        """
        plan = (
            u.retrieve
            if u.frame.create or u.retrieve.kinds
            else u.retrieve.model_copy(update={"kinds": (k.DOC, k.RUNBOOK)})
        )
        found = self._pages(plan)
        if found.outcome is not Outcome.PAGES or about is None:
            return found
        named = {
            t.stem
            for i, t in enumerate(u.tokens)
            for x, mask in about.evidence
            if isinstance(x, SetOf) and x.names and mask >> i & 1
        }
        rest = [
            term
            for term in query_terms(
                " ".join(w for w, t in zip(u.spelled, u.tokens, strict=True) if is_content(t))
            )
            if term not in named
        ]
        refs = {c.ref for c in about.names if c.quality >= 0.9}
        holding = tuple(
            f
            for f in found.passages
            if self._answers(rest, f) and (not refs or self._speaks_of(f, refs))
        )
        if not holding:
            return SearchResult(Outcome.OUT_OF_SCOPE, plan=plan, passages=found.passages)
        return replace(found, passages=holding, total=len(holding))

    def _speaks_of(self, found: FoundPassage, refs: set[str]) -> bool:
        """Whether a page belongs to one of the things, or calls it by its name."""
        if refs & set(found.entity_refs) or found.hit.doc_ref in refs:
            return True
        text = f"{found.title} {found.passage.heading} {found.passage.text}".lower()
        names = {
            self.lexicon.candidates[ref].title.lower()
            for ref in refs
            if ref in self.lexicon.candidates
        }
        return any(name in text for name in names | {ref.rsplit("/", 1)[1] for ref in refs})

    def _answers(self, rest: list[str], found: FoundPassage) -> bool:
        relevance = found.hit.relevance or 0.0
        bonus = RUNBOOK_BONUS if found.kind == "runbook" else 0.0
        return relevance + RESIDUE_WEIGHT * self._share(rest, found) + bonus >= ANSWERS

    def _share(self, terms: list[str], found: FoundPassage) -> float:
        """Share of the terms, weighted by how rare they are, that a passage holds."""
        idf = {term: self.snapshot.lexical.idf(term) for term in terms}
        total = sum(idf.values())
        held = set(index_terms(f"{found.title} {found.passage.heading} {found.passage.text}"))
        return sum(v for term, v in idf.items() if term in held) / total if total else 0.0

    def _scope(self, plan: Retrieve) -> Scope:
        from search.retrieve.base import Scope  # noqa: PLC0415  as above

        kinds = {_PAGE_KIND.get(kind, "entity") for kind in plan.kinds} or None
        wanted = tuple(kind for kind in plan.kinds if kind not in _PAGE_KIND)
        refs: set[str] | None = None
        if wanted:
            pages = self.snapshot.pages
            refs = {ref for ref, c in self.lexicon.candidates.items() if c.kind in wanted}
            refs |= (
                {pages[i].ref for i in range(len(pages)) if pages[i].kind != "entity"}
                if kinds and kinds - {"entity"}
                else set()
            )
        return Scope(
            None if refs is None else frozenset(refs), None if kinds is None else frozenset(kinds)
        )

    # ── names and facts ──────────────────────────────────────────────────────────────────────────

    def name(self, ref: str) -> str:
        """How people call a thing, with its kind: "team Payments"."""
        candidate = self.lexicon.candidates.get(ref)
        if candidate is None:
            kind, _, rest = ref.partition(":")
            return ref if "/" in rest else f"{kind} {rest[:8] if len(rest) > 30 else rest}"
        kind = (
            KIND_BY_NAME[candidate.kind].words[0]
            if candidate.kind in KIND_BY_NAME
            else candidate.kind
        )
        word = (
            candidate.type
            if candidate.kind == k.COMPONENT and candidate.type
            else "API"
            if candidate.kind == k.API
            else kind
        )
        return f"{word} {candidate.title}"

    def _asker(self, ref: str | None) -> Asker | None:
        if ref is None:
            return None
        rows = self.snapshot.catalog.fetch(
            "WITH RECURSIVE g(ref) AS (SELECT target FROM edges WHERE relation = 'memberOf' AND source = ? "
            "UNION SELECT e.target FROM edges e JOIN g ON e.source = g.ref WHERE e.relation = 'childOf') SELECT ref FROM g",
            [ref],
        )
        return Asker(ref, tuple(sorted(row["ref"] for row in rows)))

    def _unheld(self, plan: Plan) -> str | None:
        """What the plan needs that no source ever provided, in words; None when everything is there."""
        held = self.lexicon.held_tables
        for table in _tables(plan):
            if table not in held and table is not Table.ENTITIES:
                return f"any {table.value}, since no source provides them"
        for table, name in _fields(plan):
            row = self.snapshot.fields.get(table, name)
            if row is not None and row.needs and not set(row.needs) & held:
                return f"{row.label}, since no source provides {' or '.join(t.value for t in row.needs)}"
        return None


def _listed(plan: Plan | None) -> list[set[str]]:
    """Reference lists in a plan: names that stand for several things."""
    found: list[set[str]] = []
    for select in _selects(plan):
        parts = select.where.of if isinstance(select.where, All) else (select.where,)
        named = (p.value for p in parts if isinstance(p, Compare) and p.field == "ref")
        found += [{str(v) for v in value} for value in named if isinstance(value, tuple)]
    return found


def _subject(plan: Plan | None) -> str | None:
    """The one thing a plan asks something about, by reference; None for lists and numbers."""
    select = (
        plan.start if isinstance(plan, Traverse) else plan.of if isinstance(plan, Check) else plan
    )
    if not isinstance(select, Select) or (isinstance(plan, Select) and not plan.fields):
        return None
    parts = select.where.of if isinstance(select.where, All) else (select.where,)
    named = [
        p.value for p in parts if isinstance(p, Compare) and p.field == "ref" and p.op is Op.EQ
    ]
    return str(named[0]) if named else None


def _same_question(left: Plan | None, right: Plan | None) -> bool:
    """Whether two plans ask the same of different things: one name that fits several."""
    a, b = _subject(left), _subject(right)
    if (
        left is None
        or right is None
        or a is None
        or b is None
        or a == b
        or type(left) is not type(right)
    ):
        return False
    if isinstance(left, Traverse) and isinstance(right, Traverse):
        return left.relation == right.relation
    if isinstance(left, Select) and isinstance(right, Select):
        return left.fields == right.fields
    return True


def _is_list(plan: Plan | None) -> bool:
    """Whether a plan asks for things by condition or for a number, rather than about a thing by name."""
    if isinstance(plan, Aggregate):
        return True
    if not isinstance(plan, Select | Traverse):
        return False
    return (
        isinstance(plan, Select) and bool(plan.kinds) and not set(plan.kinds) & {k.DOC, k.RUNBOOK}
    )


def _rewrite(node: Any, ref: str) -> Any:
    if (
        isinstance(node, Compare)
        and node.field == "ref"
        and node.op is Op.IN
        and isinstance(node.value, tuple)
        and ref in node.value
    ):
        return Compare(field="ref", op=Op.EQ, value=ref)
    if isinstance(node, All | AnyOf):
        return node.model_copy(update={"of": tuple(_rewrite(p, ref) for p in node.of)})
    if isinstance(node, Not | Check):
        return node.model_copy(update={"of": _rewrite(node.of, ref)})
    if isinstance(node, Related):
        return node.model_copy(update={"to": _rewrite(node.to, ref)})
    if isinstance(node, Select):
        return (
            node
            if node.where is None
            else node.model_copy(update={"where": _rewrite(node.where, ref)})
        )
    if isinstance(node, Traverse):
        return node.model_copy(
            update={"start": _rewrite(node.start, ref), "to": _rewrite(node.to, ref)}
        )
    if isinstance(node, Path):
        return node.model_copy(
            update={"start": _rewrite(node.start, ref), "end": _rewrite(node.end, ref)}
        )
    if isinstance(node, Aggregate):
        return node.model_copy(update={"of": _rewrite(node.of, ref)})
    return node


def _answer_of(result: SearchResult) -> object:
    """What two readings must share to be the same answer."""
    if result.outcome is not Outcome.ROWS:
        return (result.outcome, result.missing)
    if isinstance(result.plan, Check):
        return bool(result.rows)
    asked = result.plan.fields if isinstance(result.plan, Select) else ()
    keys = asked or ("ref", "key", "value", "chain")
    return frozenset(tuple(str(row.get(key)) for key in keys) for row in result.rows)


def _selects(node: Any) -> list[Select]:
    """Every set inside a plan."""
    if isinstance(node, Select):
        return [node, *_selects(node.where)]
    if isinstance(node, Traverse):
        return [*_selects(as_select(node)), *_selects(node.start)]
    if isinstance(node, All | AnyOf):
        return [s for part in node.of for s in _selects(part)]
    if isinstance(node, Not | Check):
        return _selects(node.of)
    if isinstance(node, Related):
        return _selects(node.to)
    if isinstance(node, Aggregate):
        return [*_selects(node.of), *(_selects(node.group_to) if node.group_to else [])]
    if isinstance(node, Path):
        return [*_selects(node.start), *_selects(node.end)]
    if isinstance(node, Retrieve):
        return _selects(node.scope) if node.scope else []
    return []


def _table(select: Select) -> Table:
    return table_of(select.kinds[0]) if select.kinds else Table.ENTITIES


def _tables(plan: Plan) -> list[Table]:
    return [_table(select) for select in _selects(plan)]


def _fields(plan: Plan) -> list[tuple[Table, str]]:
    found: list[tuple[Table, str]] = []

    def walk(where: Predicate | None, table: Table) -> None:
        if isinstance(where, All | AnyOf):
            for part in where.of:
                walk(part, table)
        elif isinstance(where, Not):
            walk(where.of, table)
        elif isinstance(where, Compare):
            found.append((table, where.field))

    for select in _selects(plan):
        table = _table(select)
        found += [(table, name) for name in select.fields]
        found += [(table, key.field) for key in select.order]
        walk(select.where, table)
    if isinstance(plan, Aggregate) and plan.field is not None:
        found.append((_table(as_select(plan.of)), plan.field))
    return found
