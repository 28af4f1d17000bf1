"""The events since a snapshot was built, laid over it: what arrived a moment ago is in the next answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog_store.journal import Entry, EventJournal, Position
    from catalog_store.reader import Patch
    from catalog_store.snapshot import Snapshot
    from indexer.live import LiveIndexer


class LiveEvents:
    """Lays what arrived since a snapshot was built over it. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, journal: EventJournal) -> None:
        """Nothing is read before `catch_up`."""
        self._snapshot = snapshot
        self._journal = journal
        self._position = snapshot.read_up_to
        self._seen: tuple[int, int] | None = None
        self._indexer: LiveIndexer | None = None
        self._lock = threading.Lock()
        self.patches: list[tuple[Patch, Position]] = []
        """What was laid over the snapshot so far and how far the journal was read for it; for whoever sees only a part."""

    def catch_up(self) -> None:
        """See every event that is on disk; one look at the journal when there is none."""
        size = self._journal.size()
        if size == self._seen:
            return
        with self._lock:
            entries = list(self._journal.entries(self._position))
            if entries:
                self._read(entries)
                self._position = entries[-1].end
            self._seen = size

    def _read(self, entries: Sequence[Entry]) -> None:
        """Together; when that fails, one by one, so that one event costs no other."""
        try:
            self._lay(entries)
        except Exception as error:  # noqa: BLE001  an event must never stop an answer; it stays in the journal
            if len(entries) == 1:
                _log(
                    logging.ERROR,
                    "event not understood",
                    entries[0].path,
                    entries[0].end.line,
                    f"{type(error).__name__}: {error}",
                )
            else:
                for entry in entries:
                    self._read([entry])

    def _lay(self, entries: Sequence[Entry]) -> None:
        if self._indexer is None:
            from indexer.live import LiveIndexer  # noqa: PLC0415  only when something happened

            self._indexer = LiveIndexer(self._snapshot.catalog, self._snapshot.ground)
        patch, problems = self._indexer.read(entries, now=datetime.now(UTC))
        self._snapshot.catalog.patch(patch, through=entries[-1].end)
        self.patches.append((patch, entries[-1].end))
        for problem in problems:
            place = problem.span
            _log(logging.WARNING, "event with a problem", place.path, place.first, problem.message)


def _log(level: int, event: str, path: str, line: int, message: str) -> None:
    from app.observe import log  # noqa: PLC0415  it brings the server's measures, which one question needs not

    log(level, event, path=path, line=line, message=message)
