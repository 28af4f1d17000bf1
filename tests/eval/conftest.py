"""The repository's own suites, asked once a session: their outcomes are what several tests look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from app.serving import open_serving
from catalog_store.embedder import Embedder
from catalog_store.publish import publish
from eval.outcome import Outcome
from eval.runner import ask_suite
from eval.suite import Suite
from eval.suite_reader import read_suite
from eval.targets import StoreTarget
from indexer.build import read_catalog
from tests.conftest import NOW
from tests.house.repository import ROOT

SUITES = ROOT / "eval" / "suites"

OWN = ("waybright", "clinic", "orbital", "foundry", "lantern", "brewery", "waterworks", "aldermere")
"""Suites whose organisations are part of the repository."""


@pytest.fixture(scope="session")
def store_of(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, demo_store: Path
) -> Callable[[str], Path]:
    """Builds the store of an own suite, once."""

    @cache
    def build(name: str) -> Path:
        suite = read_suite(SUITES / name)
        if suite.organisation == "demo":
            assert suite.now == NOW
            return demo_store
        assert suite.now is not None
        store = tmp_path_factory.mktemp(name)
        content = read_catalog([Path(path) for path in suite.organisation], now=suite.now)
        publish(store, content, now=suite.now, embedder=embedder)
        return store

    return build


@pytest.fixture(scope="session")
def asked(store_of: Callable[[str], Path]) -> Callable[[str], Mapping[str, Outcome]]:
    """Asks an own suite, once."""

    @cache
    def ask(name: str) -> Mapping[str, Outcome]:
        return ask_all(read_suite(SUITES / name), store_of(name))

    return ask


def ask_all(suite: Suite, store: Path) -> Mapping[str, Outcome]:
    """Case id → how it went."""
    target = StoreTarget(serving=open_serving(store))
    try:
        return {outcome.id: outcome for outcome in ask_suite(target, suite)}
    finally:
        target.close()
