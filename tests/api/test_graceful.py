"""Told to stop, a server answers what it has begun and takes nothing new."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.live import LiveAssistant
from app.settings import Settings
from tests.api.conftest import open_stand_in, running


class Waiting:
    """The stand-in, but it says when it was asked, and answers when it may."""

    def __init__(self, serving: Any, asked: threading.Event, go: threading.Event) -> None:
        self._serving, self._asked, self._go = serving, asked, go

    def __getattr__(self, name: str) -> Any:
        return getattr(self._serving, name)

    def seen_by(self, caller: Any) -> Waiting:
        """Everyone waits."""
        return self

    def ask(self, *given: Any, **more: Any) -> Any:
        """Waits."""
        self._asked.set()
        self._go.wait(20)
        return self._serving.ask(*given, **more)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_request_in_flight_is_answered(accept: str, store: Path, settings: Settings) -> None:
    asked, go = threading.Event(), threading.Event()
    live = LiveAssistant(store, open_store=lambda s: Waiting(open_stand_in(s), asked, go))
    answers: list[httpx.Response] = []

    def work(url: str) -> None:
        body = {"question": "who owns checkout?"}
        answers.append(
            httpx.post(
                f"{url}/v1/ask", json=body, headers={"Accept": accept}, trust_env=False, timeout=20
            )
        )

    with running(settings, live) as url:
        client = threading.Thread(target=work, args=(url,))
        client.start()
        assert asked.wait(20)
        threading.Timer(0.3, go.set).start()  # leaving the block tells the server to stop before
    client.join()
    live.close()
    assert answers[0].status_code == 200
    assert "Payments" in answers[0].text
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", trust_env=False, timeout=5)
