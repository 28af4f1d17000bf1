"""Every error that leaves a route becomes problem details here."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.error_shape import FieldProblem, problem, problem_of
from app.observe import log, reason
from catalog_store.errors import CatalogError


def install_errors(app: FastAPI) -> None:
    """Translate what layers below and the framework raise, once."""

    @app.exception_handler(CatalogError)
    def deliberate(_: Request, error: CatalogError) -> Response:
        answer = problem_of(error)
        if answer.status_code >= 500:
            log(logging.ERROR, "failed", error=type(error).__name__, **reason(error))
        return answer

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> Response:
        parts = [FieldProblem(where=_where(e["loc"]), message=_reason(e)) for e in error.errors()]
        detail = "; ".join(f"{p.where}: {p.message}" for p in parts)
        return problem(
            400, f"The request cannot be read. {detail}.", type_="bad-request", errors=parts
        )

    @app.exception_handler(HTTPException)
    def routing(_: Request, error: HTTPException) -> Response:
        detail = {
            404: "There is nothing at this address; /docs lists what there is.",
            405: "This address does not take this method; /docs lists what it takes.",
        }.get(error.status_code, str(error.detail))
        response = problem(error.status_code, detail)
        response.headers.update(error.headers or {})
        return response


def _where(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path")]
    return ".".join(parts) or str(next(iter(location), "body"))


def _reason(error: dict[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"not valid JSON ({error.get('ctx', {}).get('error', 'unreadable')})"
    return str(error["msg"]).removeprefix("Value error, ")
