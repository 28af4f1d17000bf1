"""What Slack takes, as its reference documents it, and the means to stay within it.

A message that breaks a limit is refused whole, so every text that comes from a catalog passes through `clip`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]
"""One block, or an element of one, as Slack's JSON."""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TEXT = 3000
"""Characters of a text object; what a rich text block holds in all is kept below it too."""

MESSAGE_TEXT = 4000
"""Characters of a message's plain text that Slack recommends; it cuts at 40,000."""

MARKDOWN = 12_000
"""Characters of `markdown_text` in one call of the streaming API."""

BUTTON = 75
"""Characters on a button, and of its accessibility label."""

BUTTON_VALUE = 2000
ACTIONS = 25
"""Elements of one actions block; five to a row read well, so we use fewer."""

CONTEXT = 10
"""Elements of a context block."""

ALL_TEXT = 12_000
"""Characters in all blocks of a message; somewhat above it Slack answers `msg_blocks_too_long`."""

TABLE_ROWS, TABLE_COLUMNS = 100, 20
"""Rows, the header among them, and columns of a table block; a message holds one table."""

TABLE_TEXT = 10_000
"""Characters in all cells of a table."""

CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
HEADER = 150
MODAL_TITLE = 24
PROMPTS = 4
"""Suggested prompts of the agent's messages tab."""


def clip(text: str, most: int) -> str:
    """The text, shortened with an ellipsis where it is longer than `most` characters (>= 1).

    >>> clip("Payment Reconciliation", 10), clip("Ledger", 10)
    ('Payment R…', 'Ledger')
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def label(text: str, most: int = BUTTON) -> Block:
    """A plain text object: shown as is, never read as mark-up; Slack takes none that is empty."""
    flat = " ".join(text.split())
    return {"type": "plain_text", "text": clip(flat, most) or "–", "emoji": False}


def button(
    text: str, action: str, value: str | None = None, *, style: str | None = None, url: str = ""
) -> Block:
    """A button; `action` has to be unique within its message."""
    made: Block = {"type": "button", "text": label(text), "action_id": action}
    if value is not None:
        made["value"] = value
    if style:
        made["style"] = style
    if url:
        made["url"] = url
    return made


def confirmed(made: Block, *, title: str, text: str, yes: str) -> Block:
    """A button that asks once more before it acts."""
    return made | {
        "confirm": {
            "title": label(title, CONFIRM_TITLE),
            "text": label(text, CONFIRM_TEXT),
            "confirm": label(yes, CONFIRM_BUTTON),
            "deny": label("Cancel", CONFIRM_BUTTON),
        }
    }


def actions(block_id: str, elements: Sequence[Block]) -> list[Block]:
    """An actions block, or none when there is nothing to press."""
    if not elements:
        return []
    return [{"type": "actions", "block_id": block_id, "elements": list(elements[:ACTIONS])}]


def context(*texts: str) -> list[Block]:
    """A line of small print for each text that is not empty; shown as is."""
    shown = [label(text, TEXT) for text in texts if text.strip()]
    return [{"type": "context", "elements": [text]} for text in shown[:CONTEXT]]


def fit(blocks: Sequence[Block]) -> list[Block]:
    """As many blocks as one message holds; of too much text, later blocks that can be missed go first, buttons stay."""
    room = ALL_TEXT - sum(_size(b) for b in blocks if b["type"] in _KEPT)
    kept = []
    for block in blocks:
        size = 0 if block["type"] in _KEPT else _size(block)
        if size <= room:
            room -= size
            kept.append(block)
    return kept[:MESSAGE_BLOCKS]


_KEPT = ("actions", "context_actions")


def _size(value: Any) -> int:
    """Characters of all texts."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_size(inner) for inner in value.values())
    return sum(_size(inner) for inner in value) if isinstance(value, list) else 0
