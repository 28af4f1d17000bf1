"""The page over the bundled demo organisation, nothing replaced: what someone sees after `callboard demo`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`callboard demo` on a free port; its address."""
    # Next to the folders of all workers, so that the model is prepared and the demo built once a run.
    cache = tmp_path_factory.getbasetemp().parent / "callboard-cache"
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "demo", "--port", "0"],
        cwd=ROOT,
        env={
            **os.environ,
            "CALLBOARD_CACHE_DIR": str(cache),
            "PYTHONUNBUFFERED": "1",
            "NO_COLOR": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    assert process.stdout is not None
    address = None
    for line in process.stdout:
        said.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            address = found.group()
        if "Ctrl-C" in line:
            break
    assert address, "".join(said)
    assert sum(line.startswith("  ") for line in said) == 5, "five questions to try"
    yield address
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest


@pytest.fixture
def page(visitor: Visitor, demo: str) -> Page:
    """The empty page."""
    page = visitor.visit(demo).open()
    expect(page.locator("#examples button")).to_have_count(5)
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_role("combobox").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".sheet .asked")).to_have_text(question)


def test_each_example_on_the_board_is_answered(page: Page) -> None:
    for question in page.locator("#examples button").all_inner_texts():
        ask(page, question)
        expect(page.locator(".sheet.is-answered"), question).to_be_visible()


def test_typing_suggests_a_name_and_the_question_is_answered(page: Page) -> None:
    page.get_by_role("combobox").press_sequentially("who owns payment-s")
    page.get_by_role("option", name=re.compile("who owns payment-service")).click()
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Payments")
    expect(page.locator(".sources")).to_contain_text("catalog/")


def test_a_condition_can_be_taken_away(page: Page) -> None:
    ask(page, "services owned by the payments team that haven't been deployed in 60 days")
    count = page.locator(".results tbody tr").count()
    assert count > 1
    page.get_by_role("button", name=re.compile("Remove: .*deployed")).click()
    expect(page.locator(".earlier li")).to_have_count(1)
    assert page.locator(".results tbody tr").count() > count


def test_groups_name_every_team(page: Page) -> None:
    ask(page, "how many services does each team own?")
    assert page.locator(".bar").count() > 5


def test_a_runbook_is_quoted_with_its_place(page: Page) -> None:
    ask(page, "how do I rotate the Stripe key?")
    expect(page.locator(".passage").first).to_contain_text("Stripe")
    expect(page.locator(".passage .where").first).to_contain_text(re.compile(r"lines? \d+"))
    page.locator(".passage .where a").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Rotate the Stripe key")


def test_the_weather_is_refused(page: Page) -> None:
    ask(page, "what's the weather?")
    expect(page.get_by_text("Not a catalog question")).to_be_visible()


def test_a_result_leads_to_its_entity(page: Page) -> None:
    ask(page, "what breaks if the ledger database goes down?")
    page.locator(".results a").first.click()
    expect(page.get_by_role("dialog").locator(".facts")).to_contain_text("owner")


def test_a_deep_link_on_a_phone_in_the_dark(visitor: Visitor, demo: str) -> None:
    visit = visitor.visit(demo, viewport=PHONE, color_scheme="dark", is_mobile=True, has_touch=True)
    page = visit.open("/?q=services%20owned%20by%20payments")
    expect(page.locator(".sheet.is-answered")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_condition_can_be_changed_and_the_answer_follows(page: Page) -> None:
    ask(page, "services owned by the payments team")
    page.get_by_role("button", name="Change: owned by").click()
    editor = page.get_by_role("dialog", name="Change: owned by")
    choice = editor.get_by_role("option").filter(has_text=re.compile(r"[1-9]\d*$")).last
    label = choice.locator(".choice-label").inner_text()
    count = int(choice.locator(".choice-count").inner_text())
    choice.click()
    expect(editor).to_have_count(0)
    expect(page.locator(".reading-line")).to_contain_text(label)
    expect(page.locator(".results tbody tr, .cards li")).to_have_count(count)
    page.get_by_role("button", name="Change: owned by").click()
    page.get_by_role("button", name="is not", exact=True).click()
    expect(page.locator(".reading-line")).to_contain_text("not owned by")
    page.reload()
    expect(page.locator(".reading-line")).to_contain_text("not owned by")


def test_a_follow_up_continues(page: Page) -> None:
    ask(page, "services owned by the payments team")
    everything = page.locator(".results tbody tr").count()
    ask(page, "only tier 1")
    expect(page.locator(".earlier li")).to_have_count(1)
    expect(page.locator(".reading-line")).to_contain_text("Payments")
    assert page.locator(".results tbody tr").count() < everything


def test_what_depends_on_a_thing_is_drawn(page: Page) -> None:
    ask(page, "what breaks if the ledger database goes down?")
    expect(page.locator(".graph .box.is-focus")).to_have_count(1)
    rows = page.locator(".results tbody tr").count()
    expect(page.locator(".graph .box")).to_have_count(rows + 1)
    assert page.locator(".graph .edge").count() >= rows


def test_a_measure_is_drawn_week_by_week(page: Page) -> None:
    ask(page, "deployments per month")
    assert page.locator(".columns .column").count() > 1
    page.get_by_text("The numbers").click()
    numbers = page.get_by_role("region", name="The numbers").locator("tbody tr")
    expect(numbers).to_have_count(page.locator(".columns .column").count())
