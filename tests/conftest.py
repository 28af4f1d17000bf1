"""What every test shares: no network beyond loopback, one clock, and the demo organisation, built once a session."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from app.building import local_embedder
from assistant.assistant import Assistant
from catalog_store.embedder import Embedder
from catalog_store.publish import publish
from catalog_store.snapshot import Snapshot, open_snapshot
from demo_org import write_demo
from indexer.build import read_catalog
from tests.servers import database, postgres

__all__ = ["database", "postgres"]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The moment the demo organisation of the tests is built for, and asked at."""

_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Connections leave the machine nowhere; a test that tries fails with the address."""
    connect = socket.socket.connect

    def only_loopback(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(host).startswith(_LOOPBACK):
            raise OSError(f"tests do not touch the network: {address}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", only_loopback)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real model, prepared once a machine."""
    return local_embedder(Path(platformdirs.user_cache_dir("callboard")))


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A store with the demo organisation; only read."""
    home = tmp_path_factory.mktemp("demo")
    files = write_demo(home / "files", now=NOW)
    publish(home / "store", read_catalog([files], now=NOW), now=NOW, embedder=embedder)
    return home / "store"


@pytest.fixture(scope="session")
def demo_snapshot(demo_store: Path) -> Iterator[Snapshot]:
    """The demo organisation, opened."""
    with open_snapshot(demo_store) as snapshot:
        yield snapshot


@pytest.fixture(scope="session")
def demo(demo_snapshot: Snapshot) -> Assistant:
    """An assistant over the demo organisation."""
    return Assistant(demo_snapshot)
