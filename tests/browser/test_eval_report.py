"""The report of a run, opened as a file in a real browser: whole, readable, and asking nobody for anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.gate import Verdict
from eval.report.page import Section, page
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.eval.test_measures import outcome

BEFORE = {
    "kept": outcome(id="kept", type="lookup", read_as="owner of checkout"),
    "lost": outcome(
        id="lost", type="negation", read_as="services without docs", shown="**3** services"
    ),
    "won": outcome(id="won", type="lookup", right=False, why="status empty", status="empty"),
    "gone": outcome(id="gone"),
}
NOW = [
    replace(BEFORE["kept"], took_ms=3.0, wall_ms=4.0),
    replace(
        BEFORE["lost"],
        right=False,
        silent=True,
        why="results: 0 missing [], 9 extra ['component:default/<b>']",
        read_as="services with docs",
        shown="**12** services <img src=x onerror=alert(1)>",
        took_ms=30.0,
        wall_ms=33.0,
    ),
    replace(BEFORE["won"], right=True, why="", status="answered", took_ms=9.0, wall_ms=11.0),
    outcome(id="hidden", type="negation", held_out=True, right=False, why="x", status="ambiguous", refused=True),
]  # fmt: skip


@pytest.fixture
def report(tmp_path: Path) -> str:
    verdicts = [
        Verdict("ours", "right at least 0.9", False, "50 %"),
        Verdict("ours", "silent_wrong at most 0.5", True, "25 %"),
    ]
    path = tmp_path / "report.html"
    text = page([Section("ours", "Ours", NOW, BEFORE)], verdicts, identity="a store")
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def test_charts_gate_and_both_readings_are_there(visitor: Visitor, report: str) -> None:
    page = visitor.visit(report, viewport=DESK).open("")
    assert page.get_by_text("gate: 1 of 2 rules fail").is_visible()
    for title in (
        "Share of right answers by type of question in ours",
        "Confusion of statuses",
        "Distribution of answer times",
    ):
        chart = page.get_by_role("img", name=title)
        box = chart.bounding_box()
        assert box is not None
        assert box["width"] > 200
        assert box["height"] > 20
    change = page.locator("details", has_text="Right before, wrong now")
    assert change.get_attribute("open") is not None
    assert change.get_by_text("services without docs").is_visible()
    assert change.get_by_text("services with docs").is_visible()
    assert page.get_by_text("1 gone").is_visible()


def test_what_is_held_out_stays_out_of_sight(visitor: Visitor, report: str) -> None:
    page = visitor.visit(report).open("")
    assert page.get_by_text("2 wrong, 1 of them held out and not shown").is_visible()
    assert page.get_by_text("hidden", exact=True).count() == 0


def test_answers_are_shown_as_text(visitor: Visitor, report: str) -> None:
    page = visitor.visit(report).open("")
    assert page.locator("img").count() == 0
    assert page.get_by_text("<img src=x onerror=alert(1)>").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_down_and_not_sideways(visitor: Visitor, report: str, scheme: str) -> None:
    page = visitor.visit(report, viewport=PHONE, color_scheme=scheme).open("")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert len(set(colours)) == 2
