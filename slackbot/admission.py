"""Requests go to disk before Slack is told that they arrived; those that arrive together go in one write.

A write waits for the disk. In a thread of its own it waits for nothing else, and what arrives meanwhile shares the next one,
so that a burst is acknowledged about as fast as a single request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from slackbot.ledger import Ledger


class Admission:
    """Takes requests for one ledger, on one event loop."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        """`clock` tells when a request was taken."""
        self._ledger = ledger
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="slack-take")
        self._waiting: list[tuple[str, dict[str, Any], asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def take(self, key: str, payload: dict[str, Any]) -> bool:
        """Put a request on disk; False when it was taken before.

        Raises:
            sqlite3.Error: the disk refuses.
        """
        taken = asyncio.get_running_loop().create_future()
        self._waiting.append((key, payload, taken))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return bool(await taken)

    def close(self) -> None:
        """Nothing is taken any more."""
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            requests = [(key, payload) for key, payload, _ in batch]
            try:
                new = await loop.run_in_executor(
                    self._thread, self._ledger.take, requests, self._clock()
                )
            except Exception as error:  # noqa: BLE001  raised again for each who waits
                for _, _, taken in batch:
                    if not taken.done():
                        taken.set_exception(error)
                continue
            for (_, _, taken), is_new in zip(batch, new, strict=True):
                if not taken.done():
                    taken.set_result(is_new)
