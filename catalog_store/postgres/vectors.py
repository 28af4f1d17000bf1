"""The vectors of one snapshot in a table of pgvector: every one compared up to a size, a navigable graph above it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from pgvector.psycopg import register_vector
from psycopg import sql

from catalog_store.embedder import Vectors
from catalog_store.errors import IndexMismatch
from catalog_store.postgres.database import Database
from catalog_store.postgres.pool import Connection, Pool

EXACT_LIMIT = 20_000
"""Rows up to which every vector is compared; above, comparing them all takes longer than a search may."""

HNSW_NEIGHBOURS, HNSW_EF_CONSTRUCTION = 16, 64
"""Links of a row, candidates kept while building: pgvector's own. Twice as many take four times as long to build; searching keeps 512."""

SMALL_SCOPE = 20_000
"""Scopes up to this many rows are compared one by one even where there is a graph: filtering a graph loses results."""


_NEAREST_IN_GRAPH = (
    "SELECT id, -(embedding <#> $1::vector) FROM vectors ORDER BY embedding <#> $1::vector LIMIT $2"
)
"""A graph is only walked where nothing but the distance is sorted by."""

_NEAREST = (
    "SELECT id, -(embedding <#> $1::vector) FROM vectors "
    "ORDER BY (embedding <#> $1::vector) + 0, id LIMIT $2"
)
"""`+ 0` keeps out of the graph."""

_WHERE = " FROM vectors WHERE id = ANY($3::bigint[]) "
_NEAREST_WITHIN_GRAPH = _NEAREST_IN_GRAPH.replace(" FROM vectors ", _WHERE)
_NEAREST_WITHIN = _NEAREST.replace(" FROM vectors ", _WHERE)


def create(connection: Connection, vectors: Iterator[Vectors], dimension: int) -> int:
    """Make the table of the schema that the connection sees, from chunks of unit vectors, shape (n, dimension).

    Returns:
        How many there are; row numbers are the ids.
    """
    connection.execute(
        sql.SQL("CREATE TABLE vectors (id bigint NOT NULL, embedding vector({}) NOT NULL)").format(
            sql.Literal(dimension)
        )
    )
    register_vector(connection)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY vectors (id, embedding) FROM STDIN WITH (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int8", "vector"])
        for chunk in vectors:
            for vector in chunk:
                copy.write_row([count, vector])
                count += 1
    connection.execute("ALTER TABLE vectors ADD PRIMARY KEY (id)")
    if count > EXACT_LIMIT:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(
            "CREATE INDEX ON vectors USING hnsw (embedding vector_ip_ops) "
            f"WITH (m = {HNSW_NEIGHBOURS}, ef_construction = {HNSW_EF_CONSTRUCTION})"
        )
    return count


class PgVectors:
    """A published set of vectors. Safe to share between threads."""

    def __init__(self, database: Database, pool: Pool) -> None:
        """Ask how many there are.

        Args:
            database: where they lie.
            pool: connections that see the snapshot's tables; they are closed by whoever made them.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        self._database, self._pool = database, pool
        ((count, dimension),) = self._fetch(
            "SELECT (SELECT count(*) FROM vectors), (SELECT vector_dims(embedding) FROM vectors LIMIT 1)"
        )
        self._count, self._dimension = int(count), int(dimension or 0)
        self._graph = self._count > EXACT_LIMIT

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
        top_k = min(top_k, self._count if allowed is None else len(allowed))
        if top_k < 1:
            return []
        if allowed is None:
            statement = _NEAREST_IN_GRAPH if self._graph else _NEAREST
            rows = self._fetch(statement, _text(vector), top_k)
        else:
            within = len(allowed) > SMALL_SCOPE and self._graph
            statement = _NEAREST_WITHIN_GRAPH if within else _NEAREST_WITHIN
            rows = self._fetch(statement, _text(vector), top_k, allowed.tolist())
        return sorted(((int(n), float(s)) for n, s in rows), key=lambda item: (-item[1], item[0]))

    def vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The stored vectors of some rows, in their order, shape (len(rows), dimension)."""
        wanted = np.unique(rows)
        found = self._fetch(
            "SELECT vector_send(embedding) FROM vectors WHERE id = ANY($1::bigint[]) ORDER BY id",
            wanted.tolist(),
            binary=True,
        )
        if len(found) != len(wanted):
            raise IndexMismatch(
                f"{self._database.shown}: {len(wanted) - len(found)} vectors are missing; index the sources again"
            )
        # each is sent as its length in two bytes, two bytes that say nothing, and its floats
        data = b"".join(one[0][4:] for one in found)
        stored = np.frombuffer(data, ">f4").astype(np.float32).reshape(-1, self._dimension)
        ordered: Vectors = stored[np.searchsorted(wanted, rows)]
        return ordered

    def close(self) -> None:
        """Nothing is held open: the connections belong to the snapshot."""

    def _fetch(self, text: str, *values: object, binary: bool = False) -> list[tuple[Any, ...]]:
        return self._database.fetch(self._pool, text, values, binary=binary)[1]


def _text(vector: Vectors) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"
