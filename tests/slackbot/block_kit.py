"""Block Kit's documented limits, as a check: what Slack would refuse, with the place and the reason.

Written from the reference of Block Kit (docs.slack.dev/reference/block-kit), not from what the bot produces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

MESSAGE, HOME, MODAL = "message", "home", "modal"

_MOST_BLOCKS = {MESSAGE: 50, HOME: 100, MODAL: 100}
_SURFACES = {
    "rich_text": {MESSAGE, HOME, MODAL},
    "section": {MESSAGE, HOME, MODAL},
    "context": {MESSAGE, HOME, MODAL},
    "actions": {MESSAGE, HOME, MODAL},
    "divider": {MESSAGE, HOME, MODAL},
    "header": {MESSAGE, HOME, MODAL},
    "table": {MESSAGE},
    "context_actions": {MESSAGE},
    "input": {HOME, MODAL},
}
ALL_TEXT = 12_000
"""Characters of all texts of a message; a little more is refused as `msg_blocks_too_long`."""


def problems(blocks: Any, surface: str = MESSAGE) -> list[str]:
    """Everything that Slack would refuse about some blocks; nothing when they are fine."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found = list(_blocks(blocks, surface))
    size = sum(len(text) for text in _texts(blocks))
    if surface == MESSAGE and size > ALL_TEXT:
        found.append(f"blocks: {size} characters in all, at most {ALL_TEXT}")
    return found


def message_problems(payload: dict[str, Any]) -> list[str]:
    """The same for the arguments of a call that posts or edits a message."""
    text, blocks = payload.get("text"), payload.get("blocks")
    found = problems(blocks) if blocks is not None else []
    if not text and not blocks:
        found.append("no_text")
    if text and len(text) > 4000:
        found.append(f"text: {len(text)} characters, at most 4000")
    return found


def _blocks(blocks: list[Any], surface: str) -> Iterator[str]:
    if not blocks:
        yield "blocks: empty"
    if len(blocks) > _MOST_BLOCKS[surface]:
        yield f"blocks: {len(blocks)}, at most {_MOST_BLOCKS[surface]}"
    block_ids = [b["block_id"] for b in blocks if isinstance(b, dict) and "block_id" in b]
    yield from _unique("block_id", block_ids)
    yield from _unique("action_id", [e["action_id"] for b in blocks for e in _actionable(b)])
    if sum(b.get("type") == "table" for b in blocks) > 1:
        yield "blocks: more than one table"
    for index, block in enumerate(blocks):
        where = f"blocks[{index}]"
        kind = block.get("type")
        if kind not in _CHECKS:
            yield f"{where}: unknown type {kind!r}"
            continue
        if surface not in _SURFACES[kind]:
            yield f"{where}: no {kind} on a {surface}"
        if not 0 < len(block.get("block_id", "x")) <= 255:
            yield f"{where}.block_id: length"
        yield from _CHECKS[kind](block, where)


def _unique(name: str, ids: list[str]) -> Iterator[str]:
    if len(ids) != len(set(ids)):
        yield f"{name}: not unique: {sorted(i for i in set(ids) if ids.count(i) > 1)}"


def _actionable(block: dict[str, Any]) -> list[dict[str, Any]]:
    elements = block.get("elements") if block.get("type") in ("actions", "context_actions") else []
    return [e for e in elements or [] if "action_id" in e]


def _text(value: Any, where: str, most: int, *, only_plain: bool = False) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{where}: no text object"
        return
    if only_plain and value["type"] != "plain_text":
        yield f"{where}: has to be plain_text"
    text = value.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= most:
        yield f"{where}: {len(text or '')} characters, from 1 to {most}"
    if value["type"] == "mrkdwn" and "emoji" in value:
        yield f"{where}: emoji goes with plain_text only"
    if value["type"] == "plain_text" and "verbatim" in value:
        yield f"{where}: verbatim goes with mrkdwn only"


def _string(value: Any, where: str, most: int) -> Iterator[str]:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        yield f"{where}: {len(value) if isinstance(value, str) else value!r}, from 1 to {most} characters"


def _section(block: dict[str, Any], where: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{where}: neither text nor fields"
    if "text" in block:
        yield from _text(block["text"], f"{where}.text", 3000)
    if len(block.get("fields", [])) > 10:
        yield f"{where}.fields: more than 10"
    for i, field in enumerate(block.get("fields", [])):
        yield from _text(field, f"{where}.fields[{i}]", 2000)


def _header(block: dict[str, Any], where: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{where}.text", 150, only_plain=True)


def _context(block: dict[str, Any], where: str) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 0 < len(elements) <= 10:
        yield f"{where}.elements: {len(elements)}, from 1 to 10"
    for i, element in enumerate(elements):
        yield from _text(element, f"{where}.elements[{i}]", 3000)


def _actions(block: dict[str, Any], where: str) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 0 < len(elements) <= 25:
        yield f"{where}.elements: {len(elements)}, from 1 to 25"
    for i, element in enumerate(elements):
        if element.get("type") != "button":
            yield f"{where}.elements[{i}]: unexpected {element.get('type')!r}"
            continue
        yield from _button(element, f"{where}.elements[{i}]")


def _button(button: dict[str, Any], where: str) -> Iterator[str]:
    yield from _text(button.get("text"), f"{where}.text", 75, only_plain=True)
    yield from _string(button.get("action_id"), f"{where}.action_id", 255)
    if "value" in button:
        yield from _string(button["value"], f"{where}.value", 2000)
    if "url" in button:
        yield from _url(button["url"], f"{where}.url")
    if "accessibility_label" in button:
        yield from _string(button["accessibility_label"], f"{where}.accessibility_label", 75)
    if button.get("style") not in (None, "primary", "danger"):
        yield f"{where}.style: {button['style']!r}"
    if "confirm" in button:
        confirm = button["confirm"]
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text(confirm.get(name), f"{where}.confirm.{name}", most, only_plain=True)


def _url(value: Any, where: str) -> Iterator[str]:
    yield from _string(value, where, 3000)
    if isinstance(value, str) and not value.startswith(("http://", "https://")):
        yield f"{where}: no address: {value[:40]!r}"


def _context_actions(block: dict[str, Any], where: str) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 0 < len(elements) <= 5:
        yield f"{where}.elements: {len(elements)}, from 1 to 5"
    for i, element in enumerate(elements):
        at = f"{where}.elements[{i}]"
        if element.get("type") != "feedback_buttons":
            yield f"{at}: unexpected {element.get('type')!r}"
            continue
        for name in ("positive_button", "negative_button"):
            button = element.get(name, {})
            yield from _text(button.get("text"), f"{at}.{name}.text", 75, only_plain=True)
            yield from _string(button.get("value"), f"{at}.{name}.value", 2000)
            if "accessibility_label" in button:
                yield from _string(
                    button["accessibility_label"], f"{at}.{name}.accessibility_label", 75
                )


def _input(block: dict[str, Any], where: str) -> Iterator[str]:
    yield from _text(block.get("label"), f"{where}.label", 2000, only_plain=True)
    element = block.get("element", {})
    if element.get("type") != "plain_text_input":
        yield f"{where}.element: unexpected {element.get('type')!r}"
    if not 0 < element.get("max_length", 1) <= 3000:
        yield f"{where}.element.max_length: {element['max_length']}"


def _table(block: dict[str, Any], where: str) -> Iterator[str]:
    rows = block.get("rows", [])
    if not 0 < len(rows) <= 100:
        yield f"{where}.rows: {len(rows)}, from 1 to 100"
    if len({len(row) for row in rows}) > 1:
        yield f"{where}.rows: of different lengths"
    size = 0
    for r, row in enumerate(rows):
        if not 0 < len(row) <= 20:
            yield f"{where}.rows[{r}]: {len(row)} cells, from 1 to 20"
        for c, cell in enumerate(row):
            at = f"{where}.rows[{r}][{c}]"
            if cell.get("type") == "raw_text":
                yield from _string(cell.get("text"), at, 10_000)
            elif cell.get("type") == "rich_text":
                yield from _rich_text(cell, at)
            else:
                yield f"{at}: unexpected {cell.get('type')!r}"
            size += sum(len(t) for t in _texts(cell))
    if size > 10_000:
        yield f"{where}: {size} characters in its cells, at most 10,000"
    settings = block.get("column_settings", [])
    if len(settings) > 20:
        yield f"{where}.column_settings: more than 20"
    if any(s.get("align") not in (None, "left", "center", "right") for s in settings):
        yield f"{where}.column_settings: align"


_RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")


def _rich_text(block: dict[str, Any], where: str) -> Iterator[str]:
    parts = block.get("elements", [])
    if not parts:
        yield f"{where}.elements: empty"
    size = sum(len(t) for t in _texts(block))
    if size > 3100:
        yield f"{where}: {size} characters, at most 3000"
    for i, part in enumerate(parts):
        at = f"{where}.elements[{i}]"
        kind = part.get("type")
        if kind not in _RICH_PARTS:
            yield f"{at}: unexpected {kind!r}"
        elif kind == "rich_text_list":
            if part.get("style") not in ("bullet", "ordered"):
                yield f"{at}.style: {part.get('style')!r}"
            if not part.get("elements"):
                yield f"{at}.elements: empty"
            for j, item in enumerate(part.get("elements", [])):
                if item.get("type") != "rich_text_section":
                    yield f"{at}.elements[{j}]: has to be a section"
                yield from _inline(item, f"{at}.elements[{j}]")
        else:
            yield from _inline(part, at)


def _inline(part: dict[str, Any], where: str) -> Iterator[str]:
    elements = part.get("elements", [])
    if not elements:
        yield f"{where}.elements: empty"
    for i, element in enumerate(elements):
        at = f"{where}.elements[{i}]"
        kind = element.get("type")
        allowed = (
            ("text", "link")
            if part["type"] == "rich_text_preformatted"
            else ("text", "link", "user")
        )
        if kind not in allowed:
            yield f"{at}: unexpected {kind!r}"
        elif kind == "text":
            yield from _string(element.get("text"), f"{at}.text", 3000)
        elif kind == "link":
            yield from _url(element.get("url"), f"{at}.url")
            yield from _string(element.get("text"), f"{at}.text", 3000)
        elif not str(element.get("user_id", "")).startswith(("U", "W")):
            yield f"{at}.user_id: {element.get('user_id')!r}"


def _divider(_: dict[str, Any], __: str) -> Iterator[str]:
    return iter(())


_CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[str]]] = {
    "rich_text": _rich_text,
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "divider": _divider,
    "input": _input,
    "table": _table,
}


def _texts(value: Any) -> Iterator[str]:
    """Every text that is shown."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def view_problems(view: dict[str, Any]) -> list[str]:
    """The same for a view."""
    kind = view.get("type")
    if kind not in (HOME, MODAL):
        return [f"view: unexpected {kind!r}"]
    found = problems(view.get("blocks"), kind)
    if kind == MODAL:
        for name in ("title", "submit", "close"):
            found += _text(view.get(name), f"view.{name}", 24, only_plain=True)
        if len(view.get("private_metadata", "")) > 3000:
            found.append("view.private_metadata: more than 3000 characters")
    return found
