"""Run the API on a socket, say when it answers, stop without cutting off a request."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from api.http import create_app
from app.observe import set_up_logs
from app.tracing import set_up_traces
from app.wiring import Wiring
from catalog_store.errors import UserError

GRACE_S = 10
"""Seconds that requests in flight have to finish once the server is told to stop."""

NEAR_PORTS = 20
"""Ports tried after a busy one."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(host: str, port: int, *, near: bool = False) -> socket.socket:
    """A socket bound to the address.

    Args:
        host: address or name.
        port: 0 takes any free one.
        near: take one of the next ports when this one is busy.

    Raises:
        UserError: the address cannot be bound; says why and what to do.
    """
    reason: OSError | None = None
    for candidate in range(port, port + NEAR_PORTS) if near and port else (port,):
        try:
            family, _, _, _, address = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[
                0
            ]
            # Named as TCP, asyncio turns Nagle's delay off; left at 0, every answer waits 40 ms for an acknowledgement.
            sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(address)
                sock.listen(2048)
            except OSError:
                sock.close()
                raise
        except (OSError, OverflowError) as error:
            reason = error if isinstance(error, OSError) else OSError(str(error))
        else:
            return sock
    raise UserError(f"cannot listen on {host}:{port} ({reason}); --port 0 takes any free port")


def address_of(sock: socket.socket) -> str:
    """The URL people open."""
    host, port = sock.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  only shown
    return f"http://{shown}:{port}"


def serve(wiring: Wiring, sock: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until the process is told to stop.

    Args:
        wiring: closed by the caller afterwards.
        sock: from `listen`.
        ready: called once requests are answered.
    """
    set_up_logs(wiring.settings.log_level)
    stop_traces = set_up_traces(wiring.settings)
    config = uvicorn.Config(
        create_app(wiring),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="on",
    )
    try:
        _Server(config, ready).run(sockets=[sock])
    except KeyboardInterrupt:  # how people stop it; uvicorn has already finished what was in flight
        pass
    finally:
        stop_traces()
        sock.close()
