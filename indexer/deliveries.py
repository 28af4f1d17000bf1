"""Events of the journal as inputs: each body is read by the format that recognises it, as a file of its own would be."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from catalog_store.journal import Delivery, Entry, EventJournal, Position
from catalog_store.model.document import SourceSpan
from indexer.files import InputFile, Root
from indexer.memory import Reading
from indexer.reporting import report_secrets
from indexer.sources.base import CONTENTS, Harvest, Source, load_sources, recognise

_SUFFIX = ".json"
"""Events are JSON: only formats that read it are asked."""


@dataclass(frozen=True)
class DeliveredBody(InputFile):
    """The body of one delivery. Whatever in it is cited, the citation points at its line of the journal."""

    body: bytes = b""
    line: int = 1
    sent_at: datetime | None = None

    @property
    def received_at(self) -> datetime | None:
        """When it was received."""
        return self.sent_at

    @property
    def suffix(self) -> str:
        """That of JSON."""
        return _SUFFIX

    @property
    def data(self) -> bytes:
        """The body, secrets masked."""
        return self.masked(self.body)

    @property
    def head_bytes(self) -> bytes:
        """The body: it is small."""
        return self.body

    @property
    def identity(self) -> str:
        """Its line of the journal."""
        return f"{self.path}:{self.line}"

    def open(self) -> io.BufferedIOBase:
        """The body as a stream."""
        return io.BytesIO(self.body)

    def status(self) -> tuple[int, int]:
        """Its size; it never changes."""
        return len(self.body), 0

    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()

    def span(self, first: int = 1, last: int | None = None) -> SourceSpan:  # noqa: ARG002
        """Its line of the journal."""
        return SourceSpan(self.path, self.line, self.line, self.format)


def body_of(delivery: Delivery, path: str = "events", line: int = 1) -> DeliveredBody:
    """A delivery as an input; `path` and `line` are what citations call it."""
    body = delivery.body.encode("utf-8", "replace")
    place = Path("/", path)
    root = Root(place.parent, "events")
    return DeliveredBody(root, place, path, len(body), body, line, delivery.received_at)


def read_body(body: DeliveredBody, harvest: Harvest) -> Reading:
    """What a body says: statements only. A body that describes entities or pages is refused: events state what happened."""
    part = harvest.part()
    source = recognise(body, _sources())
    if source is None:
        part.report.warning(
            "unknown-event",
            "no event format recognises this body; it was left alone, see the list of sources",
            body.span(),
        )
        return Reading(None, part)
    body.claimed_by(source.name)
    source.read(body, part)
    report_secrets(body, part.report)
    for name in CONTENTS:
        if name not in ("statements", "notes") and getattr(part, name):
            refused = harvest.part()
            refused.report.error(
                "no-event",
                f"a body of format {source.name} describes the catalog, it is no event; index it as a file",
                body.span(),
            )
            return Reading(None, refused)
    return Reading(source.name, part)


def read_delivery(entry: Entry, harvest: Harvest) -> Reading:
    """What one entry of the journal says."""
    return read_body(body_of(entry.delivery, entry.path, entry.end.line), harvest)


def bodies(journal: EventJournal) -> Iterator[tuple[DeliveredBody, Position]]:
    """Every body of the journal, oldest first, and the position after it."""
    for entry in journal.entries():
        yield body_of(entry.delivery, entry.path, entry.end.line), entry.end


@cache
def _sources() -> Sequence[Source]:
    return load_sources()
