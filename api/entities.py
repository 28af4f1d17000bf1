"""`GET /v1/entities/…` and `GET /v1/pages`: everything about one thing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from api.context import Context
from api.examples import ENTITY_EXAMPLE, GRAPH_EXAMPLE, PAGE_EXAMPLE
from api.responses import NOT_FOUND, fresh, fresh_answers
from assistant.entity_page import DocumentPage, EntityPage
from assistant.graph import Graph
from catalog_store.model.entity import EntityRef

EntityName = Annotated[str, StringConstraints(max_length=300)]
RelationName = Annotated[str, StringConstraints(max_length=40)]

MOST_REFS = 200
"""Things that may be named for one graph; an address has to hold them."""


def entity_routes(context: Context) -> APIRouter:
    """The routes that show one entity, or one page of documentation."""
    router = APIRouter()

    @router.get(
        "/v1/entities/{kind}/{namespace}/{name}",
        tags=["entities"],
        summary="Everything about one entity",
        responses=fresh_answers(EntityPage, ENTITY_EXAMPLE) | NOT_FOUND,
    )
    def entity(request: Request, kind: str, namespace: str, name: str) -> Response:
        """Facts, relations, pages and latest deployments, each with the file and lines it was read from."""
        ref = EntityRef.parse(f"{kind}:{namespace}/{name}")
        with context.serving() as serving:
            found = serving.entity(str(ref))
        context.opened(str(ref))
        return fresh(request, found)

    @router.get(
        "/v1/pages",
        tags=["entities"],
        summary="One page of documentation",
        responses=fresh_answers(DocumentPage, PAGE_EXAMPLE) | NOT_FOUND,
    )
    def page(
        request: Request,
        ref: Annotated[str, Query(max_length=1000, examples=["runbook:runbooks/ledger-lag.md"])],
    ) -> Response:
        """The whole page, in the pieces it is searched by, and the entities it is about."""
        with context.serving() as serving:
            found = serving.document(ref)
        context.opened(ref)
        return fresh(request, found)

    @router.get(
        "/v1/graph",
        tags=["entities"],
        summary="How things hang together",
        responses=fresh_answers(Graph, GRAPH_EXAMPLE),
    )
    def graph(
        request: Request,
        ref: Annotated[
            list[EntityName],
            Query(max_length=MOST_REFS, min_length=1, examples=[["component:default/checkout"]]),
        ],
        hops: Annotated[int, Query(ge=0, le=3, description="Steps around the things.")] = 0,
        relation: Annotated[list[RelationName], Query(max_length=20, examples=[["uses"]])] = [],  # noqa: B006  FastAPI copies it
    ) -> Response:
        """The things as nodes and what relates them as links, to be drawn; names that are not in the catalog are left out."""
        refs = [str(EntityRef.parse(name)) for name in ref]
        with context.serving() as serving:
            return fresh(request, serving.graph(refs, hops=hops, relations=relation))

    return router
