"""An agent sees what its caller may see, over either transport: tools, resources, completion and prompts alike."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference

from api.http import create_app
from api.server import address_of, listen
from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import load_settings
from app.wiring import Wiring
from catalog_store.model.visibility import VisibilityRule
from tests.api.conftest import publish_store, write_organisation
from tests.house.repository import ROOT
from tests.mcp_server.conftest import Talk, talking

CONFIG = """\
visibility:
  - tag: critical
    users: [user:default/jane]
access:
  proxy:
    from: [127.0.0.1]
"""
"""Checkout carries the tag."""

HIDDEN = "component:default/checkout"


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, and beside it settings that hide a part of it."""
    home = tmp_path_factory.mktemp("ruled")
    (home / "callboard.yaml").write_text(CONFIG)
    publish_store(write_organisation(home / "files"), home / "store")
    return home


@pytest.fixture(scope="module")
def address(ruled: Path) -> Iterator[str]:
    """Of a server that knows its callers."""
    store = ruled / "store"
    settings = load_settings({"store": store}, env={}, config=ruled / "callboard.yaml")
    rules: tuple[VisibilityRule, ...] = settings.visibility
    live = LiveAssistant(store, open_store=lambda at: open_serving(at, rules=rules))
    app = create_app(Wiring(settings, live))
    sock = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: server.run(sockets=[sock]), daemon=True)
    thread.start()
    yield address_of(sock)
    server.should_exit = True
    thread.join(timeout=20)
    sock.close()
    live.close()


@pytest.fixture(params=["stdio auto", "http legacy", "http auto"])
def as_user(request: pytest.FixtureRequest, ruled: Path) -> Any:
    """A way to talk as somebody."""
    transport, mode = request.param.split()

    def talk_as(user: str) -> Talk:
        if transport == "stdio":
            env = {
                "PYTHONPATH": str(ROOT),
                "PATH": os.environ.get("PATH", ""),
                "CALLBOARD_CONFIG": str(ruled / "callboard.yaml"),
            }
            command = ["-m", "cli", "mcp", "--store", str(ruled / "store"), "--as", user]
            started = StdioServerParameters(command=sys.executable, args=command, env=env)
            return talking(lambda: Client(stdio_client(started), mode=mode))
        url = f"{request.getfixturevalue('address')}/mcp"

        def run(conversation: Callable[[Client], Awaitable[Any]]) -> Any:
            async def whole() -> Any:
                async with httpx2.AsyncClient(headers={"X-Forwarded-User": user}) as known:
                    transport = streamable_http_client(url, http_client=known)
                    async with Client(transport, mode=mode) as connected:
                        return await conversation(connected)

            return anyio.run(whole)

        return run

    return talk_as


async def _everything(client: Client) -> dict[str, str]:
    """Whatever an agent can be told about the hidden thing, by every way there is."""

    async def tried(work: Any) -> str:
        try:
            return str((await work).model_dump_json())
        except MCPError as error:
            return str(error)

    resources = ""
    page = await client.list_resources()
    while True:
        resources += page.model_dump_json()
        if not page.next_cursor:
            break
        page = await client.list_resources(cursor=page.next_cursor)
    complete = client.complete(
        PromptReference(name="page_brief"), {"name": "service", "value": "che"}
    )
    return {
        "ask": await tried(client.call_tool("ask", {"question": "services"})),
        "search": await tried(client.call_tool("search", {"query": "basket paid order"})),
        "entity": await tried(
            client.call_tool("get_entity", {"ref": "resource:default/orders-db"})
        ),
        "query": await tried(
            client.call_tool("query", {"plan": {"node": "select", "kinds": ["Component"]}})
        ),
        "resources": resources,
        "overview": await tried(client.read_resource("callboard://catalog")),
        "complete": await tried(complete),
        "brief": await tried(client.get_prompt("hand_over", {"team": "payments"})),
    }


def test_what_is_hidden_is_told_by_no_way(as_user: Any) -> None:
    seen = as_user("user:default/jane")(_everything)
    unseen = as_user("user:default/bob")(_everything)
    for way in ("ask", "search", "query", "resources", "complete"):
        assert "checkout" in seen[way], way
    for way in ("ask", "search", "query", "resources"):
        assert HIDDEN + '"' not in unseen[way], way
        assert "Turns a basket" not in unseen[way], way
    assert '"checkout"' not in unseen["complete"]
    counts = [
        json.loads(json.loads(w["overview"])["contents"][0]["text"])["entities"]
        for w in (seen, unseen)
    ]
    assert counts[0]["Component"] == counts[1]["Component"] + 1


def test_a_hidden_thing_is_as_one_that_never_was(as_user: Any) -> None:
    async def asked(client: Client) -> list[str]:
        texts = []
        for name in ("checkout", "never-was"):
            result = await client.call_tool("get_entity", {"ref": f"component:default/{name}"})
            texts.append(str(result.content[0].text).replace(name, "…").partition("; nearest")[0])  # type: ignore[union-attr]
        return texts

    hidden, missing = as_user("user:default/bob")(asked)
    assert hidden == missing
