"""Errors as a Backstage client reads them: every route below `/api/` answers in its shape."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.observe import REQUEST_ID, log
from catalog_store.errors import CatalogError, UserError

PORTAL = "/api/"
"""Paths that belong to the portal's API."""

_NAMES = {
    400: "InputError",
    401: "AuthenticationError",
    403: "NotAllowedError",
    404: "NotFoundError",
    405: "NotFoundError",
    409: "ConflictError",
    501: "NotImplementedError",
    503: "ServiceUnavailableError",
}


def portal_error(method: str, path: str, status: int, message: str) -> Response:
    """An error in the portal's shape."""
    body = {
        "error": {"name": _NAMES.get(status, "Error"), "message": message},
        "request": {"method": method, "url": path},
        "response": {"statusCode": status},
    }
    return portal_json(body, status=status)


def portal_json(body: object, *, status: int = 200) -> Response:
    """A body as JSON; half a character, which JSON may hold and text may not, goes back as it came."""
    try:
        data = orjson.dumps(body)
    except TypeError:
        data = json.dumps(body).encode()
    return Response(data, status_code=status, media_type="application/json")


class PortalRoute(APIRoute):
    """A route whose errors are in the portal's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Translate what layers below and the framework raise, once."""
        answer = super().get_route_handler()

        async def translated(request: Request) -> Response:
            try:
                return await answer(request)
            except UserError as error:
                status, message = error.http_status, str(error)
            except RequestValidationError as error:
                status, message = 400, "; ".join(_said(one) for one in error.errors())
            except HTTPException as error:
                status, message = error.status_code, str(error.detail)
            except CatalogError as error:
                log(logging.ERROR, "failed", error=type(error).__name__, message=str(error))
                status, message = 500, f"quote {REQUEST_ID.get()} when you report this"
            return portal_error(request.method, request.url.path, status, message)

        return translated


def _said(error: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return f"{where}: {str(error['msg']).removeprefix('Value error, ')}"
