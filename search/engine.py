"""Question → what it means → what was found. Surfaces and the assistant read the result; nothing here writes prose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from catalog_store.derive import schema
from catalog_store.errors import InvalidPlan
from catalog_store.model import kinds as k
from catalog_store.model.kinds import KIND_BY_NAME
from catalog_store.model.quality import CHECK_BY_NAME
from catalog_store.snapshot import Snapshot
from search import guard
from search.askers import asker_of
from search.contradictions import contradiction
from search.explain import Explainer
from search.golden_paths import GoldenPaths
from search.held import Held
from search.keepers import Keepers, topic_of
from search.last_resort import LastResort
from search.never import Never
from search.pages import PageFinder
from search.plan import (
    Aggregate,
    Compare,
    Op,
    Path,
    Plan,
    Retrieve,
    Review,
    Select,
    Traverse,
)
from search.plan_parts import (
    listed_names,
    same_question,
    subject,
    turns,
    with_name,
)
from search.quality import found_by
from search.readings import (
    SAME_SCORE,
    as_good,
    asks_age,
    asks_held,
    asks_page,
    asks_record,
    gives_reasons,
    measures,
    only_names,
    sure,
)
from search.refusals import Refusals
from search.result import Alternative, Outcome, SearchResult, answer_of
from search.sql import Compiler, as_select
from search.stages import reached
from search.strangers import hyphenated, strange_name
from search.understand.follow_on import POINTED, one_of, shows
from search.understand.lexicon import Lexicon
from search.understand.reader import KEPT, read_question, restrictions
from search.understand.reading import Reading
from search.understand.semantics import Candidate
from search.understand.small_talk import Quiet, quieted
from search.understand.understanding import Understanding

AMBIGUITY_MARGIN = 0.35
"""Readings whose scores lie closer than this are compared by what they return."""

MAX_PINNED = 20
"""Things of a cut list that a follow-up keeps by name."""

SHOWN = 25
"""Things of a list that a follow-up may point at by their place."""

MAX_CHOICES = 12
"""Things a name may mean that are compared by their answers."""


_NO_ROWS = (Outcome.PAGES, Outcome.UNKNOWN_NAME, Outcome.NO_SUCH_FACT, Outcome.OUT_OF_SCOPE)


class SearchEngine:
    """Answers questions over one snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        """The lexicon is built here; indexes and model wait for the first question that needs them."""
        self.snapshot = snapshot
        self.lexicon = Lexicon(snapshot.catalog)
        self.explainer = Explainer(snapshot.fields, self.name)
        self._pages = PageFinder(snapshot, self.lexicon.candidates)
        self._keepers = Keepers(snapshot, self._pages)
        self._golden = GoldenPaths(snapshot.catalog)
        self.held = Held(snapshot, self.lexicon, self.explainer)
        self._never = Never(snapshot, self.lexicon.candidates, self.explainer)
        self._refusals = Refusals(self.lexicon, self._pages, self.held, self.explainer)
        self._last_resort = LastResort(self._pages)
        self._tables = frozenset(schema(snapshot.fields))

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
        heard = self.quiet(text)
        text, pointed = self._pointed(heard.text, previous, now)
        heard = replace(heard, text=text)
        understanding = self.read(text, now=now, asker=asker, previous=pointed or previous)
        reached("reading", lambda: self._read_as(understanding))
        if pointed is not None and shows(text):
            return replace(self.run(pointed, now=now, limit=limit), understanding=understanding)
        return self.settle(heard, understanding, now=now, limit=limit)

    def read(
        self,
        text: str,
        *,
        now: datetime,
        asker: str | None = None,
        previous: Plan | None = None,
        kept: int = KEPT,
    ) -> Understanding:
        """Every way a question without small talk can be read, best first and at most `kept`; the rest as for `search`."""
        return read_question(
            text,
            self.lexicon,
            now=now,
            asker=asker_of(asker, self.snapshot.catalog),
            previous=self._pinned(previous, now),
            kept=kept,
        )

    def settle(
        self, heard: Quiet, understanding: Understanding, *, now: datetime, limit: int = 25
    ) -> SearchResult:
        """What is found for a question that has been read: the best of its readings, pages, or a refusal."""
        decided = self._decide(understanding, now, limit)
        if decided.outcome is Outcome.OUT_OF_SCOPE and understanding.pointed_at:
            # "what's their phone number" is about somebody of ours
            decided = replace(
                decided,
                outcome=Outcome.NO_SUCH_FACT,
                subject=understanding.pointed_at,
                missing="that",
            )
        topic = topic_of(heard.text) if decided.outcome in _NO_ROWS else None
        keeper = self._keepers.of(topic) if topic is not None else None
        if keeper is not None:
            found = self.run(keeper[0], now=now, limit=limit)
            decided = replace(found, passages=(keeper[1],))
        unmet = decided.outcome in (Outcome.UNKNOWN_NAME, Outcome.NO_SUCH_FACT)
        if unmet and self._golden.wished(heard.text):
            templates = Alternative(self.explainer.explain(self._golden.all), self._golden.all)
            decided = SearchResult(
                Outcome.NO_SUCH_FACT, missing="a template for that", alternatives=(templates,)
            )
        elif not understanding.leans:
            decided = self._last_resort.instead(understanding, decided)
        corrected = tuple(f"read “{a}” as “{b}”" for a, b in understanding.corrected if a != b)
        chosen = decided.reading.notes if decided.reading is not None else ()
        talk = tuple(f"set “{said}” aside" for said in (*heard.aside, understanding.aside) if said)
        notes = dict.fromkeys(decided.notes + chosen + corrected + talk)
        return replace(decided, understanding=understanding, notes=tuple(notes))

    def quiet(self, text: str) -> Quiet:
        """A question without its small talk; offsets stay what they are."""
        return quieted(text, self.lexicon.names_whole)

    def named(self, text: str, now: datetime) -> tuple[str, ...]:
        """Refs of the things a text calls by their whole names, the longest names first."""
        return read_question(text, self.lexicon, now=now).named

    def restrictions(self, text: str, now: datetime) -> frozenset[str]:
        """What a text speaks of that could restrict an answer: names, values and times, each by some key."""
        return restrictions(text, self.lexicon, now)

    def _pointed(self, text: str, previous: Plan | None, now: datetime) -> tuple[str, Plan | None]:
        """ "Who owns the second one": the question of "it", and that one of those that were listed; None when it points at none."""
        said = one_of(text) if isinstance(previous, Select | Traverse) else None
        if said is None or previous is None:
            return text, None
        place, start, end = said
        rows = self.run(previous, now=now, limit=max(place, SHOWN)).rows
        if place > len(rows) or len(rows) < 2:
            return text, None
        one = Select(where=Compare(field="ref", op=Op.EQ, value=rows[place - 1]["ref"]))
        return text[:start] + POINTED.ljust(end - start) + text[end:], one

    def _read_as(self, u: Understanding) -> dict[str, object]:
        best = next((r for r in u.readings if r.plan is not None), None)
        said = self.explainer.explain(best.plan) if best is not None and best.plan else None
        return {"text": said, "readings": len(u.readings)}

    def _pinned(self, previous: Plan | None, now: datetime) -> Plan | None:
        """The plan before; "the top 5" as the five they were, so that what is asked of them cuts no other five."""
        if not isinstance(previous, Select | Traverse):
            return previous
        select = as_select(previous)
        if select.limit is None or select.limit > MAX_PINNED or select.fields:
            return previous
        refs = tuple(row["ref"] for row in self.run(previous, now=now, limit=MAX_PINNED).rows)
        if len(refs) < 2:
            return previous
        return Select(kinds=select.kinds, where=Compare(field="ref", op=Op.IN, value=refs))

    def run(self, plan: Plan, *, now: datetime, limit: int = 25) -> SearchResult:
        """Run a plan as it is: an edited reading, or a follow-up."""
        if isinstance(plan, Review):
            plan = plan.model_copy(update={"checks": self.known_checks(plan, now)})
            if not plan.checks:
                return SearchResult(Outcome.NO_SUCH_FACT, plan=plan, missing="anything to check")
        missing = self.held.lacking(plan) or self.held.beyond_rota(plan, now)
        if missing is not None:
            return SearchResult(Outcome.NO_SUCH_FACT, plan=plan, missing=missing)
        if isinstance(plan, Retrieve):
            return self._pages.find(plan)
        compiled = Compiler(self.snapshot.fields, now).compile(plan, limit=limit)
        guard.check(compiled.sql, self._tables)
        rows = self.snapshot.catalog.fetch(compiled.sql)
        if (nowhere := self._never.lacking(plan, rows, now)) is not None:
            return SearchResult(Outcome.NO_SUCH_FACT, plan=plan, missing=nowhere)
        total = int(rows[0]["total"]) if rows and "total" in rows[0] else len(rows)
        if isinstance(plan, Select | Traverse) and as_select(plan).limit is not None:
            total = min(
                total, as_select(plan).limit or total
            )  # "the oldest" is one, however many there are
        placed = isinstance(plan, Select | Aggregate) and plan.place is not None
        total = len(rows) if placed else total  # "the third" is one, or all that are level with it
        if not rows and turns(plan):  # a rota that ends before then is no proof that nobody is
            return SearchResult(
                Outcome.NO_SUCH_FACT, plan=plan, missing="who is on call there at that time"
            )
        return SearchResult(
            Outcome.ROWS, plan=plan, compiled=compiled, rows=tuple(rows), total=total, now=now
        )

    # ── the decision ─────────────────────────────────────────────────────────────────────────────

    def _decide(self, u: Understanding, now: datetime, limit: int) -> SearchResult:
        """Rows, pages or an honest refusal.

        Rows when every word has its place in a reading; pages when instructions or reasons are asked for, or a page
        speaks of what no field holds.
        """
        if u.frame.outside:
            return SearchResult(Outcome.OUT_OF_SCOPE)
        best = next(iter(u.readings), None)
        if u.retrieve.exact is not None and not u.frame.count:
            if best is not None and asks_record(u, best):
                return self._structured(u, best, now, limit)
            return self._pages.find(u.retrieve)
        golden = self._golden.find(u.retrieve.text, u, self._pages.templates)
        if golden is not None:
            return replace(self.run(golden.plan, now=now, limit=limit), golden=golden)
        if best is not None and asks_page(u):
            pages = self._pages.answering(u)
            found = pages.outcome is Outcome.PAGES
            return pages if found else self._refusals.no_page(u, best, pages)
        if u.frame.unheld is not None and not u.frame.how_to:
            return SearchResult(Outcome.NO_SUCH_FACT, reading=best, missing=f"“{u.frame.unheld}”")
        if (
            best is not None
            and (
                gives_reasons(best)
                if u.frame.wh == "why"
                else measures(best) or isinstance(best.plan, Path)
            )
            and not u.left_over(best.mask)
        ):
            # "how quickly do we recover", "why is checkout unhealthy" are answered by records, not by pages
            return self._structured(u, best, now, limit)
        if u.frame.how_to or u.frame.create or best is None:
            # a reason is only given by a page that speaks of what happened, all of it when a value of ours is meant
            reason = best if u.frame.wh == "why" and best is not None and best.names else None
            pages = self._pages.answering(
                u, about=reason, stated=reason is not None and asks_held(reason)
            )
            if pages.outcome is Outcome.PAGES and (u.frame.how_to or u.frame.create or sure(pages)):
                return pages
            if best is None:
                return SearchResult(Outcome.OUT_OF_SCOPE, passages=pages.passages)
            if u.frame.how_to:  # rows never say how or why
                return self._refusals.no_page(u, best, pages)
        assert best is not None
        if best.unknown is not None:
            return self._refusals.unknown(u, best)
        left = u.left_over(best.mask)
        strange = strange_name(u, left)
        if strange is not None:
            return self._refusals.unknown_name(u, best, *strange)
        if u.frame.wh == "when" and not left and only_names(best):
            best = replace(best, missing="when that was")
        if only_names(best) and asks_age(u):
            return SearchResult(
                Outcome.NO_SUCH_FACT,
                reading=best,
                missing="how old that is",
                subject=best.names[:1],
            )
        if best.missing is not None and hyphenated(u, best.missing):
            return self._refusals.unknown_name(u, best, best.missing, ())
        if best.missing is not None or left:
            return self._refusals.missing(
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
                and not u.left_over(reading.mask)
            ):
                first, others = other, [self._alternative(first.plan)] if first.plan else []
            elif (
                other.outcome is Outcome.ROWS
                and other.rows
                and answer_of(other) != answer_of(first)
                and other.plan is not None
            ):
                others.append(self._alternative(other.plan))
        rivals = [
            r
            for r in close
            if best.score - r.score < SAME_SCORE and same_question(best.plan, r.plan)
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
        options = [Alternative(self._subject_name(plan), plan, subject(plan)) for plan in plans]
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
        ref = subject(plan)
        return self.name(ref) if ref is not None else self.explainer.explain(plan)

    def _first_that_runs(
        self, u: Understanding, best: Reading, now: datetime, limit: int
    ) -> tuple[Reading, SearchResult]:
        """The best reading whose plan can be compiled: composition may join what no query can.

        Of readings that are about as good, one whose facts are held goes first: a word may name a field and a measure.
        A reading much worse than the best never stands in for it: nothing said is better than another question answered.
        """
        unheld: tuple[Reading, SearchResult] | None = None
        for reading in (best, *(r for r in u.readings if r.plan is not None and r is not best)):
            if reading is not best and not as_good(u, reading, (unheld or (best,))[0]):
                continue
            try:
                result = self._resolved(reading, now, limit)
            except InvalidPlan:
                continue
            if result.outcome is not Outcome.NO_SUCH_FACT:
                return reading, result
            unheld = unheld or (reading, result)
        if unheld is not None:
            return unheld
        return best, SearchResult(Outcome.NO_SUCH_FACT, reading=best, missing="what that asks for")

    def _alternative(self, plan: Plan) -> Alternative:
        return Alternative(self.explainer.explain(plan), plan)

    def _resolved(self, reading: Reading, now: datetime, limit: int) -> SearchResult:
        """Run a reading; a name that fits several things is resolved when all give the same answer."""
        assert reading.plan is not None
        if (at_once := contradiction(reading.plan)) is not None:
            return SearchResult(
                Outcome.NO_SUCH_FACT, plan=reading.plan, reading=reading, missing=at_once
            )
        names = self._choice(reading)
        if len(names) < 2:
            return replace(
                self.run(reading.plan, now=now, limit=limit),
                reading=reading,
                subject=names or reading.names,
                notes=reading.notes,
            )
        single = [
            (name, self.run(with_name(reading.plan, name.ref), now=now, limit=limit))
            for name in names[:MAX_CHOICES]
        ]
        answers = {answer_of(result) for _, result in single}
        first_name, first = single[0]
        nobody = not first.rows and first_name.kind == k.USER
        if (
            len(answers) == 1 and not nobody
        ):  # of several people, which one has nothing is worth asking
            note = f"“{first_name.title}” may also mean {', '.join(n.title for n in names[1:4])}; the answer is the same"
            return replace(first, reading=reading, subject=names, notes=(*reading.notes, note))
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
        for refs in listed_names(reading.plan):
            for choice in reading.choices:
                members = [c for c in choice.names if c.ref in refs]
                if len(members) == len(refs):
                    exact = [c for c in members if c.quality >= 1.0]
                    return tuple(exact or members)
        return ()

    # ── names and facts ──────────────────────────────────────────────────────────────────────────

    def name(self, ref: str) -> str:
        """How people call a thing, with its kind: "team Payments"."""
        candidate = self.lexicon.candidates.get(ref) or self.lexicon.records.candidate(ref)
        if candidate is None:
            kind, _, rest = ref.partition(":")
            return ref if "/" in rest else f"{kind} {rest[:8] if len(rest) > 30 else rest}"
        kind = (
            KIND_BY_NAME[candidate.kind].words[0]
            if candidate.kind in KIND_BY_NAME
            else candidate.kind
        )
        own = candidate.type if candidate.kind == k.COMPONENT else None
        word = own or (candidate.kind if candidate.kind in (k.API, k.SLO) else kind)
        return f"{word} {candidate.title}"

    def title(self, ref: object) -> str:
        """How people call a thing, without its kind; what nothing is called by stays as it is."""
        candidate = self.lexicon.candidates.get(str(ref))
        return candidate.title if candidate else str(ref)

    def known_checks(self, plan: Review, now: datetime) -> tuple[str, ...]:
        """The checks of a review that can be made: their facts are held, and they have to do with its scope."""
        names = (name for name in plan.checks or CHECK_BY_NAME if name in CHECK_BY_NAME)
        made = ((name, found_by(name, now, plan.scope)) for name in names)
        return tuple(n for n, select in made if select and self.held.lacking(select) is None)
