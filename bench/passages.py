"""The search box over many passages, beside a plain tantivy query with the bare model, and three peers on the same texts and queries.

Texts are distinct, vectors random but fixed: making real ones takes an hour for 100,000. What a search pays for embedding its words is measured
with the real model and added. The peers are written as their own documentation does it; they go into a folder of their own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from app.building import local_embedder
from app.settings import load_settings
from assistant.search_box import SearchBox, SearchQuery
from bench.figures import Figure, quantiles, timed
from bench.organisation import NOW
from bench.search_speed import Fixed, content_of, plain_search, texts_of, vocabulary_of
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot

QUERIES = 120
LUNR_MOST = 20_000
"""Passages that Lunr is given at most: its index is built in memory, in minutes and gigabytes beyond."""


def measure(home: Path, passages: int, *, peers: bool) -> list[Figure]:
    """Search at one size; with peers, theirs beside it."""
    size = f"{passages:,} passages"
    rng = random.Random(1)
    vocabulary = vocabulary_of(rng)
    texts = list(texts_of(vocabulary, passages))
    queries = [" ".join(rng.sample(rng.choice(texts).split(), 4)) for _ in range(QUERIES)]
    model = local_embedder(load_settings({}, env={}).cache_dir)
    embedded = [timed(lambda q=q: model.encode([q])) for q in queries][10:]
    bare = plain_search(texts, home / f"plain-{passages}")
    floors = [timed(lambda q=q: bare(q)) for q in queries][10:]
    store = home / f"pages-{passages}"
    content = content_of(texts, rng, vocabulary)
    built = timed(lambda: publish(store, content, now=NOW, embedder=Fixed()))
    with open_snapshot(store, embedder=Fixed()) as snapshot:
        box = SearchBox(snapshot)
        ours = [timed(lambda q=q: box.search(SearchQuery(text=q))) for q in queries][10:]
    whole = [a + b for a, b in zip(ours, embedded, strict=True)]
    p50, p95 = quantiles(whole)
    bound = 25 if passages <= 100_000 else 60
    floor = quantiles([a + b for a, b in zip(floors, embedded, strict=True)])[0]
    found = [
        Figure("publishing, per 1,000 passages", size, built / passages * 1000),
        Figure("search", size, p50, p95, floor=floor, mark=f"p95 ≤ {bound} ms", met=p95 <= bound),
    ]
    if peers:
        found += _peers(home, texts, queries, size)
    return found


def _peers(home: Path, texts: list[str], queries: list[str], size: str) -> list[Figure]:
    """bm25s, sentence-transformers with FAISS, and Lunr; those that cannot be had are left out."""
    corpus = home / "corpus.json"
    corpus.write_text(json.dumps({"texts": texts, "queries": queries}), encoding="utf-8")
    place, here = home / "peers", Path(__file__).parent
    fetch = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place)]
    subprocess.run([*fetch, "bm25s>=0.2,<1"], check=False)  # noqa: S603  a throw-away folder
    found = _run([sys.executable, str(here / "peers.py"), str(corpus)], size, place)
    npm = shutil.which("npm")
    if npm is not None:
        fetch = [npm, "install", "--silent", "--prefix", str(place), "lunr@2.3.9"]
        subprocess.run(fetch, check=False)  # noqa: S603  a throw-away folder
        few = min(LUNR_MOST, len(texts))
        command = ["node", str(here / "peer_lunr.cjs"), str(place), str(corpus), str(few)]
        found += _run(command, f"{few:,} passages", place)
    return found


def _run(command: list[str], size: str, place: Path) -> list[Figure]:
    """What a peer says: one JSON line for each way of searching, its times in ms."""
    env = {**os.environ, "PYTHONPATH": f"{Path(__file__).parents[1]}{os.pathsep}{place}"}
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=env)  # noqa: S603  our own scripts
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [Figure(f"peer: {one['peer']}", size, *quantiles(one["ms"])) for one in said]
