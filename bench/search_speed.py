"""How long a search and a suggestion take over many passages, beside a plain tantivy query on the same text in the same run.

    python bench/search_speed.py [--passages 100000] [--queries 300]

Pages are made up: words by Zipf's law, so that there are common words and rare ones. Their vectors are random but fixed, since making real ones
takes an hour; what a search pays for embedding its words is measured with the real model and added. Times are of this machine and this
run: the ratio to tantivy is what can be compared.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import tantivy

from app.building import local_embedder
from app.settings import load_settings
from assistant.search_box import SearchBox, SearchQuery
from assistant.suggest import Suggester
from catalog_store.content import CatalogContent
from catalog_store.embedder import Vectors
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Entity, EntityRef
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS, PASSAGE_WORDS, PER_PAGE, ENTITIES = 30_000, 60, 8, 5_000


class Fixed:
    """Random unit vectors, the same for the same text."""

    identity, dimension, folder = "bench-fixed", 384, None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), 384)."""
        found = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
            found[row] = np.random.default_rng(seed).standard_normal(self.dimension)
        norms: Vectors = np.linalg.norm(found, axis=1, keepdims=True)
        return found / norms


def vocabulary_of(rng: random.Random) -> list[str]:
    """Words of no language, all of them speakable."""
    letters = "bcdfghklmnprstvw"
    return [
        "".join(rng.choice(letters) + rng.choice("aeiou") for _ in range(rng.randint(2, 5)))
        for _ in range(WORDS)
    ]


def texts_of(vocabulary: Sequence[str], count: int) -> Iterator[str]:
    """Texts of passages, each of its own: few words are common, most are rare."""
    drawn = np.random.default_rng(1).zipf(1.25, size=(count, PASSAGE_WORDS)) % len(vocabulary)
    for row in drawn.tolist():
        yield " ".join(vocabulary[number] for number in row)


def content_of(
    texts: Sequence[str], rng: random.Random, vocabulary: Sequence[str]
) -> CatalogContent:
    """Pages of eight passages, and things beside them."""
    documents, passages, entities = [], [], []
    for number, text in enumerate(texts):
        page, ordinal = divmod(number, PER_PAGE)
        ref, path = f"doc:docs/{page}.md", f"docs/{page}.md"
        if ordinal == 0:
            title = " ".join(text.split()[:4])
            documents.append(Document(ref=ref, path=path, title=title))
        span = SourceSpan(path, ordinal * 10 + 1, ordinal * 10 + 9)
        passages.append(Passage(ref, ordinal, text[:20], (text[:20],), text, span))
    for number in range(ENTITIES):
        name = f"{rng.choice(vocabulary)}-{rng.choice(vocabulary)}-{number}"
        span = SourceSpan(f"catalog/{number}.yaml", 1, 9)
        values = {
            "name": name,
            "type": "service",
            "description": " ".join(rng.sample(vocabulary, 8)),
        }
        entities.append(Entity(EntityRef("component", "default", name), "Component", values, span))
    return CatalogContent(entities=entities, documents=documents, passages=passages)


def _timed(call: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    for query in queries[:10]:
        call(query)
    times = []
    for query in queries:
        begun = time.perf_counter()
        call(query)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def plain_search(texts: Sequence[str], folder: Path) -> Callable[[str], object]:
    """One text field and its default analysis, as tantivy's own tutorial does it."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True)
    folder.mkdir()
    index = tantivy.Index(builder.build(), path=str(folder))
    writer = index.writer(heap_size=128_000_000, num_threads=1)
    for text in texts:
        writer.add_document(tantivy.Document(body=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    return lambda query: searcher.search(index.parse_query(query, ["body"]), 10)


def _say(name: str, times: Sequence[float], beside: Sequence[float]) -> None:
    p50, p95 = np.quantile(times, (0.5, 0.95))
    ratio = statistics.median(times) / statistics.median(beside)
    print(f"{name:<34} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   {ratio:6.1f} × plain tantivy")


def main() -> None:
    """Build once, then time everything with the same queries."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    given = parser.parse_args()
    rng = random.Random(1)
    vocabulary = vocabulary_of(rng)
    texts = list(texts_of(vocabulary, given.passages))
    queries = [" ".join(rng.sample(rng.choice(texts).split(), 4)) for _ in range(given.queries)]
    typed = [query.split()[0][: rng.randint(2, 5)] for query in queries]
    with tempfile.TemporaryDirectory() as home:
        plain = _timed(plain_search(texts, Path(home) / "plain"), queries)
        publish(Path(home) / "store", content_of(texts, rng, vocabulary), now=NOW, embedder=Fixed())
        with open_snapshot(Path(home) / "store", embedder=Fixed()) as snapshot:
            box = SearchBox(snapshot)
            search = _timed(lambda q: box.search(SearchQuery(text=q)), queries)
            suggester = Suggester(snapshot.catalog, snapshot.fields)
            suggest = _timed(suggester.suggest, typed)
    model = local_embedder(load_settings({}, env={}).cache_dir)
    embed = _timed(lambda q: model.encode([q]), queries)
    print(f"{given.passages} passages, {ENTITIES} entities, {len(queries)} queries of four words")
    _say("plain tantivy, one field, ten hits", plain, plain)
    _say("search, without embedding", search, plain)
    _say("embedding the words", embed, plain)
    _say("search, end to end", [s + e for s, e in zip(search, embed, strict=True)], plain)
    _say("suggest", suggest, plain)


if __name__ == "__main__":
    main()
