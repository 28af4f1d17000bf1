"""Every question of our own suites, asked of every engine a store may lie in: the answers are the same, to the last citation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.serving import SnapshotServing, open_serving
from catalog_store.shared import SharedStore
from catalog_store.snapshot import current_id
from catalog_store.stores import FolderStore, Store, store_at
from eval.suite import Case
from eval.suite_reader import read_suite
from tests.eval.conftest import OWN, SUITES

ANY_TIME = {"took_ms", "conversation"}
"""What differs between two askings of the same question."""

FOLDER = "a folder"


@pytest.fixture(params=OWN)
def suite(request: pytest.FixtureRequest) -> str:
    """One suite after the other."""
    return str(request.param)


@pytest.fixture
def stores(
    suite: str,
    store_of: Callable[[str], Path],
    database: Callable[[], str],
    tmp_path: Path,
) -> Iterator[Mapping[str, Store]]:
    """One snapshot in a folder, in PostgreSQL with pgvector, and as objects with its vectors in Milvus."""
    folder = store_of(suite)
    shared = {
        "PostgreSQL": store_at(database(), cache=tmp_path),
        "objects and Milvus": store_at(
            f"memory://{tmp_path}", cache=tmp_path, vectors=str(tmp_path / "milvus.db")
        ),
    }
    for store in shared.values():
        assert isinstance(store, SharedStore)
        store.share(folder / "snapshots" / str(current_id(folder)))
    yield {FOLDER: FolderStore(folder), **shared}
    for store in shared.values():
        store.close()


def test_the_answers_are_the_same(suite: str, stores: Mapping[str, Store]) -> None:
    asked = read_suite(SUITES / suite)
    with ExitStack() as stack:
        servings = {name: open_serving(store) for name, store in stores.items()}
        for serving in servings.values():
            stack.callback(serving.close)
        for chain in asked.conversations():
            answers = {
                name: _answers(serving, chain, asked.now) for name, serving in servings.items()
            }
            for name in answers.keys() - {FOLDER}:
                for case, found, expected in zip(
                    chain, answers[name], answers[FOLDER], strict=True
                ):
                    assert found == expected, f"{name}: {case.id} {case.question!r}"


def _answers(serving: SnapshotServing, chain: list[Case], now: Any) -> list[Any]:
    """The answers to one conversation, each with everything it says."""
    conversations: dict[str, str | None] = {}
    found = []
    for case in chain:
        answer = serving.ask(
            case.question,
            now=case.now or now,
            asker=case.asker,
            conversation=conversations[case.after] if case.after else None,
            limit=1000,
        )
        conversations[case.id] = answer.conversation
        found.append(_rounded(answer.model_dump(mode="json", exclude=ANY_TIME)))
    return found


def _rounded(value: Any) -> Any:
    """Scores to six digits: engines add up the floats of a cosine in an order of their own."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
