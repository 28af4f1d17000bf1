"""The journal as a table: what one replica has received, every replica sees with its next question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from catalog_store.journal import Delivery, Entry, Position
from catalog_store.postgres.database import Database, lock_number
from catalog_store.postgres.pool import Pool

PATH = "events/journal"
"""Where an event is said to stand; its line is its number in the table."""

_START = Position()

_PAGE = 1000
"""Events read at a time."""


class PostgresJournal:
    """The events of one database. Safe to share between threads, and between processes on many machines."""

    def __init__(self, database: Database, pool: Pool) -> None:
        """The table must be there.

        Args:
            database: where it lies.
            pool: connections for reading; they are closed by whoever made them.
        """
        self._database, self._pool = database, pool

    def append(self, delivery: Delivery) -> bool:
        """Write one delivery; it is committed when this returns.

        One writer at a time takes the next number, so numbers become visible in their order and a reader that has seen one has seen
        all before it.

        Returns:
            Whether it is new: False when the same (source, id) was written before.

        Raises:
            StoreUnavailable: it could not be written; nothing was acknowledged.
        """
        with self._database.connect() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock($1)", [lock_number("events")])
            written = connection.execute(
                "INSERT INTO callboard.events (line, source, id, received_at, headers, body) "
                "SELECT coalesce(max(line), 0) + 1, $1, $2, $3, $4, $5 FROM callboard.events "
                "HAVING NOT EXISTS (SELECT 1 FROM callboard.events WHERE source = $1 AND id = $2) RETURNING line",
                [
                    delivery.source.replace("\0", "�"),
                    delivery.id.replace("\0", "�"),
                    delivery.received_at,
                    json.dumps(dict(delivery.headers), ensure_ascii=True),
                    delivery.body.encode("utf-8", "surrogatepass"),
                ],
            ).fetchone()
        return written is not None

    def size(self) -> tuple[int, int]:
        """The number of the newest event: it changes with every event, and costs one look to tell."""
        row = self._fetch("SELECT coalesce(max(line), 0) FROM callboard.events", [])[0]
        return 1, int(row[0])

    def entries(self, after: Position = _START) -> Iterator[Entry]:
        """Everything written after a position, in order."""
        line = after.line
        while page := self._fetch(
            "SELECT line, source, id, received_at, headers, body FROM callboard.events WHERE line > $1 "
            "ORDER BY line LIMIT $2",
            [line, _PAGE],
        ):
            for line, source, identity, received_at, headers, body in page:
                delivery = Delivery(
                    source,
                    identity,
                    received_at.astimezone(UTC),
                    bytes(body).decode("utf-8", "surrogatepass"),
                    json.loads(headers),
                )
                yield Entry(delivery, PATH, Position(1, line, line))

    def _fetch(self, text: str, values: list[object]) -> list[tuple[Any, ...]]:
        return self._database.fetch(self._pool, text, values)[1]
