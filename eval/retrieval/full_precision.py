"""The embedding model as published, by sentence-transformers: what the served int8 model is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from catalog_store.embedder import Vectors
from catalog_store.embedding.export import DIMENSION
from catalog_store.embedding.weights import WEIGHTS_SHA256, find_weights


class FullPrecision:
    """32-bit floats all the way; loads torch, so it is for measuring only."""

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  seconds, and torch

        self.identity = f"all-minilm-l6-v2-fp32-{WEIGHTS_SHA256[:8]}"
        self.dimension = DIMENSION
        self.folder: Path | None = None
        self._model: Any = SentenceTransformer(str(find_weights()), device="cpu")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384)."""
        found: Vectors = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        ).astype(np.float32)
        return found
