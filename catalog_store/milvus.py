"""Vectors in Milvus, for more passages than one machine holds; pymilvus is imported here only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from pymilvus import DataType, MilvusClient, MilvusException

from catalog_store.embedder import Vectors
from catalog_store.errors import IndexMismatch, StoreUnavailable

EXACT_LIMIT = 200_000
"""Rows up to which every vector is compared, as in `indexes/dense.py`; above, Milvus chooses its index itself."""

TIMEOUT_S = 10
"""Seconds a search may take; loading may take as long as it needs."""

MOST_HITS = 16_384
"""Most rows Milvus returns at a time."""

_BATCH = 1000
"""Vectors sent at a time: 1.5 MB of them at 384 floats, far below what one message may hold."""


class MilvusEngine:
    """One Milvus. Safe to share between threads.

    Each snapshot has a collection of its own, so the snapshot that serves names the vectors that fit it.
    """

    name = "milvus"

    def __init__(self, uri: str) -> None:
        """Nothing is connected yet.

        Args:
            uri: `http://host:19530`, with `user:password@` where it asks for one; or a file for Milvus Lite.
        """
        self._uri = uri
        self._client: MilvusClient | None = None

    def load(self, collection: str, vectors: Iterator[Vectors], dimension: int) -> None:
        """Make a collection of unit vectors; row numbers become the ids.

        Raises:
            StoreUnavailable: Milvus does not answer, or refuses.
        """
        with said(self._uri):
            client = self._connected()
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=dimension)
            client.create_collection(collection, schema=schema)
            count = 0
            for chunk in vectors:
                for start in range(0, len(chunk), _BATCH):
                    batch = chunk[start : start + _BATCH]
                    client.insert(
                        collection,
                        [{"id": count + n, "embedding": row} for n, row in enumerate(batch)],
                    )
                    count += len(batch)
            client.flush(collection)
            index = client.prepare_index_params()
            kind = "FLAT" if count <= EXACT_LIMIT else "AUTOINDEX"
            index.add_index("embedding", index_type=kind, metric_type="IP")
            client.create_index(collection, index)
            client.load_collection(collection)

    def open(self, collection: str) -> MilvusVectors:
        """Open a collection for searching.

        Raises:
            StoreUnavailable: Milvus does not answer.
            IndexMismatch: it has no such collection.
        """
        with said(self._uri):
            client = self._connected()
            if not client.has_collection(collection):
                raise IndexMismatch(
                    f"{self._uri} has no collection {collection!r}; index the sources again"
                )
            client.load_collection(collection)
            return MilvusVectors(client, self._uri, collection)

    def drop(self, collection: str) -> None:
        """Remove a collection; one that is not there is no error."""
        with said(self._uri):
            self._connected().drop_collection(collection)

    def _connected(self) -> MilvusClient:
        if self._client is None:
            self._client = MilvusClient(self._uri, timeout=TIMEOUT_S)
        return self._client


class MilvusVectors:
    """One collection. Safe to share between threads."""

    def __init__(self, client: MilvusClient, uri: str, collection: str) -> None:
        """Ask how many there are."""
        self._client, self._uri, self._collection = client, uri, collection
        rows = client.query(collection, filter="", output_fields=["count(*)"])
        self._count = int(rows[0]["count(*)"])
        described: dict[str, Any] = client.describe_collection(collection)
        fields = {field["name"]: field for field in described["fields"]}
        self._dimension = int(fields["embedding"]["params"]["dim"])

    def __len__(self) -> int:
        return self._count

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._dimension

    def search(
        self, vector: Vectors, top_k: int, *, allowed: npt.NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The rows most like a vector; see `DenseSearch`."""
        top_k = min(top_k, self._count if allowed is None else len(allowed), MOST_HITS)
        if top_k < 1:
            return []
        with said(self._uri):
            hits = self._client.search(
                self._collection,
                data=[vector.tolist()],
                limit=top_k,
                filter="" if allowed is None else _among(allowed),
                output_fields=["id"],
                timeout=TIMEOUT_S,
            )[0]
        found = [(int(hit["id"]), float(hit["distance"])) for hit in hits]
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The stored vectors of some rows, in their order, shape (len(rows), dimension)."""
        wanted = np.unique(rows)
        stored = np.zeros((len(wanted), self._dimension), np.float32)
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            with said(self._uri):
                found = self._client.query(
                    self._collection,
                    filter=_among(part),
                    output_fields=["id", "embedding"],
                    limit=len(part),
                    timeout=TIMEOUT_S,
                )
            if len(found) != len(part):
                raise IndexMismatch(
                    f"{self._uri}: {len(part) - len(found)} vectors of {self._collection!r} are missing; "
                    "index the sources again"
                )
            for row in found:
                stored[int(np.searchsorted(wanted, row["id"]))] = row["embedding"]
        ordered: Vectors = stored[np.searchsorted(wanted, rows)]
        return ordered

    def close(self) -> None:
        """Nothing is held open: the connection belongs to the engine."""


def _among(rows: npt.NDArray[np.int64]) -> str:
    return f"id in {rows.tolist()}"


@contextmanager
def said(uri: str) -> Iterator[None]:
    """What Milvus raises, as one error that says where to look."""
    try:
        yield
    except MilvusException as error:
        raise StoreUnavailable(uri, " ".join(str(error).split())) from error
