"""How routes answer and describe their answers: bodies are serialised once, by pydantic, and not checked again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.error_shape import MEDIA_TYPE, ProblemDetails
from api.examples import PROBLEM_EXAMPLE

Responses = dict[int | str, dict[str, Any]]
"""Status → what the OpenAPI description says about it."""


def problems(status: int, description: str, **example: object) -> Responses:
    """Describe one way a route refuses."""
    shown = PROBLEM_EXAMPLE | {"status": status, "detail": description} | example
    if status != 400:
        shown.pop("errors")
    return {
        status: {
            "model": ProblemDetails,
            "description": description,
            "content": {MEDIA_TYPE: {"example": shown}},
        }
    }


ERRORS: Responses = (
    problems(400, "The request is malformed; says where.")
    | problems(413, "The body is too large.", type="urn:callboard:too-large")
    | problems(
        429, "Too many requests; `Retry-After` says when.", type="urn:callboard:rate-limited"
    )
    | problems(500, "Our fault; quote the request id.", type="urn:callboard:internal-error")
    | problems(503, "Too much at once; `Retry-After` says when.", type="urn:callboard:busy")
    | problems(504, "It took too long.", type="urn:callboard:too-slow")
)
"""What every route may answer."""

NOT_FOUND = problems(404, "No such entity.", type="urn:callboard:unknown-entity")

_UNSTEADY = {"took_ms"}
"""Parts of a body that differ between two answers that say the same."""


def json_response(body: BaseModel, *, status: int = 200) -> Response:
    """The body as JSON."""
    return Response(body.model_dump_json(), status_code=status, media_type="application/json")


def fresh(request: Request, body: BaseModel) -> Response:
    """The body as JSON with an ETag, or 304 when the client holds the same already.

    The tag is weak and made from the body, so it says nothing about what the caller may not see.
    """
    steady = body.model_dump_json(exclude=_UNSTEADY & set(type(body).model_fields))
    tag = f'W/"{blake2b(steady.encode(), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    held = [
        t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")
    ]
    if tag.removeprefix("W/") in held or held == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


def answers(model: type[BaseModel], example: dict[str, Any] | None = None) -> Responses:
    """Describe a route that answers 200 with a model, or one of the usual errors."""
    content = {"application/json": {"example": example}} if example else {}
    return {200: {"model": model, "content": content}} | ERRORS


def fresh_answers(model: type[BaseModel], example: dict[str, Any]) -> Responses:
    """The same for a route that answers by `fresh`."""
    return answers(model, example) | {304: {"description": "What the client holds is the same."}}
