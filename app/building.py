"""One build: every path is read, and one new snapshot published."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from catalog_store.content import Problem
    from catalog_store.embedder import Embedder
    from catalog_store.model.refinements import Refinements
    from catalog_store.stores import Store

READ_MEMORY, BUILD_LOCK = "read.sqlite", ".reading"
"""In the store, beside the snapshots: what each file said when it was last read, and the lock of the build that reads."""


class Progress(Protocol):
    """Told how far a build is."""

    def advance(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` steps of a stage are finished; the stages are those of `STAGES`."""
        ...


STAGES = ("read", "connect", "catalog", "words", "meaning", "publish")
"""The stages of a build, in order."""


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
    store: Path | Store,
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
    from catalog_store.publish import locked  # noqa: PLC0415
    from catalog_store.stores import as_store  # noqa: PLC0415
    from indexer.build import read_catalog  # noqa: PLC0415
    from indexer.memory import ReadMemory  # noqa: PLC0415

    begun = time.perf_counter()
    home = as_store(store)
    with (
        locked(home.folder / BUILD_LOCK),
        ReadMemory(home.folder / READ_MEMORY, repr(refinements)) as memory,
    ):
        content = read_catalog(
            paths,
            now=now,
            progress=progress,
            memory=memory,
            journal=home.journal(),
            refinements=refinements,
        )
    folder = None
    if content.entities or content.records or content.documents:
        advance = progress.advance if progress else None
        folder = home.publish(content, now=now, embedder=embedder(), progress=advance)
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
