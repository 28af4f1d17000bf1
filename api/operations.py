"""`/healthz`, `/readyz` and `/metrics`: for the machines that watch the server."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from api.context import Context
from api.examples import METRICS_EXAMPLE, READY_EXAMPLE
from api.responses import Responses, json_response, problems
from api.schemas import Health, Readiness


def operation_routes(context: Context) -> APIRouter:
    """The routes of operations."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/healthz",
        summary="Is the process up?",
        responses=_plain(Health, {"status": "ok", "version": "0.1.0"}),
    )
    def healthz() -> Response:
        """Answers as long as the process can answer at all."""
        return json_response(Health(version=version("callboard")))

    @router.get(
        "/readyz", summary="Can questions be answered?", responses=_plain(Readiness, READY_EXAMPLE)
    )
    def readyz() -> Response:
        """Names the snapshot that answers now."""
        with context.everything() as serving:
            return json_response(Readiness(snapshot=serving.id, built_at=serving.built_at))

    @router.get(
        "/metrics",
        summary="Prometheus measures",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"example": METRICS_EXAMPLE}}}},
    )
    def metrics() -> Response:
        """In the Prometheus text format."""
        with context.everything() as serving:
            context.measures.note_snapshot(serving.built_at, serving.feeds(now=datetime.now(UTC)))
        return Response(
            context.measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    return router


def _plain(model: type[BaseModel], example: dict[str, str]) -> Responses:
    """No limit applies to those who watch; without a snapshot there is nothing to be ready with."""
    good: Responses = {200: {"model": model, "content": {"application/json": {"example": example}}}}
    return good | problems(503, "Nothing answers here.", type="urn:callboard:store-not-found")
