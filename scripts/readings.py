"""What a better choice among readings could win, over suites that bring their organisation: `python scripts/readings.py SUITE...`.

Asks each question as it is answered, and every kept reading of it by itself. Of the held-out parts only totals are printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.building import build_index, local_embedder
from app.settings import load_settings
from demo_org import write_demo
from eval.readings.bound import Bound, bound
from eval.readings.collect import Asked, ask_readings
from eval.suite import Suite
from eval.suite_reader import read_suite


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each part of each suite, and one for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+", type=Path, metavar="SUITE")
    parser.add_argument(
        "--stores",
        type=Path,
        required=True,
        metavar="DIR",
        help="one store a suite; made when it is not there",
    )
    chosen = parser.parse_args(arguments)
    parts: dict[bool, list[Asked]] = {False: [], True: []}
    for path in chosen.suites:
        suite = read_suite(path)
        asked = list(ask_readings(_store_of(suite, chosen.stores / suite.name), suite))
        for held_out in parts:
            part = [a for a in asked if a.case.held_out is held_out]
            parts[held_out] += part
            print(_line(suite.name, bound(part), held_out=held_out))  # noqa: T201
    for held_out, part in parts.items():
        print(_line("all", bound(part), held_out=held_out))  # noqa: T201


def _store_of(suite: Suite, store: Path) -> Path:
    if store.exists():
        return store
    store.mkdir(parents=True)
    settings = load_settings()
    now = suite.now or datetime.now(UTC)
    paths = suite.organisation
    if isinstance(paths, str):
        paths = (write_demo(store / "demo-files", now=now),)
    build_index(
        list(paths),
        store=store,
        now=now,
        embedder=lambda: local_embedder(settings.cache_dir),
        refinements=settings.refinements,
    )
    return store


def _line(name: str, counts: Bound, *, held_out: bool) -> str:
    part = "held out" if held_out else "seen"
    return (
        f"{name:<12} {part:<9} {counts.cases:>5} cases: right {counts.right}, silently wrong {counts.silent}; "
        f"with the best reading always chosen {counts.oracle} right "
        f"({counts.complete} of the gains use every word), {counts.silent_reached} of the silently wrong mended"
    )


if __name__ == "__main__":
    main()
