"""`get_entity`: everything known about one thing, each fact with its source."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from assistant.entity_page import EntityPage, Fact, RelationGroup, Rollout, Source
from catalog_store.errors import BadRequest
from mcp_server.arguments import Arguments, meant
from mcp_server.bounds import MAX_RESULT_CHARS, brief, cut, fit
from mcp_server.call import Call
from mcp_server.names import resolve
from mcp_server.tools.answers import Part, source
from mcp_server.tools.base import ToolRow
from mcp_server.uris import uri_of

MOST_FACTS, MOST_RELATIONS, MOST_THINGS, MOST_PAGES = 40, 20, 10, 10
"""Shown of one entity when everything fits; fewer when it does not."""


class EntityArguments(Arguments):
    """Which thing."""

    ref: str = Field(
        min_length=1,
        max_length=300,
        description="A reference, kind:namespace/name, or a name that only one thing has.",
        examples=["component:default/checkout"],
    )
    relation: str | None = Field(
        default=None,
        max_length=100,
        description="Lists the things in this one relation alone, as many as fit.",
    )


class KnownFact(Part):
    """One value, and where it was written; computed ones have no source."""

    field: str
    value: Any = None
    unit: str | None = None
    source: str | None = None
    as_of: str | None = None


class Related(Part):
    """What stands in one relation to the thing; `total` counts all of it."""

    relation: str
    label: str
    total: int
    things: tuple[str, ...] = Field(default=(), description="References.")


class PageLink(Part):
    """A page about the thing."""

    ref: str
    title: str
    runbook: bool = False
    uri: str | None = None


class EntityResult(Part):
    """What `get_entity` gives."""

    ref: str
    kind: str
    title: str
    description: str | None = None
    source: str | None = None
    facts: tuple[KnownFact, ...] = ()
    relations: tuple[Related, ...] = ()
    pages: tuple[PageLink, ...] = ()
    deployments: tuple[dict[str, Any], ...] = Field(default=(), description="Latest first.")
    links: tuple[str, ...] = ()
    left_out: dict[str, int] = Field(
        default={}, description="How many of each part did not fit; `uri` has them all."
    )
    uri: str | None = None


def _get_entity(call: Call, given: EntityArguments) -> EntityResult:
    page = call.seen.entity(resolve(call, given.ref, argument="ref"))
    if given.relation is not None:
        return _one_relation(page, given.relation)
    steps = MOST_FACTS

    def result(n: int) -> EntityResult:
        """Everything at the last step; each step below it leaves out an even share of every part."""
        share = n / steps
        return _result(
            page,
            facts=round(MOST_FACTS * share),
            relations=max(3, round(MOST_RELATIONS * share)),
            things=max(1, round(MOST_THINGS * share)),
            pages=max(1, round(MOST_PAGES * share)),
        )

    return fit(result, steps)


def _one_relation(page: EntityPage, name: str) -> EntityResult:
    group = next((g for g in page.relations if g.name == name), None)
    if group is None:
        known = [g.name for g in page.relations]
        raise BadRequest(
            f"relation: {page.ref} has none called {name!r}{meant(name, known)}; it has {', '.join(known) or 'none at all'}"
        )
    return fit(
        lambda n: EntityResult(
            ref=page.ref,
            kind=page.kind,
            title=cut(page.title, 120),
            relations=(_related(group, n),),
            deployments=(),
            left_out={},
            uri=uri_of(page.ref),
        ),
        len(group.things),
    )


def _result(
    page: EntityPage, *, facts: int, relations: int, things: int, pages: int
) -> EntityResult:
    left_out = {
        "facts": len(page.facts) - facts,
        "relations": len(page.relations) - relations,
        "pages": len(page.pages) - pages,
        "links": len(page.links) - MOST_PAGES,
    }
    return EntityResult(
        ref=page.ref,
        kind=page.kind,
        title=cut(page.title, 120),
        description=cut(page.description, 400) if page.description else None,
        source=_place(page.source),
        facts=tuple(_fact(f, page.source) for f in page.facts[:facts]),
        relations=tuple(_related(g, things) for g in page.relations[:relations]),
        pages=tuple(
            PageLink(ref=p.ref, title=cut(p.title, 120), runbook=p.runbook, uri=uri_of(p.ref))
            for p in page.pages[:pages]
        ),
        deployments=tuple(_rollout(d) for d in page.deployments),
        links=tuple(cut(link, 300) for link in page.links[:MOST_PAGES]) if facts else (),
        left_out={part: n for part, n in left_out.items() if n > 0},
        uri=uri_of(page.ref),
    )


def _fact(fact: Fact, home: Source | None) -> KnownFact:
    """A fact; its place is left out where it is the thing's own declaration."""
    elsewhere = fact.source is not None and (home is None or fact.source.path != home.path)
    return KnownFact(
        field=fact.field,
        value=brief(fact.value),
        unit=fact.unit,
        source=_place(fact.source) if elsewhere else None,
        as_of=fact.source.as_of.isoformat() if fact.source and fact.source.as_of else None,
    )


def _related(group: RelationGroup, things: int) -> Related:
    return Related(
        relation=group.name,
        label=group.label,
        total=group.total,
        things=tuple(thing.ref for thing in group.things[:things]),
    )


def _rollout(rollout: Rollout) -> dict[str, Any]:
    data = rollout.model_dump(mode="json", exclude_none=True, exclude={"source"})
    return {key: brief(value) for key, value in data.items()}


def _place(place: Source | None) -> str | None:
    return source(place.path, place.lines) if place else None


GET_ENTITY = ToolRow(
    name="get_entity",
    title="Get one entity",
    description=(
        "Everything known about one thing of the catalog: facts with their source, relations both ways with counts, pages and "
        "runbooks about it, latest deployments. Takes a reference such as component:default/checkout, or a name. "
        f"At most {MAX_RESULT_CHARS:,} characters; `left_out` counts what did not fit, "
        "`relation` lists one relation alone, `uri` is a resource with all of it."
    ),
    arguments=EntityArguments,
    result=EntityResult,
    run=_get_entity,
)
