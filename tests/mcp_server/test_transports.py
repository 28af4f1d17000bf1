"""Over both transports, with the SDK's client: a process of its own over stdio, and a real server over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import load_settings
from tests.api.conftest import running
from tests.conftest import NOW
from tests.house.repository import ROOT
from tests.mcp_server.conftest import Talk, talking

EVERYTHING = ("tools", "resources", "prompts", "completions")


@pytest.fixture(scope="module")
def address(demo_store: Path) -> Iterator[str]:
    """Of a server over the demo."""
    live = LiveAssistant(demo_store, open_store=open_serving)
    with running(load_settings({"store": demo_store}, env={}), live) as url:
        yield url
    live.close()


@pytest.fixture(params=["stdio legacy", "stdio auto", "http legacy", "http auto"])
def there(request: pytest.FixtureRequest, demo_store: Path) -> Talk:
    """A client of a server that is somewhere else."""
    transport, mode = request.param.split()
    if transport == "http":
        url = request.getfixturevalue("address")
        return talking(lambda: Client(f"{url}/mcp", mode=mode))
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "cli", "mcp", "--store", str(demo_store), "--now", NOW.isoformat()],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", ""), "HOME": str(Path.home())},
    )
    return talking(lambda: Client(stdio_client(started), mode=mode))


def test_a_conversation_from_the_handshake_to_a_page(there: Talk) -> None:
    async def talk(client: Client) -> None:
        assert client.server_info is None or client.server_info.name == "callboard"
        for part in EVERYTHING:
            assert getattr(client.server_capabilities, part) is not None
        assert "ask" in (client.instructions or "")
        tools = await client.list_tools()
        assert len(tools.tools) == 5
        asked = await client.call_tool("ask", {"question": "who owns the payment service?"})
        assert asked.structured_content["results"][0]["ref"] == "group:default/payments"
        refused = await client.call_tool("ask", {"question": "x", "limit": "many"})
        assert refused.is_error
        found = await client.call_tool("find_runbook", {"alert": "LedgerDbReplicaLag"})
        page: Any = await client.read_resource(found.structured_content["runbooks"][0]["uri"])
        assert "replica" in page.contents[0].text
        brief: Any = await client.get_prompt("page_brief", {"service": "checkout"})
        assert "component:default/checkout" in brief.messages[0].content.text

    there(talk)


def test_several_calls_at_once(there: Talk) -> None:
    async def talk(client: Client) -> Any:
        import anyio

        answers: dict[str, str] = {}

        async def ask(team: str) -> None:
            given = await client.call_tool(
                "ask", {"question": f"services owned by the {team} team"}
            )
            answers[team] = given.structured_content["read_as"]

        async with anyio.create_task_group() as tasks:
            for team in ("payments", "booking", "search"):
                tasks.start_soon(ask, team)
        return answers

    answers = there(talk)
    assert all(team in read_as.lower() for team, read_as in answers.items())
    assert len(answers) == 3


def _initialize(address: str, **headers: str) -> httpx.Response:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    accept = {"Accept": "application/json, text/event-stream", **headers}
    return httpx.post(f"{address}/mcp", json=body, headers=accept, trust_env=False)


def test_only_requests_addressed_to_the_loopback_are_taken(address: str) -> None:
    assert _initialize(address).status_code == 200
    assert _initialize(address, Host="callboard.evil.test").status_code == 421
    assert _initialize(address, Origin="https://evil.test").status_code == 403


def test_a_request_too_large_is_refused(address: str) -> None:
    sent = httpx.post(f"{address}/mcp", content=b"x" * 300_000, trust_env=False)
    assert sent.status_code == 413


def test_no_stream_is_held_open(address: str) -> None:
    """So no client's idle connection holds up a server that is told to stop."""
    for method in ("GET", "DELETE"):
        answer = httpx.request(
            method, f"{address}/mcp", headers={"Accept": "text/event-stream"}, trust_env=False
        )
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_http_calls_are_counted_by_route(address: str) -> None:
    _initialize(address)
    text = httpx.get(f"{address}/metrics", trust_env=False).text
    assert 'callboard_http_requests_total{code="200",method="POST",route="/mcp"}' in text


def test_nothing_but_the_protocol_is_written_to_standard_output(demo_store: Path) -> None:
    message = {"jsonrpc": "2.0", "id": 7, "method": "ping"}
    done = subprocess.run(
        [sys.executable, "-m", "cli", "mcp", "--store", str(demo_store)],
        input=json.dumps(message) + "\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [7]
    for line in done.stderr.splitlines():
        json.loads(line)


def test_a_missing_store_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "mcp", "--store", str(tmp_path / "nothing")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "callboard index" in done.stderr.splitlines()[-1]


def test_a_server_open_to_the_network_takes_any_host(demo_store: Path) -> None:
    live = LiveAssistant(demo_store, open_store=open_serving)
    settings = replace(load_settings({"store": demo_store}, env={}), host="0.0.0.0")
    with running(settings, live) as url:
        assert _initialize(url, Host="callboard.internal.test").status_code == 200
    live.close()
