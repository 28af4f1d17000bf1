"""A real browser: Debian's Chromium, driven by Playwright, on pages served from loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.api.conftest import address, files, real_address, settings, store

__all__ = ["address", "files", "real_address", "settings", "store"]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail(
            "the browser tests need Chromium; install it with: apt-get install chromium",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Visit:
    """A page, and everything that went wrong on it."""

    def __init__(self, page: Page, url: str, also: tuple[str, ...] = ()) -> None:
        self.page = page
        self.url = url
        self._known = (url, "data:", "blob:", *also)
        self.trouble: list[str] = []
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on(
            "console",
            lambda message: self.trouble.append(message.text) if message.type == "error" else None,
        )
        page.on("request", lambda request: self._same_origin(request.url))

    def _same_origin(self, url: str) -> None:
        if not url.startswith(self._known):
            self.trouble.append(f"asked {url}")

    def open(self, path: str = "/") -> Page:
        """Go there."""
        self.page.goto(self.url + path)
        return self.page


class Visitor:
    """Opens pages with chosen widths and schemes, and checks at the end that none had trouble."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._visits: list[Visit] = []

    def visit(self, url: str, *, also: tuple[str, ...] = (), **options: Any) -> Visit:
        """A fresh page that may ask its own host and those in `also`; options are Playwright's for a context."""
        context = self._browser.new_context(**{"viewport": DESK, **options})
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        self._visits.append(Visit(context.new_page(), url, also))
        return self._visits[-1]

    def leave(self) -> None:
        """Close everything."""
        for context in self._contexts:
            context.close()
        trouble = [line for visit in self._visits for line in visit.trouble]
        assert not trouble, trouble


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Opens pages; the test fails when one of them logged an error or asked another host."""
    visitor = Visitor(browser)
    yield visitor
    visitor.leave()
