"""Around every route that answers from the catalog: who asks, before anything is read.

Plain ASGI. The caller stands in a context variable, so whatever opens the catalog finds it (`Context.serving`).
"""

from __future__ import annotations

import logging

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from api.error_shape import problem
from api.portal_errors import PORTAL, portal_error
from app.callers import CALLER
from app.identity.resolve import Identities, presents
from app.observe import log
from catalog_store.errors import Unauthenticated

_GUARDED = ("/v1/", PORTAL, "/mcp", "/insights")
"""Where the catalog answers; the page itself, its description and the server's own measures hold nothing of it."""

_OWN_RULES = frozenset({"/v1/events"})
"""Routes whose senders sign or carry a token of their own."""


class IdentityGuard:
    """Finds out who asks, or refuses."""

    def __init__(self, app: ASGIApp, *, identities: Identities) -> None:
        self._app = app
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; what is not guarded passes through as anyone's."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_GUARDED) or path in _OWN_RULES:
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        address = (scope.get("client") or (None,))[0]
        try:
            # credentials in a thread, because the keys of an issuer may have to be fetched; who presents none spares the way there
            if presents(headers):
                caller = await to_thread.run_sync(self._identities.caller, headers, address)
            else:
                caller = self._identities.caller(headers, address)
        except Unauthenticated as error:
            log(logging.INFO, "not authenticated", reason=str(error))
            if path.startswith(PORTAL):
                response = portal_error(scope["method"], path, error.http_status, str(error))
            else:
                response = problem(error.http_status, str(error), type_="unauthenticated")
            response.headers["WWW-Authenticate"] = "Bearer"
            await response(scope, receive, send)
            return
        token = CALLER.set(caller)
        try:
            await self._app(scope, receive, send)
        finally:
            CALLER.reset(token)
