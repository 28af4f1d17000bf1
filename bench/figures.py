"""What one measurement says, and how a table of them is written."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        what: what was measured.
        size: of what: "10,000 entities"; empty where it does not matter.
        p50, p95: of what was measured, in `unit`; 0 for a p95 of a single run.
        unit: of both, and of the floor.
        floor: the same work without us; 0 when there is none.
        mark: what it should be.
        met: whether it is; None where there is no mark.
    """

    what: str
    size: str
    p50: float
    p95: float = 0.0
    unit: str = "ms"
    floor: float = 0.0
    mark: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float:
        """How many times its floor; 0 without one."""
        return self.p50 / self.floor if self.floor else 0.0


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile.

    >>> quantiles([3.0, 1.0, 2.0])
    (2.0, 3.0)
    """
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds something takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    rows = ["| what | size | p50 | p95 | floor | × floor | mark | met |", "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for f in figures:
        p95 = f"{f.p95:,.1f}" if f.p95 else ""
        floor = f"{f.floor:,.1f}" if f.floor else ""
        ratio = f"{f.ratio:.2f}" if f.floor else ""
        met = "" if f.met is None else "yes" if f.met else "no"
        cells = (f.what, f.size, f"{f.p50:,.1f} {f.unit}", p95, floor, ratio, f.mark, met)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def machine() -> str:
    """What it ran on, and what else ran there."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    load = os.getloadavg()[0]
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}"
