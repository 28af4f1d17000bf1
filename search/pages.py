"""Which pages answer: what retrieval finds, held against what the question asks beside the names in it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog_store.analyzer import index_terms, query_terms
from catalog_store.model import kinds as k
from catalog_store.snapshot import Snapshot
from search.plan import Retrieve
from search.result import FoundPassage, Outcome, SearchResult
from search.understand.english import is_english
from search.understand.reading import Reading
from search.understand.semantics import Candidate, SetOf
from search.understand.understanding import Understanding, is_content

if TYPE_CHECKING:
    from search.retrieve.base import Hit, Scope

RESIDUE_WEIGHT, RUNBOOK_BONUS, ANSWERS = 0.8, 0.1, 1.06
"""A page answers a question about a named thing when its relevance, the share of the other words it holds (weighted by
rarity, times the first) and a bonus for runbooks reach the last: merely naming the same thing is not enough."""

SURE_BY_MEANING = 0.85
"""Relevance from which a page may answer in words of its own, though it holds none of the question's but the name."""

TEMPLATES = 3
"""Templates offered for words that none of them holds."""

SLIP = 5
"""Letters from which a word that stands nowhere is taken for a slip; "cpu" is none."""

STATED = 0.99
"""Share of the words from which a page holds them all."""

MOSTLY = 0.6
"""Share of the words beside a name that a page must hold to give a fact of the named thing: "rate" alone is no rate limit."""

_TEMPLATE_REF = re.compile(r"template:[\w.-]+/[\w.-]*\w")

DECISION, SUPERSEDED = 0.25, 0.1
"""What it is worth to be a decision record, against a cosine, when a question asks why something was decided."""

SURER = 8.0
"""Log odds of relevance for each unit of that."""

_DECISION = re.compile(
    r"\bwh(?:y|at (?:was|were|is|are) the reasons?)\b.*\b(?:choose|chose|chosen|pick(?:ed)?|decided?|decision|use|using|went|go|moved?|migrated?"
    r"|switch(?:ed)?|adopt(?:ed)?|replaced?|dropp?(?:ed)?|instead|over|rather|not)\b|\b(?:decision|adr)\b",
    re.IGNORECASE,
)
"""Asks for the reasons of a decision: "why did we choose Kafka", "the decision about gRPC"."""

_PAST = frozenset(["superseded", "deprecated", "rejected", "replaced", "withdrawn"])

_DATE = re.compile(
    r"\b(?:(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2})\b",
    re.IGNORECASE,
)

_NAMED_KINDS = (k.COMPONENT, k.API, k.RESOURCE)
"""Kinds that have pages of their own, which answer for nothing else."""

_PAGE_KIND = {k.DOC: "doc", k.RUNBOOK: "runbook"}
"""Kinds that are pages → what retrieval calls them."""


LEAST_TITLE, TITLED = 2, 0.15
"""Words of a question that a title must hold, all of them, for its page to come first; and how far its score may lie behind."""


class PageFinder:
    """Finds the pages of one snapshot. Indexes and model are loaded by the first question that needs them."""

    def __init__(self, snapshot: Snapshot, candidates: Mapping[str, Candidate]) -> None:
        """`candidates` are the things that have names, by reference."""
        self._snapshot = snapshot
        self._candidates = candidates

    @cached_property
    def _retriever(self) -> Any:
        from search.retrieve.hybrid import HybridRetriever  # noqa: PLC0415  loads only for pages

        return HybridRetriever(self._snapshot)

    def find(self, plan: Retrieve, top_k: int = 8) -> SearchResult:
        """The best passage of each of the best pages; out of scope when none is relevant enough."""
        from search.retrieve.hybrid import FLOOR  # noqa: PLC0415  as above

        hits: list[Hit] = self._retriever.retrieve(
            as_pages_say(plan.text), self._scope(plan), top_k, mentioned=plan.about
        )
        hits = self._titled_first(plan.text, self._decisions_first(plan.text, hits))
        passages = self._snapshot.passages(hit.passage_id for hit in hits)
        pages = self._snapshot.pages
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

    def _titled_first(self, text: str, hits: list[Hit]) -> list[Hit]:
        """The page called just what is asked for goes before one that only points to it, where the two are about as good."""
        if not hits:
            return hits
        pages = self._snapshot.pages
        called = [
            hit
            for hit in hits
            if hit.score >= hits[0].score - TITLED
            and called_so(text, pages[pages.of_passage(hit.passage_id)].title)
        ]
        first = called[:1]
        return [*first, *(hit for hit in hits if hit not in first)]

    def _decisions_first(self, text: str, hits: list[Hit]) -> list[Hit]:
        """Why something was chosen is told by decision records; a superseded one comes behind the one that counts."""
        if _DECISION.search(text) is None or not hits:
            return hits
        moved = []
        for hit in hits:
            status = self._standing.get(hit.doc_ref)
            worth = 0.0 if status is None else SUPERSEDED if status in _PAST else DECISION
            moved.append(
                replace(hit, score=hit.score + worth, relevance=_surer(hit.relevance, worth))
            )
        return sorted(moved, key=lambda hit: -hit.score)

    @cached_property
    def _standing(self) -> dict[str, str]:
        """Decision records and their standing: accepted, superseded and the like."""
        rows = self._snapshot.catalog.fetch(
            "SELECT ref, status FROM documents WHERE status IS NOT NULL"
        )
        return {row["ref"]: row["status"] for row in rows}

    def templates(self, text: str) -> tuple[str, ...]:
        """Templates that mean what a few words say, best first; else those that a page about it names."""
        from search.retrieve.base import Scope  # noqa: PLC0415  as above
        from search.retrieve.hybrid import FLOOR  # noqa: PLC0415  as above

        known = frozenset(ref for ref, c in self._candidates.items() if c.kind == k.TEMPLATE)
        hits: list[Hit] = self._retriever.retrieve(text, Scope(doc_refs=known), TEMPLATES)
        fitting = tuple(hit.doc_ref for hit in hits if (hit.relevance or 0.0) >= FLOOR)
        if fitting:
            return fitting
        pages = self._retriever.retrieve(text, Scope(kinds=frozenset({"doc"})), 1)
        if not pages or (pages[0].relevance or 0.0) < FLOOR:
            return ()
        rows = self._snapshot.catalog.passages_of(pages[0].doc_ref)
        named = (ref for row in rows for ref in _TEMPLATE_REF.findall(row["text"].lower()))
        return tuple(ref for ref in dict.fromkeys(named) if ref in known)[:TEMPLATES]

    def answering(
        self,
        u: Understanding,
        *,
        about: Reading | None = None,
        stated: bool = False,
        least: float = 0.0,
    ) -> SearchResult:
        """Pages for a question that no rows answer. A catalog entity's own card answers nothing unless something new is wanted.

        With `about`, a page must also hold the words the reading has no place for: a page that merely names the same thing
        answers nothing. With `stated`, it must hold all of those words, as a page does that says when or by whom; else a
        share of at least `least`.
        """
        plan = (
            u.retrieve
            if u.frame.create or u.retrieve.kinds
            else u.retrieve.model_copy(update={"kinds": (k.DOC, k.RUNBOOK)})
        )
        found = self.find(plan)
        if found.outcome is not Outcome.PAGES:
            return found
        meant = {c.ref for c in u.pointed_at}
        if meant and not self._speaks_of(found.passages[0], meant):
            # "what is their phone number": the number of a door is none of theirs
            return SearchResult(Outcome.OUT_OF_SCOPE, plan=plan, passages=found.passages)
        if about is None:
            return self._of_the_named(u, found)
        named = {
            t.stem
            for i, t in enumerate(u.tokens)
            for x, mask in about.evidence
            if isinstance(x, SetOf) and x.names and mask >> i & 1
        }
        rest = [
            term
            for term in query_terms(
                " ".join(
                    word
                    for i, (word, token) in enumerate(zip(u.spelled, u.tokens, strict=True))
                    if is_content(token) and i not in u.frame.taken
                )
            )
            if term not in named
        ]
        refs = {c.ref for c in about.names if c.quality >= 0.9}
        # "the rate limits of checkout": on a page of checkout or of nothing in particular, and of limits
        of = not {"of", "for"}.isdisjoint(t.text for t in u.tokens)
        fact = of and u.frame.wh not in ("why", "how") and not u.frame.how_to
        ours = {ref for ref in refs if ref.startswith("component:")} if fact else set()
        holding = tuple(
            f
            for f in found.passages
            if self._answers(rest, f)
            and (not fact or not refs or self._is_of(rest, f, ours if ours == refs else set()))
            and (not least or self._share(self._spelt(rest), f) >= least)
            and (not stated or (self._share(rest, f) > STATED and _says_when(u, f)))
            and (not refs or self._speaks_of(f, refs) or called_so(u.retrieve.text, f.title))
        )
        if not holding:
            return SearchResult(Outcome.OUT_OF_SCOPE, plan=plan, passages=found.passages)
        return replace(found, passages=holding, total=len(holding))

    def _of_the_named(self, u: Understanding, found: SearchResult) -> SearchResult:
        """Pages without those of another thing than the one the question names; handbooks, which belong to nothing, stay."""
        asked = u.retrieve.text.lower()
        named = {
            ref
            for ref in u.about
            if (c := self._candidates.get(ref)) is not None
            and c.kind in _NAMED_KINDS
            and any(_is_name(name) and name in asked for name in (c.title.lower(), _slug(ref)))
        }
        if not named:
            return found
        said = {t for ref in named for t in self._name_terms(ref)}
        rest = [term for term in query_terms(asked) if term not in said]
        kept = tuple(
            f
            for f in found.passages
            if (not f.entity_refs or self._speaks_of(f, named)) and self._says_more(rest, f)
        )
        if len(kept) == len(found.passages):
            return found
        first = kept[0].hit.relevance if kept else None
        from search.retrieve.hybrid import FLOOR  # noqa: PLC0415  as above

        if first is None or first < FLOOR:
            return SearchResult(Outcome.OUT_OF_SCOPE, plan=found.plan, passages=found.passages)
        return replace(found, passages=kept, total=len(kept))

    def tells_of(self, refs: set[str], text: str, found: FoundPassage) -> bool:
        """Whether a page is about one of the things, and holds most of what a text says beside their names."""
        said = {t for ref in refs for t in self._name_terms(ref)}
        rest = [term for term in query_terms(text) if term not in said]
        return self._speaks_of(found, refs) and self._share(rest, found) > MOSTLY

    def _name_terms(self, ref: str) -> list[str]:
        candidate = self._candidates[ref]
        return query_terms(f"{candidate.title} {_slug(ref)}")

    def _is_of(self, rest: list[str], found: FoundPassage, ours: set[str]) -> bool:
        """Whether a page gives a fact of a named thing: most of its words, the last above all; a page of another thing, all."""
        share = self._share(rest, found) if rest else 1.0
        foreign = bool(ours and found.entity_refs) and ours.isdisjoint(found.entity_refs)
        return share > (STATED if foreign else MOSTLY) or (
            not foreign and rest[-1] in _terms_of(found)
        )

    def _says_more(self, rest: list[str], found: FoundPassage) -> bool:
        """Whether a page holds any word of the question beside the name, unless its meaning alone makes it sure."""
        if not rest or (found.hit.relevance or 0.0) >= SURE_BY_MEANING or found.kind == "entity":
            return True
        rows = self._snapshot.catalog.passages_of(found.hit.doc_ref)
        text = " ".join(f"{row['heading']} {row['text']}" for row in rows)
        return not set(rest).isdisjoint(index_terms(f"{found.title} {text}"))

    def _speaks_of(self, found: FoundPassage, refs: set[str]) -> bool:
        """Whether a page belongs to one of the things, or calls it by its name."""
        if refs & set(found.entity_refs) or found.hit.doc_ref in refs:
            return True
        text = f"{found.title} {found.passage.heading} {found.passage.text}".lower()
        names = {self._candidates[ref].title.lower() for ref in refs if ref in self._candidates}
        return any(name in text for name in names | {ref.rsplit("/", 1)[1] for ref in refs})

    def _answers(self, rest: list[str], found: FoundPassage) -> bool:
        relevance = found.hit.relevance or 0.0
        bonus = RUNBOOK_BONUS if found.kind == "runbook" else 0.0
        return relevance + RESIDUE_WEIGHT * self._share(rest, found) + bonus >= ANSWERS

    def about(self, topic: str, found: FoundPassage) -> float:
        """Share of a topic's words, weighted by how rare they are, that a passage holds with its title."""
        return self._share(query_terms(topic), found)

    def _spelt(self, terms: list[str]) -> list[str]:
        """Terms without those that stand on no page and are no words either: slips, not facts."""
        nowhere = self._snapshot.lexical.rarest_idf
        return [
            t
            for t in terms
            if len(t) < SLIP or is_english(t) or self._snapshot.lexical.idf(t) < nowhere
        ]

    def _share(self, terms: list[str], found: FoundPassage) -> float:
        """Share of the terms, weighted by how rare they are, that a passage holds."""
        idf = {term: self._snapshot.lexical.idf(term) for term in terms}
        total = sum(idf.values())
        held = _terms_of(found)
        return sum(v for term, v in idf.items() if term in held) / total if total else 0.0

    def _scope(self, plan: Retrieve) -> Scope:
        from search.retrieve.base import Scope  # noqa: PLC0415  as above

        kinds = {_PAGE_KIND.get(kind, "entity") for kind in plan.kinds} or None
        wanted = tuple(kind for kind in plan.kinds if kind not in _PAGE_KIND)
        refs: set[str] | None = None
        if wanted:
            pages = self._snapshot.pages
            refs = {ref for ref, c in self._candidates.items() if c.kind in wanted}
            refs |= (
                {pages[i].ref for i in range(len(pages)) if pages[i].kind != "entity"}
                if kinds and kinds - {"entity"}
                else set()
            )
        return Scope(
            None if refs is None else frozenset(refs), None if kinds is None else frozenset(kinds)
        )


_UNDOING = re.compile(
    r"\b(?:undo|undoing|revert|reverting|back out(?: of)?|take back|go back from|get rid of)\s+(?:a |an |the |our |my |this |that )?"
    r"(?:(?:bad|broken|failed|faulty|last|latest|buggy|wrong)\s+)*(?:deploy|deployment|release|rollout)\b",
    re.IGNORECASE,
)
"""What people say where pages write "roll back a release"."""


def as_pages_say(text: str) -> str:
    """A question in the words pages use for it, where people have others.

    >>> as_pages_say("how do we undo a bad deploy?")
    'how do we roll back a release?'
    """
    return _UNDOING.sub("roll back a release", text)


def _terms_of(found: FoundPassage) -> set[str]:
    return set(index_terms(f"{found.title} {found.passage.heading} {found.passage.text}"))


def _slug(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]


def _is_name(words: str) -> bool:
    """Whether words can only be a name: several of them, or no English word ("search" may be what somebody does)."""
    return re.search(r"[\s-]", words) is not None or not is_english(words)


def _surer(relevance: float | None, worth: float) -> float | None:
    if relevance is None or not 0.0 < relevance < 1.0:
        return relevance
    odds = relevance / (1 - relevance) * math.exp(SURER * worth)
    return odds / (1 + odds)


def _says_when(u: Understanding, found: FoundPassage) -> bool:
    """Whether a passage gives a date, for a question about a moment that has passed."""
    past = {"last", "was", "did", "were"} & {t.text for t in u.tokens}
    return u.frame.wh != "when" or not past or _DATE.search(found.passage.text) is not None


def holds(words: str, result: SearchResult) -> bool:
    """Whether the pages that were found hold every one of the words."""
    found = result.passages[:3]
    held = {term for f in found for term in index_terms(f"{f.title} {f.passage.text}")}
    return all(term in held for term in query_terms(words))


def called_so(text: str, title: str) -> bool:
    """Whether a title holds all that is asked for, at least two words of it: "Rotate the Stripe key"."""
    asked = set(query_terms(text))
    return len(asked) >= LEAST_TITLE and asked <= set(index_terms(title))
