"""How routes answer and describe their answers: bodies are serialised once, by pydantic, and not checked again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from api.error_shape import ProblemDetails

Responses = dict[int | str, dict[str, Any]]
"""Status → what the OpenAPI description says about it."""

ERRORS: Responses = {
    400: {"model": ProblemDetails, "description": "The request is malformed; says where."},
    500: {"model": ProblemDetails, "description": "Our fault; quote the request id."},
}
"""What every route may answer."""

NOT_FOUND: Responses = {404: {"model": ProblemDetails, "description": "No such entity."}}


def json_response(body: BaseModel, *, status: int = 200) -> Response:
    """The body as JSON."""
    return Response(body.model_dump_json(), status_code=status, media_type="application/json")


def answers(model: type[BaseModel], example: dict[str, Any] | None = None) -> Responses:
    """Describe a route that answers 200 with a model, or one of the usual errors."""
    content = {"application/json": {"example": example}} if example else {}
    return {200: {"model": model, "content": content}} | ERRORS
