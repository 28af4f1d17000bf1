"""MCP over streamable HTTP, as one endpoint of a server that is already there.

Stateless: every request stands alone, so a restart, a new snapshot or another replica behind the same address costs no client
its session. Answers come as JSON, not as a stream: the slowest takes less time than a stream takes to open.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mcp_server.call import Catalog

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

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
        self._catalog, self._host = catalog, host
        self._manager: asyncio.Future[StreamableHTTPSessionManager] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the server runs; a manager runs once, so each start makes its own.

        The library of the protocol is a quarter of a start: it is loaded while the server answers already, and who comes before it
        is there waits for it.
        """
        manager: asyncio.Future[StreamableHTTPSessionManager] = (
            asyncio.get_running_loop().create_future()
        )
        ended = asyncio.Event()

        async def run() -> None:
            try:
                made = await asyncio.to_thread(self._make)
            except Exception as error:  # noqa: BLE001  told to whoever asks; the rest of the server needs none of it
                manager.set_exception(error)
                return
            async with made.run():
                manager.set_result(made)
                await ended.wait()

        task = asyncio.create_task(run())
        self._manager = manager
        try:
            yield
        finally:
            self._manager = None
            ended.set()
            await task

    def _make(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import (  # noqa: PLC0415  see `running`
            StreamableHTTPSessionManager,
        )
        from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415

        from mcp_server.server import create_server  # noqa: PLC0415

        security = None
        if self._host in LOOPBACK:
            names = ("127.0.0.1", "localhost", "[::1]")
            security = TransportSecuritySettings(
                enable_dns_rebinding_protection=True,
                allowed_hosts=[item for name in names for item in (name, f"{name}:*")],
                allowed_origins=[
                    item for name in names for item in (f"http://{name}", f"http://{name}:*")
                ],
            )
        return StreamableHTTPSessionManager(
            app=create_server(self._catalog),
            json_response=True,
            stateless=True,
            security_settings=security,
            max_request_body_size=MAX_BODY_BYTES,
        )

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
        manager = await asyncio.shield(self._manager)
        await manager.handle_request(scope, receive, send)
