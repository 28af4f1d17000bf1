"""MCP over streamable HTTP, as one endpoint of a server that is already there.

Stateless: every request stands alone, so a restart, a new snapshot or another replica behind the same address costs no client
its session. Answers come as JSON, not as a stream: the slowest takes less time than a stream takes to open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mcp_server.call import Catalog
from mcp_server.server import create_server

PATH = "/mcp"

MAX_BODY_BYTES = 256 * 1024
"""Largest request; a plan is a few kilobytes."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")


_ONLY_POST = Response(
    "Only POST: this server has nothing to tell unasked, and no sessions to end.",
    status_code=405,
    headers={"Allow": "POST"},
    media_type="text/plain",
)
"""What the protocol has a server answer that offers no stream of its own: an idle connection for each client, which would hold up
a server that is told to stop, is spared."""


class McpEndpoint:
    """The endpoint as an ASGI application; it answers only while `running` is entered.

    Its `path` names it in the measures, like any route.
    """

    path = PATH

    def __init__(self, catalog: Catalog, *, host: str) -> None:
        """Over one catalog, for a server that listens on `host`.

        On the loopback address only requests that are addressed to it are taken: a web page elsewhere must not reach a
        developer's server through a name that it makes point there (DNS rebinding).
        """
        security = None
        if host in LOOPBACK:
            names = ("127.0.0.1", "localhost", "[::1]")
            security = TransportSecuritySettings(
                enable_dns_rebinding_protection=True,
                allowed_hosts=[item for name in names for item in (name, f"{name}:*")],
                allowed_origins=[
                    item for name in names for item in (f"http://{name}", f"http://{name}:*")
                ],
            )
        self._make: Callable[[], StreamableHTTPSessionManager] = lambda: (
            StreamableHTTPSessionManager(
                app=create_server(catalog),
                json_response=True,
                stateless=True,
                security_settings=security,
                max_request_body_size=MAX_BODY_BYTES,
            )
        )
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the server runs; a manager runs once, so each start makes its own."""
        self._manager = self._make()
        try:
            async with self._manager.run():
                yield
        finally:
            self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._manager is None:
            raise RuntimeError(
                "the endpoint is not running; enter `running` in the server's lifespan"
            )
        route: Any = self
        scope["route"] = route
        if scope["method"] != "POST":
            await _ONLY_POST(scope, receive, send)
            return
        await self._manager.handle_request(scope, receive, send)
