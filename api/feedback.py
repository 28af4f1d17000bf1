"""`POST /v1/feedback`: whether an answer was right, kept beside the snapshots."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.context import Context
from api.examples import TAKEN_EXAMPLE
from api.responses import ERRORS, json_response
from api.schemas import Feedback, Taken
from app.feedback import FeedbackLog


def feedback_routes(context: Context) -> APIRouter:
    """The route that takes feedback."""
    router = APIRouter()
    log = FeedbackLog(context.wiring.live.store)

    @router.post(
        "/v1/feedback",
        tags=["feedback"],
        summary="Say whether an answer was right",
        status_code=201,
        responses={
            201: {"model": Taken, "content": {"application/json": {"example": TAKEN_EXAMPLE}}},
            **ERRORS,
        },
    )
    def feedback(given: Feedback) -> Response:
        """Append to the store's feedback log."""
        with context.serving() as serving:
            snapshot = serving.id
        entry = log.add(snapshot, given.model_dump(exclude_none=True))
        context.measures.feedback.labels(given.verdict).inc()
        return json_response(Taken(id=entry), status=201)

    return router
