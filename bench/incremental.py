"""What a build costs after a few files changed, as a ratio to a full build in the same run, stage by stage.

    python -m bench.incremental [PATH] [--entities 1000] [--share 0.01] [--rounds 5] [--embedder hash]

PATH is a folder to index; without one an organisation of `bench/organisation.py` is written. The folder is copied first, so nothing in
it is changed. `--embedder hash` leaves the model out: what is measured is then everything else, and the ratio is the strictest.
Wall time is of this machine and this run; where much else runs the ratio of processor time is the steadier one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.building import STAGES, build_index, local_embedder
from app.settings import load_settings
from bench.organisation import write_organisation
from catalog_store.embedder import Embedder, HashEmbedder

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EDITABLE = {".md", ".yaml", ".yml"}


@dataclass(slots=True)
class Times:
    """What one build took.

    Attributes:
        stages: stage → seconds of processor time.
        wall: seconds from start to end.
    """

    stages: Counter[str] = field(default_factory=Counter)
    wall: float = 0.0
    _stage: str = STAGES[0]
    _since: float = 0.0

    @property
    def processor(self) -> float:
        """Seconds of processor time, of all threads."""
        return sum(self.stages.values())

    def advance(self, stage: str, done: int, total: int) -> None:
        """Charge what passed since the last call; the time before a stage's first call belongs to the stage before it."""
        now = time.process_time()
        self.stages[self._stage] += now - self._since
        self._stage, self._since = stage, now
        if done == total:
            following = STAGES.index(stage) + 1
            self._stage = STAGES[min(following, len(STAGES) - 1)]

    def of(self, files: Path, store: Path, embedder: Embedder) -> Times:
        """Build, and take the time."""
        begun, self._since = time.perf_counter(), time.process_time()
        build_index([files], store=store, now=NOW, embedder=lambda: embedder, progress=self)
        self.advance(STAGES[-1], 1, 1)
        self.wall = time.perf_counter() - begun
        return self


def _edit(files: Path, share: float, seed: int) -> int:
    """Change a share of the files so that their text differs; returns how many."""
    every = sorted(p for p in files.rglob("*") if p.is_file() and p.suffix in EDITABLE)
    chosen = random.Random(seed).sample(every, max(1, round(len(every) * share)))
    for path in chosen:
        comment = f"\n<!-- edit {seed} -->\nOne more sentence about this, number {seed}.\n"
        with path.open("a", encoding="utf-8") as stream:
            stream.write(comment if path.suffix == ".md" else f"\n# edit {seed}\n")
    return len(chosen)


def _median(times: list[Times]) -> Times:
    """The median of each stage and of the wall time."""
    stages = {name: statistics.median(one.stages[name] for one in times) for name in STAGES}
    return Times(Counter(stages), statistics.median(one.wall for one in times))


def _table(full: Times, edited: Times, unchanged: Times, count: int) -> str:
    """Seconds and shares, as Markdown."""
    rows = [
        (name, full.stages[name], edited.stages[name], unchanged.stages[name]) for name in STAGES
    ]
    rows.append(("**processor time**", full.processor, edited.processor, unchanged.processor))
    rows.append(("**wall time**", full.wall, edited.wall, unchanged.wall))
    lines = [
        f"| stage | full, s | {count} files changed, s | of full | nothing changed, s | of full |",
        "|---|---|---|---|---|---|",
    ]
    for name, whole, some, none in rows:
        shares = [f"{part / whole:.1%}" if whole else "" for part in (some, none)]
        lines.append(
            f"| {name} | {whole:.2f} | {some:.3f} | {shares[0]} | {none:.3f} | {shares[1]} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Build in full, then after edits, then after none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument(
        "--share", type=float, default=0.01, help="share of the files changed (default 0.01)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--embedder", choices=("model", "hash"), default="model")
    given = parser.parse_args()
    embedder: Embedder = HashEmbedder()
    if given.embedder == "model":
        embedder = local_embedder(load_settings({}, env={}).cache_dir)
    embedder.encode(["warm up"])
    with tempfile.TemporaryDirectory() as home:
        files, store = Path(home) / "files", Path(home) / "store"
        if given.path is None:
            write_organisation(files, given.entities)
        else:
            shutil.copytree(given.path, files)
        full = Times().of(files, store, embedder)
        edited, unchanged = [], []
        count = 0
        for round_ in range(given.rounds):
            count = _edit(files, given.share, round_)
            edited.append(Times().of(files, store, embedder))
            unchanged.append(Times().of(files, store, embedder))
    print(_table(full, _median(edited), _median(unchanged), count))


if __name__ == "__main__":
    main()
