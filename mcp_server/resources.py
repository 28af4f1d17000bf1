"""Resources: the catalog at a glance, its vocabulary, and one for each entity and each page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mcp_types as types

from assistant.entity_page import DocumentPage
from catalog_store.errors import BadRequest
from catalog_store.model.fields import CORE_FIELDS
from catalog_store.model.kinds import KINDS
from catalog_store.model.measures import MEASURES
from catalog_store.model.relations import RELATION_BY_SIDE, side_of
from mcp_server.bounds import MAX_RESOURCE_CHARS, dump, text_of
from mcp_server.call import Call
from mcp_server.cursor import Cursor, read_cursor
from mcp_server.uris import ENTITY_TEMPLATE, PAGE_TEMPLATE, SCHEME, ref_of, uri_of

OVERVIEW, VOCABULARY = f"{SCHEME}catalog", f"{SCHEME}vocabulary"

PER_PAGE = 100
"""Resources listed at once."""

MOST_LISTED = 2_000
"""Things of each sort that are listed; templates and `search` reach the others."""

JSON, MARKDOWN = "application/json", "text/markdown"

TEMPLATES = (
    types.ResourceTemplate(
        name="entity",
        title="One entity",
        uri_template=ENTITY_TEMPLATE,
        description="Everything known about one entity: facts with their source, relations, pages, deployments.",
        mime_type=JSON,
    ),
    types.ResourceTemplate(
        name="page",
        title="One page of documentation",
        uri_template=PAGE_TEMPLATE,
        description="A page of docs, or a runbook, whole, by its path in the indexed folder.",
        mime_type=MARKDOWN,
    ),
)

_FIXED = (
    types.Resource(
        uri=OVERVIEW,
        name="catalog",
        title="The catalog at a glance",
        description="How many things of each kind there are, when it was built, and which feeds have gone quiet.",
        mime_type=JSON,
    ),
    types.Resource(
        uri=VOCABULARY,
        name="vocabulary",
        title="Words of plans",
        description="Kinds, fields, relations and measures that a plan for `query` may name.",
        mime_type=JSON,
    ),
)

_LISTED: tuple[tuple[str, ...], ...] = (("Runbook",), ("Doc",), ())
"""Kinds listed after the fixed ones: runbooks, docs, then every entity."""


def list_resources(call: Call, cursor: str | None) -> types.ListResourcesResult:
    """One page of the list.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    if cursor is None:
        place, shown = Cursor({"list": 0}, 0, call.now), list(_FIXED)
    else:
        place, shown = read_cursor(cursor), []
    number = place.plan.get("list")
    if type(number) is not int or not 0 <= number < len(_LISTED):
        raise BadRequest("cursor: it is not one of this list")
    found = call.seen.ask(
        None,
        now=place.as_of,
        plan=_listing(number),
        limit=min(place.offset + PER_PAGE, MOST_LISTED),
    )
    shown += [_resource(r.ref, r.title, r.kind) for r in found.results[place.offset :]]
    return types.ListResourcesResult(resources=shown, next_cursor=_next(place, number, found.total))


def _listing(number: int) -> dict[str, Any]:
    return {"node": "select", "kinds": list(_LISTED[number]), "order": [{"field": "ref"}]}


def _next(place: Cursor, number: int, total: int) -> str | None:
    offset = place.offset + PER_PAGE
    if offset < min(total, MOST_LISTED):
        return str(Cursor({"list": number}, offset, place.as_of))
    if number + 1 < len(_LISTED):
        return str(Cursor({"list": number + 1}, 0, place.as_of))
    return None


def _resource(ref: str, title: str, kind: str) -> types.Resource:
    page = kind in ("Doc", "Runbook")
    return types.Resource(
        uri=uri_of(ref) or OVERVIEW,
        name=ref,
        title=title,
        description=kind,
        mime_type=MARKDOWN if page else JSON,
    )


def read_resource(call: Call, uri: str) -> types.ReadResourceResult:
    """What an address holds.

    Raises:
        BadRequest: it is none of ours.
        UnknownEntity: the catalog holds no such entity or page.
    """
    fixed: Callable[[Call], dict[str, Any]] | None = {
        OVERVIEW: _overview,
        VOCABULARY: _vocabulary,
    }.get(uri)
    if fixed is not None:
        return _contents(uri, JSON, text_of(fixed(call)))
    found = ref_of(uri)
    if found is None:
        raise BadRequest(
            f"no resource has the address {uri!r}; expected {OVERVIEW}, {VOCABULARY}, {ENTITY_TEMPLATE} or {PAGE_TEMPLATE}"
        )
    sort, name = found
    if sort == "page":
        return _contents(uri, MARKDOWN, page_text(call.seen.document(f"doc:{name}")))
    return _contents(uri, JSON, text_of(dump(call.seen.entity(name))))


def _contents(uri: str, mime_type: str, text: str) -> types.ReadResourceResult:
    if len(text) > MAX_RESOURCE_CHARS:
        text = f"{text[:MAX_RESOURCE_CHARS]}\n… cut after {MAX_RESOURCE_CHARS:,} of {len(text):,} characters"
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)]
    )


def page_text(page: DocumentPage) -> str:
    """A page as it was written, with what it is about above it."""
    about = ", ".join(thing.ref for thing in page.about)
    head = f"# {page.title}\n\nFrom {page.path}" + (f"; about {about}" if about else "")
    return "\n\n".join([head, *(p.text for p in page.passages)])


def _overview(call: Call) -> dict[str, Any]:
    kinds = call.seen.ask(
        None,
        now=call.now,
        limit=100,
        plan={
            "node": "aggregate",
            "function": "count",
            "of": {"node": "select"},
            "group_by": "kind",
        },
    )
    quiet = [feed for feed in call.seen.feeds(now=call.now) if feed.quiet]
    return {
        "snapshot": call.seen.id,
        "built_at": call.seen.built_at.isoformat(),
        "entities": {row.key: row.value for row in kinds.rows},
        "quiet_feeds": [
            {"format": f.format, "kind": f.kind, "silent_for_s": int(f.silent_for.total_seconds())}
            for f in quiet
        ],
    }


def _vocabulary(_: Call) -> dict[str, Any]:
    """The same for every catalog; fields that only one catalog has are named by the errors of `query`."""
    return {
        "kinds": {kind.name: kind.table.value for kind in KINDS},
        "fields": {
            table: {
                f.name: f.type.value + (f" in {f.unit}" if f.unit else "")
                for f in CORE_FIELDS
                if f.table.value == table
            }
            for table in dict.fromkeys(f.table.value for f in CORE_FIELDS)
        },
        "relations": {name: side_of(name).phrase for name in sorted(RELATION_BY_SIDE)},
        "measures": {m.name: m.label for m in MEASURES},
    }
