"""What a build costs after a few files changed, as a ratio to a full build in the same run.

    python bench/incremental.py [PATH] [--share 0.01] [--rounds 3]

PATH is a folder to index; without one the bundled demo organisation is written and used. The folder is copied first, so
nothing in it is changed. Times are wall clock, of this machine and this run: only the ratios mean something.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from app.building import build_index, local_embedder
from app.settings import load_settings
from catalog_store.embedder import Embedder
from demo_org import write_demo

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EDITABLE = {".md", ".yaml", ".yml"}


def _build(files: Path, store: Path, embedder: Embedder) -> float:
    begun = time.perf_counter()
    build_index([files], store=store, now=NOW, embedder=lambda: embedder)
    return time.perf_counter() - begun


def _edit(files: Path, share: float, seed: int) -> int:
    """Change a share of the files so that their text differs; returns how many."""
    every = sorted(p for p in files.rglob("*") if p.is_file() and p.suffix in EDITABLE)
    chosen = random.Random(seed).sample(every, max(1, round(len(every) * share)))
    for path in chosen:
        comment = f"\n<!-- edit {seed} -->\nOne more sentence about this, number {seed}.\n"
        with path.open("a", encoding="utf-8") as stream:
            stream.write(comment if path.suffix == ".md" else f"\n# edit {seed}\n")
    return len(chosen)


def main() -> None:
    """Build in full, then after edits, then after none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument(
        "--share", type=float, default=0.01, help="share of the files changed (default 0.01)"
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    embedder = local_embedder(load_settings({}, env={}).cache_dir)
    embedder.encode(["warm up"])
    with tempfile.TemporaryDirectory() as home:
        files = Path(home) / "files"
        if given.path is None:
            write_demo(files, now=NOW)
        else:
            shutil.copytree(given.path, files)
        full = _build(files, Path(home) / "store", embedder)
        edited, unchanged = [], []
        count = 0
        for round_ in range(given.rounds):
            count = _edit(files, given.share, round_)
            edited.append(_build(files, Path(home) / "store", embedder))
            unchanged.append(_build(files, Path(home) / "store", embedder))
    print("| build | seconds | of a full one |\n|---|---|---|")
    print(f"| full | {full:.2f} | 100 % |")
    for name, times in ((f"{count} files changed", edited), ("nothing changed", unchanged)):
        median = statistics.median(times)
        print(f"| {name} | {median:.2f} | {median / full:.1%} |")


if __name__ == "__main__":
    main()
