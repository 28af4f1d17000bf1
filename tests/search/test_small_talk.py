"""Small talk is blanked, and nothing else: data in small_talk.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from search.understand.small_talk import quieted

TALK: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("small_talk.yaml").read_text(encoding="utf-8")
)
NAMES = frozenset(("review board",))
"""What the catalog calls something."""


@pytest.mark.parametrize("said", TALK["kept"])
def test_what_asks_or_tells_is_kept(said: str) -> None:
    assert quieted(said, NAMES.__contains__).text == said


@pytest.mark.parametrize(("said", "left"), TALK["left"])
def test_what_is_left(said: str, left: str) -> None:
    quiet = quieted(said, NAMES.__contains__)
    assert " ".join(quiet.text.split()) == left
    assert quiet.aside
    assert len(quiet.text) == len(said), "offsets hold"
