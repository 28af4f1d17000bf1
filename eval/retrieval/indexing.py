"""Where the listed sets lie, and the index of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.building import build_index
from catalog_store.embedder import Embedder
from eval.retrieval.sets import RetrievalSet

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The moment every index counts as built at; no figure depends on it."""

LISTING = Path(__file__).with_name("sets.yaml")


def built(asked: RetrievalSet, store: Path, embedder: Embedder) -> Path:
    """The store of a set's corpus; what it holds already is not read again."""
    build_index(asked.corpus, store=store, now=NOW, embedder=lambda: embedder)
    return store
