"""Two servers over one PostgreSQL: what one is told, both know; what is published, both serve; and both come back when it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.building import build_index
from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import Settings
from catalog_store.embedder import HashEmbedder
from catalog_store.stores import store_at
from tests.api.conftest import running, write_organisation
from tests.api.test_events import AT, deployment, last_deployed
from tests.servers import execute

WAIT_S = 20


@pytest.fixture
def url(database: Callable[[], str], tmp_path: Path) -> str:
    """A database with an organisation published in it."""
    address = database()
    publish(address, tmp_path)
    return address


def publish(url: str, home: Path, *, days: int = 0) -> None:
    store = store_at(url, cache=home / "builder")
    files = write_organisation(home / "files") if days == 0 else home / "files"
    build_index([files], store=store, now=AT + timedelta(days=days), embedder=HashEmbedder)
    store.close()


@pytest.fixture
def servers(url: str, settings: Settings, tmp_path: Path) -> Iterator[list[httpx.Client]]:
    """Two, each on a machine of its own."""
    with ExitStack() as stack:
        found = []
        for number in range(2):
            store = store_at(url, cache=tmp_path / str(number))
            live = LiveAssistant(store, open_store=open_serving, poll_s=0.05)
            stack.callback(live.close)
            address = stack.enter_context(running(settings, live))
            found.append(
                stack.enter_context(httpx.Client(base_url=address, trust_env=False, timeout=30))
            )
        yield found


def test_what_one_is_told_both_know(servers: list[httpx.Client]) -> None:
    for number in range(1, 5):
        told = servers[number % 2].post("/v1/events", json=deployment(number))
        assert told.status_code == 202
        for server in servers:
            assert last_deployed(server).startswith(f"2026-05-04T08:3{number}")
    again = servers[0].post("/v1/events", json=deployment(1))
    assert (again.status_code, again.json()["duplicate"]) == (200, True)


def test_a_build_reads_what_was_told_and_both_take_it_over(
    servers: list[httpx.Client], url: str, tmp_path: Path
) -> None:
    servers[0].post("/v1/events", json=deployment(3))
    before = _snapshots(servers)
    publish(url, tmp_path, days=1)
    until = time.monotonic() + WAIT_S
    while _snapshots(servers) & before:
        assert time.monotonic() < until, "the new snapshot is not served"
        time.sleep(0.05)
    for server in servers:
        assert last_deployed(server).startswith("2026-05-04T08:33")


def test_a_database_that_was_away_is_used_again(servers: list[httpx.Client], url: str) -> None:
    assert last_deployed(servers[0]) == "no_such_fact"
    name = url.split("?")[0].rpartition("/")[2]
    admin = url.replace(f"/{name}?", "/postgres?")
    execute(
        admin,
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    for server in servers:
        refused = server.post("/v1/ask", json={"question": "when was checkout last deployed?"})
        assert refused.status_code == 503
        assert "does not answer" in refused.text
        assert server.post("/v1/events", json=deployment(1)).status_code == 503
        assert server.get("/healthz").status_code == 200
    execute(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    for server in servers:
        assert server.post("/v1/events", json=deployment(1)).status_code in (200, 202)
        assert last_deployed(server).startswith("2026-05-04T08:31")


def _snapshots(servers: list[httpx.Client]) -> set[str]:
    return {server.get("/readyz").json()["snapshot"] for server in servers}
