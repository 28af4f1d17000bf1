"""The box in a page of somebody else: another origin, a policy that allows nothing but us, the host's own colours and links."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import Settings
from tests.api.conftest import running
from tests.browser.conftest import Visitor

BODY = """<!doctype html><html lang="en"><head><title>Portal</title>
<script type="module" src="{server}/web/callboard-search.js"></script>
<link rel="stylesheet" href="/portal.css"></head>
<body><main><h1>Portal</h1>
<callboard-search placeholder="ask us" history="off" entity-href="/catalog/{{namespace}}/{{kind}}/{{name}}"></callboard-search>
</main></body></html>"""

STYLE = "callboard-search { --callboard-accent: rgb(0, 90, 180); } callboard-search::part(button) { letter-spacing: 3px; }"

POLICY = (
    "default-src 'none'; script-src {server}; connect-src {server}; style-src 'self'; "
    "require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'"
)


class Host(ThreadingHTTPServer):
    """A portal that trusts one other origin."""

    server_url = ""
    daemon_threads = True


class Portal(BaseHTTPRequestHandler):
    """Two files."""

    server: Host

    def do_GET(self) -> None:
        style = self.path == "/portal.css"
        body = STYLE if style else BODY.format(server=self.server.server_url)
        self.send_response(200 if style or self.path == "/" else 404)
        self.send_header("Content-Type", "text/css" if style else "text/html")
        self.send_header("Content-Security-Policy", POLICY.format(server=self.server.server_url))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture(scope="module")
def portal(store: Path, settings: Settings) -> Iterator[tuple[str, str]]:
    """Addresses of the portal and of the server it embeds."""
    host = Host(("127.0.0.1", 0), Portal)
    origin = f"http://127.0.0.1:{host.server_port}"
    live = LiveAssistant(store, open_store=open_serving)
    with running(replace(settings, cors_origins=(origin,)), live) as url:
        host.server_url = url
        thread = threading.Thread(target=host.serve_forever, daemon=True)
        thread.start()
        yield origin, url
        host.shutdown()
        host.server_close()
    live.close()


@pytest.fixture
def page(visitor: Visitor, portal: tuple[str, str]) -> Page:
    """The portal's page; the visitor fails the test when its policy stopped anything."""
    origin, server = portal
    return visitor.visit(origin, also=(server,)).open()


def test_it_suggests_answers_and_edits_under_a_strict_policy(page: Page) -> None:
    box = page.get_by_role("combobox", name="Your question")
    box.press_sequentially("who owns check")
    expect(page.get_by_role("option").first).to_be_visible()
    box.fill("components owned by payments")
    page.keyboard.press("Enter")
    expect(page.locator(".results tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Change: components").click()
    page.get_by_role("option", name="resource").click()
    expect(page.locator(".said")).to_contain_text("Orders Database")


def test_it_looks_as_its_style_sheet_and_its_host_say(page: Page) -> None:
    button = page.get_by_role("button", name="Ask", exact=True)
    expect(button).to_have_css("background-color", "rgb(0, 90, 180)")
    expect(button).to_have_css("letter-spacing", "3px")
    expect(page.locator("callboard-search .box")).to_have_css("display", "flex")


def test_links_lead_where_the_host_wants_them(page: Page) -> None:
    page.get_by_role("combobox").fill("who owns checkout?")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Payments", exact=True).first
    expect(link).to_have_attribute("href", "/catalog/default/group/payments")


def test_the_host_hears_and_decides(page: Page) -> None:
    heard = page.evaluate(
        """() => new Promise((done) => {
          const box = document.querySelector("callboard-search");
          box.addEventListener("callboard-answer", ({ detail }) => done([detail.question, detail.answer.status, location.search]));
          box.ask("who owns checkout?"); })"""
    )
    assert heard == ["who owns checkout?", "answered", ""]
    page.evaluate(
        """() => { const box = document.querySelector("callboard-search");
        box.addEventListener("callboard-open", (event) => { event.preventDefault(); document.title = event.detail.ref; }); }"""
    )
    page.get_by_role("link", name="Payments", exact=True).first.click()
    expect(page).to_have_title("group:default/payments")


def test_nothing_leaks_into_the_host(page: Page) -> None:
    page.get_by_role("combobox").fill("who owns checkout?")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Payments")
    assert page.evaluate(
        "[localStorage.length, document.styleSheets.length, document.adoptedStyleSheets.length]"
    ) == [0, 1, 0]


def test_a_portal_that_is_not_named_gets_nothing(
    visitor: Visitor, portal: tuple[str, str], real_address: str
) -> None:
    origin, _ = portal
    visit = visitor.visit(origin, also=(real_address, portal[1]))
    page = visit.open()
    blocked = page.evaluate(
        "(url) => fetch(url).then(() => 'answered', () => 'blocked')", f"{real_address}/v1/suggest"
    )
    assert blocked == "blocked"
    visit.trouble.clear()  # the browser says that it was blocked
