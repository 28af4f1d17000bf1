"""An endpoint of a language model that hangs, drips, resets or floods costs nothing but its own sentence, and a bounded wait."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import takewhile

import pytest

from app.language_model import MOST_AT_ONCE, MOST_REPLY, language_model
from app.settings import load_settings
from assistant.assistant import Assistant
from catalog_store.snapshot import Snapshot
from tests.conftest import NOW

Fault = Callable[[socket.socket, threading.Event], None]

MOST_S = 5.0
"""Longest answer where a model may take one second, on a machine that has much else to do; it drips for twice as long."""

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def _reply(body: bytes) -> Fault:
    def send(sender: socket.socket, over: threading.Event) -> None:
        sender.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)

    return send


def _drip(first: bytes, byte: bytes) -> Fault:
    def send(sender: socket.socket, over: threading.Event) -> None:
        sender.sendall(first)
        until = time.monotonic() + 2 * MOST_S
        while not over.wait(0.05) and time.monotonic() < until:
            sender.sendall(byte)

    return send


def _hang(sender: socket.socket, over: threading.Event) -> None:
    over.wait()


def _reset(sender: socket.socket, over: threading.Event) -> None:
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _said(content: object) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    return json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}).encode()


FAULTS: dict[str, Fault] = {
    "accepts and never answers": _hang,
    "drips its headers": _drip(HEAD + b"x-slow: ", b"a"),
    "drips its body": _drip(HEAD + b"content-length: 1000000\r\n\r\n", b" "),
    "resets": _reset,
    "closes within its body": lambda sender, _: sender.sendall(
        HEAD + b"content-length: 90\r\n\r\n{"
    ),
    "says a megabyte": _reply(_said("Shifts last a fortnight, says the handbook [1]. " * 22_000)),
    "nests a megabyte": _reply(_said('{"a":' * 200_000)),
    "is no JSON": _reply(b"{" * 1000),
    "is no completion": _reply(b'"<html>sign in</html>"'),
    "holds no message": _reply(b'{"choices": [{"message": null}]}'),
    "says a number": _reply(_said(7)),
}


def _request(sender: socket.socket) -> bytes:
    """The whole of it: closed with something unread, a connection is reset, and the reply lost."""
    with sender.makefile("rb") as lines:
        head = b"".join(takewhile(lambda line: line != b"\r\n", lines))
        sizes = (line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
        return head + lines.read(int(next(sizes, b":0").split(b":")[1]))


@contextmanager
def broken(fault: Fault) -> Iterator[tuple[str, list[bytes]]]:
    """An endpoint with one fault: its address, and what was sent to it."""
    over = threading.Event()
    seen: list[bytes] = []

    def serve(sender: socket.socket) -> None:
        with sender:
            try:
                seen.append(_request(sender))
                fault(sender, over)
            except OSError:
                return  # the client has gone, as it should

    def accept() -> None:
        while not over.is_set():
            try:
                sender, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(sender,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1", seen
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    "question", ["how does an on-call shift work?", "which services would suit a kotlin enthusiast"]
)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_answer_is_the_one_without_a_model_and_comes_in_time(
    demo: Assistant, demo_snapshot: Snapshot, fault: str, question: str
) -> None:
    without = demo.ask(question, now=NOW)
    with broken(FAULTS[fault]) as (url, seen):
        given = {"writer_url": url, "writer_reads": "yes", "writer_timeout": "1"}
        assistant = Assistant(demo_snapshot, model=language_model(load_settings(given, env={})))
        begun = time.monotonic()
        answer = assistant.ask(question, now=NOW)
        assert time.monotonic() - begun < MOST_S
        assert seen, "the model was never asked"
    assert (answer.status, answer.text, answer.citations, answer.results) == (
        without.status,
        without.text,
        without.citations,
        without.results,
    )


def test_a_long_reply_is_cut() -> None:
    with broken(_reply(_said("x" * 1_000_000))) as (url, _):
        model = language_model(load_settings({"writer_url": url}, env={}))
        assert model is not None
        assert model.reply("", "", most_tokens=1) == "x" * MOST_REPLY


def test_only_so_many_questions_wait_for_a_model_at_once() -> None:
    """Else a model that hangs would take every thread that answers."""
    with broken(_hang) as (url, seen):
        model = language_model(load_settings({"writer_url": url, "writer_timeout": "1"}, env={}))
        assert model is not None
        with ThreadPoolExecutor(MOST_AT_ONCE * 2) as pool:
            replies = list(
                pool.map(lambda _: model.reply("", "", most_tokens=1), range(MOST_AT_ONCE * 2))
            )
        assert replies == [None] * MOST_AT_ONCE * 2
        assert len(seen) <= MOST_AT_ONCE
