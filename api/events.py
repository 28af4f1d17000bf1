"""`POST /v1/events`: deployments, incidents, alerts and runs as their tools send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.responses import ERRORS, Responses, problems
from app.events import Inbox, Secrets
from app.observe import Measures
from app.wiring import Wiring


class EventReceipt(BaseModel):
    """What became of an event; the next question sees it."""

    model_config = ConfigDict(frozen=True)

    source: str
    id: str
    format: str = Field(description="The format that recognised the body; see the list of sources.")
    events: int = Field(
        description="Statements it holds; 0 when it says nothing the catalog keeps."
    )
    duplicate: bool = Field(description="It was received before; it counts once.")
    problems: tuple[str, ...] = ()


_ERRORS: Responses = (
    ERRORS
    | problems(400, "The body is no JSON.")
    | problems(401, "The signature or token is missing or wrong.")
    | problems(422, "No event format recognises the body.", type="urn:callboard:unknown-event")
    | problems(500, "It could not be kept; send it again.", type="urn:callboard:internal-error")
)

_RECEIPT = {
    "source": "/pipelines/checkout",
    "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
    "format": "cdevents",
    "events": 1,
    "duplicate": False,
    "problems": [],
}

_TAKEN = {"application/json": {"example": _RECEIPT}}

_EXAMPLE = {
    "context": {
        "version": "0.4.1",
        "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
        "source": "/pipelines/checkout",
        "type": "dev.cdevents.service.deployed.0.1.1",
        "timestamp": "2026-11-20T11:58:03Z",
    },
    "subject": {
        "id": "checkout",
        "content": {
            "environment": {"id": "production"},
            "artifactId": "pkg:oci/checkout?tag=5.2.0",
        },
    },
}


async def _raw(request: Request) -> bytes:
    """The body as it was sent: signatures cover its bytes."""
    return await request.body()


def event_routes(wiring: Wiring, measures: Measures) -> APIRouter:
    """The route that takes events for a store."""
    settings, live = wiring.settings, wiring.live
    secrets = Secrets(
        settings.events_token,
        {
            sender: secret
            for sender, secret in (
                ("pagerduty", settings.pagerduty_secret),
                ("github", settings.github_secret),
                ("gitlab", settings.gitlab_secret),
                ("incident-io", settings.incident_io_secret),
            )
            if secret is not None
        },
    )
    inbox = Inbox(live.home.journal(), secrets)
    router = APIRouter()

    @router.post(
        "/v1/events",
        tags=["events"],
        summary="Tell what happened",
        status_code=202,
        responses={
            200: {
                "model": EventReceipt,
                "description": "Received before; it counts once.",
                "content": {"application/json": {"example": _RECEIPT | {"duplicate": True}}},
            },
            202: {
                "model": EventReceipt,
                "description": "On disk; the next question sees it.",
                "content": _TAKEN,
            },
            **_ERRORS,
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"type": "object", "examples": [_EXAMPLE]}}
                },
            }
        },
    )
    def receive(request: Request, body: Annotated[bytes, Depends(_raw)]) -> Response:
        """Takes the bodies of CDEvents, GitHub, GitLab, PagerDuty, Alertmanager and others as these tools send them.

        An event is acknowledged once it is on disk; (source, id) counts once, whatever is sent again.
        """
        receipt = inbox.receive(body, request.headers, now=datetime.now(UTC))
        measures.events.labels(receipt.format, "duplicate" if receipt.duplicate else "taken").inc()
        shown = EventReceipt(
            source=receipt.source,
            id=receipt.id,
            format=receipt.format,
            events=receipt.events,
            duplicate=receipt.duplicate,
            problems=receipt.problems,
        )
        status = 200 if receipt.duplicate or not receipt.events else 202
        return Response(shown.model_dump_json(), status_code=status, media_type="application/json")

    return router
