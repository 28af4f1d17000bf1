"""Errors as people and programs get them: RFC 9457 problem details, always with the request's id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from app.observe import REQUEST_ID
from catalog_store.errors import CatalogError, UserError

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One part of a request that cannot be read."""

    model_config = ConfigDict(frozen=True)

    where: str
    message: str


class ProblemDetails(BaseModel):
    """What every error answers with (RFC 9457).

    Attributes:
        type: names the sort of problem; stable.
        detail: what was wrong and what to do, for people.
        request_id: quote it when reporting; the server's log has it too.
        errors: the parts of the request at fault, when it was malformed.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] = []


def problem(
    status: int, detail: str, *, type_: str | None = None, errors: Sequence[FieldProblem] = ()
) -> Response:
    """A problem as a response."""
    title = HTTPStatus(status).phrase
    body = ProblemDetails(
        type=f"urn:callboard:{type_ or title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        request_id=REQUEST_ID.get(),
        errors=list(errors),
    )
    content = body.model_dump(exclude_defaults=False)
    if not errors:
        del content["errors"]
    return Response(
        json.dumps(content, ensure_ascii=False), status_code=status, media_type=MEDIA_TYPE
    )


def problem_of(error: CatalogError) -> Response:
    """The problem for a deliberate error: its message for what the asker can fix, only a number for what is ours.

    >>> from catalog_store.errors import UnknownEntity, UnsafeSQL
    >>> problem_of(UnknownEntity("user:default/nobody")).status_code, b"SELECT" in problem_of(UnsafeSQL("SELECT")).body
    (404, False)
    """
    name = "".join(f"-{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("-")
    if isinstance(error, UserError):
        return problem(error.http_status, str(error), type_=name)
    return internal()


def internal() -> Response:
    """The problem for what went wrong on our side."""
    return problem(
        500,
        f"Something went wrong on our side. The server's log has it under {REQUEST_ID.get()}.",
        type_="internal-error",
    )
