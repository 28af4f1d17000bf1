"""Around every request: an id, a size limit, safe headers, one log line, and no bare traceback.

Plain ASGI, because wrapping the response in Starlette's own middleware class costs more than most answers do.
"""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.error_shape import internal, problem
from app.events import MAX_EVENT_BYTES
from app.observe import LOGGER, REQUEST_ID, Measures, log
from app.tracing import note_response, request_span

MAX_BODY_BYTES = 256 * 1024
"""Largest request body; a question with a plan is a few kilobytes."""

_LARGER = {"/v1/events": MAX_EVENT_BYTES}
"""Routes that take larger bodies, in bytes."""

_OUR_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a caller may pass as its own request id: "req-42", a UUID."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged only at debug."""


class _TooLarge(HTTPException):
    """The body went past the limit; an HTTP error, so that FastAPI lets it through while it parses."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The request's body is larger than {limit // 1024} KiB.")


class RequestGuard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; everything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _OUR_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        token = REQUEST_ID.set(request_id)
        begun = time.perf_counter()
        status, read = 0, 0
        limit = _LARGER.get(scope["path"], MAX_BODY_BYTES)

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _TooLarge(limit)
            return message

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["X-Request-ID"] = request_id
                for name, value in _HEADERS:
                    out.setdefault(name, value)
                if scope["path"].startswith("/v1/"):
                    out.setdefault("Cache-Control", "no-store")
                else:
                    out.setdefault("Cache-Control", "no-cache")
            await send(message)

        self._measures.in_flight.inc()
        with request_span(scope["method"], headers, request_id):
            try:
                length = headers.get(b"content-length", b"0")
                if length.isdigit() and int(length) > limit:
                    raise _TooLarge(limit)
                await self._app(scope, limited, marked)
            except _TooLarge as error:
                if not status:
                    await problem(413, error.detail)(scope, receive, marked)
            except Exception as error:  # noqa: BLE001  the surface's last line: translated once, here
                LOGGER.exception("failed", extra={"data": {"error": type(error).__name__}})
                if not status:
                    await internal()(scope, receive, marked)
            finally:
                self._measures.in_flight.dec()
                self._note(scope, status, time.perf_counter() - begun)
                REQUEST_ID.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "other"
        self._measures.requests.labels(route, scope["method"], str(status)).inc()
        self._measures.request_seconds.labels(route).observe(seconds)
        note_response(scope["method"], route, status)
        quiet = scope["path"] in _QUIET or scope["path"].startswith("/web/")
        log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
        )
