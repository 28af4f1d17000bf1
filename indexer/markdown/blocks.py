"""Plain Markdown → blocks with their lines: headings, code, tables, lists, prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from indexer.markdown.flavours import FENCE, closes


class BlockKind(StrEnum):
    """What a block is; all but prose are kept whole when a page is split."""

    HEADING = "heading"
    CODE = "code"
    TABLE = "table"
    LIST = "list"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines of a page.

    Attributes:
        first, last: counted from 0, both included.
        level: of a heading, 1–6; 0 otherwise.
        title: of a heading, without markup; empty otherwise.
    """

    kind: BlockKind
    first: int
    last: int
    level: int = 0
    title: str = ""


_ATX = re.compile(r"^ {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<title>\S.*)|[ \t]*)$")
_SETEXT = re.compile(r"^ {0,3}(?:=+|-{2,})\s*$")
_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_RULE = re.compile(r"^ {0,3}(?:-[ \t]*){3,}$|^ {0,3}(?:\*[ \t]*){3,}$|^ {0,3}(?:_[ \t]*){3,}$")
_TABLE_RULE_CHARACTERS = frozenset("|:- \t")
_LONGEST_HEADING = 1000
"""Characters; longer lines are prose, and title markup is only looked for in this many."""
_LONGEST_LINE = 10_000
"""Characters; longer lines are prose whatever they look like, and are not searched for patterns."""

_LINK = re.compile(r"!?\[([^\]\[]*)\](?:\([^)]*\)|\[[^\]]*\])")
_ANCHOR = re.compile(r"\s*\{#[^}]*\}\s*$|<a\b[^>]*>|</a>|<[a-z/][^<>]*>", re.IGNORECASE)


def read_blocks(lines: Sequence[str]) -> list[Block]:
    """Cut a page into blocks; blank lines belong to none, every other line to exactly one."""
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        block = _block_at(lines, at)
        blocks.append(block)
        at = block.last + 1
    return blocks


def plain_title(text: str) -> str:
    """A heading without markup.

    >>> plain_title("The [`Ledger`](ledger.md) **API** {#ledger}")
    'The Ledger API'
    """
    text = _ANCHOR.sub("", _LINK.sub(r"\1", text[:_LONGEST_HEADING]))
    text = re.sub(r"\s+#+\s*$", "", text)
    return re.sub(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)", "", text).strip()


def _block_at(lines: Sequence[str], at: int) -> Block:
    line = lines[at]
    if len(line) <= _LONGEST_LINE:
        if len(line) <= _LONGEST_HEADING and (heading := _ATX.match(line)) is not None:
            return Block(
                BlockKind.HEADING,
                at,
                at,
                len(heading["marks"]),
                plain_title(heading["title"] or ""),
            )
        if (fence := FENCE.match(line)) is not None and not _ITEM.match(line):
            return Block(BlockKind.CODE, at, _fence_end(lines, at, fence["marks"]))
        if _is_table(lines, at):
            return Block(BlockKind.TABLE, at, _run_end(lines, at))
        if _ITEM.match(line) and not _RULE.match(line):
            return Block(BlockKind.LIST, at, _list_end(lines, at))
        if line.startswith(("    ", "\t")):
            return Block(BlockKind.CODE, at, _indented_end(lines, at))
    return _prose(lines, at)


def _fence_end(lines: Sequence[str], at: int, marks: str) -> int:
    for number in range(at + 1, len(lines)):
        if len(lines[number]) <= _LONGEST_LINE and closes(lines[number], marks):
            return number
    return _last_filled(lines, at, len(lines) - 1)


def _is_table(lines: Sequence[str], at: int) -> bool:
    if at + 1 >= len(lines) or "|" not in lines[at]:
        return False
    rule = lines[at + 1]
    return (
        "|" in rule
        and "-" in rule
        and len(rule) <= _LONGEST_LINE
        and _TABLE_RULE_CHARACTERS.issuperset(rule)
    )


def _run_end(lines: Sequence[str], at: int) -> int:
    end = at
    while end + 1 < len(lines) and lines[end + 1].strip():
        end += 1
    return end


def _list_end(lines: Sequence[str], at: int) -> int:
    """The last line of a list: items, what is indented below them, and code blocks that start in one."""
    end = number = at
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            number += 1
            continue
        blank_before = number > end + 1
        if len(line) > _LONGEST_LINE:
            belongs = number == at or not blank_before
        else:
            fence = FENCE.match(line)
            indented = line.startswith((" ", "\t"))
            if fence is not None and (indented or _ITEM.match(line) or not blank_before):
                end = _fence_end(lines, number, fence["marks"])
                number = end + 1
                continue
            item = bool(_ITEM.match(line)) and not _RULE.match(line)
            belongs = item or indented or not (blank_before or _interrupts(line))
        if not belongs:
            break
        end = number
        number += 1
    return end


def _interrupts(line: str) -> bool:
    return bool(_ATX.match(line) or _RULE.match(line))


def _indented_end(lines: Sequence[str], at: int) -> int:
    end = number = at
    while number < len(lines):
        if lines[number].startswith(("    ", "\t")) and lines[number].strip():
            end = number
        elif lines[number].strip():
            break
        number += 1
    return end


def _prose(lines: Sequence[str], at: int) -> Block:
    end = at
    while end + 1 < len(lines):
        line = lines[end + 1]
        if not line.strip():
            break
        if len(line) <= _LONGEST_LINE:
            if _SETEXT.match(line) and _may_be_heading(lines, at, end):
                level = 1 if line.strip().startswith("=") else 2
                title = plain_title(" ".join(text.strip() for text in lines[at : end + 1]))
                return Block(BlockKind.HEADING, at, end + 1, level, title)
            if (
                _ATX.match(line)
                or FENCE.match(line)
                or _is_table(lines, end + 1)
                or _starts_list(line)
            ):
                break
        end += 1
    return Block(BlockKind.PROSE, at, end)


def _may_be_heading(lines: Sequence[str], first: int, last: int) -> bool:
    return sum(map(len, lines[first : last + 1])) <= _LONGEST_HEADING and not _RULE.match(
        lines[first]
    )


def _starts_list(line: str) -> bool:
    # As in CommonMark, a number other than 1 does not interrupt a paragraph: "in\n2024. Then …".
    return bool(_ITEM.match(line)) and line.strip()[:2] in {"- ", "* ", "+ ", "1.", "1)"}


def _last_filled(lines: Sequence[str], first: int, last: int) -> int:
    while last > first and not lines[last].strip():
        last -= 1
    return last
