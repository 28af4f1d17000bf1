"""axe-core finds nothing on any view, in light, in the dark and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visitor

MODES: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "is_mobile": True, "has_touch": True},
    "dark phone": {"viewport": PHONE, "color_scheme": "dark", "is_mobile": True, "has_touch": True},
}


def _settled(selector: str) -> Callable[[Page], None]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def _editor(page: Page) -> None:
    page.get_by_role("button", name="Change: owned by").click()
    expect(page.get_by_role("option").first).to_be_visible()


def _suggestions(page: Page) -> None:
    page.get_by_role("combobox").press_sequentially("who owns check")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def _panel(page: Page) -> None:
    page.locator(".results a").first.click()
    expect(page.get_by_role("dialog").locator(".facts")).to_be_visible()


VIEWS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "the board": ("/", _settled("#examples li")),
    "suggestions": ("/", _suggestions),
    "a table": ("/?q=components owned by payments pls", _settled(".results")),
    "a chip's editor": ("/?q=components owned by payments", _editor),
    "a thing beside the answer": ("/?q=components owned by payments", _panel),
    "a graph": ("/?q=what breaks if the orders database goes down?", _settled(".graph")),
    "groups": ("/?q=how many components per type", _settled(".bars")),
    "passages": ("/?q=how do I restart the stuck workers?", _settled(".passage")),
    "near names": ("/?q=who owns chekout?", _settled(".sheet")),
    "a refusal": ("/?q=what's the weather?", _settled(".status")),
    "a thing's page": ("/entities/component/default/checkout", _settled(".graph")),
    "a runbook's page": ("/pages?ref=runbook:runbooks/checkout-slow.md", _settled(".passage")),
    "how to embed": ("/embed", _settled(".code")),
    "the API's page": ("/docs", _settled("#post-v1-ask")),
}


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing(mode: str, visitor: Visitor, real_address: str) -> None:
    found = []
    visit = visitor.visit(real_address, reduced_motion="reduce", **MODES[mode])
    for name, (path, settle) in VIEWS.items():
        page = visit.open(path)
        settle(page)
        for violation in Axe().run(page).response["violations"]:
            places = [str(node["target"]) for node in violation["nodes"][:3]]
            found.append(f"{name}: {violation['id']} at {places}: {violation['help']}")
        width = page.viewport_size or DESK
        assert page.evaluate("document.documentElement.scrollWidth") <= width["width"], name
    assert not found, "\n".join(found)
