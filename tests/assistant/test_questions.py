"""The questions of tests/questions, asked of every organisation: the marks only go up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from catalog_store.embedder import Embedder
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog
from tests.asking import Outcome, ask_all, load, rate, silent_rate, table

ORGS = Path(__file__).parent.parent / "orgs"


@dataclass(frozen=True)
class Mark:
    """Least share right and most share silently wrong, over the part that is tuned on and the part that is not."""

    right: float
    silent: float
    right_held_out: float
    silent_held_out: float


MARKS = {
    "waybright": Mark(0.80, 0.065, 0.70, 0.08),
    "clinic": Mark(0.81, 0.05, 0.72, 0.06),
    "orbital": Mark(0.88, 0.03, 0.74, 0.075),
    "foundry": Mark(0.95, 0.0, 0.90, 0.0),
    "lantern": Mark(0.97, 0.02, 0.90, 0.06),
    "brewery": Mark(0.98, 0.0, 0.80, 0.15),
}
CLOCKS = {
    "clinic": datetime(2026, 5, 4, 9, tzinfo=UTC),
    "orbital": datetime(2026, 5, 4, 9, tzinfo=UTC),
    "foundry": datetime(2026, 6, 10, 9, tzinfo=UTC),
    "lantern": datetime(2026, 6, 15, 8, tzinfo=UTC),
    "brewery": datetime(2026, 5, 4, 9, tzinfo=UTC),
}
"""When each organisation of tests/orgs is indexed."""


@pytest.fixture(scope="session")
def assistants(
    demo: Assistant, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Assistant]:
    """An assistant over each organisation."""
    found = {"waybright": demo}
    for org, now in CLOCKS.items():
        store = tmp_path_factory.mktemp(org)
        publish(store, read_catalog([ORGS / org], now=now), now=now, embedder=embedder)
        found[org] = Assistant(open_snapshot(store))
    return found


@pytest.mark.parametrize("org", MARKS)
def test_marks(assistants: dict[str, Assistant], org: str) -> None:
    outcomes = ask_all(assistants[org], load(org))
    mark = MARKS[org]
    for held_out, right, silent in (
        (False, mark.right, mark.silent),
        (True, mark.right_held_out, mark.silent_held_out),
    ):
        part = [o for o in outcomes if o.case.held_out is held_out]
        report = f"{org}, held out: {held_out}\n{table(part)}\n{_worst(part, show=not held_out)}"
        assert rate(part) >= right, report
        assert silent_rate(part) <= silent, report


def _worst(outcomes: list[Outcome], *, show: bool) -> str:
    """The silently wrong, one a line; nothing of the part that is kept out of sight."""
    if not show:
        return ""
    return "\n".join(f"{o.case.id} {o.case.ask!r}: {o.why}" for o in outcomes if o.silent)
