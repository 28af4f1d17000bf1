"""Senders of events that are slow, break off or never end hold up nobody, and what was acknowledged meanwhile is kept."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.events import MAX_EVENT_BYTES
from app.settings import Settings
from catalog_store.journal import Journal
from tests.api.test_events import client, deployment, events_store

__all__ = ["events_store"]

BODY = json.dumps(deployment(1)).encode()


@contextmanager
def sender(http: httpx.Client, *headers: str) -> Iterator[socket.socket]:
    """A connection on which the head of a request was sent."""
    with socket.create_connection((http.base_url.host, http.base_url.port or 80), 10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = ["POST /v1/events HTTP/1.1", "host: localhost", *headers, "", ""]
        sock.sendall("\r\n".join(head).encode())
        yield sock


def status(sock: socket.socket) -> int:
    return int(sock.recv(65_536).split()[1])


def kept(store: Path) -> set[str]:
    return {json.loads(e.delivery.body)["context"]["id"] for e in Journal(store).entries()}


def settled(http: httpx.Client) -> bool:
    """Whether no request is left over besides the one that asks."""
    for _ in range(500):
        if "callboard_http_requests_in_flight 1.0" in http.get("/metrics").text:
            return True
        time.sleep(0.01)
    return False


def test_a_body_that_comes_byte_by_byte_is_taken_and_holds_up_nobody(
    events_store: Path, settings: Settings
) -> None:
    with client(events_store, settings) as http:
        with sender(http, f"content-length: {len(BODY)}") as slow:
            for place in range(len(BODY)):
                slow.sendall(BODY[place : place + 1])
                if place % 100 == 50:
                    assert http.get("/v1/suggest?q=check").status_code == 200
            assert status(slow) == 202
        assert kept(events_store) == {"d1"}


def test_a_body_that_never_ends_is_given_up_in_time(events_store: Path, settings: Settings) -> None:
    with client(events_store, replace(settings, time_limit=1)) as http:
        with sender(http, f"content-length: {len(BODY)}") as slow:
            slow.sendall(BODY[:-1])
            assert http.post("/v1/events", json=deployment(2)).status_code == 202
            assert status(slow) == 504
            slow.sendall(BODY[-1:])  # too late: it was told that it failed
            assert settled(http)
        assert http.post("/v1/events", json=deployment(3)).status_code == 202
        assert kept(events_store) == {"d2", "d3"}


@pytest.mark.parametrize("linger", [(0, 0), (1, 0)], ids=["closed", "reset"])
def test_a_body_that_is_cut_off_is_no_event(
    events_store: Path, settings: Settings, linger: tuple[int, int]
) -> None:
    with client(events_store, settings) as http:
        with sender(http, f"content-length: {len(BODY)}") as slow:
            slow.sendall(BODY[:-1])
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", *linger))
        assert settled(http)
        assert http.post("/v1/events", json=deployment(2)).status_code == 202
        assert kept(events_store) == {"d2"}


def test_a_body_that_grows_past_the_limit_is_refused_where_it_does(
    events_store: Path, settings: Settings
) -> None:
    with client(events_store, settings) as http:
        with sender(http, "transfer-encoding: chunked") as slow:
            slow.sendall(b"%x\r\n" % (MAX_EVENT_BYTES + 1) + b" " * (MAX_EVENT_BYTES + 1))
            assert status(slow) == 413
        with sender(http, f"content-length: {MAX_EVENT_BYTES + 1}") as slow:
            assert status(slow) == 413, "refused by what it says of itself, before it is sent"
        assert settled(http)
        assert http.post("/v1/events", json=deployment(2)).status_code == 202
        assert kept(events_store) == {"d2"}


def test_many_that_never_end_hold_up_nobody(events_store: Path, settings: Settings) -> None:
    """More than there are threads to answer with: a body that is still coming takes none."""
    with client(events_store, replace(settings, time_limit=2)) as http:
        holds = [sender(http, "content-length: 9") for _ in range(60)]
        socks = [hold.__enter__() for hold in holds]
        try:
            for number in range(1, 4):
                assert http.post("/v1/events", json=deployment(number)).status_code == 202
                assert http.post("/v1/ask", json={"question": "tier 1"}).status_code == 200
            assert kept(events_store) == {"d1", "d2", "d3"}
            assert {status(sock) for sock in socks} == {504}
        finally:
            for hold in holds:
                hold.__exit__(None, None, None)


def test_bodies_on_their_way_take_no_place_of_those_being_answered(
    events_store: Path, settings: Settings
) -> None:
    """As many as there are places and more: the oldest are given up, and everybody else is answered."""
    with client(events_store, replace(settings, max_concurrent=4, time_limit=20)) as http:
        holds = [sender(http, "content-length: 9") for _ in range(10)]
        socks = [hold.__enter__() for hold in holds]
        try:
            for number in range(1, 4):
                assert http.get("/v1/suggest?q=check").status_code == 200
                assert http.post("/v1/events", json=deployment(number)).status_code == 202
                assert http.post("/v1/ask", json={"question": "tier 1"}).status_code == 200
            assert {status(sock) for sock in socks[:6]} == {503}, (
                "at once, not when their time is up"
            )
            assert kept(events_store) == {"d1", "d2", "d3"}
        finally:
            for hold in holds:
                hold.__exit__(None, None, None)
        assert settled(http)
