"""`/mcp`: the MCP server over streamable HTTP, beside the API and over the same live store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.context import Context
from app.callers import CALLER
from app.serving import Serving
from mcp_server.call import Catalog
from mcp_server.http import McpEndpoint


def mcp_endpoint(context: Context) -> McpEndpoint:
    """The endpoint; it answers only while its `running` is entered."""

    @contextmanager
    def see(_: Any) -> Iterator[tuple[Serving, str | None]]:
        with context.serving() as seen:
            yield seen, CALLER.get().user

    return McpEndpoint(Catalog(see, context.measures), host=context.settings.host)
