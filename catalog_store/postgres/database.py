"""Connections to PostgreSQL: read-only ones for questions, and one at a time for writing. psycopg is imported here only.

What goes wrong on the way to the database becomes one error that says what to look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.adapt import Loader
from psycopg.types.string import TextLoader

from catalog_store.errors import StoreUnavailable, UnsafeSQL
from catalog_store.postgres.pool import Connection, Pool

CONNECT_TIMEOUT_S = 5
"""Seconds until a database that does not answer counts as away."""

STATEMENT_TIMEOUT_MS = 20_000
"""Milliseconds a question may keep the database busy; the slowest we know takes a twentieth of that."""

MOST_CONNECTIONS = 8
"""Connections of one replica for one snapshot; more questions than that at a time wait their turn."""

SCHEMA = "callboard"

_GONE = (None, "57P01", "57P02")
"""Codes of a connection that is no more: none at all, shut down, and crashed."""

_READING = (
    "SET default_transaction_read_only = on",
    f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}",
    # a question reads little: starting a worker or a compiler takes longer than it saves, and workers return rows in any order
    "SET max_parallel_workers_per_gather = 0",
    "SET jit = off",
    "SET synchronize_seqscans = off",
    "SET hnsw.ef_search = 512",  # candidates kept while a graph of vectors is searched: more than are ever asked for
    "SET hnsw.iterative_scan = strict_order",  # goes on until a filter has let enough through
)


class _NumericLoader(Loader):
    """Numerics as DuckDB returns them: sums of whole numbers whole, everything else as a double."""

    def load(self, data: Any) -> int | float:
        number = Decimal(bytes(data).decode())
        return (
            int(number)
            if number == number.to_integral_value() and "." not in str(number)
            else float(number)
        )


def without_password(url: str) -> str:
    """A URL that may be shown.

    >>> without_password("postgresql://ann:secret@db/callboard?password=x&sslmode=require")
    'postgresql://ann@db/callboard?sslmode=require'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username
    kept = "&".join(
        part for part in parts.query.split("&") if part and not part.startswith("password=")
    )
    return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host, query=kept))


class Database:
    """One database. Safe to share between threads.

    Attributes:
        shown: its address without a password.
    """

    def __init__(self, url: str) -> None:
        """Nothing is connected yet."""
        self._url = url
        self.shown = without_password(url)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection of its own that may write; statements stand alone unless a transaction is opened.

        Raises:
            StoreUnavailable: the database does not answer, or refuses.
        """
        with self.said():
            connection = self._new()
            try:
                _prepare(connection, ("SET jit = off",))
                yield connection
            finally:
                connection.close()

    def _new(self) -> Connection:
        return psycopg.connect(self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)

    def hold(self, name: str) -> Connection:
        """A connection that holds a shared lock on a snapshot until it is closed; when its process dies, the lock goes with it.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with self.said():
            connection = self._new()
            _prepare(connection, ())
            connection.execute(
                "SELECT pg_advisory_lock_shared($1)", [lock_number(f"snapshot {name}")]
            )
            return connection

    def set_up(self, connection: Connection) -> None:
        """Make what every snapshot needs, once; needs the right to create a schema in the database."""
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock($1)", [lock_number("set up")])
            connection.execute(_setup())
            if connection.execute(
                "SELECT 1 FROM pg_collation WHERE collname = 'text' AND collnamespace = 'callboard'::regnamespace"
            ).fetchone():
                return
        # by code point, and with case for every letter: PostgreSQL 17 brings one of its own, older ones borrow the system's
        for provider in (
            "provider = builtin, locale = 'C.UTF-8'",
            "provider = libc, locale = 'C.UTF-8'",
        ):
            try:
                connection.execute(f"CREATE COLLATION callboard.text ({provider})")
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                return
            except psycopg.Error:
                continue
            return
        raise StoreUnavailable(
            self.shown,
            "it has no collation C.UTF-8; install one on its machine, or use PostgreSQL 17 or later",
        )

    def pool(self, schema: str) -> Pool:
        """Connections for questions to one schema: they cannot write, and see its tables without a prefix."""

        def connect() -> Connection:
            connection = self._new()
            path = sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema))
            _prepare(connection, (*_READING, path))
            return connection

        return Pool(connect, size=MOST_CONNECTIONS, wait_s=CONNECT_TIMEOUT_S)

    def fetch(
        self, pool: Pool, text: str, values: Sequence[object] = (), *, binary: bool = False
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names and rows of one statement, with the values of `$1`, `$2` and so on.

        Tried again when the connection had gone: a database that was restarted has lost nothing.

        Raises:
            StoreUnavailable: the database does not answer, or not in time.
            UnsafeSQL: it does not take the statement.
        """
        with self.said():
            connected = False
            try:
                with pool.connection() as connection:
                    connected = True
                    return _run(connection, text, values, binary)
            except psycopg.OperationalError as error:
                # without a code the connection broke; with any other the database itself said no
                if not connected or error.sqlstate not in _GONE:
                    raise
            pool.forget_idle()
            with pool.connection() as connection:
                return _run(connection, text, values, binary)

    @contextmanager
    def said(self) -> Iterator[None]:
        """Errors of the connection, as one that says what to do."""
        try:
            yield
        except psycopg.OperationalError as error:
            raise StoreUnavailable(self.shown, " ".join(str(error).split())) from error


def lock_number(name: str) -> int:
    """The number of an advisory lock: one for each name.

    >>> lock_number("publish") != lock_number("set up")
    True
    """
    digest = hashlib.sha256(f"callboard {name}".encode()).digest()[:8]
    return int.from_bytes(digest, "big", signed=True)


def _run(
    connection: Connection, text: str, values: Sequence[object], binary: bool
) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        cursor = connection.execute(text.encode(), values or None, binary=binary)
        return [column.name for column in cursor.description or ()], cursor.fetchall()
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise UnsafeSQL(f"PostgreSQL does not take the statement: {error}; {text}") from error


def _prepare(connection: Connection, statements: Sequence[str | sql.Composed]) -> None:
    connection.adapters.register_loader("numeric", _NumericLoader)
    connection.adapters.register_loader("json", TextLoader)  # as DuckDB returns it
    connection.cursor_factory = psycopg.RawCursor
    for statement in ("SET TimeZone = 'UTC'", *statements):
        connection.execute(statement)


def _setup() -> str:
    return (files("catalog_store.postgres") / "setup.sql").read_text(encoding="utf-8")
