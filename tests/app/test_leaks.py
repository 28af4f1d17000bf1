"""Behind random rules everything answers as it would over a catalog from which the hidden things were removed.

A handful of seeds; `scripts/leak_check.py` runs as many as one likes.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog_store.embedder import Embedder
from catalog_store.publish import publish
from tests.leaks import Org, differences, hidden_things, questions, random_rules, read_org


@pytest.fixture(scope="module")
def org() -> Org:
    return read_org("lantern")


@pytest.fixture(scope="module")
def whole(org: Org, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    store = tmp_path_factory.mktemp("leaks") / "whole"
    publish(store, org.content, now=org.now, embedder=embedder)
    return store


@pytest.mark.parametrize("seed", range(2))
def test_hidden_is_as_missing(
    org: Org, whole: Path, seed: int, tmp_path: Path, embedder: Embedder
) -> None:
    chance = random.Random(f"leaks{seed}")
    rules = random_rules(org, chance)
    assert hidden_things(org.content, rules)
    asked = questions(org, chance, 18)
    found = differences(org, rules, asked, tmp_path, embedder, whole)
    assert not found, f"{rules}: {found[0]}"
