"""Follow folders: whenever their files change, something is done, once for changes that come together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from watchfiles import Change, DefaultFilter, watch

DEBOUNCE_MS = 400
"""Changes that come within this time are one: editors and checkouts write many files at once."""


BEGUN_MS = 100
"""Time after which a watch that saw nothing says so, the first time that it stands."""


class _Inputs(DefaultFilter):
    """Files that a build may read: no hidden folders, no caches, and not the store itself."""

    def __init__(self, store: Path) -> None:
        super().__init__(ignore_paths=[store.resolve()])

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path)


def follow(
    paths: Sequence[Path],
    *,
    store: Path,
    begun: Callable[[], None],
    changed: Callable[[int], None],
    stop: Event | None = None,
) -> None:
    """Call back after every change below some paths, until it is told to stop or interrupted.

    Args:
        paths: files and folders; those that do not exist are left out.
        store: the store that the call-backs write, which may lie inside; its own changes count for nothing.
        begun: called once, as soon as changes are noticed; those that come while it runs are told afterwards.
        changed: told how many files were added, changed or removed.
        stop: ends it when set.
    """
    present = [path for path in paths if path.exists()]
    stands = False
    for changes in watch(
        *present,
        watch_filter=_Inputs(store),
        debounce=DEBOUNCE_MS,
        stop_event=stop,
        rust_timeout=BEGUN_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        if not stands:  # what was saved up to now is there to be read
            stands = True
            begun()
        elif changes:
            changed(len({path for _, path in changes}))
