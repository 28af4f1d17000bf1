"""Reading a question alone, over the questions of a suite: on its own organisation, and on a catalog ten times larger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import yaml

from app.building import build_index
from bench.figures import Figure, quantiles, timed
from bench.organisation import write_organisation
from catalog_store.embedder import HashEmbedder
from catalog_store.snapshot import open_snapshot
from search.understand.lexicon import Lexicon
from search.understand.reader import read_question

WARM = 20
"""Questions read before the clock starts. Of the rest each is read once: none is known when its turn comes."""


def read_once(store: Path, asked: list[str], now: datetime) -> tuple[float, float, int]:
    """Median and 95th percentile in ms of reading each question for the first time, and how many things there are."""
    with open_snapshot(store) as snapshot:
        lexicon = Lexicon(snapshot.catalog)
        for question in asked[:WARM]:
            read_question(question, lexicon, now=now)
        rest = asked[WARM:]
        taken = [timed(lambda q=q: read_question(q, lexicon, now=now)) for q in rest]
        return *quantiles(taken), len(lexicon.candidates)


def measure(home: Path, organisation: Path, suite: Path) -> list[Figure]:
    """Both sizes.

    Args:
        home: where stores may be written.
        organisation: files of the suite's organisation.
        suite: YAML with `now` and `questions`, each with its text under `question` or `ask`.
    """
    given = yaml.safe_load(suite.read_text(encoding="utf-8"))
    now = datetime.fromisoformat(given["now"])
    texts = [case.get("question") or case.get("ask") for case in given["questions"]]
    asked = [text for text in texts if isinstance(text, str)]
    found: list[Figure] = []
    small = 0.0
    sources = [organisation]
    for name in ("small", "large"):
        store = home / f"parsing-{name}"
        build_index(sources, store=store, now=now, embedder=HashEmbedder)
        p50, p95, things = read_once(store, asked, now)
        mark, met = "p50 ≤ 3 ms, p95 ≤ 10 ms", p50 <= 3 and p95 <= 10
        if small:
            mark, met = "≤ 2 × the smaller", p50 <= 2 * small
        found.append(Figure(f"reading a question ({len(asked) - WARM} of a suite)", f"{things:,} entities", p50, p95, floor=small, mark=mark, met=met))  # fmt: skip
        small = p50
        sources.append(write_organisation(home / "parsing-more", things * 9, pages=10).folder)
    return found
