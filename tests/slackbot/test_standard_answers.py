"""The answers that docs/slack.md shows: real ones of the demo organisation, valid, and drawn from what is sent."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.live_events import LiveEvents
from app.serving import SnapshotServing
from assistant.assistant import Assistant
from catalog_store.journal import Journal
from catalog_store.snapshot import Snapshot
from tests.slackbot.block_kit import message_problems, problems

ROOT = Path(__file__).resolve().parents[2]

SHOWS = {
    "table": ("Chargeback Desk", "last deployed at", "Remove: owned by team Payments"),
    "long-list": ("1–10 of", "Next 10 ▶", "as a file"),
    "passage": ("Rotate the secret API key", "vault kv patch", "rotate-stripe-key.md"),
    "runbook": (
        "Ledger database replica lags behind",
        "pg_cancel_backend",
        "ledger-db-replica-lag.md",
    ),
    "ambiguous": ("Which one?", "service Legacy Wallet", "service Wallet Passes"),
    "unknown-name": ("Nothing in the catalog is called", "service Ledger"),
    "no-such-fact": ("does not hold any shifts",),
    "empty": ("Nothing matches", "Remove: with lifecycle deprecated"),
    "out-of-scope": ("not something I can answer", "help"),
    "graph": ("Payment Service", "3 steps"),
    "count": ("Number of services per team", "Payments", "11"),
    "follow-up": ("Services with tier 1, owned by team Booking", "Checkout"),
    "private": ("Booking", "Share in this channel"),
}


@pytest.fixture(scope="module")
def preview() -> ModuleType:
    """The script, by its path: it is no package."""
    folder = ROOT / "scripts"
    sys.path.insert(0, str(folder))
    try:
        spec = importlib.util.spec_from_file_location("slack_preview", folder / "slack_preview.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
    return module


@pytest.fixture(scope="module")
def serving(demo_snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> SnapshotServing:
    """The demo organisation."""
    journal = Journal(tmp_path_factory.mktemp("journal"))
    return SnapshotServing(
        demo_snapshot, Assistant(demo_snapshot), LiveEvents(demo_snapshot, journal)
    )


@pytest.mark.parametrize("name", SHOWS)
def test_a_standard_answer(name: str, preview: ModuleType, serving: SnapshotServing) -> None:
    (standard,) = [s for s in preview.STANDARD if s.name == name]
    message = preview.message_of(serving, standard)
    assert message_problems({"text": message.text, "blocks": message.blocks}) == []
    drawn = preview.page_of("Ines", preview.said_to(standard), message.blocks)
    shown = html.unescape(re.sub(r"<[^>]+>", "", drawn.partition("</style>")[2]))
    for words in SHOWS[name]:
        assert words in shown


def test_every_standard_answer_is_shown_on_the_page(preview: ModuleType) -> None:
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    names = {*(s.name for s in preview.STANDARD), "error", "alert", "home"}
    assert set(SHOWS) == {s.name for s in preview.STANDARD}
    assert all(f"images/slack-{name}.png" in page for name in names)


def test_alert_and_home_are_drawn(preview: ModuleType, serving: SnapshotServing) -> None:
    alert = preview.alert_of(serving).blocks
    home = preview.home_of(serving)
    assert problems(alert) == []
    assert problems(home, "home") == []
    for blocks in (alert, home):
        assert preview.page_of("Ines", "", blocks)
