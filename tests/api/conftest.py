"""A small organisation, its store, and a real server on loopback with a hand-written assistant."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.http import create_app
from api.server import address_of, listen
from app.building import build_index
from app.live import LiveAssistant
from app.live_events import LiveEvents
from app.serving import Serving, SnapshotServing, open_serving
from app.settings import Settings, load_settings
from app.wiring import Wiring
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Journal
from catalog_store.snapshot import open_snapshot
from tests.api.stand_in import StandIn

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments, title: Payments, description: Money in and out.}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  title: Checkout
  description: Turns a basket into a paid order.
  tags: [critical]
spec: {type: service, lifecycle: production, owner: payments, dependsOn: ["resource:orders-db"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout-web, title: Checkout Web}
spec: {type: website, lifecycle: production, owner: payments, dependsOn: ["component:checkout"]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db, title: Orders Database}
spec: {type: database, owner: payments}
"""

RUNBOOK = (
    """\
---
title: Checkout is slow
alerts: [CheckoutSlow]
---
# Checkout is slow

## Mitigation

Restart the stuck workers, then drain the queue of the orders database.

```
kubectl rollout restart deploy/checkout
```

## Later

Write down what happened.
"""
    + "Say when it was noticed, by whom, and what the queue looked like at that moment. " * 40
)


def write_organisation(folder: Path) -> Path:
    """Four entities and one runbook."""
    (folder / "catalog").mkdir(parents=True)
    (folder / "runbooks").mkdir()
    (folder / "catalog" / "all.yaml").write_text(CATALOG)
    (folder / "runbooks" / "checkout-slow.md").write_text(RUNBOOK)
    return folder


def publish_store(files: Path, store: Path) -> Path:
    """Index a folder with the embedder for tests."""
    report = build_index([files], store=store, now=NOW, embedder=HashEmbedder)
    assert report.snapshot is not None
    return store


def open_stand_in(store: Path) -> Serving:
    """A published snapshot, answered for by hand."""
    snapshot = open_snapshot(store)
    return SnapshotServing(snapshot, StandIn(), LiveEvents(snapshot, Journal(store)))


@contextmanager
def running(settings: Settings, live: LiveAssistant) -> Iterator[str]:
    """A real uvicorn on a free loopback port; gives its address."""
    sock = listen("127.0.0.1", 0)
    app = create_app(Wiring(settings, live))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: server.run(sockets=[sock]), daemon=True)
    thread.start()
    address = address_of(sock)
    try:
        httpx.get(f"{address}/healthz", timeout=20).raise_for_status()
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        sock.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The organisation's files."""
    return write_organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture(scope="session")
def store(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store over them, only read."""
    return publish_store(files, tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def settings(store: Path) -> Settings:
    """Believes the caller."""
    return replace(load_settings({"store": store}, env={}), trust_caller=True)


@pytest.fixture(scope="session")
def address(store: Path, settings: Settings) -> Iterator[str]:
    """Of a server over the store."""
    live = LiveAssistant(store, open_store=open_stand_in)
    with running(settings, live) as url:
        yield url
    live.close()


@pytest.fixture(scope="session")
def real_address(store: Path, settings: Settings) -> Iterator[str]:
    """Of a server over the same store that reads its questions itself."""
    live = LiveAssistant(store, open_store=open_serving)
    with running(settings, live) as url:
        yield url
    live.close()


@pytest.fixture
def real(real_address: str) -> Iterator[httpx.Client]:
    """Talks to that one."""
    with httpx.Client(base_url=real_address, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """Talks to that server."""
    with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
        yield client
