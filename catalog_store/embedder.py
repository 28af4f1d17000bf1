"""Text → vectors: the protocol, the serving model (ONNX int8, no torch), and a hash embedder for tests."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from catalog_store.analyzer import index_terms
from catalog_store.embedding.export import MODEL_FILE, TOKENIZER_FILE, ensure_model, read_manifest

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

__all__ = ["Embedder", "HashEmbedder", "OnnxEmbedder", "Vectors", "ensure_model", "load_embedder"]

Vectors: TypeAlias = npt.NDArray[np.float32]
"""One vector a row."""

BATCH_TOKENS = 32 * 128
"""Padded tokens in one run of the model: keeps the activations of a batch within the cache of a small machine."""


class Embedder(Protocol):
    """Turns texts into unit vectors whose inner product says how alike they are."""

    @property
    def identity(self) -> str:
        """Names the exact vectors; an index is only searched with the identity it was built with."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    @property
    def folder(self) -> Path | None:
        """Files a serving machine needs to make the same vectors; None when it needs none."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), in the order given."""


class OnnxEmbedder:
    """all-MiniLM-L6-v2 under onnxruntime. Safe to share between threads.

    Nothing heavy is loaded before the first text is encoded.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        """Open a folder that `ensure_model` made.

        Args:
            folder: with the model, its tokenizer and their manifest.
            threads: cores one call may use.

        Raises:
            ModelUnavailable: the folder holds no model, or a damaged one.
        """
        manifest = read_manifest(folder)
        self.identity: str = manifest["identity"]
        self.dimension: int = manifest["dimension"]
        self.folder: Path | None = folder
        self._files = folder
        self._max_length = int(manifest["max_length_tokens"])
        self._threads = threads
        self._lock = threading.Lock()
        self._model: tuple[tokenizers.Tokenizer, onnxruntime.InferenceSession] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384). Texts are cut after 256 tokens.

        Texts of like length are run together, so little is spent on padding.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        tokenizer, session = self._load()
        encodings = tokenizer.encode_batch_fast(list(texts))
        ids = [encoding.ids for encoding in encodings]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for batch in _batches(order, [len(item) for item in ids]):
            length = len(ids[batch[-1]])
            tokens = np.zeros((len(batch), length), np.int64)
            mask = np.zeros_like(tokens)
            for row, number in enumerate(batch):
                tokens[row, : len(ids[number])] = ids[number]
                mask[row, : len(ids[number])] = 1
            vectors[batch] = session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
        return vectors

    def _load(self) -> tuple[tokenizers.Tokenizer, onnxruntime.InferenceSession]:
        with self._lock:
            if self._model is None:
                import onnxruntime  # noqa: PLC0415
                import tokenizers  # noqa: PLC0415

                tokenizer = tokenizers.Tokenizer.from_file(str(self._files / TOKENIZER_FILE))
                tokenizer.enable_truncation(self._max_length)
                tokenizer.no_padding()
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.inter_op_num_threads = 1
                options.log_severity_level = 3
                # threads that spin between questions would keep a core busy for nothing
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                session = onnxruntime.InferenceSession(
                    str(self._files / MODEL_FILE), options, providers=["CPUExecutionProvider"]
                )
                self._model = (tokenizer, session)
            return self._model


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Cut a length-sorted order so that rows × longest row stays within BATCH_TOKENS."""
    batches: list[list[int]] = [[]]
    for number in order:
        if batches[-1] and (len(batches[-1]) + 1) * lengths[number] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(number)
    return batches


class HashEmbedder:
    """Hashed words and character trigrams: deterministic, instant, and alike texts come out alike. For tests.

    >>> a, b, c = HashEmbedder().encode(["rotate the stripe key", "rotating stripe keys", "quarterly budget"])
    >>> bool(a @ b > a @ c)
    True
    """

    folder: Path | None = None

    def __init__(self, dimension: int = 384) -> None:
        """`dimension` is the length of the vectors, >= 1; it is part of the identity."""
        self.dimension = dimension
        self.identity = f"hash-{dimension}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension); a text without words gets the first axis."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for term in index_terms(text):
                self._add(vectors[row], term, 1.0)
                for start in range(len(term) - 2):
                    self._add(vectors[row], "#" + term[start : start + 3], 0.3)
            norm = float(np.linalg.norm(vectors[row]))
            if norm:
                vectors[row] /= norm
            else:
                vectors[row, 0] = 1.0
        return vectors

    def _add(self, vector: Vectors, feature: str, weight: float) -> None:
        digest = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest())
        vector[digest % self.dimension] += weight if digest >> 63 else -weight


def load_embedder(identity: str, models: Path, *, threads: int = 2) -> Embedder:
    """The embedder of an identity, from the folder that holds one model folder per identity.

    Raises:
        ModelUnavailable: no such model there.
    """
    if identity.startswith("hash-"):
        return HashEmbedder(int(identity.removeprefix("hash-")))
    return OnnxEmbedder(models / identity, threads=threads)
