"""`callboard mcp`: the MCP server over standard input and output."""

from __future__ import annotations

import argparse
from typing import Any

from cli.usage import moment, usable


def add_mcp(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "mcp",
        help="MCP server for agents, over stdio",
        description="Serves tools, resources and prompts to one MCP client over standard input and output; a client starts it itself. `callboard serve` has the same at /mcp, over HTTP.",
    )
    parser.add_argument(
        "--store", metavar="STORE", help="the store to answer from: a folder, or a URL"
    )
    parser.add_argument(
        "--as", dest="asker", metavar="REF", help="whom it answers, for example user:default/jane"
    )
    parser.add_argument(
        "--now", type=moment, metavar="ISO", help="the moment to answer for (default: the clock)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from app.observe import set_up_logs  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.tracing import set_up_traces  # noqa: PLC0415
    from catalog_store.model.entity import EntityRef  # noqa: PLC0415

    settings = usable(lambda: load_settings({"store": arguments.store}))
    store = usable(settings.require_store)
    asker = (
        usable(lambda: str(EntityRef.parse(arguments.asker, default_kind="User")))
        if arguments.asker
        else None
    )
    from mcp_server.stdio import run_stdio  # noqa: PLC0415

    set_up_logs(settings.log_level)
    stop_traces = usable(lambda: set_up_traces(settings))
    try:
        run_stdio(
            store,
            asker=asker,
            now=arguments.now,
            rules=settings.visibility,
            policy=settings.usage,
        )
    finally:
        stop_traces()
    return 0
