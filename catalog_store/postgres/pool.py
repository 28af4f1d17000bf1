"""Connections that are used again, a bounded number of them. A database that is away is said at once, and used again at once when it is back.

Nothing happens in the background: whoever asks connects when no connection is idle, and gets the database's own reason when that fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


class PoolBusy(psycopg.OperationalError):
    """Every connection stayed in use for as long as one may wait."""


class Pool:
    """Connections of one sort. Safe to share between threads."""

    def __init__(self, connect: Callable[[], Connection], *, size: int, wait_s: float) -> None:
        """Nothing is connected yet.

        Args:
            connect: makes a connection, ready for use.
            size: most connections at a time, >= 1.
            wait_s: seconds one may wait for a connection that others use.
        """
        self._connect, self._wait_s = connect, wait_s
        self._room = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for the length of the block; the one used last, for it is the least likely to have gone.

        Raises:
            PoolBusy: none became free in time.
            psycopg.OperationalError: a new one was needed and could not be made.
        """
        if not self._room.acquire(timeout=self._wait_s):
            raise PoolBusy(f"no connection was free within {self._wait_s:g} s")
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                connection = self._connect()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._room.release()

    def forget_idle(self) -> None:
        """Close every idle connection: where one has broken, the others have as well."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close what is idle now, and what is in use when it is given back."""
        self._closed = True
        self.forget_idle()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and not connection.closed:
                self._idle.append(connection)
                return
        connection.close()
