"""The live assistant: a swap loses no request, closes each snapshot once, and survives one it cannot open."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from app.live import LiveAssistant
from app.serving import Serving
from catalog_store.errors import IndexMismatch, StoreNotFound


class _Serving:
    """Knows its id and whether it was closed; refuses to be used afterwards."""

    built_at = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, name: str) -> None:
        self.id = name
        self.closed = 0

    def touch(self) -> None:
        assert not self.closed, f"{self.id} was used after it was closed"

    def close(self) -> None:
        self.closed += 1


class _Store:
    """A store whose published id a test moves by hand."""

    def __init__(self) -> None:
        self.current: str | None = "one"
        self.broken: set[str] = set()
        self.opened: list[_Serving] = []
        self.told: list[tuple[str, Exception | None]] = []

    def open(self, _: Path) -> Serving:
        if self.current is None:
            raise StoreNotFound("here")
        if self.current in self.broken:
            raise IndexMismatch("another model")
        self.opened.append(_Serving(self.current))
        return cast("Serving", self.opened[-1])

    def live(self, poll_s: float = 60) -> LiveAssistant:
        return LiveAssistant(
            Path("store"),
            open_store=self.open,
            current=lambda _: self.current,
            poll_s=poll_s,
            on_swap=lambda name, error: self.told.append((name, error)),
        )


def test_nothing_published_is_an_error_at_once() -> None:
    store = _Store()
    store.current = None
    with pytest.raises(StoreNotFound):
        store.live()


def test_a_request_keeps_the_snapshot_it_started_with_and_the_next_one_gets_the_new() -> None:
    store = _Store()
    live = store.live()
    with live.serving() as old:
        store.current = "two"
        assert live.check()
        with live.serving() as new:
            assert (old.id, new.id) == ("one", "two")
        assert store.opened[0].closed == 0
    assert [s.closed for s in store.opened] == [1, 0]
    live.close()
    assert [s.closed for s in store.opened] == [1, 1]
    assert store.told == [("two", None)]


def test_a_snapshot_that_cannot_be_opened_is_reported_once_and_the_old_one_serves() -> None:
    store = _Store()
    live = store.live()
    store.current, store.broken = "two", {"two"}
    assert not live.check()
    assert not live.check()
    assert len(store.told) == 1
    assert isinstance(store.told[0][1], IndexMismatch)
    with live.serving() as serving:
        assert serving.id == "one"
    store.current = "three"
    assert live.check()
    live.close()


@pytest.mark.parametrize("error", [RuntimeError("torn file"), FileNotFoundError("moved")])
def test_no_surprise_ends_the_watch(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _Store()
    live = store.live(poll_s=0.005)

    def broken(_: Path) -> Serving:
        raise error

    monkeypatch.setattr(live, "_open", broken)
    store.current = "two"
    time.sleep(0.05)
    monkeypatch.setattr(live, "_open", store.open)
    store.current = "three"
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with live.serving() as serving:
            if serving.id == "three":
                break
        time.sleep(0.01)
    live.close()
    assert serving.id == "three"


def test_a_store_that_vanishes_keeps_serving_what_is_open() -> None:
    store = _Store()
    live = store.live()
    store.current = None
    assert not live.check()
    with live.serving() as serving:
        assert serving.id == "one"
    live.close()


def test_many_requests_during_many_swaps_never_meet_a_closed_snapshot() -> None:
    store = _Store()
    live = store.live(poll_s=0.002)
    failures: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                with live.serving() as serving:
                    cast("_Serving", serving).touch()
                    time.sleep(0.0005)
                    cast("_Serving", serving).touch()
            except BaseException as error:  # noqa: BLE001  whatever it is, it fails the test
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(60):
        store.current = f"s{number}"
        time.sleep(0.005)
    stop.set()
    for thread in threads:
        thread.join()
    live.close()
    assert not failures
    assert len(store.opened) > 10
    assert all(s.closed == 1 for s in store.opened)
