"""The box as people use it, over a server that reads its questions itself: change, turn round, take along, draw, remember."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor


@pytest.fixture
def page(visitor: Visitor, real_address: str) -> Page:
    """The empty page."""
    return visitor.visit(real_address).open()


def ask(page: Page, question: str) -> None:
    page.get_by_role("combobox", name="Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".sheet .asked")).to_have_text(question)


def test_a_chip_is_changed_with_the_keyboard_alone_and_keeps_the_focus(page: Page) -> None:
    ask(page, "components owned by payments")
    expect(page.locator(".results tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Change: components").focus()
    page.keyboard.press("Enter")
    choices = page.get_by_role("listbox")
    expect(choices).to_be_focused()
    kinds = choices.get_by_role("option").all_inner_texts()
    wanted = next(i for i, text in enumerate(kinds) if "resource" in text.lower())
    now = next(i for i, text in enumerate(kinds) if "component" in text.lower())
    for _ in range((wanted - now) % len(kinds)):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Orders Database")
    expect(page.get_by_role("button", name="Change: resources")).to_be_focused()


def test_escape_closes_the_editor_and_gives_the_focus_back(page: Page) -> None:
    ask(page, "components owned by payments")
    chip = page.get_by_role("button", name="Change: owned by team Payments")
    chip.click()
    expect(chip).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(chip).to_be_focused()
    expect(chip).to_have_attribute("aria-expanded", "false")


def test_a_condition_is_turned_round(page: Page) -> None:
    ask(page, "websites owned by payments")
    expect(page.locator(".said")).to_contain_text("Checkout Web")
    page.get_by_role("button", name="Change: components of type website").click()
    now = page.get_by_role("button", name="is", exact=True)
    expect(now).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="is not", exact=True).click()
    expect(page.locator(".reading-line")).to_contain_text("type other than website")
    expect(page.locator(".said")).not_to_contain_text("Checkout Web")


def test_results_are_taken_along_as_csv_json_and_link(page: Page) -> None:
    ask(page, "components owned by payments")

    def saved(name: str) -> str:
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        return Path(download.value.path()).read_text("utf-8")

    rows = list(csv.DictReader(io.StringIO(saved("CSV").removeprefix("\ufeff"))))
    assert [row["ref"] for row in rows] == [
        "component:default/checkout",
        "component:default/checkout-web",
    ]
    assert rows[0]["owner"] == "group:default/payments"
    body: dict[str, Any] = json.loads(saved("JSON"))
    assert body["total"] == 2
    assert [r["ref"] for r in body["results"]] == [row["ref"] for row in rows]
    expect(page.get_by_text("Saved 2")).to_be_visible()
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Link copied")).to_be_visible()


def test_a_spreadsheet_is_given_no_formula(page: Page) -> None:
    text = page.evaluate(
        """async () => (await import("/web/table.js")).csv({ rows: [], results: [
            { ref: "a:b/c", kind: "Component", title: '=HYPERLINK("x")', fields: { note: "one, two", gone: null, many: ["a", "b"] } }] })"""
    )
    assert text.splitlines()[1] == 'a:b/c,Component,"\'=HYPERLINK(""x"")","one, two",a; b'


def test_dependencies_are_a_picture_that_works_with_the_keyboard(page: Page) -> None:
    ask(page, "what breaks if the orders database goes down?")
    boxes = page.locator(".graph a.box")
    expect(boxes).to_have_count(3)
    expect(page.locator(".graph .edge")).to_have_count(2)
    checkout = page.locator(".graph a", has_text=re.compile("^Checkout"))
    expect(checkout.first).to_have_attribute("aria-label", re.compile("depending on"))
    page.locator(".graph a.is-focus").focus()
    expect(page.locator(".graph .edge.is-lit")).to_have_count(1)
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Orders Database")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".graph a.is-focus")).to_be_focused()


def test_what_was_asked_stays_on_this_machine_until_it_is_forgotten(page: Page) -> None:
    ask(page, "who owns checkout?")
    page.get_by_role("link", name="Callboard").click()
    recent = page.locator("#recent")
    expect(recent.get_by_role("button", name="who owns checkout?")).to_be_visible()
    page.get_by_role("combobox", name="Your question").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="who owns checkout?")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget them").click()
    expect(recent).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_a_thing_has_a_page_with_every_source_and_its_neighbourhood(page: Page) -> None:
    ask(page, "who owns checkout?")
    page.goto(page.url.split("?")[0] + "entities/component/default/checkout")
    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")
    expect(page).to_have_title("Checkout · Callboard")
    facts = page.locator(".facts > div")
    assert facts.count() > 3
    expect(facts.locator(".written")).to_have_count(facts.count())
    expect(facts.filter(has_text="owner").locator(".written")).to_contain_text(
        re.compile(r"line \d+")
    )
    expect(page.locator(".declared")).to_contain_text("read ")
    expect(page.locator(".graph a.box")).to_have_count(4)
    expect(page.locator(".graph .is-focus")).to_contain_text("Checkout")
    page.get_by_role("button", name="what depends on checkout?").click()
    expect(page.locator(".said")).to_contain_text("Checkout Web")


def test_a_page_of_documentation_has_an_address(page: Page, real_address: str) -> None:
    page.goto(f"{real_address}/pages?ref=runbook:runbooks/checkout-slow.md")
    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout is slow")
    expect(page.locator("pre")).to_contain_text("kubectl rollout restart")


def test_a_thing_that_is_not_there_says_so(visitor: Visitor, real_address: str) -> None:
    visit = visitor.visit(real_address)
    page = visit.open("/entities/component/default/nope")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not there")
    visit.trouble.clear()  # the browser logs the 404 that is meant


def test_what_goes_wrong_is_said_and_can_be_tried_again(
    visitor: Visitor, real_address: str
) -> None:
    visit = visitor.visit(real_address)
    page = visit.open()

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/v1/ask", refuse)
    page.get_by_role("combobox").fill("who owns checkout?")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The server cannot be reached")
    page.unroute("**/v1/ask")
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator(".said")).to_contain_text("Payments")
    visit.trouble.clear()  # the browser logs the request that was refused


def test_stages_are_told_while_an_answer_is_on_its_way(page: Page) -> None:
    """The server's own stages, read from its stream: the last word before the answer is how many there are."""
    page.evaluate(
        """() => { const root = document.querySelector("callboard-search").shadowRoot;
        window.said = [];
        new MutationObserver(() => { const text = root.querySelector(".progress").textContent; if (text) window.said.push(text); })
          .observe(root.querySelector(".progress"), { childList: true, subtree: true }); }"""
    )
    ask(page, "components owned by payments")
    said: list[str] = page.evaluate("window.said")
    assert "2 found" in said[-1]
