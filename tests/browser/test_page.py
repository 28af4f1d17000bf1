"""The page, answered for by hand: every shape of answer, and text that means harm."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor


@pytest.fixture
def page(visitor: Visitor, address: str) -> Page:
    """The empty page."""
    return visitor.visit(address).open()


def ask(page: Page, question: str) -> None:
    page.get_by_role("combobox").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_the_empty_page_offers_questions_and_a_click_asks_one(page: Page) -> None:
    first = page.locator("#examples button").first
    question = first.inner_text()
    first.click()
    expect(page.locator(".sheet .asked")).to_have_text(question)
    expect(page.locator("#examples")).to_be_hidden()


def test_an_answer_shows_sentence_reading_chips_unused_words_and_assumptions(page: Page) -> None:
    ask(page, "services owned by payments not deployed in 60 days pls")
    expect(page.locator(".said")).to_contain_text("7 services owned by Payments")
    expect(page.locator(".reading-line")).to_contain_text("services owned by group Payments")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator(".asked s.unused")).to_have_text("pls")
    expect(page.locator(".asked .used").first).to_have_text("payments")
    expect(page.get_by_text("never-deployed services are included")).to_be_visible()


def test_removing_a_chip_asks_again_without_it_and_back_returns(page: Page) -> None:
    ask(page, "services owned by payments not deployed in 60 days")
    page.get_by_role("button", name="Remove: not deployed in 60 days").click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".earlier li")).to_have_count(1)
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)


def test_a_table_sorts_with_missing_values_last_and_says_so(page: Page) -> None:
    ask(page, "services owned by payments")
    cells = page.locator(".results tbody td:nth-child(4)")
    head = page.locator(".results thead button", has_text="last deployed at")
    head.click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("last deployed at↑")
    expect(cells.last).to_have_text("never")
    head.click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(cells.last).to_have_text("never")


def test_a_result_opens_the_entity_beside_the_answer(page: Page) -> None:
    ask(page, "services owned by payments")
    page.locator(".results a", has_text="Checkout").first.click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Checkout", exact=True)).to_be_visible()
    expect(panel).to_contain_text("Turns a basket into a paid order.")
    panel.get_by_role("link", name="Orders Database").click()
    expect(panel.get_by_role("heading", name="Orders Database")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".results")).to_be_visible()


def test_groups_are_bars_as_long_as_their_numbers(page: Page) -> None:
    ask(page, "how many services per team")
    bars = page.locator(".bar rect")
    expect(bars).to_have_count(4)
    widths = bars.evaluate_all("bars => bars.map(b => b.getBoundingClientRect().width)")
    assert widths[0] > widths[1] > widths[2] > widths[3] > 0
    assert abs(widths[1] / widths[0] - 7 / 9) < 0.02


def test_a_number_stands_large(page: Page) -> None:
    ask(page, "count services")
    expect(page.locator(".figure strong")).to_have_text("21")
    expect(page.locator(".figure span")).to_have_text("services")


def test_passages_are_rendered_with_place_marks_and_copyable_code(page: Page) -> None:
    ask(page, "runbook for ledger lag")
    passage = page.locator(".passage").first
    expect(passage.get_by_role("heading", name="Mitigation")).to_be_visible()
    expect(passage.locator(".where")).to_contain_text("runbooks/ledger-lag.md")
    expect(passage.locator(".where")).to_contain_text("lines 12–31")
    assert {"lag", "ledger"} <= set(passage.locator("mark").all_inner_texts())
    expect(passage.locator("pre")).to_contain_text("SELECT pid")
    expect(passage.locator("ol > li")).to_have_count(3)
    expect(passage.locator("table")).to_be_visible()
    expect(passage.get_by_role("button", name="Copy this code")).to_be_visible()


def test_html_in_a_document_stays_text(page: Page) -> None:
    ask(page, "runbook for ledger lag")
    expect(page.locator(".prose").first).to_contain_text("<script>")
    assert page.locator(".prose script, .prose img").count() == 0
    assert page.evaluate("document.body.dataset.owned") is None


def test_a_citation_leads_to_its_source(page: Page) -> None:
    ask(page, "who owns checkout?")
    page.get_by_role("link", name="Source 1").click()
    expect(page.locator(".sources-list li")).to_be_focused()
    expect(page.locator(".sources-list li")).to_contain_text("catalog/checkout.yaml:1–9")


def test_near_names_are_one_click_away(page: Page) -> None:
    ask(page, "who owns chekcout?")
    expect(page.get_by_text("No such name")).to_be_visible()
    page.get_by_role("button", name="component checkout", exact=True).click()
    expect(page.locator(".said")).to_contain_text("Payments owns checkout")


def test_a_refusal_says_so_and_suggests(page: Page) -> None:
    ask(page, "what's the weather?")
    expect(page.get_by_text("Not a catalog question")).to_be_visible()
    page.locator(".next button").click()
    expect(page.locator(".said")).to_contain_text("Payments owns checkout")


def test_a_deep_link_asks_and_the_address_follows_the_question(
    visitor: Visitor, address: str
) -> None:
    page = visitor.visit(address).open("/?q=who%20owns%20checkout%3F")
    expect(page.locator(".said")).to_contain_text("Payments owns checkout")
    expect(page.get_by_role("combobox")).to_have_value("who owns checkout?")
    ask(page, "count services")
    expect(page).to_have_url(f"{address}/?q=count%20services")
    page.go_back()
    expect(page.locator(".said")).to_contain_text("Payments owns checkout")


def test_feedback_is_taken(page: Page) -> None:
    ask(page, "who owns checkout?")
    page.locator(".feedback").get_by_role("button", name="No").click()
    why = page.get_by_role("textbox", name="What would have been right?")
    expect(why).to_be_focused()
    why.fill("Checkout took it over.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted, thank you.")).to_be_visible()


def test_everything_works_from_the_keyboard(page: Page) -> None:
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.type("who owns check")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    active = box.get_attribute("aria-activedescendant")
    assert active == page.get_by_role("option").first.get_attribute("id")
    page.keyboard.press("Enter")
    expect(box).to_have_value("who owns checkout ")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Payments owns checkout")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    inside = "document.querySelector('callboard-search').shadowRoot.activeElement.tagName"
    assert page.evaluate(inside) in {"A", "BUTTON"}
    page.locator(".cards a").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(box).to_be_focused()


def test_escape_closes_the_suggestions_and_keeps_the_text(page: Page) -> None:
    box = page.get_by_role("combobox")
    box.press_sequentially("check")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("check")


@pytest.mark.parametrize(
    "question", ["services owned by payments pls", "runbook for ledger lag", "how many per team"]
)
def test_a_phone_needs_no_sideways_scrolling(question: str, visitor: Visitor, address: str) -> None:
    page = visitor.visit(address, viewport=PHONE, has_touch=True, is_mobile=True).open()
    ask(page, question)
    expect(page.locator(".sheet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_dark_follows_the_system(visitor: Visitor, address: str) -> None:
    def brightness(scheme: str) -> float:
        page = visitor.visit(address, color_scheme=scheme).open()
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return float(
            sum(int(part) for part in color.removeprefix("rgb(").rstrip(")").split(",")) / 3
        )

    assert brightness("light") > 200
    assert brightness("dark") < 50


def test_the_api_page_works_without_the_outside(visitor: Visitor, address: str) -> None:
    page = visitor.visit(address).open("/docs")
    section = page.locator("#post-v1-ask")
    expect(section).to_contain_text("question")
    section.get_by_text("Try it").click()
    section.get_by_role("button", name="Send").click()
    expect(section.locator(".try .code pre")).to_contain_text('"status": "answered"')
