"""What the README says the demo answers, the demo answers. Built with a hash embedder: the words count, not the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.building import build_index
from app.serving import SnapshotServing, open_serving
from catalog_store.embedder import HashEmbedder
from demo_org import write_demo
from tests.house.repository import page

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
"""Any day will do: the demo's dates are relative to it."""

_ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def _table(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under a heading of the README, its head left out."""
    section = page("README.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in row) for row in rows[2:]]


ANSWERS = _table("What it can be asked")
STATUSES = _table("How it says no")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnapshotServing]:
    """The demo organisation, ready to be asked."""
    folder: Path = tmp_path_factory.mktemp("demo")
    files = write_demo(folder / "files", now=NOW)
    build_index([files], store=folder / "store", now=NOW, embedder=HashEmbedder)
    serving = open_serving(folder / "store")
    yield serving
    serving.close()


def test_the_readme_shows_at_least_ten_questions() -> None:
    assert len(ANSWERS) >= 10


@pytest.mark.parametrize(("question", "says"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_what_it_can_be_asked(demo: SnapshotServing, question: str, says: str) -> None:
    answer = demo.ask(question, now=NOW, limit=100)
    said = " ".join(
        [
            answer.text,
            *(result.title for result in answer.results),
            *(f"{row.label} {row.value}" for row in answer.rows),
            *(f"{p.title} {p.heading}" for p in answer.passages),
        ]
    ).replace("**", "")
    missing = [bold for bold in _BOLD.findall(says) if bold not in said]
    assert not missing, f"{answer.status.value}: {said}"


@pytest.mark.parametrize("row", STATUSES, ids=[row[0] for row in STATUSES])
def test_how_it_says_no(demo: SnapshotServing, row: tuple[str, ...]) -> None:
    status, _, example = row
    question = example.partition(" (")[0]
    assert f"`{demo.ask(question, now=NOW).status.value}`" == status
