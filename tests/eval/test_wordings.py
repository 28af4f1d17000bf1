"""One question in several wordings has one answer: data in wordings.yaml, asked of one of our own organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.serving import open_serving
from assistant.answer import Answer

GROUPS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("wordings.yaml").read_text(encoding="utf-8")
)
NOW = datetime(2026, 9, 16, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def ask(store_of: Callable[[str], Path]) -> Iterator[Callable[[str], Answer]]:
    serving = open_serving(store_of("waterworks"))
    try:
        yield lambda question: serving.ask(question, now=NOW, limit=500)
    finally:
        serving.close()


def _found(answer: Answer) -> tuple[object, ...]:
    rows = tuple((row.key, row.value) for row in answer.rows)
    return answer.status, tuple(sorted(r.ref for r in answer.results)), rows, answer.value


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group["same"][0]))
def test_wordings_are_answered_alike(group: dict[str, Any], ask: Callable[[str], Answer]) -> None:
    plain, *others = group["same"]
    first = ask(plain)
    assert first.status == "answered", plain
    for wording in others:
        assert _found(ask(wording)) == _found(first), wording
    for wording in group.get("apart", ()):
        assert _found(ask(wording)) != _found(first), wording
