"""The repository's own suites, asked once a session: their outcomes are what several tests look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

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

OWN = (
    "waybright",
    "clinic",
    "orbital",
    "foundry",
    "lantern",
    "brewery",
    "waterworks",
    "aldermere",
    "strangers-waterworks",
    "strangers-clinic",
)
"""Suites whose organisations are part of the repository."""


def files_of(suite: Suite, demo_store: Path) -> list[Path]:
    """The folders a suite's organisation was indexed from."""
    if suite.organisation == "demo":
        return [demo_store.parent / "files"]
    return [Path(path) for path in suite.organisation]


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


@dataclass(frozen=True, slots=True)
class Asked:
    """A suite that was asked: how each case went, by its id, and the bodies of all answers, in the order they came."""

    outcomes: Mapping[str, Outcome]
    answers: tuple[dict[str, Any], ...]


class _Keeping(StoreTarget):
    """A store that keeps what it answered."""

    def __init__(self, store: Path) -> None:
        super().__init__(serving=open_serving(store))
        self.answers: list[dict[str, Any]] = []

    def ask(
        self, question: str, *, now: datetime, asker: str | None, conversation: str | None
    ) -> tuple[dict[str, Any], float]:
        body, wall_ms = super().ask(question, now=now, asker=asker, conversation=conversation)
        self.answers.append(body)
        return body, wall_ms


@pytest.fixture(scope="session")
def asked(store_of: Callable[[str], Path]) -> Callable[[str], Asked]:
    """Asks an own suite, once."""

    @cache
    def ask(name: str) -> Asked:
        return ask_all(read_suite(SUITES / name), store_of(name))

    return ask


def ask_all(suite: Suite, store: Path) -> Asked:
    """Ask every case of a suite."""
    target = _Keeping(store)
    try:
        outcomes = {outcome.id: outcome for outcome in ask_suite(target, suite)}
        return Asked(outcomes, tuple(target.answers))
    finally:
        target.close()
