"""The App Home: what is yours, who is on call, what is open, what has not been deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Status
from slackbot.blocks.limits import VIEW_BLOCKS, Block, button, context, label
from slackbot.blocks.parts import href
from slackbot.blocks.said import HELP
from slackbot.text import rich, rich_block

LINES = 8
"""Things listed under one heading."""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading, the question behind it, and its answer; None when it could not be answered."""

    title: str
    question: str
    answer: Answer | None
    nothing: str


def home_view(
    sections: Sequence[Section], *, base: str | None, note: str = "", as_of: str = ""
) -> Block:
    """The view to publish.

    Args:
        sections: what is shown, in order; none for somebody whom the catalog does not know.
        base: address of the web page.
        note: why something is missing.
        as_of: when it was so.
    """
    blocks: list[Block] = []
    for section in sections:
        blocks.append({"type": "header", "text": label(section.title, 150)})
        blocks += _section(section, base)
    if not sections:
        blocks.append(rich_block(rich(HELP)))
    blocks += context(note, as_of and f"As of {as_of}")
    refresh = {
        "type": "actions",
        "elements": [
            button("Refresh", "home.refresh"),
            *([button("Open in browser", "open", url=base)] if base else []),
        ],
    }
    return {"type": "home", "blocks": [*blocks, refresh][:VIEW_BLOCKS]}


def _section(section: Section, base: str | None) -> list[Block]:
    answer = section.answer
    if answer is None:
        return context("This could not be looked up just now; Refresh tries again.")
    if answer.status is not Status.ANSWERED:
        said = section.nothing if answer.status is Status.EMPTY else answer.text
        return [rich_block(rich(said))]
    items: list[Block] = []
    for result in answer.results[:LINES]:
        url = href(base, result.ref)
        name = " ".join((result.title or result.ref).split())[:150] or "–"
        element: Block = (
            {"type": "link", "url": url, "text": name} if url else {"type": "text", "text": name}
        )
        detail = _detail(result.fields)
        elements = [element, *([{"type": "text", "text": detail}] if detail else [])]
        items.append({"type": "rich_text_section", "elements": elements})
    if not items:
        return [rich_block(rich(answer.text))]
    bullets = {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": items}
    left = answer.total - len(items)
    more = f"and {left:,} more: ask “{section.question}”" if left > 0 else ""
    return [rich_block([bullets]), *context(more)]


_DETAILS = ("tier", "priority", "status", "last_deployed_at", "created_at")


def _detail(fields: dict[str, object]) -> str:
    said = []
    for name in _DETAILS:
        value = fields.get(name)
        if name == "last_deployed_at" and name in fields and value is None:
            said.append("never deployed")
        if value in (None, "", []):
            continue
        text = str(value)[:10] if name.endswith("_at") else str(value)[:40]
        said.append(
            {"last_deployed_at": f"deployed {text}", "created_at": f"since {text}"}.get(
                name, f"{name} {text}" if name == "tier" else text
            )
        )
    return " – " + ", ".join(said) if said else ""
