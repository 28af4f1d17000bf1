"""`GET /v1/search` and `GET /v1/suggest`: the search box."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.context import Context
from api.responses import answers, json_response
from api.schemas import SearchParameters, Suggestions
from app.settings import MAX_QUESTION
from assistant.search_box import SearchPage


def find_routes(context: Context) -> APIRouter:
    """The routes behind a search box."""
    router = APIRouter()

    @router.get(
        "/v1/search",
        tags=["search"],
        summary="Search entities and pages",
        responses=answers(SearchPage),
    )
    def search(given: Annotated[SearchParameters, Query()]) -> Response:
        """Hits best first, at most one passage of a page unless `per_page` says more."""
        with context.serving() as serving:
            return json_response(serving.search(given.query()))

    @router.get(
        "/v1/suggest",
        tags=["search"],
        summary="Complete what is typed",
        responses=answers(Suggestions),
    )
    def suggest(
        q: Annotated[str, Query(max_length=MAX_QUESTION, examples=["who owns pay"])] = "",
        limit: Annotated[int, Query(ge=1, le=50)] = 8,
    ) -> Response:
        """Names, values, fields and questions that fit; example questions when nothing is typed."""
        with context.serving() as serving:
            return json_response(Suggestions(suggestions=serving.suggest(q, limit=limit)))

    return router
