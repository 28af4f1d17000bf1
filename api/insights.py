"""`GET /insights` and `GET /v1/insights`: what use teaches, where the settings allow a server to show it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.context import Context
from api.examples import INSIGHTS_EXAMPLE
from api.responses import ERRORS
from app.insights import WEEKS, Insights, synonym_patch
from app.insights_catalog import insights_of
from app.insights_page import insights_page
from app.page_style import STYLE
from app.pending import pending_cases

Weeks = Annotated[int, Query(ge=1, le=104)]


def insights_routes(context: Context) -> APIRouter:
    """The routes; each answers 404 until the settings open them."""
    router = APIRouter()

    def looked_at(weeks: int) -> Insights:
        if not context.settings.usage.insights_page:
            raise HTTPException(404)
        with context.serving() as serving:
            return insights_of(
                context.wiring.live.store, serving, now=datetime.now(UTC), weeks=weeks
            )

    @router.get("/insights", include_in_schema=False)
    def page(weeks: Weeks = WEEKS) -> Response:
        found = looked_at(weeks)
        patch = synonym_patch(found.synonyms, "")
        return HTMLResponse(insights_page(found, patch=patch, stylesheet="insights.css"))

    @router.get("/insights.css", include_in_schema=False)
    def stylesheet() -> Response:
        return Response(STYLE, media_type="text/css")

    @router.get(
        "/v1/insights",
        tags=["operations"],
        summary="What use teaches",
        responses={
            200: {
                "content": {
                    "application/json": {"schema": {"type": "object"}, "example": INSIGHTS_EXAMPLE}
                }
            },
            404: {"description": "The settings do not open it: `usage: {insights_page: yes}`."},
            **ERRORS,
        },
    )
    def insights(weeks: Weeks = WEEKS) -> Response:
        """Questions a week, by surface and outcome, what was not answered, words people seem to mean, pages, delivery, adoption."""
        found = looked_at(weeks)
        body: dict[str, Any] = asdict(found) | {
            "questions": found.questions,
            "answered": found.answered,
            "hours_saved": round(found.hours_saved, 1),
            "since": found.since.isoformat(),
            "until": found.until.isoformat(),
            "synonym_patch": synonym_patch(found.synonyms, ""),
            "pending_cases": len(pending_cases(context.wiring.live.store)),
        }
        return JSONResponse(body)

    return router
