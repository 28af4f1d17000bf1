"""How much one server takes on: requests a minute from one client, requests at once, and how long one may take.

Beyond a limit a client gets problem details that say when to come back, never a dropped connection. Plain ASGI, and counted on the
event loop, so no lock is needed.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.arrivals import Arrivals, CrowdedOut, SenderGone, TooSlow, has_body, replayed
from api.error_shape import problem

FREE = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by the machines that watch the server: they must get through when nothing else does."""

MOST_CLIENTS = 10_000
"""Clients whose rate is remembered; whoever was quiet longest is forgotten first."""

BUSY_RETRY_S = 1
"""Seconds after which a client that was turned away may try again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes on.

    Attributes:
        per_minute: requests a minute from one client; 0 for any number.
        at_once: requests being answered, > 0; further ones are turned away at once. As many bodies may be on their way beside them.
        seconds: how long body and answer may take together, > 0.
    """

    per_minute: int
    at_once: int
    seconds: float


class Rates:
    """A token bucket for each client: a minute's worth may come at once, then they flow in evenly."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes the rate, > 0, and a clock in seconds."""
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token; seconds until there is one when there is none, else 0.

        >>> rates = Rates(60, clock=lambda: 0.0)
        >>> [rates.wait("a") for _ in range(61)][-2:]
        [0.0, 1.0]
        """
        now = self._clock()
        left, at = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
        self._left[client] = (left if wait else left - 1, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return wait


class RequestLimits:
    """Turns away what is too much; everything else passes through untouched."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._rates = Rates(limits.per_minute) if limits.per_minute else None
        self._running: set[asyncio.Task[None]] = set()
        self._arrivals = Arrivals(limits.at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        until = asyncio.get_running_loop().time() + self._limits.seconds
        refusal = self._too_often(scope) or self._too_many()
        if refusal is None and has_body(scope):
            try:
                body = await self._arrivals.whole(_client(scope), receive, until=until)
            except SenderGone:
                return
            except TooSlow:
                refusal = self._late()
            except CrowdedOut:
                said = "Too many requests are still being sent; send yours in one piece, or try again in a moment."
                refusal = _later(503, said, "busy", BUSY_RETRY_S)
            else:
                receive = replayed(body, receive)
                refusal = self._too_many()
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._timed(scope, receive, send, until=until)

    def _too_often(self, scope: Scope) -> Response | None:
        wait = self._rates.wait(_client(scope)) if self._rates else 0.0
        if not wait:
            return None
        said = f"More than {self._limits.per_minute} requests a minute; try again in {math.ceil(wait)} s."
        return _later(429, said, "rate-limited", math.ceil(wait))

    def _too_many(self) -> Response | None:
        if len(self._running) >= self._limits.at_once:
            said = f"{self._limits.at_once} requests are being answered already; try again in a moment."
            return _later(503, said, "busy", BUSY_RETRY_S)
        return None

    def _late(self) -> Response:
        said = f"No answer within {self._limits.seconds:g} s. Ask for less, or try again."
        return _later(504, said, "too-slow", BUSY_RETRY_S)

    async def _timed(self, scope: Scope, receive: Receive, send: Send, *, until: float) -> None:
        """Begin to answer in time, or say so. What runs in a thread cannot be stopped: it counts until it has ended.

        A stream that was opened to wait for what the server may say (MCP's) is idle, and counts no longer once it stands.
        """
        started, late = False, False

        async def in_time(message: Message) -> None:
            nonlocal started
            if late:
                return
            started = True
            if scope["method"] == "GET" and _opens_stream(message):
                self._running.discard(task)
            await send(message)

        task = asyncio.ensure_future(self._app(scope, receive, in_time))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            left = max(0.0, until - asyncio.get_running_loop().time())
            done, _ = await asyncio.wait({task}, timeout=left)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done or started:
            await task
            return
        late = True
        task.add_done_callback(_ignored)
        await self._late()(scope, receive, send)


def _opens_stream(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    headers = ((name.lower(), value) for name, value in message["headers"])
    return any(n == b"content-type" and v.startswith(b"text/event-stream") for n, v in headers)


def _client(scope: Scope) -> str:
    """Who asks, by address: a credential is not yet checked here, and a new one a request would be a new client each time."""
    return str((scope.get("client") or ("unknown",))[0])


def _later(status: int, detail: str, type_: str, seconds: int) -> Response:
    response = problem(status, detail, type_=type_)
    response.headers["Retry-After"] = str(max(1, seconds))
    return response


def _ignored(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # nobody waits for it any more
