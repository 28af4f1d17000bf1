"""Events as they were received: one JSON object a line, only ever appended to, on disk before anyone is told.

    <store>/events/
      00000001.ndjson     the oldest segment; a new one is begun when the newest is full
      .lock               held while a line is written

What follows from an event is worked out from here, by every server when it answers and by every build, so a crash after the
answer loses nothing. A line that a crash cut short was never acknowledged: the next one starts on a line of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

SEGMENT_BYTES = 64 * 1024 * 1024
"""Size at which a new segment is begun."""

REMEMBERED_SEGMENTS = 2
"""Newest segments whose ids are known: a repetition of an older event is still counted once, but by the build."""

FOLDER = "events"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two lines: everything before it has been read.

    Attributes:
        segment: number of the segment, from 1.
        offset: bytes of the segment before it.
        line: lines of the segment before it.

    >>> Position.parse("3:120:2") == Position(3, 120, 2), str(Position())
    (True, '1:0:0')
    """

    segment: int = 1
    offset: int = 0
    line: int = 0

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}:{self.line}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read what `str` wrote.

        Raises:
            ValueError: the text is no position.
        """
        segment, offset, line = map(int, text.split(":"))
        return cls(segment, offset, line)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that brought events.

    Attributes:
        source, id: who sent it, and the sender's own id of it; together they are unique.
        received_at: when, UTC.
        body: as it was sent.
        headers: those that say something about the body, by lower-case name.
    """

    source: str
    id: str
    received_at: datetime
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery and where it stands.

    Attributes:
        path: of its segment, relative to the store.
        end: the position after it; its line is the line the delivery stands on.
    """

    delivery: Delivery
    path: str
    end: Position


class EventJournal(Protocol):
    """The events of one store, in the order in which they were received. Safe to share between threads."""

    def append(self, delivery: Delivery) -> bool:
        """Keep one delivery; it is safe when this returns.

        Returns:
            Whether it is new: False when the same (source, id) was written before.
        """
        ...

    def size(self) -> tuple[int, int]:
        """Something that changes with every event, and costs one look to tell."""
        ...

    def entries(self, after: Position = Position()) -> Iterator[Entry]:
        """Everything written after a position, in order."""
        ...


@dataclass(slots=True)
class _Ticket:
    delivery: Delivery
    done: bool = False
    fresh: bool = False
    error: OSError | None = None


class Journal:
    """The events of one store. Safe to share between threads, and between processes."""

    def __init__(self, store: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Nothing is made before the first event is written."""
        self._folder = store / FOLDER
        self._segment_bytes = segment_bytes
        self._waiting: list[_Ticket] = []
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._known: set[bytes] = set()
        self._read_up_to = Position()

    def append(self, delivery: Delivery) -> bool:
        """Write one delivery; it is on disk when this returns. Whoever waits meanwhile is written along with it.

        Returns:
            Whether it is new: False when the same (source, id) was written before.

        Raises:
            OSError: it could not be written; nothing was acknowledged.
        """
        ticket = _Ticket(delivery)
        with self._guard:
            self._waiting.append(ticket)
        with self._writing:
            if not ticket.done:
                with self._guard:
                    batch, self._waiting = self._waiting, []
                try:
                    self._write(batch)
                except OSError as error:
                    for one in batch:
                        one.error = error
                for one in batch:
                    one.done = True
        if ticket.error is not None:
            raise ticket.error
        return ticket.fresh

    def size(self) -> tuple[int, int]:
        """Number and bytes of the newest segment: they change with every event, and cost one look to tell."""
        segment = self._newest()
        if segment is None:
            return 0, 0
        try:
            return segment, self._path(segment).stat().st_size
        except FileNotFoundError:
            return segment, 0

    def entries(self, after: Position = Position()) -> Iterator[Entry]:
        """Everything written after a position, in order; lines that a crash cut short are passed over."""
        newest = self._newest() or 0
        for segment in range(after.segment, newest + 1):
            yield from self._lines(after if segment == after.segment else Position(segment))

    def _lines(self, at: Position) -> Iterator[Entry]:
        path = self._path(at.segment)
        try:
            with path.open("rb") as stream:
                stream.seek(at.offset)
                for row in stream:
                    if not row.endswith(b"\n"):
                        return  # still being written
                    at = Position(at.segment, at.offset + len(row), at.line + 1)
                    delivery = _read(row)
                    if delivery is not None:
                        yield Entry(delivery, f"{FOLDER}/{path.name}", at)
        except FileNotFoundError:
            return  # archived by hand

    def _write(self, batch: Sequence[_Ticket]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._learn()
            rows: list[bytes] = []
            keys: set[bytes] = set()
            for ticket in batch:
                key = _key(ticket.delivery)
                ticket.fresh = key not in self._known and key not in keys
                if ticket.fresh:
                    keys.add(key)
                    rows.append(_row(ticket.delivery))
            if rows:
                self._put(b"".join(rows))
            self._known |= keys

    def _put(self, data: bytes) -> None:
        segment = self._newest() or 1
        path = self._path(segment)
        size = path.stat().st_size if path.exists() else 0
        if size >= self._segment_bytes:
            path = self._path(segment + 1)
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                data = b"\n" + data  # a crash cut the last line short
            written = 0
            while written < len(data):
                written += os.write(handle, data[written:])
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _learn(self) -> None:
        """Know the ids that other processes wrote, and at the start those of the newest segments."""
        newest = self._newest() or 1
        oldest = Position(max(1, newest - REMEMBERED_SEGMENTS + 1))
        after = max(self._read_up_to, oldest)
        for entry in self.entries(after):
            self._known.add(_key(entry.delivery))
            after = entry.end
        self._read_up_to = after

    def _newest(self) -> int | None:
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return None
        found = [int(n[:8]) for n in names if n.endswith(".ndjson") and n[:8].isdigit()]
        return max(found, default=None)

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:08d}.ndjson"


def _key(delivery: Delivery) -> bytes:
    return hashlib.sha256(f"{delivery.source}\n{delivery.id}".encode()).digest()[:16]


def _row(delivery: Delivery) -> bytes:
    line = {
        "source": delivery.source,
        "id": delivery.id,
        "received_at": delivery.received_at.isoformat(),
        "headers": dict(delivery.headers),
        "body": delivery.body,
    }
    return json.dumps(line, ensure_ascii=True).encode() + b"\n"


def _read(row: bytes) -> Delivery | None:
    try:
        line = json.loads(row)
        return Delivery(
            source=str(line["source"]),
            id=str(line["id"]),
            received_at=datetime.fromisoformat(line["received_at"]),
            body=str(line["body"]),
            headers={str(k): str(v) for k, v in line["headers"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
