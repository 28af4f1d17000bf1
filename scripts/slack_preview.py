"""Draw Slack messages without Slack: standard answers over the demo organisation, as pages and as pictures.

    python scripts/slack_preview.py [TARGET]        # docs/images when not given

Only what the bot sends is drawn, block by block, near to how Slack shows it. Needs Chromium and the `dev` dependencies.
"""

from __future__ import annotations

import html
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from playwright.sync_api import sync_playwright
from screenshots import CHROMIUM

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.building import build_index, local_embedder  # noqa: E402
from app.callers import ANYONE  # noqa: E402
from app.serving import Serving, open_serving  # noqa: E402
from demo_org import write_demo  # noqa: E402
from slackbot.alerts import understand  # noqa: E402
from slackbot.asking import owner_of  # noqa: E402
from slackbot.blocks import said  # noqa: E402
from slackbot.blocks.alert import alert_message  # noqa: E402
from slackbot.blocks.answer import Frame, answer_message  # noqa: E402
from slackbot.blocks.home import Section, home_view  # noqa: E402
from slackbot.blocks.limits import Block  # noqa: E402
from slackbot.blocks.message import Message  # noqa: E402
from slackbot.visits import HOME  # noqa: E402

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BASE = "https://callboard.example.com"
ASKER = "user:default/ines.carvalho"
ASKED_BY = "Ines"
WIDTH = 760


@dataclass(frozen=True)
class Standard:
    """One of the standard answers: the name of its picture, and what was asked, the last of which is shown."""

    name: str
    asked: tuple[str, ...]
    private: bool = False


STANDARD = (
    Standard(
        "table", ("services owned by the payments team that haven't been deployed in 60 days",)
    ),
    Standard("long-list", ("tier 1 services",)),
    Standard("passage", ("how do I rotate the Stripe key?",)),
    Standard("runbook", ("runbook for LedgerDbReplicaLag",)),
    Standard("ambiguous", ("who owns the wallet?",)),
    Standard("unknown-name", ("who owns the ledgr-exporter?",)),
    Standard("no-such-fact", ("who is on call for checkout?",)),
    Standard("empty", ("deprecated services owned by booking",)),
    Standard("out-of-scope", ("what's the weather?",)),
    Standard("graph", ("path from checkout to ledger database",)),
    Standard("count", ("how many services does each team own?",)),
    Standard("follow-up", ("services owned by booking", "only tier 1")),
    Standard("private", ("who owns checkout?",), private=True),
)

ALERT = {
    "attachments": [
        {
            "title": "[FIRING:1] LedgerDbReplicaLag (ledger production critical)",
            "text": "*alertname:* LedgerDbReplicaLag\n*service:* ledger",
        }
    ]
}


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def message_of(serving: Serving, standard: Standard) -> Message:
    """The message for the last question of a standard answer."""
    conversation = f"preview-{standard.name}"
    for question in standard.asked:
        answer = serving.ask(question, now=NOW, conversation=conversation, limit=100)
    frame = Frame(
        id=standard.name,
        question=question,
        base=BASE,
        owner=owner_of(serving, answer),
        shareable=standard.private,
    )
    return answer_message(answer, frame)


def said_to(standard: Standard) -> str:
    """The last question as it is typed; in a thread it needs no mention."""
    if standard.private:
        return f"/callboard {standard.asked[-1]}"
    return standard.asked[-1] if len(standard.asked) > 1 else f"@Callboard {standard.asked[-1]}"


def earlier(serving: Serving, standard: Standard) -> tuple[tuple[str, str], ...]:
    """What was asked before, with what was said, the lists left out."""
    told = []
    for question in standard.asked[:-1]:
        lead = answer_message(serving.ask(question, now=NOW, limit=100), Frame(id="before")).lead
        told.append((f"@Callboard {question}", f"{lead} …"))
    return tuple(told)


def alert_of(serving: Serving) -> Message:
    """What the shortcut says about an alert."""
    asked = ("runbook for LedgerDbReplicaLag", "who owns ledger")
    answers = [serving.ask(question, now=NOW) for question in asked]
    frame = Frame(id="alert", base=BASE, owner=owner_of(serving, answers[1]), shareable=True)
    return alert_message(understand(ALERT), answers, frame)


def home_of(serving: Serving) -> list[Block]:
    """Somebody's App Home."""
    sections = [
        Section(title, asked, serving.ask(asked, now=NOW, asker=ASKER), nothing)
        for title, asked, nothing in HOME
    ]
    view = home_view(sections, base=BASE, as_of=f"{NOW:%Y-%m-%d %H:%M} UTC")
    return list(view["blocks"])


# ── drawing ──────────────────────────────────────────────────────────────────────────────────────


def page_of(
    who: str,
    text: str,
    blocks: list[Block],
    *,
    only_you: bool = False,
    before: tuple[tuple[str, str], ...] = (),
) -> str:
    """A page with one question and the message below it; before it what was asked and, in a line, answered."""
    earlier = "".join(_row(who, "asker", t) + _row("Callboard", "bot", a) for t, a in before)
    note = '<p class="only">Only visible to you</p>' if only_you else ""
    asked = earlier + (_row(who, "asker", text) if text else "")
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><main>{asked}"
        f'<div class="row"><span class="face bot">C</span><div class="said"><b>Callboard</b> <span class="app">APP</span>{note}'
        f"{''.join(map(draw, blocks))}</div></div></main>"
    )


def _row(who: str, face: str, text: str) -> str:
    return (
        f'<div class="row"><span class="face {face}">{who[0]}</span><div><b>{who}</b>'
        f"<p>{html.escape(text)}</p></div></div>"
    )


def draw(block: Block) -> str:
    """One block."""
    return _DRAWN[block["type"]](block)


def _rich_text(block: Block) -> str:
    return f'<div class="rich">{"".join(map(_part, block["elements"]))}</div>'


def _part(part: Block) -> str:
    kind = part["type"]
    if kind == "rich_text_list":
        items = "".join(f"<li>{_inline(item)}</li>" for item in part["elements"])
        return f"<ul{_border(part)}>{items}</ul>"
    if kind == "rich_text_preformatted":
        return f"<pre{_border(part)}>{_inline(part)}</pre>"
    if kind == "rich_text_quote":
        return f"<blockquote>{_inline(part)}</blockquote>"
    return f"<p>{_inline(part)}</p>"


def _border(part: Block) -> str:
    return ' class="quoted"' if part.get("border") else ""


def _inline(part: Block) -> str:
    return "".join(map(_element, part["elements"]))


def _element(element: Block) -> str:
    if element["type"] == "user":
        return f'<span class="user">@{html.escape(element["user_id"])}</span>'
    text = html.escape(element["text"])
    if element["type"] == "link":
        return f"<a>{text}</a>"
    style = element.get("style", {})
    if style.get("bold"):
        return f"<b>{text}</b>"
    if style.get("italic"):
        return f"<i>{text}</i>"
    return f"<code>{text}</code>" if style.get("code") else text


def _table(block: Block) -> str:
    align = [s.get("align", "left") for s in block["column_settings"]]
    rows = []
    for number, row in enumerate(block["rows"]):
        tag = "td" if number else "th"
        cells = "".join(
            f'<{tag} class="{side}">{_cell(cell)}</{tag}>'
            for cell, side in zip(row, align, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    return f'<div class="table"><table>{"".join(rows)}</table></div>'


def _cell(cell: Block) -> str:
    if cell["type"] == "raw_text":
        return html.escape(cell["text"])
    return "".join(_inline(section) for section in cell["elements"])


def _context(block: Block) -> str:
    return f'<p class="context">{" ".join(_small(e) for e in block["elements"])}</p>'


def _small(element: Block) -> str:
    """Plain text as it is; of mark-up only links, which is all the bot uses."""
    text = str(element["text"])
    if element["type"] == "plain_text":
        return html.escape(text)
    out = []
    for piece in text.split("<"):
        link, found, after = piece.partition(">")
        shown = link.partition("|")[2]
        out.append(f"<a>{shown}</a>{after}" if found and shown else piece)
    return "".join(out)


def _actions(block: Block) -> str:
    return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'


def _button(button: Block) -> str:
    return f'<span class="button {button.get("style", "")}">{html.escape(button["text"]["text"])}</span>'


def _feedback(block: Block) -> str:
    (buttons,) = block["elements"]
    sides = (buttons["positive_button"], buttons["negative_button"])
    drawn = "".join(
        f'<span class="verdict">{mark} {html.escape(side["text"]["text"])}</span>'
        for mark, side in zip("✓✗", sides, strict=True)
    )
    return f'<div class="feedback">{drawn}</div>'


def _header(block: Block) -> str:
    return f"<h2>{html.escape(block['text']['text'])}</h2>"


_DRAWN: dict[str, Callable[[Block], str]] = {
    "rich_text": _rich_text,
    "table": _table,
    "context": _context,
    "actions": _actions,
    "context_actions": _feedback,
    "header": _header,
}

STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.47 Lato, "Noto Sans", "DejaVu Sans", sans-serif; color: #1d1c1d; background: #fff; width: 760px }
main { padding: 16px 20px }
.row { display: flex; gap: 10px; margin-bottom: 14px }
.row > div { flex: 1; min-width: 0 }
.face { width: 36px; height: 36px; border-radius: 6px; display: grid; place-items: center; color: #fff; font-weight: 700; flex: none }
.asker { background: #7c5cbf } .bot { background: #1c2333 }
.app { font-size: 10px; background: #eee; color: #616061; border-radius: 3px; padding: 1px 4px; font-weight: 700; vertical-align: 2px }
.only { color: #616061; font-size: 12px }
p, .rich { margin: 2px 0 6px; white-space: pre-wrap; overflow-wrap: anywhere }
a { color: #1264a3 } b { font-weight: 700 }
code { font: 12.5px "DejaVu Sans Mono", monospace; color: #c01343; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px }
pre { font: 12.5px/1.5 "DejaVu Sans Mono", monospace; background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap }
pre.quoted, ul.quoted { border-left: 4px solid #ddd; border-radius: 0 }
ul { padding-left: 26px; margin: 2px 0 6px } ul.quoted { padding-left: 30px }
blockquote { border-left: 4px solid #ddd; padding: 1px 0 1px 12px; margin: 4px 0; white-space: pre-wrap }
.user { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px }
.table { margin: 6px 0 8px; border: 1px solid #ddd; border-radius: 8px; overflow: hidden }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; white-space: nowrap }
th, td { border: 1px solid #e4e4e4; padding: 5px 9px; text-align: left } th { background: #f8f8f8 }
.right { text-align: right }
.context { color: #616061; font-size: 12.5px; margin: 3px 0; line-height: 1.4 }
.actions { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0 }
.button { border: 1px solid #bbb; border-radius: 6px; padding: 3px 10px; font-weight: 700; font-size: 13px }
.primary { background: #007a5a; color: #fff; border-color: #007a5a }
.feedback { display: flex; gap: 6px; margin-top: 6px }
.verdict { border: 1px solid #ddd; border-radius: 12px; padding: 1px 10px; font-size: 12px; color: #616061 }
h2 { font-size: 18px; margin: 12px 0 2px }
"""


def main(target: Path) -> None:
    """Build the demo's store, ask, draw, photograph."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        home = Path(folder)
        cache = Path(platformdirs.user_cache_dir("callboard"))
        files = write_demo(home / "files", now=NOW)
        build_index([files], store=home / "store", now=NOW, embedder=lambda: local_embedder(cache))
        whole = open_serving(home / "store")
        serving = whole.seen_by(ANYONE)
        pages = {
            s.name: page_of(
                ASKED_BY,
                said_to(s),
                message_of(serving, s).blocks,
                only_you=s.private,
                before=earlier(serving, s),
            )
            for s in STANDARD
        }
        pages["error"] = page_of(
            ASKED_BY, "@Callboard who owns checkout?", said.apology("5f2c09ab").blocks
        )
        pages["alert"] = page_of(ASKED_BY, "", alert_of(serving).blocks, only_you=True)
        pages["home"] = page_of(ASKED_BY, "", home_of(serving))
        whole.close()
        browser = driver.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None),
            args=["--no-sandbox"],
        )
        view = browser.new_page(viewport={"width": WIDTH, "height": 400}, device_scale_factor=1.25)
        for name, drawn in pages.items():
            view.set_content(drawn)
            view.screenshot(path=target / f"slack-{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
