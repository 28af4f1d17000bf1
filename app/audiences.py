"""What each audience sees of a snapshot: a store of its own that never held the rest.

Everything that answers works on a snapshot, and knows nothing of permissions. So whoever must not see a thing is given a
snapshot without it: its rows, edges, passages, vectors, word counts and derived facts are not there to be forgotten in some
query. Audiences are few, because people are told apart only by the gates that are closed to them.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from app.callers import ANYONE
from app.visibility import Gates

if TYPE_CHECKING:
    from app.callers import Caller
    from app.live_events import LiveEvents
    from app.serving import SnapshotServing
    from assistant.conversation import Conversations
    from catalog_store.model.entity import Edge, Record
    from catalog_store.model.visibility import VisibilityRule
    from catalog_store.reader import Patch
    from catalog_store.snapshot import Snapshot

MAX_AUDIENCES = 64
"""Audiences kept open for one snapshot; the one not asked for longest is closed when its last answer is given."""

MAX_REMEMBERED = 16
"""Audiences that are made ready before a new snapshot takes over."""


_FOLDER = "callboard-audience-"
"""Begins the names of audiences' folders; the process that made one comes next."""

_Closed: TypeAlias = frozenset[frozenset[str]]
"""Gates, each told by whom it admits: the same in every snapshot."""

_Key: TypeAlias = tuple[frozenset[str], frozenset[int]]
"""What is hidden now, and the gates that may hide more once events bring it."""


class Regulars:
    """Who asked lately: their audiences are made ready before a new snapshot takes over, and their conversations go on.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        """Nobody asked yet."""
        self._known: OrderedDict[_Closed, tuple[Caller, Conversations]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, closed: _Closed, caller: Caller) -> Conversations:
        """Someone asks for whom these gates are closed; the conversations of everyone behind the same ones."""
        from assistant.conversation import Conversations  # noqa: PLC0415

        with self._lock:
            before = self._known.pop(closed, None)
            talks = Conversations() if before is None else before[1]
            self._known[closed] = (caller, talks)
            while len(self._known) > MAX_AUDIENCES:
                self._known.popitem(last=False)
            return talks

    def callers(self) -> list[Caller]:
        """One caller of each audience, those who asked last."""
        with self._lock:
            return [caller for caller, _ in [*self._known.values()][-MAX_REMEMBERED:]]


class PartEvents:
    """Lays the visible part of what happened since a snapshot was built over an audience's own. Safe to share between threads."""

    def __init__(
        self,
        whole: LiveEvents,
        part: Snapshot,
        hidden: frozenset[str],
        bars: Callable[[Record], bool],
    ) -> None:
        """Nothing is laid before `catch_up`.

        Args:
            whole: what happened, laid over the whole snapshot.
            part: the audience's own.
            hidden: the things that are not in it.
            bars: whether a rule hides a record itself.
        """
        self._whole, self._part = whole, part
        self._hidden, self._bars = hidden, bars
        self._done = 0
        self._lock = threading.Lock()

    def catch_up(self) -> None:
        """See every event that is on disk and may be seen."""
        self._whole.catch_up()
        if self._done == len(self._whole.patches):
            return
        with self._lock:
            for patch, end in self._whole.patches[self._done :]:
                self._part.catalog.patch(self._visible(patch), through=end)
                self._done += 1

    def _visible(self, patch: Patch) -> Patch:
        from catalog_store.reader import Patch as Laid  # noqa: PLC0415
        from indexer.visible import belongs_to_hidden  # noqa: PLC0415

        by_source: dict[str, list[Edge]] = {}
        for edge in patch.edges:
            by_source.setdefault(edge.source, []).append(edge)
        gone: list[Record] = []
        kept: list[Record] = []
        for record in patch.records:
            own = by_source.get(record.ref, ())
            unseen = self._bars(record) or belongs_to_hidden(own, self._hidden)
            (gone if unseen else kept).append(record)
        hidden = (self._hidden - {r.ref for r in kept}) | {r.ref for r in gone}
        edges = [e for e in patch.edges if e.source not in hidden and e.target not in hidden]
        return Laid(kept, edges, gone)


class Audiences:
    """The audiences of one snapshot, each made when the first of its people asks. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        events: LiveEvents,
        rules: Sequence[VisibilityRule],
        *,
        serve: Callable[[Snapshot, PartEvents, Conversations], SnapshotServing],
        regulars: Regulars,
    ) -> None:
        """Nothing is made before `of`.

        Args:
            snapshot: all that is known.
            events: what happened since it was built.
            rules: who sees what.
            serve: answers from a part of the snapshot.
            regulars: who asked lately, of this snapshot and those before it.
        """
        self._snapshot, self._events = snapshot, events
        self._serve = serve
        self._regulars = regulars
        self._gates = Gates(snapshot, rules)
        self._open: OrderedDict[_Key, SnapshotServing] = OrderedDict()
        self._making: dict[_Key, threading.Lock] = {}
        self._hidden: dict[frozenset[int], frozenset[str]] = {}
        _remove_orphans()
        self._closing: list[weakref.finalize[[Snapshot, Path], SnapshotServing]] = []
        self._lock = threading.Lock()

    def of(self, caller: Caller) -> SnapshotServing | None:
        """What answers a caller; None for one from whom nothing is hidden."""
        gates = self._gates.closed_to(caller)
        hidden = self._hidden.get(gates)
        if hidden is None:
            hidden = self._hidden[gates] = self._gates.hidden_behind(gates)
        if not hidden and not self._gates.may_bar(gates):
            return None
        key = (hidden, gates)
        talks = self._regulars.note(self._gates.named(gates), caller)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if (known := self._open.get(key)) is not None:
                    self._open.move_to_end(key)
                    return known
            made = self._make(hidden, gates, talks)
            with self._lock:
                self._open[key] = made
                while len(self._open) > MAX_AUDIENCES:
                    self._open.popitem(last=False)
            return made

    def prepare(self) -> None:
        """Make ready what those who asked lately will ask of, and whoever comes without a name."""
        for caller in (ANYONE, *self._regulars.callers()):
            self.of(caller)

    def close(self) -> None:
        """Give every audience back; nothing may be asked of them afterwards."""
        with self._lock:
            self._open.clear()
            closing, self._closing = self._closing, []
        for close in closing:
            close()

    def _make(
        self, hidden: frozenset[str], gates: frozenset[int], talks: Conversations
    ) -> SnapshotServing:
        from app.observe import log  # noqa: PLC0415
        from catalog_store.publish import write_apart  # noqa: PLC0415
        from indexer.visible import without  # noqa: PLC0415

        begun = time.perf_counter()
        folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        try:
            content, all_hidden = without(self._snapshot, hidden)
            part = write_apart(
                folder, content, like=self._snapshot, embedder=self._snapshot.embedder
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        events = PartEvents(self._events, part, all_hidden, partial(self._gates.bars, gates=gates))
        serving = self._serve(part, events, talks)
        # an audience that was dropped while it answers is closed when the last answer is given
        with self._lock:
            self._closing = [close for close in self._closing if close.alive]
            self._closing.append(weakref.finalize(serving, _discard, part, folder))
        log(
            logging.INFO,
            "audience ready",
            hidden=len(hidden),
            seconds=round(time.perf_counter() - begun, 3),
        )
        return serving


def _remove_orphans() -> None:
    """What servers left behind that were killed: folders of processes that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        process = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if process.isdecimal() and not _alive(int(process)):
            shutil.rmtree(
                folder, ignore_errors=True
            )  # of other users: refused, and theirs to remove


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _discard(part: Snapshot, folder: Path) -> None:
    part.close()
    shutil.rmtree(folder, ignore_errors=True)
