"""How far a build is, as bars on a terminal; nothing where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.building import Progress

_LABELS = {
    "read": "Reading files",
    "connect": "Connecting what refers to what",
    "catalog": "Writing the catalog",
    "words": "Indexing words",
    "meaning": "Indexing meaning",
    "publish": "Publishing",
}


@contextmanager
def build_progress() -> Iterator[Progress | None]:
    """Bars on stderr, gone when the build ends; None when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars  # noqa: PLC0415

    from cli.terminal import Terminal  # noqa: PLC0415

    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Terminal(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: object) -> None:
        from rich.progress import Progress as Bars  # noqa: PLC0415
        from rich.progress import TaskID  # noqa: PLC0415

        assert isinstance(bars, Bars)
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def advance(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(_LABELS.get(stage, stage), total=total or 1)
        # A stage that has nothing to do counts as one step, done.
        self._bars.update(self._tasks[stage], completed=done if total else 1, total=total or 1)
