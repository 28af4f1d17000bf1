"""The insights page in a real browser: charts that can be seen and heard of, and nothing asked of anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.insights import Cluster, Insights, StalePage, Synonym, Week
from app.insights_page import insights_page
from app.live import LiveAssistant
from app.settings import Settings
from app.usage_section import UsagePolicy
from tests.api.conftest import running
from tests.browser.conftest import DESK, PHONE, Visitor

FOUND = Insights(
    since=datetime(2026, 11, 2, tzinfo=UTC),
    until=datetime(2026, 11, 20, 12, tzinfo=UTC),
    weeks=(Week("2026-11-02", 3, 40, 31), Week("2026-11-09", 5, 61, 55), Week("2026-11-16", 9, 80, 75)),
    surfaces={"http": {"answered": 120, "unknown_name": 9}, "slack": {"answered": 41, "empty": 11}},
    fields=[("owner", 70), ("tier", 12)],
    clusters=[Cluster("how many users does <b>checkout</b> have?", 7, 4, {"no_such_fact": 7})],
    synonyms=[Synonym("custodian", "owner", 3, 2)],
    pages=[("runbooks/a-very-long-name-that-has-to-be-cut-somewhere-before-it-runs-away.md", 11)],
    stale=[StalePage("docs/old.md", "Old", 5, "2024-01-01")],
    opened=[("component:default/checkout", 4)],
    verdicts={"right": 12, "wrong": 2},
    deflected=150,
    words_kept=True,
    delivery={"change_failure_rate": {"label": "change failure rate", "unit": "percent", "values": [10.0, None, 12.5]}},
    adoption={"go-service": 30},
    components=120,
)  # fmt: skip


@pytest.fixture
def address(tmp_path: Path) -> str:
    path = tmp_path / "insights.html"
    path.write_text(insights_page(FOUND, patch='+  "custodian": "owner"'), encoding="utf-8")
    return path.as_uri()


def test_every_chart_is_drawn_and_named(visitor: Visitor, address: str) -> None:
    page = visitor.visit(address, viewport=DESK).open("")
    for title in (
        "Questions, answers and people a week",
        "Questions by surface",
        "Pages by how often they were among the first passages",
        "Components by golden path",
        "change failure rate by week",
    ):
        box = page.get_by_role("img", name=title).bounding_box()
        assert box is not None
        assert box["height"] > 20
    assert page.get_by_text("30 of 120 components follow one: 25%").is_visible()
    assert page.get_by_text("how many users does <b>checkout</b> have?").is_visible()
    assert page.locator("b", has_text="checkout").count() == 0


def test_a_server_sends_its_style_apart(
    visitor: Visitor, store: Path, settings: Settings, tmp_path: Path
) -> None:
    shown = replace(settings, usage=UsagePolicy(keep="off", insights_page=True))
    live = LiveAssistant(store)
    with running(shown, live) as url:
        page = visitor.visit(url).open("/insights")
        assert page.get_by_role("heading", name="People and questions a week").is_visible()
        chart = page.get_by_role("img", name="Questions, answers and people a week").bounding_box()
        assert (
            page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "1180px"
        )
    live.close()
    assert chart is not None
    assert 200 < chart["width"] < 800


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(visitor: Visitor, address: str, scheme: str) -> None:
    page = visitor.visit(address, viewport=PHONE, color_scheme=scheme).open("")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_words_it_says_how_to_allow_them(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "counts.html"
    path.write_text(insights_page(replace(FOUND, words_kept=False)), encoding="utf-8")
    page = visitor.visit(path.as_uri()).open("")
    assert page.get_by_text("The words of questions are not kept").is_visible()
