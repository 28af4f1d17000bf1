"""`GET /v1/entities/…` and `GET /v1/pages`: everything about one thing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.context import Context
from api.responses import NOT_FOUND, answers, json_response
from assistant.entity_page import DocumentPage, EntityPage
from catalog_store.model.entity import EntityRef


def entity_routes(context: Context) -> APIRouter:
    """The routes that show one entity, or one page of documentation."""
    router = APIRouter()

    @router.get(
        "/v1/entities/{kind}/{namespace}/{name}",
        tags=["entities"],
        summary="Everything about one entity",
        responses=answers(EntityPage) | NOT_FOUND,
    )
    def entity(kind: str, namespace: str, name: str) -> Response:
        """Facts, relations, pages and latest deployments, each with the file and lines it was read from."""
        ref = EntityRef.parse(f"{kind}:{namespace}/{name}")
        with context.serving() as serving:
            return json_response(serving.entity(str(ref)))

    @router.get(
        "/v1/pages",
        tags=["entities"],
        summary="One page of documentation",
        responses=answers(DocumentPage) | NOT_FOUND,
    )
    def page(
        ref: Annotated[str, Query(max_length=1000, examples=["runbook:runbooks/ledger-lag.md"])],
    ) -> Response:
        """The whole page, in the pieces it is searched by, and the entities it is about."""
        with context.serving() as serving:
            return json_response(serving.document(ref))

    return router
