"""What everything costs, each figure beside its floor in the same run: one command writes the table of docs/performance.md and its plot.

    python -m bench.measure --all [--minutes 24] [--organisation FOLDER --suite QUESTIONS.yaml]
    python -m bench.measure --stage answers:1000 --stage passages:100000

A floor is the same work without Callboard around it: the bare SQL of an answer on the same file, a plain tantivy query, the bare model on the
same batches, `python -c "import …"`. Milliseconds are of one machine and one run; only the ratios travel. Each stage is a process of
its own, and the table is written anew after each: what does not fit the time is left out, and said.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from app.settings import load_settings
from bench import answers, parsing, passages
from bench.figures import Figure, machine, table
from bench.organisation import write_organisation
from bench.processes import embedding

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.png"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"

STAGES = ("answers:1000", "answers:10000", "parsing", "passages:100000", "embedding", "answers:100000", "passages:1000000")  # fmt: skip
"""The most telling first."""


def run_stage(stage: str, home: Path, organisation: Path, suite: Path) -> list[Figure]:
    """One stage, in this process."""
    name, _, number = stage.partition(":")
    if name == "answers":
        return answers.measure(home, int(number))
    if name == "parsing":
        return parsing.measure(home, organisation, suite)
    if name == "passages":
        return passages.measure(home, int(number), peers=int(number) <= 100_000)
    return embedding(write_organisation(home / "embedded", 1000), load_settings({}, env={}).cache_dir)  # fmt: skip


def run_apart(stage: str, given: argparse.Namespace, timeout_s: float) -> list[Figure] | None:
    """One stage in a process of its own, which gives its memory back; None when the time was up or it failed."""
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as home:
        out = Path(home) / "figures.json"
        command = [sys.executable, "-m", "bench.measure", "--apart", stage, home]
        command += ["--organisation", str(given.organisation), "--suite", str(given.suite)]
        try:
            subprocess.run(command, check=True, timeout=timeout_s, cwd=ROOT)  # noqa: S603  ourselves
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            print(f"{stage}: {error}", flush=True)
            return None
        return [Figure(**row) for row in json.loads(out.read_text(encoding="utf-8"))]


def write_page(figures: Sequence[Figure], skipped: Sequence[str], started: str) -> None:
    """Put the table between the markers of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    left = f"\n\nNo time was left for: {', '.join(skipped)}." if skipped else ""
    drawn = f"\n\n![Time over size]({PLOT.name})" if PLOT.exists() else ""
    made = f"{BEGIN}\n{today}; {started} at the start.\n\n{table(figures)}{left}{drawn}\n{END}"
    PAGE.write_text(before + made + after, encoding="utf-8")


def plot(figures: Sequence[Figure]) -> None:
    """Time over size, a line for each measurement of several sizes; nothing without matplotlib."""
    try:
        import matplotlib as mpl  # noqa: PLC0415
    except ImportError:
        return
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    _, axes = plt.subplots(figsize=(7, 4.5))
    for what in dict.fromkeys(f.what for f in figures if f.unit == "ms"):
        sized = [f for f in figures if f.what == what and f.size]
        points = sorted((int(f.size.split()[0].replace(",", "")), f.p50) for f in sized)
        if len(points) > 1:
            axes.plot(*zip(*points, strict=True), marker="o", label=what)
    axes.set(xscale="log", yscale="log", xlabel="entities or passages", ylabel="ms, median")
    axes.legend(fontsize=7)
    plt.tight_layout()
    plt.savefig(PLOT, dpi=110)


def growth(figures: Sequence[Figure]) -> list[Figure]:
    """How much longer an answer takes over a catalog ten times larger."""
    answered = [f for f in figures if f.what.startswith("structured answer")]
    return [
        Figure("growth of an answer", f"{small.size} → {large.size}", large.p50 / small.p50, unit="×", mark="≤ 2 × per tenfold", met=large.p50 <= 2 * small.p50)
        for small, large in itertools.pairwise(answered)
    ]  # fmt: skip


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--all", action="store_true", help="every stage, into the page")
    parser.add_argument("--stage", action="append", default=[], help="one stage, printed only")
    parser.add_argument("--minutes", type=float, default=60.0, help="when to stop")
    parser.add_argument("--organisation", type=Path, default=ROOT / "tests" / "orgs" / "waterworks")
    parser.add_argument("--suite", type=Path, default=ROOT / "tests" / "questions" / "waterworks-nested.yaml")  # fmt: skip
    parser.add_argument("--apart", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.apart:
        stage, home = given.apart[0], Path(given.apart[1])
        found = run_stage(stage, home, given.organisation, given.suite)
        rows = json.dumps([asdict(figure) for figure in found])
        (home / "figures.json").write_text(rows, encoding="utf-8")
        return
    ends, started = time.monotonic() + given.minutes * 60, machine()
    figures: list[Figure] = []
    skipped: list[str] = []
    for stage in given.stage or STAGES:
        found_here = run_apart(stage, given, max(1.0, ends - time.monotonic()))
        figures += found_here or ()
        skipped += [stage] if found_here is None else []
        print(table(found_here or ()), flush=True)
        if given.all:
            plot(figures)
            write_page([*figures, *growth(figures)], skipped, started)


if __name__ == "__main__":
    main()
