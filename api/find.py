"""`GET /v1/search` and `GET /v1/suggest`: the search box."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.context import Context
from api.examples import SEARCH_EXAMPLE, SUGGEST_EXAMPLE
from api.responses import fresh, fresh_answers
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
        responses=fresh_answers(SearchPage, SEARCH_EXAMPLE),
    )
    def search(request: Request, given: Annotated[SearchParameters, Query()]) -> Response:
        """Hits best first, at most one passage of a page unless `per_page` says more."""
        with context.serving() as serving:
            return fresh(request, serving.search(given.query()))

    @router.get(
        "/v1/suggest",
        tags=["search"],
        summary="Complete what is typed",
        responses=fresh_answers(Suggestions, SUGGEST_EXAMPLE),
    )
    def suggest(
        request: Request,
        q: Annotated[str, Query(max_length=MAX_QUESTION, examples=["who owns pay"])] = "",
        limit: Annotated[int, Query(ge=1, le=50)] = 8,
    ) -> Response:
        """Names, values, fields and questions that fit; example questions when nothing is typed."""
        with context.serving() as serving:
            return fresh(request, Suggestions(suggestions=serving.suggest(q, limit=limit)))

    return router
