"""Who knows whom: settings → store → the things that answer. Surfaces get everything from here.

A server keeps answering from one snapshot while the next one is opened beside it, so a swap costs no request.
"""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.live_events import LiveEvents
    from app.settings import Settings
    from assistant.answer import Answer
    from assistant.conversation import Conversations
    from assistant.entity_page import DocumentPage, EntityPage
    from assistant.quality import QualityPage
    from assistant.search_box import SearchPage, SearchQuery
    from assistant.suggest import Suggestion
    from catalog_store.content import Problem
    from catalog_store.embedder import Embedder
    from catalog_store.freshness import Feed
    from catalog_store.model.refinements import Refinements
    from catalog_store.snapshot import Snapshot
    from search.engine import SearchEngine

READ_MEMORY, BUILD_LOCK = "read.sqlite", ".reading"
"""In the store, beside the snapshots: what each file said when it was last read, and the lock of the build that reads."""

POLL_S = 1.0
"""Seconds between looks at which snapshot is published; a look is one small file read."""


class Progress(Protocol):
    """Told how far a build is."""

    def advance(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` steps of a stage are finished; the stages are those of `STAGES`."""
        ...


STAGES = ("read", "connect", "catalog", "words", "meaning", "publish")
"""The stages of a build, in order."""


class Asks(Protocol):
    """Answers questions."""

    def ask(
        self,
        question: str | None,
        *,
        now: datetime,
        asker: str | None = None,
        conversation: str | None = None,
        limit: int = 25,
        plan: dict[str, Any] | None = None,
    ) -> Answer:
        """Answer a question, or run an edited plan; raises only `UserError` for a malformed one."""
        ...


class Serving(Asks, Protocol):
    """Everything that answers from one snapshot."""

    @property
    def id(self) -> str:
        """The snapshot's id."""
        ...

    @property
    def built_at(self) -> datetime:
        """When the snapshot was built."""
        ...

    def search(self, query: SearchQuery) -> SearchPage:
        """One page of search hits."""
        ...

    def suggest(self, text: str, *, limit: int) -> list[Suggestion]:
        """What may follow what is typed."""
        ...

    def entity(self, ref: str) -> EntityPage:
        """Everything known about one entity."""
        ...

    def document(self, ref: str) -> DocumentPage:
        """One page of documentation, whole."""
        ...

    def quality(self, refs: Sequence[str], *, now: datetime) -> QualityPage:
        """Every quality check, over the whole catalog or what belongs to some things of it."""
        ...

    def feeds(self, *, now: datetime) -> list[Feed]:
        """When each feed last brought an event, and which have gone quiet."""
        ...

    def close(self) -> None:
        """Give the snapshot back; nothing may be asked of it afterwards."""
        ...


class SnapshotServing:
    """Answers from an opened snapshot. The read models are made when first needed, so one question pays for no other."""

    def __init__(
        self,
        snapshot: Snapshot,
        asks: Asks,
        events: LiveEvents,
        engine: SearchEngine | None = None,
    ) -> None:
        """Takes an opened snapshot, which it closes, and what answers questions over it.

        Args:
            snapshot: what is known.
            asks: answers questions.
            events: what happened since the snapshot was built.
            engine: the one that `asks` works with; without it one is made when it is first needed.
        """
        self._snapshot = snapshot
        self._events = events
        self._assistant = asks
        self._lock = threading.Lock()
        self._parts: dict[str, Any] = {} if engine is None else {"engine": engine}

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return self._snapshot.id

    @property
    def built_at(self) -> datetime:
        """When the snapshot was built."""
        return self._snapshot.created_at

    def ask(
        self,
        question: str | None,
        *,
        now: datetime,
        asker: str | None = None,
        conversation: str | None = None,
        limit: int = 25,
        plan: dict[str, Any] | None = None,
    ) -> Answer:
        """Answer a question, or run an edited plan."""
        self._events.catch_up()
        return self._assistant.ask(
            question, now=now, asker=asker, conversation=conversation, limit=limit, plan=plan
        )

    def search(self, query: SearchQuery) -> SearchPage:
        """One page of search hits."""
        from assistant.search_box import SearchBox  # noqa: PLC0415

        box: SearchBox = self._part("search", lambda: SearchBox(self._snapshot))
        return box.search(query)

    def suggest(self, text: str, *, limit: int) -> list[Suggestion]:
        """What may follow what is typed."""
        from assistant.suggest import Suggester  # noqa: PLC0415

        suggester: Suggester = self._part(
            "suggest", lambda: Suggester(self._snapshot.catalog, self._snapshot.fields)
        )
        return suggester.suggest(text, limit=limit)

    def entity(self, ref: str) -> EntityPage:
        """Everything known about one entity."""
        from assistant.entity_page import entity_page  # noqa: PLC0415

        self._events.catch_up()
        return entity_page(self._snapshot.catalog, self._snapshot.fields, ref)

    def document(self, ref: str) -> DocumentPage:
        """One page of documentation, whole."""
        from assistant.entity_page import document_page  # noqa: PLC0415

        return document_page(self._snapshot.catalog, ref)

    def quality(self, refs: Sequence[str], *, now: datetime) -> QualityPage:
        """Every quality check; raises UnknownEntity for a scope that is not in the catalog."""
        from assistant.quality import quality_page  # noqa: PLC0415
        from search.engine import SearchEngine  # noqa: PLC0415

        self._events.catch_up()
        engine: SearchEngine = self._part("engine", lambda: SearchEngine(self._snapshot))
        return quality_page(engine, now=now, refs=refs)

    def feeds(self, *, now: datetime) -> list[Feed]:
        """When each feed last brought an event, and which have gone quiet."""
        from catalog_store.freshness import feeds  # noqa: PLC0415

        self._events.catch_up()
        return feeds(self._snapshot.catalog, now)

    def warm_up(self) -> None:
        """Pay now for what the first request of each sort would wait for."""
        from assistant.search_box import SearchQuery  # noqa: PLC0415

        self.suggest("", limit=1)
        self.search(SearchQuery(text="warm up"))
        self.ask("warm up", now=datetime.now(UTC), limit=1)

    def close(self) -> None:
        """Give the snapshot back."""
        self._snapshot.close()

    def _part(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = make()
            return self._parts[name]


def open_serving(store: Path, conversations: Conversations | None = None) -> SnapshotServing:
    """Open the snapshot a store publishes now.

    Raises:
        StoreNotFound: nothing was published there.
        IndexMismatch: what was published does not fit this program, or is damaged.
    """
    from app.live_events import LiveEvents  # noqa: PLC0415
    from assistant.assistant import Assistant  # noqa: PLC0415
    from catalog_store.journal import Journal  # noqa: PLC0415
    from catalog_store.snapshot import open_snapshot  # noqa: PLC0415

    snapshot = open_snapshot(store)
    events = LiveEvents(snapshot, Journal(store))
    assistant = Assistant(snapshot, conversations)
    return SnapshotServing(snapshot, assistant, events, assistant.engine)


def catalog_quality(store: Path, *, now: datetime) -> QualityPage:
    """How well the catalog that a store publishes now is kept.

    Raises:
        StoreNotFound: nothing was published there.
    """
    serving = open_serving(store)
    try:
        return serving.quality((), now=now)
    finally:
        serving.close()


@cache
def _conversations(store: Path) -> Conversations:  # noqa: ARG001  one a store, whatever is published in it
    """Conversations go on when a new snapshot takes over."""
    from assistant.conversation import Conversations  # noqa: PLC0415

    return Conversations()


def _open_warm(store: Path) -> Serving:
    serving = open_serving(store, _conversations(store))
    serving.warm_up()
    return serving


def _current_id(store: Path) -> str | None:
    from catalog_store.snapshot import current_id  # noqa: PLC0415

    return current_id(store)


@dataclass(slots=True)
class _Lease:
    """One opened snapshot and how many requests stand on it; closed when it is retired and the last has left."""

    serving: Serving
    holders: int = 0
    retired: bool = False


class LiveAssistant:
    """Always the newest published snapshot; a request keeps the one it started with.

    A thread of its own looks for a new snapshot and opens it beside the old one, so no request waits for either. A
    snapshot that cannot be opened is reported once and the old one goes on serving.
    """

    def __init__(
        self,
        store: Path,
        *,
        open_store: Callable[[Path], Serving] = _open_warm,
        current: Callable[[Path], str | None] = _current_id,
        poll_s: float = POLL_S,
        on_swap: Callable[[str, Exception | None], None] | None = None,
    ) -> None:
        """Open what is published now.

        Args:
            store: the folder of snapshots.
            open_store: opens the published snapshot, ready for its first request.
            current: the id of the published snapshot, cheaply; None when there is none.
            poll_s: seconds between looks, > 0.
            on_swap: told of each new snapshot: its id, and the error when it could not be opened.

        Raises:
            StoreNotFound: nothing was published yet.
        """
        self.store = store
        self.on_swap = on_swap
        self._open, self._current, self._poll_s = open_store, current, poll_s
        self._lock = threading.Lock()
        self._lease = _Lease(open_store(store))
        self._refused: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="snapshot-watch", daemon=True)
        self._thread.start()

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        """The newest snapshot, held until the block ends."""
        with self._lock:
            lease = self._lease
            lease.holders += 1
        try:
            yield lease.serving
        finally:
            self._leave(lease)

    def check(self) -> bool:
        """Look for a new snapshot now; whether one was taken into service."""
        published = self._current(self.store)
        if published is None or published in (self._lease.serving.id, self._refused):
            return False
        try:
            fresh = self._open(self.store)
        except OSError:  # a store that is being moved by hand; looked at again in a moment
            return False
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, the old one goes on serving
            self._refused = published
            if self.on_swap:
                self.on_swap(published, error)
            return False
        with self._lock:
            old, self._lease = self._lease, _Lease(fresh)
            old.retired = True
            idle = old.holders == 0
        if idle:
            old.serving.close()
        if self.on_swap:
            self.on_swap(fresh.id, None)
        return True

    def close(self) -> None:
        """Stop looking, and give the snapshot back once its last request has left."""
        self._stop.set()
        self._thread.join(timeout=10)
        with self._lock:
            lease = self._lease
            first, lease.retired = not lease.retired, True
            idle = first and lease.holders == 0
        if idle:
            lease.serving.close()

    def _leave(self, lease: _Lease) -> None:
        with self._lock:
            lease.holders -= 1
            last = lease.retired and lease.holders == 0
        if last:
            lease.serving.close()

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_s):
            self.check()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one build read and published.

    Attributes:
        snapshot: the published folder; None when nothing could be read, and the snapshot before goes on serving.
        sources: source format → files read.
        kinds: kind → how many things of it.
        passages: pieces of pages that can be found.
        skipped: reason → number of things left alone without it being a problem.
        unchanged: files that were not read again, since they are as they were in the build before.
        problems: what was wrong with the inputs, in path order.
        seconds: of the whole build.
    """

    snapshot: Path | None
    sources: dict[str, int]
    kinds: dict[str, int]
    passages: int
    skipped: dict[str, int]
    unchanged: int
    problems: tuple[Problem, ...]
    seconds: float


@contextmanager
def _without_collector() -> Iterator[None]:
    """No looking for cycles: what a build reads lives to its end, and looking through it again and again is a quarter of a rebuild."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collector()
def build_index(
    paths: Sequence[Path],
    *,
    store: Path,
    now: datetime,
    embedder: Callable[[], Embedder],
    progress: Progress | None = None,
    refinements: Refinements | None = None,
) -> BuildReport:
    """Read every path and publish one new snapshot; the old one serves until the new one is whole.

    Args:
        paths: files and folders.
        store: where to publish; made when it is not there.
        now: the moment the build counts as made, timezone-aware.
        embedder: gives the model; called only once there is something to publish.
        progress: told how far each stage is.
        refinements: what the settings say about facts and words.
    """
    from catalog_store.journal import Journal  # noqa: PLC0415
    from catalog_store.publish import locked, publish  # noqa: PLC0415
    from indexer.build import read_catalog  # noqa: PLC0415
    from indexer.memory import ReadMemory  # noqa: PLC0415

    begun = time.perf_counter()
    with locked(store / BUILD_LOCK), ReadMemory(store / READ_MEMORY, repr(refinements)) as memory:
        content = read_catalog(
            paths,
            now=now,
            progress=progress,
            memory=memory,
            journal=Journal(store),
            refinements=refinements,
        )
    folder = None
    if content.entities or content.records or content.documents:
        advance = progress.advance if progress else None
        folder = publish(store, content, now=now, embedder=embedder(), progress=advance)
    kinds = Counter(e.kind for e in content.entities)
    kinds.update(r.kind for r in content.records)
    kinds.update("Runbook" if d.doc_kind == "runbook" else "Doc" for d in content.documents)
    return BuildReport(
        snapshot=folder,
        sources=dict(content.sources),
        kinds=dict(kinds),
        passages=len(content.passages),
        skipped=content.skipped,
        unchanged=memory.reused,
        problems=tuple(sorted(content.problems, key=lambda p: (p.span.path, p.span.first, p.code))),
        seconds=time.perf_counter() - begun,
    )


def local_embedder(cache: Path) -> Embedder:
    """The embedding model, prepared in the cache on first use (about ten seconds)."""
    from catalog_store.embedder import OnnxEmbedder, ensure_model  # noqa: PLC0415

    return OnnxEmbedder(ensure_model(cache / "models"))


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a surface needs: the settings in force, and the assistant that is live."""

    settings: Settings
    live: LiveAssistant
