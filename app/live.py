"""The newest published snapshot, always: a server keeps answering from one while the next is opened beside it.

A swap costs no request, and a snapshot that cannot be opened is reported while the old one serves on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.serving import Serving, open_serving
from app.usage import use_of
from catalog_store.errors import StoreUnavailable
from catalog_store.stores import as_store

if TYPE_CHECKING:
    from app.audiences import Regulars
    from app.usage_section import UsagePolicy
    from assistant.conversation import Conversations
    from catalog_store.model.visibility import VisibilityRule
    from catalog_store.stores import Store
    from search.language_model import LanguageModel

POLL_S = 1.0
"""Seconds between looks at which snapshot is published; a look is one small file read, or one row of a database."""


@cache
def _conversations(folder: Path) -> Conversations:  # noqa: ARG001  one a store, whatever is published in it
    """Conversations go on when a new snapshot takes over."""
    from assistant.conversation import Conversations  # noqa: PLC0415

    return Conversations()


@cache
def _regulars(folder: Path) -> Regulars:  # noqa: ARG001
    """Who asked lately is made ready for when a new snapshot takes over."""
    from app.audiences import Regulars  # noqa: PLC0415

    return Regulars()


def open_warm(
    store: Path | Store,
    rules: Sequence[VisibilityRule] | None = None,
    model: LanguageModel | None = None,
    policy: UsagePolicy | None = None,
) -> Serving:
    """Open the snapshot a store publishes now, ready for its first request.

    Args:
        store: where snapshots are published.
        rules: who sees what; None reads those of the settings in force.
        model: words passages into prose; none is needed.
        policy: whether what people ask about is counted, and ranks suggestions; None for not at all.
    """
    folder = as_store(store).folder
    serving = open_serving(
        store,
        _conversations(folder),
        rules=rules,
        regulars=_regulars(folder),
        model=model,
        use=use_of(policy, folder) if policy is not None else None,
    )
    serving.warm_up()
    return serving


def _current_id(store: Path | Store) -> str | None:
    return as_store(store).current_id()


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
        store: Path | Store,
        *,
        open_store: Callable[[Any], Serving] = open_warm,
        current: Callable[[Any], str | None] = _current_id,
        poll_s: float = POLL_S,
        on_swap: Callable[[str, Exception | None], None] | None = None,
    ) -> None:
        """Open what is published now.

        Args:
            store: where snapshots are published.
            open_store: opens what a store publishes, ready for its first request.
            current: the id of what a store publishes, cheaply; None when there is nothing.
            poll_s: seconds between looks, > 0.
            on_swap: told of each new snapshot: its id, and the error when it could not be opened.

        Raises:
            StoreNotFound: nothing was published yet.
            StoreUnavailable: the store lies on another machine, which does not answer.

        `home` is the store, `store` the folder this machine has for it.
        """
        self._given = store
        self.home = as_store(store)
        self.store = self.home.folder
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
        try:
            published = self._current(self._given)
        except StoreUnavailable:  # asked again in a moment; what is open answers as long as it can
            return False
        if published is None or published in (self._lease.serving.id, self._refused):
            return False
        try:
            fresh = self._open(self._given)
        except (
            OSError,
            StoreUnavailable,
        ):  # a store that is being moved by hand, or cannot be reached; looked at again in a moment
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
        self.home.close()

    def _leave(self, lease: _Lease) -> None:
        with self._lock:
            lease.holders -= 1
            last = lease.retired and lease.holders == 0
        if last:
            lease.serving.close()

    def _watch(self) -> None:
        while not self._stop.wait(self._poll_s):
            self.check()
