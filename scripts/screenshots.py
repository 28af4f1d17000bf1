"""Make the pictures of the docs: start the demo on loopback, ask it, and photograph the page and an eval report.

    python scripts/screenshots.py [TARGET]        # docs/images when not given

Needs Chromium (`apt-get install chromium`) and the `dev` dependencies.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DESK, TABLET, PHONE = (1280, 860), (820, 1100), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        name: of the file.
        question: asked by deep link; None for the empty page.
        typed: what stands in the box instead, with suggestions open.
        path: another page than the first.
        fragment: the panel to open.
        click: the button to press, by the start of its name.
        wait: what has to be there.
    """

    name: str
    question: str | None = None
    typed: str | None = None
    path: str = "/"
    fragment: str = ""
    click: str | None = None
    size: tuple[int, int] = DESK
    scheme: Literal["light", "dark"] = "light"
    wait: str = ".sheet"


STALE = "services owned by the payments team that haven't been deployed in 60 days"

LEDGER = "/entities/component/default/ledger"

SHOTS = (
    Shot("answer", STALE),
    Shot("answer-tablet", STALE, size=TABLET),
    Shot("answer-phone", STALE, size=PHONE),
    Shot("answer-dark", STALE, scheme="dark"),
    Shot("chip", STALE, click="Change: owned by", wait=".choices li"),
    Shot("chip-phone", STALE, click="Change: owned by", size=PHONE, wait=".choices li"),
    Shot("board", wait="#examples li"),
    Shot("board-tablet", size=TABLET, wait="#examples li"),
    Shot("board-dark-phone", size=PHONE, scheme="dark", wait="#examples li"),
    Shot("suggestions", typed="who owns pay", wait="[role=option]"),
    Shot("groups", "how many services does each team own?", size=TABLET, wait=".bars"),
    Shot("chart", "deployments per week", wait=".columns"),
    Shot("graph", "what breaks if the ledger database goes down?", wait=".graph"),
    Shot("passage", "how do I rotate the Stripe key?", wait=".passage"),
    Shot("near-names", "who owns the ledgr?"),
    Shot("entity", path=LEDGER, wait=".graph"),
    Shot("entity-tablet", path=LEDGER, size=TABLET, scheme="dark", wait=".graph"),
    Shot("entity-phone", path=LEDGER, size=PHONE, wait=".facts"),
    Shot("beside", STALE, fragment="#/component:default/ledger", wait=".facts"),
    Shot("embed", path="/embed", wait=".code"),
)


@contextmanager
def demo() -> Iterator[str]:
    """`callboard demo` on a free port; gives its address."""
    command = [sys.executable, "-u", "-m", "cli", "demo", "--port", "0"]
    with subprocess.Popen(  # noqa: S603  our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = ""
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            address = address or (found.group() if found else "")
            if "Ctrl-C" in line:
                break
        try:
            yield address
        finally:
            process.send_signal(signal.SIGINT)


def photograph(browser: Browser, address: str, shot: Shot, target: Path) -> Path:
    """Make one picture."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=shot.scheme, device_scale_factor=2
    )
    page: Page = context.new_page()
    query = f"?q={quote(shot.question)}" if shot.question else ""
    page.goto(f"{address}{shot.path}{query}{shot.fragment}")
    if shot.typed:
        page.get_by_role("combobox").press_sequentially(shot.typed)
    if shot.click:
        page.get_by_role("button", name=re.compile(f"^{shot.click}")).first.click()
    page.wait_for_selector(shot.wait)
    page.wait_for_timeout(500)  # for transitions to end
    path = target / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def photograph_report(browser: Browser, target: Path) -> Path:
    """The report of the demo organisation's own suite, against its baseline."""
    with tempfile.TemporaryDirectory() as folder:
        suite = ROOT / "eval" / "suites" / "waybright"
        command = [sys.executable, "-m", "cli", "eval", str(suite), "--report", folder]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603  our own command
        context = browser.new_context(
            viewport={"width": 1240, "height": 1900}, device_scale_factor=1.5
        )
        page = context.new_page()
        page.goto((Path(folder) / "report.html").as_uri())
        path = target / "eval-report.png"
        page.screenshot(path=path)
        context.close()
    return path


def main() -> int:
    """Make all pictures."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    target.mkdir(parents=True, exist_ok=True)
    chromium = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if chromium is None:
        sys.stderr.write("Chromium is needed; install it with: apt-get install chromium\n")
        return 1
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for shot in SHOTS:
            sys.stdout.write(f"{photograph(browser, address, shot, target)}\n")
        sys.stdout.write(f"{photograph_report(browser, target)}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
