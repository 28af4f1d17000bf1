"""A page in the place of a refusal: for what is no question to the catalog, and what one page answers better than any other.

"Axios in a backend package, ok?" names nothing of ours and asks for no fact of a thing; read as a list it is refused, though a page
of the handbook answers it. Of a thing that is named only its own page may tell. An owner, a rota, a record, a value of this moment, a name
that nobody bears: these are never answered so, the refusal stands.
"""

from __future__ import annotations

from dataclasses import replace

from catalog_store.analyzer import index_terms, query_terms
from catalog_store.model import kinds as k
from search.pages import PageFinder
from search.plan import Select
from search.readings import asks_age, asks_now
from search.result import FoundPassage, Outcome, SearchResult
from search.understand import words
from search.understand.english import is_english
from search.understand.identity import STRANGER
from search.understand.reading import Reading
from search.understand.understanding import Understanding, is_content

REFUSED = (Outcome.UNKNOWN_NAME, Outcome.NO_SUCH_FACT, Outcome.OUT_OF_SCOPE)

RELEVANT, LEAD = 0.5, 0.15
"""Relevance of the first page, and how far its score must be ahead of the next page about something else: of the questions that were
refused over two public documentation sets, 43 are answered from the right page so, one from another, and 3 that none answers."""

CERTAIN = 0.93
"""Relevance from which a page need not be ahead of the others."""

AMONG_NAMES = 0.88
"""Relevance that is needed where a word of the question is also the name of a team, a system or a domain ("customer", "water"), or a
part of a thing's name: a fact of that thing might be meant."""

LEAST_WORDS = 2
"""Content words of a question that a page may be sure of: one word is found everywhere."""

NOTE = "the catalog has no place for this question; it is answered from a page"

_GROUPING = ("group:", "system:", "domain:")


class LastResort:
    """Asks the pages of one snapshot, once everything else refused."""

    def __init__(self, pages: PageFinder) -> None:
        """`pages` of the snapshot."""
        self._pages = pages

    def instead(self, u: Understanding, refused: SearchResult) -> SearchResult:
        """The page that answers; else the refusal, with the nearest page where one may be named.

        Args:
            u: the question.
            refused: how it ended.
        """
        if refused.outcome not in REFUSED or not _open_to_pages(u):
            return refused
        plan = u.retrieve.model_copy(update={"kinds": (k.DOC, k.RUNBOOK), "exact": None})
        found = self._pages.find(plan)
        passages = refused.passages or found.passages
        if found.outcome is not Outcome.PAGES or not self._answers(u, found):
            return replace(refused, passages=passages)
        return replace(found, notes=(NOTE,))

    def _answers(self, u: Understanding, found: SearchResult) -> bool:
        """Whether the first page answers, and not one of many that come near."""
        first = found.passages[0]
        relevance = first.hit.relevance or 0.0
        best = next(iter(u.readings), None)
        things = {ref for ref in u.named if not _everyday(ref)}
        if things and not self._pages.tells_of(things, u.retrieve.text, first):
            return False
        if not things and best is not None and best.names and relevance < AMONG_NAMES:
            return False
        if not _holds_strangers(u, first):
            return False
        other = next((f for f in found.passages[1:] if not _twins(first, f)), None)
        lead = first.hit.score - other.hit.score if other is not None else 1.0
        return relevance >= CERTAIN or (relevance >= RELEVANT and lead >= LEAD)


def _open_to_pages(u: Understanding) -> bool:
    """Whether the question may be one to the pages: it is not about a thing by its name, nor for a fact that only records tell."""
    frame = u.frame
    best = next(iter(u.readings), None)
    asked_of_records = frame.wh == "who" or frame.whose or frame.unheld or frame.happened
    if asked_of_records or u.pointed_at or asks_now(u):
        return False
    if frame.outside or frame.count:
        return False
    if (frame.wh in ("when", "why") or asks_age(u)) and not all(_everyday(r) for r in u.named):
        return False
    said = sum(1 for t in u.tokens if is_content(t) and t.text not in words.MINE)
    if said < LEAST_WORDS:
        return False
    return best is None or not (_all_read(u, best) or _wants_things(u, best))


def _wants_things(u: Understanding, best: Reading) -> bool:
    """Whether things of the catalog are to be listed, counted or ranked: "which runbooks are severity critical"."""
    frame = u.frame
    listed = frame.head is not None and frame.wh in ("which", None)
    ranked = isinstance(best.plan, Select) and bool(best.plan.fields)
    return ranked or (listed and best.plan is not None)


def _all_read(u: Understanding, best: Reading) -> bool:
    """Whether every word has its place, so that a question to the catalog is what it is."""
    if u.left_over(best.mask) or best.missing is not None:
        return False
    return best.plan is not None or best.unknown in STRANGER


def _holds_strangers(u: Understanding, page: FoundPassage) -> bool:
    """Whether a page holds the words that look like names and that nothing bears: those of `leak-finder-v2`, "Heroku"."""
    strange = [u.tokens[i].text for i in sorted(u.unknown_words) if _like_a_name(u, i)]
    held = set(index_terms(f"{page.title} {page.passage.heading} {page.passage.text}"))
    return held.issuperset(query_terms(" ".join(strange)))


def _twins(one: FoundPassage, other: FoundPassage) -> bool:
    """Whether two pages are about the same: copies, or runbooks of one alert kept in two places."""
    return one.title.lower() == other.title.lower()


def _everyday(ref: str) -> bool:
    """Whether the name of a thing is a word that people also use without meaning it: the domain "water", not the service "basket"."""
    return ref.startswith(_GROUPING) and is_english(ref.rsplit("/", 1)[-1])


def _like_a_name(u: Understanding, i: int) -> bool:
    return u.in_compound(i) or not is_english(u.tokens[i].text)
