"""Plain search: entities and passages that fit some words, best first, page by page.

No question is read here; this is what a portal's search box and its result page call. Names that fit the words come
first, because people mostly type the name of the thing they want.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant.name_index import NameIndex
from catalog_store.analyzer import query_terms, tokenize
from catalog_store.errors import BadRequest
from catalog_store.model.document import Passage
from catalog_store.snapshot import Snapshot
from search.retrieve.base import Scope
from search.retrieve.hybrid import FLOOR, HybridRetriever
from search.retrieve.lexical import LexicalRetriever
from search.understand.english import is_english

DEPTH = 200
"""Most pages and entities that are ranked; nobody turns to the page after."""

SNIPPET_CHARS = 320
"""Length of the text shown with a hit, around its first matching word."""

EXACT_NAME, START_OF_NAME, SLIPPED_NAME = 2.0, 0.6, 0.5
"""What a name that is, begins with, or nearly begins with the typed words adds to a score that lies around 1."""

SHORTEST_NAME = 2
"""Letters from which the start of a name counts."""

MAX_FACET_VALUES = 20


class SearchQuery(BaseModel):
    """One search.

    Attributes:
        text: the words.
        only: entities or passages alone; None for both.
        kind: entity kind, or "doc" / "runbook" for pages, in any case.
        type: `spec.type` of entities.
        owner: reference of the owning group or user.
        within: only these entities and pages; None for all.
        limit: hits on a page.
        cursor: from the page before; None for the first.
        per_page: most passages of one page of documentation.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    only: Literal["entities", "passages"] | None = None
    kind: str | None = None
    type: str | None = None
    owner: str | None = None
    within: frozenset[str] | None = None
    limit: int = 10
    cursor: str | None = None
    per_page: int = 1


class Highlight(BaseModel):
    """[start, end) offsets into the hit's text."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int


class SearchHit(BaseModel):
    """An entity, or a passage of a page.

    Attributes:
        path: where it was read.
        heading: nearest heading above a passage; None for entities.
        score: orders hits within one search and means nothing outside it.
    """

    model_config = ConfigDict(frozen=True)

    type: Literal["entity", "passage"]
    ref: str
    kind: str
    path: str | None
    heading: str | None = None
    title: str
    text: str
    highlights: tuple[Highlight, ...] = ()
    lines: tuple[int, int] | None = None
    score: float


class FacetValue(BaseModel):
    """How many hits hold a value."""

    model_config = ConfigDict(frozen=True)

    value: str
    count: int


class SearchPage(BaseModel):
    """The body of `GET /v1/search`.

    Attributes:
        total: hits in all, up to the depth that is ranked.
        next_cursor: None on the last page.
    """

    model_config = ConfigDict(frozen=True)

    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    facets: dict[str, tuple[FacetValue, ...]] = {}
    next_cursor: str | None = None
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Listed:
    """What filters and facets need to know of an entity or a page."""

    ref: str
    kind: str
    title: str
    path: str | None
    type: str | None
    owner: str | None
    names: tuple[str, ...]
    """In lower case."""

    @property
    def is_page(self) -> bool:
        return self.kind in ("Doc", "Runbook")


@dataclass(frozen=True, slots=True)
class _Found:
    listed: _Listed
    score: float
    passage_id: int | None = None


class SearchBox:
    """Searches one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Read every name once; the indexes are opened by the first search."""
        self._snapshot = snapshot
        self._hybrid = HybridRetriever(snapshot, forgiving=True)
        self._lexical = LexicalRetriever(snapshot, forgiving=True)
        self._listed = _list(snapshot)
        self._refs = tuple(self._listed)
        self._names = NameIndex([row.names for row in self._listed.values()])

    def search(self, query: SearchQuery) -> SearchPage:
        """One page of hits.

        Args:
            query: the words and filters; empty words list everything the filters let through, by name.

        Raises:
            BadRequest: the cursor is not one of this search.
        """
        begun = time.perf_counter()
        offset = _read_cursor(query)
        found = self._rank(query)
        page = found[offset : offset + query.limit]
        rest = offset + len(page)
        return SearchPage(
            hits=self._hits(page, query.text),
            total=len(found),
            facets=_facets([f.listed for f in found]),
            next_cursor=_cursor(query, rest) if rest < len(found) else None,
            took_ms=round((time.perf_counter() - begun) * 1000, 2),
        )

    def _rank(self, query: SearchQuery) -> list[_Found]:
        filters = (query.only, query.kind, query.type, query.owner, query.within)
        filtered = any(one is not None for one in filters)
        allowed = self._listed
        if filtered:
            allowed = {ref: row for ref, row in self._listed.items() if _passes(row, query)}
        text = query.text.strip()
        if not text:
            ordered = sorted(
                allowed.values(), key=lambda row: (row.is_page, row.title.lower(), row.ref)
            )
            return [_Found(row, 0.0) for row in ordered]
        scope = Scope(doc_refs=None if len(allowed) == len(self._listed) else frozenset(allowed))
        scores: dict[str, tuple[float, int | None]] = {}
        if allowed:
            for hit in self._hybrid.retrieve(text, scope, DEPTH):
                matched = "lexical" in hit.ranks or (hit.relevance or 0.0) >= FLOOR
                if matched and hit.doc_ref in allowed:
                    scores[hit.doc_ref] = (hit.score, hit.passage_id)
        for ref, bonus in self._name_bonuses(text).items():
            if ref in allowed:
                score, passage_id = scores.get(ref, (0.0, None))
                scores[ref] = (score + bonus, passage_id)
        found = [
            _Found(allowed[ref], score, passage_id) for ref, (score, passage_id) in scores.items()
        ]
        if query.per_page > 1:
            found += self._further(text, found, query.per_page - 1)
        return sorted(found, key=lambda f: (-f.score, f.listed.ref, f.passage_id or 0))

    def _name_bonuses(self, text: str) -> dict[str, float]:
        """What a name is worth that is, or begins with, the typed words; a slip is forgiven when no name begins so."""
        found = dict.fromkeys(self._names.whole(text), EXACT_NAME)
        if len(text) >= SHORTEST_NAME:
            starts = self._names.starting(text, inside=True)
            slips = (
                []
                if starts or " " in text or is_english(text.lower())
                else self._names.slipped(text)
            )
            for number in starts:
                found.setdefault(number, START_OF_NAME)
            for number in slips:
                found.setdefault(number, SLIPPED_NAME)
        return {self._refs[number]: bonus for number, bonus in found.items()}

    def _further(self, text: str, found: list[_Found], count: int) -> list[_Found]:
        """More passages of the pages found, each below its page's own hit."""
        pages = {f.listed.ref: f for f in found if f.listed.is_page}
        if not pages:
            return []
        hits = self._lexical.retrieve(text, Scope(doc_refs=frozenset(pages)), DEPTH)
        taken: Counter[str] = Counter()
        more: list[_Found] = []
        for hit in hits:
            first = pages[hit.doc_ref]
            if hit.passage_id != first.passage_id and taken[hit.doc_ref] < count:
                taken[hit.doc_ref] += 1
                share = hit.score / (hits[0].score + hit.score)
                more.append(_Found(first.listed, first.score * share, hit.passage_id))
        return more

    def _hits(self, found: list[_Found], text: str) -> tuple[SearchHit, ...]:
        numbers = {f.listed.ref: f.passage_id for f in found}
        for ref, number in numbers.items():
            if number is None:
                page = self._snapshot.pages.of_ref(ref)
                numbers[ref] = None if page is None else self._snapshot.pages[page].first
        wanted = [
            f.passage_id if f.passage_id is not None else numbers[f.listed.ref] for f in found
        ]
        passages = self._snapshot.passages([n for n in wanted if n is not None])
        terms = frozenset(query_terms(text))
        return tuple(
            _hit(f, passages.get(number) if number is not None else None, terms)
            for f, number in zip(found, wanted, strict=True)
        )


def _list(snapshot: Snapshot) -> dict[str, _Listed]:
    entities = snapshot.catalog.fetch(
        "SELECT ref, kind, name, title, type, owner, aliases, path FROM entities ORDER BY ref"
    )
    pages = snapshot.catalog.fetch(
        "SELECT ref, kind, title, path, owner, alerts FROM documents ORDER BY ref"
    )
    rows = [
        _Listed(
            ref=r["ref"],
            kind=r["kind"],
            title=r["title"] or r["name"],
            path=r["path"],
            type=r["type"],
            owner=r["owner"],
            names=tuple(n.lower() for n in (r["name"], r["title"], *(r["aliases"] or ())) if n),
        )
        for r in entities
    ]
    rows += [
        _Listed(
            ref=r["ref"],
            kind=r["kind"],
            title=r["title"] or r["path"],
            path=r["path"],
            type=None,
            owner=r["owner"],
            names=tuple(n.lower() for n in (r["title"], *(r["alerts"] or ())) if n),
        )
        for r in pages
    ]
    return {row.ref: row for row in rows}


def _passes(row: _Listed, query: SearchQuery) -> bool:
    if query.within is not None and row.ref not in query.within:
        return False
    if query.only is not None and row.is_page != (query.only == "passages"):
        return False
    if query.kind is not None and row.kind.lower() != query.kind.lower():
        return False
    if query.type is not None and (row.type or "").lower() != query.type.lower():
        return False
    return query.owner is None or (row.owner or "").lower() == query.owner.lower()


def _hit(found: _Found, passage: Passage | None, terms: frozenset[str]) -> SearchHit:
    row = found.listed
    text, marks = _snippet(passage.text if passage else row.title, terms)
    return SearchHit(
        type="passage" if row.is_page else "entity",
        ref=row.ref,
        kind=row.kind,
        path=passage.span.path if passage else row.path,
        heading=passage.heading if passage and row.is_page else None,
        title=row.title,
        text=text,
        highlights=marks,
        lines=(passage.span.first, passage.span.last) if passage else None,
        score=round(found.score, 4),
    )


def _snippet(text: str, terms: frozenset[str]) -> tuple[str, tuple[Highlight, ...]]:
    """A piece of the text around its first matching word, and where the matches lie in it.

    >>> _snippet("Rotate the key.", frozenset({"key"}))
    ('Rotate the key.', (Highlight(start=11, end=14),))
    """
    matches = [t for t in tokenize(text) if t.stem in terms]
    start = 0
    if matches and matches[0].start > SNIPPET_CHARS // 2:
        start = text.rfind(" ", 0, matches[0].start - SNIPPET_CHARS // 4) + 1
    end = len(text)
    if end - start > SNIPPET_CHARS:
        end = max(text.rfind(" ", start, start + SNIPPET_CHARS), start + SNIPPET_CHARS // 2)
    marks = tuple(
        Highlight(start=t.start - start, end=t.end - start)
        for t in matches
        if start <= t.start and t.end <= end
    )
    return text[start:end], marks


def _facets(rows: list[_Listed]) -> dict[str, tuple[FacetValue, ...]]:
    values = {
        "kind": Counter(row.kind for row in rows),
        "type": Counter(row.type for row in rows if row.type),
        "owner": Counter(row.owner for row in rows if row.owner),
    }
    return {
        name: tuple(
            FacetValue(value=value, count=count)
            for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[
                :MAX_FACET_VALUES
            ]
        )
        for name, counts in values.items()
    }


def _signature(query: SearchQuery) -> str:
    """Names the search a cursor belongs to, whatever the size of its pages."""
    shape = query.model_dump_json(exclude={"limit", "cursor"})
    return blake2b(shape.encode(), digest_size=6).hexdigest()


def _cursor(query: SearchQuery, offset: int) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps([_signature(query), offset]).encode())
        .decode()
        .rstrip("=")
    )


def _read_cursor(query: SearchQuery) -> int:
    if query.cursor is None:
        return 0
    try:
        signature, offset = json.loads(
            base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        )
    except (ValueError, binascii.Error, TypeError):
        raise BadRequest(
            "the cursor cannot be read; take `next_cursor` of the page before as it is"
        ) from None
    if signature != _signature(query) or not isinstance(offset, int) or offset < 0:
        raise BadRequest(
            "the cursor belongs to another search; start without one when the words or filters change"
        )
    return offset
