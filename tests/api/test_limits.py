"""What is too much is turned away with problem details that say when to come back, and costs nobody else."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.arrivals import Arrivals, CrowdedOut, SenderGone
from api.limits import Limits, Rates, RequestLimits
from app.live import LiveAssistant
from app.settings import Settings, load_settings
from catalog_store.errors import UserError
from tests.api.conftest import open_stand_in, running


class Slow:
    """The stand-in, but its answers wait until they may go."""

    def __init__(self, serving: Any, go: threading.Event) -> None:
        self._serving, self._go = serving, go

    def __getattr__(self, name: str) -> Any:
        return getattr(self._serving, name)

    def seen_by(self, caller: Any) -> Slow:
        """Everyone waits."""
        return self

    def ask(self, *given: Any, **more: Any) -> Any:
        """Waits."""
        self._go.wait(20)
        return self._serving.ask(*given, **more)


@contextmanager
def slow_server(store: Path, settings: Settings) -> Iterator[tuple[httpx.Client, threading.Event]]:
    go = threading.Event()
    live = LiveAssistant(store, open_store=lambda s: Slow(open_stand_in(s), go))
    with (
        running(settings, live) as url,
        httpx.Client(base_url=url, timeout=20, trust_env=False) as client,
    ):
        yield client, go
        go.set()
    live.close()


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    store: Path, settings: Settings
) -> None:
    live = LiveAssistant(store, open_store=open_stand_in)
    with (
        running(replace(settings, rate_limit=5), live) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        answers = [client.get("/v1/suggest?q=a") for _ in range(7)]
        assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
        assert answers[-1].json()["type"] == "urn:callboard:rate-limited"
        assert answers[-1].headers["x-request-id"]
        other = client.get("/v1/suggest?q=a", headers={"Authorization": "Bearer other"})
        assert other.status_code == 429, "a made-up credential is no new client"
        assert client.get("/healthz").status_code == 200
    live.close()


def test_a_bucket_fills_evenly() -> None:
    now = 0.0
    rates = Rates(60, clock=lambda: now)
    assert [rates.wait("a") for _ in range(60)] == [0.0] * 60
    assert rates.wait("a") == pytest.approx(1.0)
    assert rates.wait("b") == 0.0
    now = 0.5
    assert rates.wait("a") == pytest.approx(0.5)
    now = 2.0
    assert [rates.wait("a") for _ in range(3)] == [0.0, 0.0, pytest.approx(1.0)]
    now = 10_000.0
    assert sum(rates.wait("a") == 0.0 for _ in range(100)) == 60, "never more than a minute's worth"


def test_more_requests_than_fit_are_turned_away_and_the_others_are_answered(
    store: Path, settings: Settings
) -> None:
    with slow_server(store, replace(settings, max_concurrent=2)) as (client, go):
        codes: list[int] = []

        def work() -> None:
            with httpx.Client(base_url=client.base_url, timeout=20, trust_env=False) as other:
                codes.append(other.post("/v1/ask", json={"question": "count"}).status_code)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(1000):
            if "callboard_http_requests_in_flight 3.0" in client.get("/metrics").text:
                break  # these two, and this one
            time.sleep(0.01)
        refused = client.get("/v1/suggest?q=a")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:callboard:busy")
        assert refused.headers["retry-after"] == "1"
        go.set()
        for thread in threads:
            thread.join()
        assert codes == [200, 200]
        assert client.get("/v1/suggest?q=a").status_code == 200


def test_an_answer_that_takes_too_long_is_given_up_in_time(store: Path, settings: Settings) -> None:
    with slow_server(store, replace(settings, time_limit=1)) as (client, go):
        late = client.post("/v1/ask", json={"question": "count services"})
        assert (late.status_code, late.json()["type"]) == (504, "urn:callboard:too-slow")
        go.set()
        assert client.post("/v1/ask", json={"question": "count services"}).status_code == 200


def test_a_stream_that_has_begun_is_not_cut_off() -> None:
    async def slow_stream(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"Content-Type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await going.wait()
        await send({"type": "http.response.body", "body": b"whole"})

    async def run() -> tuple[list[str], int]:
        guard = RequestLimits(slow_stream, limits=Limits(0, 1, 0.05))
        sent: list[str] = []

        async def send(message: Message) -> None:
            sent.append(message["type"])

        async def receive() -> Message:
            return {"type": "http.request"}

        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": "/mcp",
            "headers": [],
            "client": None,
        }
        first = asyncio.ensure_future(guard(scope, receive, send))
        await asyncio.sleep(0.2)
        second = asyncio.ensure_future(guard(scope, receive, send))
        await asyncio.sleep(0.05)
        going.set()
        await asyncio.gather(first, second)
        return sent, sent.count("http.response.body")

    going = asyncio.Event()
    sent, whole = asyncio.run(run())
    assert whole == 2, "the idle one took no place from the other"
    assert sent.count("http.response.start") == 2


def test_pages_of_named_origins_may_call(store: Path, settings: Settings) -> None:
    live = LiveAssistant(store, open_store=open_stand_in)
    portal = "https://portal.example.com"
    with (
        running(replace(settings, cors_origins=(portal,)), live) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        before = client.options(
            "/v1/ask",
            headers={
                "Origin": portal,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        assert before.status_code == 200
        assert before.headers["access-control-allow-origin"] == portal
        script = client.get("/web/callboard-search.js", headers={"Origin": portal})
        assert script.headers["access-control-allow-origin"] == portal
        stranger = client.get("/v1/suggest", headers={"Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in stranger.headers
    live.close()


@pytest.mark.parametrize(
    "given", ["portal.example.com", "https://a.example/path", "ftp://a.example"]
)
def test_an_origin_has_a_scheme_and_no_path(given: str) -> None:
    with pytest.raises(UserError, match="cors_origins"):
        load_settings(env={"CALLBOARD_CORS_ORIGINS": given})


def test_whoever_crowds_is_crowded_out() -> None:
    """A slow sender beside one who holds many bodies open keeps its place, and its body is whole."""

    async def run() -> None:
        arrivals = Arrivals(3)
        until = asyncio.get_running_loop().time() + 20
        slow: asyncio.Queue[Message] = asyncio.Queue()
        never = asyncio.Event()

        async def endless() -> Message:
            await never.wait()
            return {"type": "http.disconnect"}

        async def begun(client: str, receive: Receive) -> asyncio.Task[bytes]:
            task = asyncio.ensure_future(arrivals.whole(client, receive, until=until))
            await asyncio.sleep(0)
            return task

        honest = await begun("honest", slow.get)
        crowd = [await begun("crowd", endless) for _ in range(5)]
        await slow.put({"type": "http.request", "body": b"a", "more_body": True})
        await slow.put({"type": "http.request", "body": b"b", "more_body": False})
        assert await honest == b"ab"
        given_up = await asyncio.gather(*crowd[:3], return_exceptions=True)
        assert [type(error) for error in given_up] == [CrowdedOut] * 3
        never.set()
        gone = await asyncio.gather(*crowd[3:], return_exceptions=True)
        assert [type(error) for error in gone] == [SenderGone] * 2

    asyncio.run(run())
