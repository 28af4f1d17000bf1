"""The MCP server over the demo organisation, and the SDK's own client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from mcp.client import Client

from app.observe import Measures
from app.serving import Serving, open_serving
from mcp_server.call import Call, Catalog
from mcp_server.server import create_server
from tests.conftest import NOW

T = TypeVar("T")

Talk = Callable[[Callable[[Client], Awaitable[Any]]], Any]
"""Runs a conversation with the server and gives what it returns."""


@pytest.fixture(scope="session")
def serving(demo_store: Path) -> Iterator[Serving]:
    """The demo, opened."""
    opened = open_serving(demo_store)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def catalog(serving: Serving) -> Catalog:
    """The demo, seen whole by everybody, at one moment."""
    return Catalog(lambda _: _whole(serving), Measures(), now=lambda: NOW)


def _whole(serving: Serving) -> AbstractContextManager[tuple[Serving, str | None]]:
    @contextmanager
    def see() -> Iterator[tuple[Serving, str | None]]:
        yield serving, None

    return see()


@pytest.fixture
def call(catalog: Catalog) -> Iterator[Call]:
    """One call."""
    with catalog.call(None) as opened:
        yield opened


@pytest.fixture
def talk(catalog: Catalog) -> Talk:
    """A client in this process."""
    return talking(lambda: Client(create_server(catalog)))


def talking(client: Callable[[], Client]) -> Talk:
    """A way to talk with whatever the client connects to."""

    def run(conversation: Callable[[Client], Awaitable[T]]) -> T:
        async def whole() -> T:
            async with client() as connected:
                return await conversation(connected)

        return anyio.run(whole)

    return run
