"""Everything that answers from one opened snapshot: questions, the search box, suggestions, entity pages, quality."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.audiences import Audiences, Regulars
    from app.callers import Caller
    from assistant.answer import Answer
    from assistant.choices import Choices
    from assistant.conversation import Conversations
    from assistant.editing import Edit
    from assistant.entity_page import DocumentPage, EntityPage
    from assistant.graph import Graph
    from assistant.portal.catalog import PortalCatalog
    from assistant.portal.search import PortalQuery, PortalResults
    from assistant.quality import QualityPage
    from assistant.search_box import SearchBox, SearchPage, SearchQuery
    from assistant.suggest import Suggestion, Use
    from catalog_store.freshness import Feed
    from catalog_store.model.visibility import VisibilityRule
    from catalog_store.snapshot import Snapshot
    from catalog_store.stores import Store
    from search.engine import SearchEngine
    from search.language_model import LanguageModel


QUALITY_PAGES = 64
"""Pages of catalog health that are kept: each takes dozens of queries, and holds until an event changes something."""


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

    def edited(self, plan: dict[str, Any], edit: Edit) -> dict[str, Any]:
        """A reading with one condition changed."""
        ...

    def choices(self, plan: dict[str, Any], at: str, *, text: str, now: datetime) -> Choices:
        """What could stand in the place of one condition of a reading."""
        ...

    def graph(self, refs: Sequence[str], *, hops: int, relations: Sequence[str]) -> Graph:
        """How some things hang together, and what lies around them."""
        ...

    def quality(self, refs: Sequence[str], *, now: datetime) -> QualityPage:
        """Every quality check, over the whole catalog or what belongs to some things of it."""
        ...

    def portal(self) -> PortalCatalog:
        """The catalog as a portal's catalog client asks for it."""
        ...

    def portal_search(self, query: PortalQuery) -> PortalResults:
        """One page of what the portal's search page asks for."""
        ...

    def feeds(self, *, now: datetime) -> list[Feed]:
        """When each feed last brought an event, and which have gone quiet."""
        ...

    def seen_by(self, caller: Caller) -> Serving:
        """What a caller sees of it: answers as if the rest had never been indexed; nobody closes it but the whole."""
        ...

    def close(self) -> None:
        """Give the snapshot back; nothing may be asked of it afterwards."""
        ...


class CatchesUp(Protocol):
    """Lays what happened since a snapshot was built over it."""

    def catch_up(self) -> None:
        """See every event that is on disk."""
        ...


class SnapshotServing:
    """Answers from an opened snapshot. The read models are made when first needed, so one question pays for no other."""

    def __init__(
        self,
        snapshot: Snapshot,
        asks: Asks,
        events: CatchesUp,
        engine: SearchEngine | None = None,
        audiences: Audiences | None = None,
        use: Use | None = None,
    ) -> None:
        """Takes an opened snapshot, which it closes, and what answers questions over it.

        Args:
            snapshot: what is known.
            asks: answers questions.
            events: what happened since the snapshot was built.
            engine: the one that `asks` works with; without it one is made when it is first needed.
            audiences: those from whom a part of it is hidden; None when everybody sees everything.
            use: what people ask about, which suggestions put first.
        """
        self._use = use
        self._snapshot = snapshot
        self._events = events
        self._assistant = asks
        self._audiences = audiences
        self._caller: Caller | None = None
        self._whole: SnapshotServing | None = None
        """Of what a caller sees: what it was taken from, which closes it."""
        self._lock = threading.Lock()
        self._parts: dict[str, Any] = {} if engine is None else {"engine": engine}
        self._qualities: dict[tuple[int, tuple[str, ...], datetime], QualityPage] = {}

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
        """Answer a question, or run an edited plan; the caller is who asks, unless told otherwise."""
        self._events.catch_up()
        asker = asker or (self._caller.user if self._caller is not None else None)
        return self._assistant.ask(
            question, now=now, asker=asker, conversation=conversation, limit=limit, plan=plan
        )

    def search(self, query: SearchQuery) -> SearchPage:
        """One page of search hits."""
        return self._search_box().search(query)

    def suggest(self, text: str, *, limit: int) -> list[Suggestion]:
        """What may follow what is typed."""
        from assistant.suggest import Suggester  # noqa: PLC0415

        suggester: Suggester = self._part(
            "suggest", lambda: Suggester(self._snapshot.catalog, self._snapshot.fields, self._use)
        )
        return suggester.suggest(text, limit=limit)

    def entity(self, ref: str) -> EntityPage:
        """Everything known about one entity."""
        from assistant.entity_page import entity_page  # noqa: PLC0415

        self._events.catch_up()
        snapshot = self._snapshot
        return entity_page(snapshot.catalog, snapshot.fields, ref, read_at=snapshot.created_at)

    def document(self, ref: str) -> DocumentPage:
        """One page of documentation, whole."""
        from assistant.entity_page import document_page  # noqa: PLC0415

        return document_page(self._snapshot.catalog, ref)

    def quality(self, refs: Sequence[str], *, now: datetime) -> QualityPage:
        """Every quality check; raises UnknownEntity for a scope that is not in the catalog."""
        from assistant.quality import quality_page  # noqa: PLC0415

        self._events.catch_up()
        key = (self._snapshot.catalog.version, tuple(refs), now)
        known = self._qualities.get(key)
        if known is None:
            known = quality_page(self._search_engine(), now=now, refs=refs)
            with self._lock:
                self._qualities[key] = known
                while len(self._qualities) > QUALITY_PAGES:
                    del self._qualities[next(iter(self._qualities))]
        return known

    def edited(self, plan: dict[str, Any], edit: Edit) -> dict[str, Any]:
        """A reading with one condition changed; raises BadRequest for a place or value that does not fit."""
        from assistant.editing import edited  # noqa: PLC0415
        from search.plan import read_plan  # noqa: PLC0415

        return edited(read_plan(plan), edit, self._snapshot.fields).model_dump(mode="json")

    def choices(self, plan: dict[str, Any], at: str, *, text: str, now: datetime) -> Choices:
        """What could stand in the place of one condition; raises BadRequest when there is none."""
        from assistant.choices import choices  # noqa: PLC0415

        self._events.catch_up()
        return choices(self._search_engine(), plan, at, text=text, now=now)

    def graph(self, refs: Sequence[str], *, hops: int, relations: Sequence[str]) -> Graph:
        """How some things hang together; raises BadRequest for a relation that there is not."""
        from assistant.graph import graph_of  # noqa: PLC0415

        return graph_of(self._snapshot.catalog, refs, hops=hops, relations=relations)

    def portal(self) -> PortalCatalog:
        """The catalog as a portal's catalog client asks for it."""
        from assistant.portal.catalog import PortalCatalog  # noqa: PLC0415

        catalog: PortalCatalog = self._part("portal", lambda: PortalCatalog(self._snapshot.catalog))
        return catalog

    def portal_search(self, query: PortalQuery) -> PortalResults:
        """One page of what the portal's search page asks for; raises BadRequest for a type there is not."""
        from assistant.portal.search import PortalSearch  # noqa: PLC0415

        box = self._search_box()
        searching: PortalSearch = self._part(
            "portal_search",
            lambda: PortalSearch(self._snapshot.catalog, box.search),
        )
        return searching.query(query)

    def feeds(self, *, now: datetime) -> list[Feed]:
        """When each feed last brought an event, and which have gone quiet."""
        from catalog_store.freshness import feeds  # noqa: PLC0415

        self._events.catch_up()
        return feeds(self._snapshot.catalog, now)

    def seen_by(self, caller: Caller) -> Serving:
        """What a caller sees of it, asked in the caller's name; raises ValueError for what somebody sees already."""
        if self._whole is not None:
            raise ValueError(f"already seen by {self._caller}; ask the whole serving for {caller}")
        part = None if self._audiences is None else self._audiences.of(caller)
        seen = copy(self if part is None else part)
        seen._whole, seen._caller, seen._audiences = part or self, caller, None
        return seen

    def warm_up(self) -> None:
        """Pay now for what the first request of each sort would wait for."""
        from assistant.search_box import SearchQuery  # noqa: PLC0415

        self.suggest("", limit=1)
        self.search(SearchQuery(text="warm up"))
        self.ask("warm up", now=datetime.now(UTC), limit=1)
        if self._audiences is not None:
            self._audiences.prepare()

    def close(self) -> None:
        """Give the snapshot back; what a caller sees of it is closed with the whole."""
        if self._whole is not None:
            return
        if self._audiences is not None:
            self._audiences.close()
        self._snapshot.close()

    def _search_box(self) -> SearchBox:
        from assistant.search_box import SearchBox  # noqa: PLC0415

        box: SearchBox = self._part("search", lambda: SearchBox(self._snapshot))
        return box

    def _search_engine(self) -> SearchEngine:
        from search.engine import SearchEngine  # noqa: PLC0415

        engine: SearchEngine = self._part("engine", lambda: SearchEngine(self._snapshot))
        return engine

    def _part(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = make()
            return self._parts[name]


def open_serving(
    store: Path | Store,
    conversations: Conversations | None = None,
    *,
    rules: Sequence[VisibilityRule] | None = None,
    regulars: Regulars | None = None,
    model: LanguageModel | None = None,
    use: Use | None = None,
) -> SnapshotServing:
    """Open the snapshot a store publishes now.

    Args:
        store: where snapshots are published.
        conversations: of those who see everything; hand in a shared one so that they outlive the snapshot.
        rules: who sees what; None reads those of the settings in force, so that none are left out by mistake.
        regulars: who asked lately, for whom `warm_up` makes things ready; told who asks.
        model: words passages into prose; none is needed.
        use: what people ask about, which suggestions put first; where a part is hidden from some, nobody learns what others ask.

    Raises:
        StoreNotFound: nothing was published there.
        StoreUnavailable: it lies on another machine, which does not answer.
        IndexMismatch: what was published does not fit this program, or is damaged.
    """
    from app.live_events import LiveEvents  # noqa: PLC0415
    from assistant.assistant import Assistant  # noqa: PLC0415
    from catalog_store.stores import as_store  # noqa: PLC0415

    home = as_store(store)
    snapshot = home.open()
    events = LiveEvents(snapshot, home.journal())
    assistant = Assistant(snapshot, conversations, model)
    audiences = None
    if rules is None:
        from app.settings import load_settings  # noqa: PLC0415

        rules = load_settings().visibility
    if rules:
        from app.audiences import Audiences, Regulars  # noqa: PLC0415

        audiences = Audiences(
            snapshot,
            events,
            rules,
            serve=partial(_serve_part, model=model),
            regulars=regulars or Regulars(),
        )
    shared = use if audiences is None else None
    return SnapshotServing(snapshot, assistant, events, assistant.engine, audiences, shared)


def _serve_part(
    part: Snapshot,
    events: CatchesUp,
    conversations: Conversations,
    *,
    model: LanguageModel | None = None,
) -> SnapshotServing:
    from assistant.assistant import Assistant  # noqa: PLC0415

    assistant = Assistant(part, conversations, model)
    return SnapshotServing(part, assistant, events, assistant.engine)


def catalog_quality(store: Path | Store, *, now: datetime) -> QualityPage:
    """How well the catalog that a store publishes now is kept.

    Raises:
        StoreNotFound: nothing was published there.
    """
    serving = open_serving(store)
    try:
        return serving.quality((), now=now)
    finally:
        serving.close()
