"""The ferry line's store, opened once; every test gets a ledger of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.building import build_index
from app.live import LiveAssistant
from catalog_store.embedder import Embedder
from tests.slackbot.org import NOW, write_org


@pytest.fixture(scope="session")
def ferry(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[LiveAssistant]:
    """What answers."""
    home = tmp_path_factory.mktemp("ferry")
    files = write_org(home / "files")
    build_index([files], store=home / "store", now=NOW, embedder=lambda: embedder)
    live = LiveAssistant(home / "store", poll_s=3600)
    yield live
    live.close()
