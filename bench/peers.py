"""Peers on a corpus, as their documentation writes them: `python bench/peers.py CORPUS.json` prints a JSON line for each.

A peer that is not installed is passed over.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def say(peer: str, queries: list[str], search: Callable[[str], object]) -> None:
    """Time each query once; the first ten only warm up."""
    taken = []
    for query in queries:
        begun = time.perf_counter()
        search(query)
        taken.append((time.perf_counter() - begun) * 1000)
    print(json.dumps({"peer": peer, "ms": taken[10:]}), flush=True)


def bm25s_search(texts: list[str]) -> Callable[[str], object]:
    """https://github.com/xhluca/bm25s, the quick start."""
    import bm25s  # noqa: PLC0415

    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    return lambda query: retriever.retrieve(
        bm25s.tokenize(query, show_progress=False), k=10, show_progress=False
    )


def vector_search(count: int) -> Callable[[str], object]:
    """SentenceTransformer.encode into a flat FAISS index. Its vectors are random, as ours are here: the words of the query are not."""
    import faiss  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    from catalog_store.embedding.weights import find_weights  # noqa: PLC0415

    model = SentenceTransformer(str(find_weights()), device="cpu")
    index = faiss.IndexFlatIP(384)
    vectors = np.random.default_rng(1).standard_normal((count, 384), dtype=np.float32)
    faiss.normalize_L2(vectors)
    index.add(vectors)
    return lambda query: index.search(model.encode([query], normalize_embeddings=True), 10)


def main() -> None:
    """Each peer that is there."""
    corpus = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    texts, queries = corpus["texts"], corpus["queries"]
    for name, made in (
        ("bm25s, words only", lambda: bm25s_search(texts)),
        ("sentence-transformers and flat FAISS, vectors only", lambda: vector_search(len(texts))),
    ):
        try:
            search = made()
        except (ImportError, OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        say(name, queries, search)


if __name__ == "__main__":
    main()
