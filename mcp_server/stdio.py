"""MCP over standard input and output: one process for one client, started by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
from mcp.server.stdio import stdio_server

from app.callers import OPERATOR, Caller
from app.live import LiveAssistant
from app.observe import Measures
from app.serving import Serving, open_serving
from app.usage import Usage
from app.usage_section import UsagePolicy
from assistant.conversation import Conversations
from catalog_store.model.visibility import VisibilityRule
from catalog_store.stores import Store
from mcp_server.call import Catalog
from mcp_server.server import create_server


def run_stdio(
    store: Path | Store,
    *,
    asker: str | None = None,
    now: datetime | None = None,
    rules: Sequence[VisibilityRule] = (),
    policy: UsagePolicy | None = None,
) -> None:
    """Serve until the client closes its end.

    Nothing is warmed up: a client waits for the handshake with a time limit, and one question pays for what it needs.

    Args:
        store: where snapshots are published; a new one is taken into service when it is published.
        asker: whom this process answers, and so what it shows; without a name it shows everything, for whoever may start it
            may read the store.
        now: the moment to answer for; the clock when None.
        rules: who sees what; they bind `asker`.
        policy: how much of what is asked is kept; nothing when None.

    Raises:
        StoreNotFound: nothing was published there.
        IndexMismatch: what was published does not fit this program, or is damaged.
    """
    conversations = Conversations()
    live = LiveAssistant(
        store, open_store=lambda folder: open_serving(folder, conversations, rules=rules)
    )

    caller = OPERATOR if asker is None else Caller.named(asker)

    @contextmanager
    def see(_: Any) -> Iterator[tuple[Serving, str | None]]:
        with live.serving() as serving:
            yield serving.seen_by(caller), asker

    usage = Usage(live.store, policy) if policy else None
    clock: dict[str, Callable[[], datetime]] = {"now": lambda: now} if now is not None else {}
    server = create_server(Catalog(see, Measures(usage), **clock))

    async def serve() -> None:
        async with stdio_server() as (received, sent):
            await server.run(received, sent, server.create_initialization_options())

    try:
        anyio.run(serve)
    finally:
        live.close()
