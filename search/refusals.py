"""What is said when a question, or some word of it, has no place in any reading: a page that knows it, or one of the refusals.

No such name, no such fact and not ours are kept apart, since what to do next differs.
"""

from __future__ import annotations

from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table
from search.explain import Explainer
from search.held import Held
from search.pages import PageFinder, holds
from search.plan_parts import is_list, tables
from search.readings import asks_fact, asks_held, asks_now, least_share, sure
from search.result import Alternative, Outcome, SearchResult
from search.strangers import ends_in_object, like_a_name
from search.understand import words
from search.understand.dangling import REFERRING
from search.understand.lexicon import Lexicon
from search.understand.reading import Reading
from search.understand.understanding import Understanding


class Refusals:
    """Decides between the pages and the refusals, for questions over one snapshot."""

    def __init__(
        self, lexicon: Lexicon, pages: PageFinder, held: Held, explainer: Explainer
    ) -> None:
        """What is known by name, what the pages say, what is held, and how a reading is worded."""
        self._lexicon = lexicon
        self._pages = pages
        self._held = held
        self._explainer = explainer

    def unknown(self, u: Understanding, best: Reading) -> SearchResult:
        """Words stand where a name should. Ordinary words may be a topic of a page, or a fact we do not hold, instead."""
        assert best.unknown is not None
        if best.unknown in REFERRING:
            return SearchResult(Outcome.UNKNOWN_NAME, reading=best, unknown=best.unknown)
        spoken = {i for i in range(len(u.tokens)) if best.mask >> i & 1}
        nothing_else = all(i in u.unknown_words or u.tokens[i].text in words.MINE for i in spoken)
        rest = next((r for r in u.readings if r.plan is not None and r.evidence), None)
        if u.leans and best.mask == (1 << len(u.tokens)) - 1:
            return self.unknown_name(u, best, best.unknown, best.unknown_kinds)
        joined = any(u.in_compound(i) for i in spoken)
        if nothing_else and rest is not None and is_list(rest.plan) and not joined:
            return self.missing(u, replace(rest, missing=best.unknown), best.unknown)
        if nothing_else and not joined:
            pages = self._pages.answering(u, about=best)
            if pages.outcome is Outcome.PAGES:
                return pages
            if u.pointed_at:
                asked = replace(best, missing=best.unknown, subject=u.pointed_at)
                return self.missing(u, asked, best.unknown)
            return SearchResult(Outcome.OUT_OF_SCOPE, reading=best)
        if not like_a_name(u, best):
            known = rest if rest is not None and is_list(rest.plan) else best
            found = self.missing(u, replace(known, missing=best.unknown), best.unknown)
            if found.outcome is not Outcome.OUT_OF_SCOPE or not ends_in_object(u, best):
                return found  # "who owns payments" asks about us, whatever the word is
        if u.frame.wh != "who":
            # the organisation's own pages may know the word; where it looks much like a name, they have to be sure
            a_topic = not best.unknown_kinds and not joined
            pages = self._pages.answering(u, about=best)
            spoken_of = pages.outcome is Outcome.PAGES and holds(best.unknown, pages)
            if spoken_of and (a_topic or sure(pages)):
                return pages
        return self.unknown_name(u, best, best.unknown, best.unknown_kinds)

    def unknown_name(
        self, u: Understanding, best: Reading, unknown: str, kinds: tuple[str, ...]
    ) -> SearchResult:
        """Nobody bears that name; the nearest names that somebody does are offered."""
        if not kinds and (unheld := self._held.unheld_word(u.spelled, unknown)) is not None:
            return SearchResult(Outcome.NO_SUCH_FACT, reading=best, missing=unheld)
        near = self._lexicon.names.nearest(unknown, kinds=kinds)
        return SearchResult(Outcome.UNKNOWN_NAME, reading=best, unknown=unknown, near=tuple(near))

    def no_page(self, u: Understanding, best: Reading, pages: SearchResult) -> SearchResult:
        """Instructions or reasons that no page gives: not held when it is about things of ours, else not ours."""
        if not self._about_us(u, best):
            return SearchResult(Outcome.OUT_OF_SCOPE, reading=best, passages=pages.passages)
        return SearchResult(
            Outcome.NO_SUCH_FACT,
            reading=best,
            missing="a page that says so",
            passages=pages.passages,
        )

    def missing(self, u: Understanding, best: Reading, said: str) -> SearchResult:
        """Some words have no place in any reading: a page may hold the fact; else say what is not held, and offer the rest."""
        wanted = best.missing or said
        if any(isinstance(x, tuple) and k.TEMPLATE in x for x, _ in best.evidence):
            templates = self._pages.find(
                u.retrieve.model_copy(update={"kinds": (k.TEMPLATE, k.DOC)})
            )
            if templates.outcome is Outcome.PAGES:
                return templates
        if is_list(best.plan) or u.frame.count or u.frame.yes_no or u.frame.happened or asks_now(u):
            pages = None
        else:
            stated, least = asks_fact(u, best), least_share(best)
            pages = self._pages.answering(u, about=best, stated=stated, least=least)
            if pages.outcome is Outcome.PAGES and not asks_held(best):
                return pages
        if (best.plan is None and best.missing is None) or not self._about_us(u, best):
            return SearchResult(
                Outcome.OUT_OF_SCOPE, reading=best, passages=pages.passages if pages else ()
            )
        rest = tuple(Alternative(self._explainer.explain(p), p) for p in (best.plan,) if p)
        return SearchResult(
            Outcome.NO_SUCH_FACT,
            reading=best,
            missing=f"“{wanted}”",
            subject=best.subject or best.names[:1],
            alternatives=rest,
            passages=pages.passages if pages else (),
        )

    def _about_us(self, u: Understanding, best: Reading) -> bool:
        """Whether the reading speaks of the catalog at all: a thing by its name, or a kind of thing."""
        records = best.plan is not None and any(t is not Table.ENTITIES for t in tables(best.plan))
        return bool(u.about or best.evidence) or records
