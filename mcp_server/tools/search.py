"""`search`: entities and passages that fit some words, best first."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assistant.search_box import SearchHit, SearchPage, SearchQuery
from mcp_server.arguments import Arguments, count
from mcp_server.bounds import MAX_RESULT_CHARS, cut, fit
from mcp_server.call import Call
from mcp_server.names import resolve
from mcp_server.tools.answers import Part, source
from mcp_server.tools.base import ToolRow
from mcp_server.uris import uri_of

MOST_FACETS = 5
"""Values counted for each facet."""


class SearchArguments(Arguments):
    """Words, and what to look among."""

    query: str = Field(
        min_length=1, max_length=2_000, description="Words to look for: a name, a symptom, a topic."
    )
    only: Literal["entities", "passages"] | None = Field(
        default=None,
        description="Things of the catalog alone, or passages of docs and runbooks alone.",
    )
    kind: str | None = Field(
        default=None, max_length=100, description="Component, API, Runbook, Doc, …"
    )
    type: str | None = Field(
        default=None,
        max_length=100,
        description="spec.type of entities: service, library, database, …",
    )
    owner: str | None = Field(
        default=None, max_length=300, description="A team's or user's name or reference."
    )
    limit: count(1, 25, 8, "Hits listed") = 8  # type: ignore[valid-type]
    cursor: str | None = Field(
        default=None,
        max_length=500,
        description="`next_cursor` of the page before, with the same words and filters.",
    )


class Hit(Part):
    """An entity, or a passage of a page; `uri` is the whole of it."""

    ref: str
    title: str
    kind: str
    heading: str | None = None
    text: str = ""
    source: str | None = None
    uri: str | None = None


class SearchResult(Part):
    """What `search` gives."""

    total: int = Field(description="Hits in all, counted on the server.")
    hits: tuple[Hit, ...] = ()
    kinds: dict[str, int] = Field(default={}, description="How many hits of each kind.")
    types: dict[str, int] = Field(default={}, description="How many of the commonest types.")
    owners: dict[str, int] = Field(default={}, description="How many of the commonest owners.")
    next_cursor: str | None = None


def _search(call: Call, given: SearchArguments) -> SearchResult:
    owner = resolve(call, given.owner, argument="owner", prefer="Group") if given.owner else None

    def page(n: int) -> SearchResult:
        query = SearchQuery(
            text=given.query,
            only=given.only,
            kind=given.kind,
            type=given.type,
            owner=owner,
            limit=n,
            cursor=given.cursor,
        )
        return _page(call.seen.search(query))

    return fit(page, given.limit)


def _page(found: SearchPage) -> SearchResult:
    facets = {
        name: {value.value: value.count for value in values[:MOST_FACETS]}
        for name, values in found.facets.items()
    }
    return SearchResult(
        total=found.total,
        hits=tuple(_hit(hit) for hit in found.hits),
        kinds=facets.get("kind", {}),
        types=facets.get("type", {}),
        owners=facets.get("owner", {}),
        next_cursor=found.next_cursor,
    )


def _hit(hit: SearchHit) -> Hit:
    return Hit(
        ref=hit.ref,
        title=cut(hit.title, 120),
        kind=hit.kind,
        heading=cut(hit.heading, 120) if hit.heading else None,
        text="" if hit.text == hit.title else cut(hit.text, 320),
        source=source(hit.path, hit.lines) if hit.path and hit.lines else hit.path,
        uri=uri_of(hit.ref),
    )


SEARCH = ToolRow(
    name="search",
    title="Search entities and pages",
    description=(
        "Finds entities and passages of docs and runbooks that fit some words, best first, with counts by kind, type and owner. "
        "Use it to find out what something is called, or which pages speak of a topic; use `ask` for questions. "
        f"At most {MAX_RESULT_CHARS:,} characters; the rest by `next_cursor`."
    ),
    arguments=SearchArguments,
    result=SearchResult,
    run=_search,
)
