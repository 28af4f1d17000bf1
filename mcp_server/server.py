"""The MCP server: what the protocol asks, answered over one catalog. Made with the official SDK's low-level server.

The SDK's decorator layer is not used: it words argument errors for developers rather than agents, and lists resources only
when each is registered by hand.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

import anyio.to_thread
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server._otel import OpenTelemetryMiddleware
from mcp.server.caching import CacheHint
from mcp.shared.exceptions import MCPError

from app.observe import LOGGER, log, reason
from app.tracing import annotate, span
from catalog_store.errors import CatalogError, UserError
from mcp_server.arguments import meant, read_arguments
from mcp_server.bounds import dump, text_of
from mcp_server.call import Call, Catalog
from mcp_server.completion import complete
from mcp_server.prompts import PROMPTS, get_prompt
from mcp_server.resources import TEMPLATES, list_resources, read_resource
from mcp_server.tools import TOOL_BY_NAME, TOOLS

INSTRUCTIONS = """\
Callboard answers questions about this organisation's software from its catalog, docs, runbooks and live facts.
Start with `ask`, in plain words. Only status "answered" (or "empty": understood, nothing matches) is an answer; for the others \
tell the person what was not understood instead of guessing, or follow `options`. Check `read_as` before you rely on an answer.
Counts come from the server (`total`, `value`): never count a list yourself. Cite `sources`.
`search` finds what something is called; `get_entity` tells all about one thing; `find_runbook` says what to do; `query` runs an \
exact plan. References look like component:default/checkout."""

LISTS = CacheHint(ttl_ms=3_600_000, scope="public")
"""Tools, prompts and templates change only with the program."""

CATALOG = CacheHint(ttl_ms=0, scope="private")
"""What the catalog holds depends on who asks, and may be different a moment later."""

_T = TypeVar("_T")


def create_server(catalog: Catalog) -> Server[Any]:
    """The server over one catalog; it keeps no state of its own, so one serves every client."""

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.listed for tool in TOOLS])

    async def call_tool(
        ctx: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        return await _in_thread(catalog, ctx, lambda call: _called(call, params))

    async def resources(
        ctx: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        cursor = params.cursor if params else None
        return await _asked(catalog, ctx, lambda call: list_resources(call, cursor))

    async def templates(_: Any, __: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def read(
        ctx: ServerRequestContext[Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return await _asked(
            catalog, ctx, lambda call: read_resource(call, params.uri), data={"uri": params.uri}
        )

    async def prompts(_: Any, __: Any) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[row.listed for row in PROMPTS])

    async def prompt(
        ctx: ServerRequestContext[Any], params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        return await _asked(
            catalog, ctx, lambda call: get_prompt(call, params.name, params.arguments or {})
        )

    async def completion(
        ctx: ServerRequestContext[Any], params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        return await _asked(catalog, ctx, lambda call: complete(call, params))

    server = Server(
        "callboard",
        version=version("callboard"),
        title="Callboard",
        description="Ask your software catalog in plain words.",
        instructions=INSTRUCTIONS,
        cache_hints={
            "tools/list": LISTS,
            "prompts/list": LISTS,
            "resources/templates/list": LISTS,
            "resources/list": CATALOG,
            "resources/read": CATALOG,
        },
        get_tool_input_schema=lambda name: (
            TOOL_BY_NAME[name].listed.input_schema if name in TOOL_BY_NAME else None
        ),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=resources,
        on_list_resource_templates=templates,
        on_read_resource=read,
        on_list_prompts=prompts,
        on_get_prompt=prompt,
        on_completion=completion,
    )
    # The SDK traces the messages of its errors, which quote what was asked; `span` below does not.
    server.middleware = [m for m in server.middleware if not isinstance(m, OpenTelemetryMiddleware)]
    return server


async def _in_thread(
    catalog: Catalog, ctx: ServerRequestContext[Any], work: Callable[[Call], _T]
) -> _T:
    """Answers are computed beside the event loop, which goes on reading requests meanwhile."""

    def run() -> _T:
        with span(f"mcp {ctx.method}"), catalog.call(ctx.request) as call:
            return work(call)

    return await anyio.to_thread.run_sync(run)


async def _asked(
    catalog: Catalog,
    ctx: ServerRequestContext[Any],
    work: Callable[[Call], _T],
    *,
    data: dict[str, str] | None = None,
) -> _T:
    """For everything but tools: what the asker can mend is a protocol error with its message, and `data` if there is any."""
    try:
        return await _in_thread(catalog, ctx, work)
    except UserError as error:
        raise MCPError(code=types.INVALID_PARAMS, message=str(error), data=data) from None
    except CatalogError as error:
        log(logging.ERROR, "failed", error=type(error).__name__, **reason(error))
        raise MCPError(code=types.INTERNAL_ERROR, message=_OURS) from None


_OURS = "Something went wrong on Callboard's side; its log has it. Try again, or tell the operator."


def _called(call: Call, params: types.CallToolRequestParams) -> types.CallToolResult:
    """One call of a tool, counted. What went wrong is a result, which the agent reads and can mend."""
    tool = TOOL_BY_NAME.get(params.name)
    if tool is None:
        near = meant(params.name, TOOL_BY_NAME)
        raise MCPError(
            code=types.INVALID_PARAMS,
            message=f"no tool is called {params.name!r}{near}; known are {', '.join(TOOL_BY_NAME)}",
        )
    begun = time.perf_counter()
    outcome = "failed"
    annotate(tool=tool.name)
    try:
        result = dump(tool.run(call, read_arguments(tool.arguments, params.arguments or {})))
        outcome = "done"
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text_of(result))],
            structured_content=result,
        )
    except UserError as error:
        outcome = "refused"
        return _failure(str(error))
    except Exception as error:  # noqa: BLE001  the surface's last line: translated once, here
        LOGGER.exception(
            "failed", extra={"data": {"error": type(error).__name__, "tool": tool.name}}
        )
        return _failure(_OURS)
    finally:
        call.measures.tool(tool.name, outcome, time.perf_counter() - begun)


def _failure(message: str) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=message)], is_error=True
    )
