"""A store in PostgreSQL: replicas need nothing but its address.

Each snapshot lies in a schema of its own. It is loaded there while the one before serves, and one transaction moves the pointer: whoever asks
sees the old one or the new one. A replica holds a shared lock on the snapshot it serves; a schema is dropped when nobody does.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import sql

from catalog_store import derive
from catalog_store.derive import read_field_row
from catalog_store.errors import StoreUnavailable
from catalog_store.journal import Position
from catalog_store.model.fields import FieldTable
from catalog_store.postgres.catalog import PostgresCatalog, see
from catalog_store.postgres.database import SCHEMA, Database, lock_number
from catalog_store.postgres.journal import PostgresJournal
from catalog_store.postgres.load import load_file, load_tables
from catalog_store.postgres.pool import Connection, Pool
from catalog_store.shared import SharedStore, VectorEngine, stored_vectors
from catalog_store.snapshot import CATALOG, DENSE, KEPT_SNAPSHOTS, ROWS, Elsewhere

CHANNEL = "callboard"
"""A notification with the snapshot's name goes out here when it takes over."""


class PostgresStore(SharedStore):
    """One database."""

    def __init__(self, url: str, folder: Path, vectors: VectorEngine | None = None) -> None:
        """Nothing is connected yet.

        Args:
            url: `postgresql://…`, as libpq reads it.
            folder: what this machine keeps.
            vectors: an engine of its own for the vectors; without one they lie in pgvector.
        """
        self._database = Database(url)
        super().__init__(self._database.shown, folder, vectors)
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        self._ready = False

    def current_id(self) -> str | None:
        """Name of the snapshot that serves, or None."""
        if not self._is_set_up():
            return None
        rows = self._ask("SELECT id FROM callboard.current")
        return str(rows[0][0]) if rows else None

    def journal(self) -> PostgresJournal:
        """The events that came since.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if not self._is_set_up():
            with self._database.connect() as connection:
                self._database.set_up(connection)
        return PostgresJournal(self._database, self._connections())

    def close(self) -> None:
        """Close the connections; snapshots that are open stay open."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def _manifest(self, name: str) -> str | None:
        rows = self._ask("SELECT manifest FROM callboard.snapshots WHERE id = $1", name)
        return str(rows[0][0]) if rows else None

    def _fetch(self, owner: str, name: str, target: Path) -> None:
        with target.open("wb") as file:
            piece = 0
            while rows := self._ask(
                "SELECT data FROM callboard.files WHERE owner = $1 AND name = $2 AND piece = $3",
                owner,
                name,
                piece,
                binary=True,
            ):
                file.write(rows[0][0])
                piece += 1

    def _elsewhere(self, name: str, manifest: Mapping[str, Any]) -> Elsewhere:
        vectors = self._open_vectors(manifest)
        lease = self._database.hold(name)
        if self._manifest(name) is None:
            lease.close()
            raise StoreUnavailable(
                self.address, "the snapshot was removed while it was opened; try again"
            )
        schema = schema_of(name)
        pool = self._database.pool(schema)

        def catalog(fields: FieldTable) -> PostgresCatalog:
            return PostgresCatalog(self._database, pool, schema, fields)

        def dense() -> Any:
            from catalog_store.postgres.vectors import PgVectors  # noqa: PLC0415

            return PgVectors(self._database, pool)

        def close() -> None:
            pool.close()
            lease.close()

        return Elsewhere(catalog, vectors or dense, close)

    def _is_set_up(self) -> bool:
        if not self._ready:
            ((found,),) = self._ask("SELECT to_regclass('callboard.events') IS NOT NULL")
            self._ready = bool(found)
        return self._ready

    def _ask(self, text: str, *values: object, binary: bool = False) -> list[tuple[Any, ...]]:
        return self._database.fetch(self._connections(), text, values, binary=binary)[1]

    def _connections(self) -> Pool:
        with self._lock:
            if self._pool is None:
                self._pool = self._database.pool(SCHEMA)
            return self._pool

    # ── publishing ───────────────────────────────────────────────────────────────────────────────

    def _push(self, built: Path, name: str, manifest: dict[str, Any]) -> None:
        manifest["files"] = {
            n: f for n, f in manifest["files"].items() if n not in (CATALOG, ROWS, DENSE)
        }
        with self._database.connect() as connection:
            self._database.set_up(connection)
            connection.execute("SELECT pg_advisory_lock($1)", [lock_number("publish")])
            self._sweep(connection)
            schema = schema_of(name)
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            see(connection, schema)
            fields = FieldTable(
                (read_field_row(row) for row in manifest["fields"]), manifest.get("synonyms")
            )
            load_tables(
                connection, built, derive.schema(fields), Position.parse(manifest["journal"]).line
            )
            if "vectors" not in manifest:
                from catalog_store.postgres.vectors import create  # noqa: PLC0415

                create(connection, stored_vectors(built), manifest["model"]["dimension"])
            self._load_files(connection, built, name, manifest)
            self._point(connection, name, manifest)
            self._remove_old(connection)

    def _load_files(
        self, connection: Connection, built: Path, name: str, manifest: Mapping[str, Any]
    ) -> None:
        for file in manifest["files"]:
            load_file(connection, name, file, built / file)
        identity = manifest["model"]["identity"]
        owner = f"models/{identity}"
        known = connection.execute(
            "SELECT 1 FROM callboard.files WHERE owner = $1 LIMIT 1", [owner]
        ).fetchone()
        if known is None:
            with connection.transaction():
                for file in manifest["model"].get("files", ()):
                    load_file(connection, owner, file, built.parents[1] / owner / file)

    def _point(self, connection: Connection, name: str, manifest: Mapping[str, Any]) -> None:
        with connection.transaction():
            connection.execute(
                "INSERT INTO callboard.snapshots (id, schema_name, manifest) VALUES ($1, $2, $3)",
                [name, schema_of(name), json.dumps(manifest)],
            )
            connection.execute(
                "INSERT INTO callboard.current (id) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET id = excluded.id",
                [name],
            )
            connection.execute("SELECT pg_notify($1, $2)", [CHANNEL, name])

    def _remove_old(self, connection: Connection) -> None:
        """Drop what is older than the newest few, unless a replica still serves it."""
        old = connection.execute(
            "SELECT id, manifest FROM callboard.snapshots WHERE id NOT IN (SELECT id FROM callboard.current) "
            "ORDER BY number DESC OFFSET $1",
            [KEPT_SNAPSHOTS - 1],
        ).fetchall()
        for name, manifest in old:
            number = lock_number(f"snapshot {name}")
            ((free,),) = connection.execute("SELECT pg_try_advisory_lock($1)", [number]).fetchall()
            if not free:
                continue
            try:
                self._drop_vectors(json.loads(manifest))
                with connection.transaction():
                    connection.execute("DELETE FROM callboard.snapshots WHERE id = $1", [name])
                    connection.execute("DELETE FROM callboard.files WHERE owner = $1", [name])
                    _drop_schema(connection, schema_of(name))
            finally:
                connection.execute("SELECT pg_advisory_unlock($1)", [number])

    def _sweep(self, connection: Connection) -> None:
        """Remove what builds left behind that were killed: nobody was ever pointed at it."""
        stale = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1 AND nspname NOT IN "
            "(SELECT schema_name FROM callboard.snapshots)",
            [schema_of("%").replace("_", r"\_")],
        ).fetchall()
        for (schema,) in stale:
            _drop_schema(connection, schema)
        connection.execute(
            "DELETE FROM callboard.files WHERE owner NOT LIKE 'models/%' AND owner NOT IN (SELECT id FROM callboard.snapshots)"
        )


def schema_of(name: str) -> str:
    """The schema a snapshot's tables lie in.

    >>> schema_of("20300131T120000Z-000-1a2b3c4d")
    'callboard_20300131t120000z_000_1a2b3c4d'
    """
    return "callboard_" + name.lower().replace("-", "_")


def _drop_schema(connection: Connection, schema: str) -> None:
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
