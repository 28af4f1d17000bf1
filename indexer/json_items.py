"""The items of a list inside a JSON document, each with its own lines.

`json` forgets where values stood. Only the way down to the items is walked here; everything else is skipped by
the C decoder, so this costs about as much as a second parse.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, TypeAlias

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.files import InputFile
from indexer.json_stream import read_events
from indexer.json_text import JsonFault, parse_json
from indexer.reporting import Report
from indexer.text import NotText

KeyPath: TypeAlias = tuple[str | int, ...]
Pattern: TypeAlias = tuple[str | None, ...]
"""Keys from the outside in; None stands for every item of a list."""

_DECODER = json.JSONDecoder(parse_constant=str, parse_int=str, parse_float=str)
_BLANK = re.compile(r"[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r,]*")


def value_lines(text: str, pattern: Pattern) -> dict[KeyPath, tuple[int, int]]:
    r"""First and last line of every value a pattern reaches, counted from 1; empty when the text is no JSON.

    >>> value_lines('{"a": [\n 1,\n {}\n]}', ("a", None))
    {('a', 0): (2, 2), ('a', 1): (3, 3)}
    """
    found: dict[KeyPath, tuple[int, int]] = {}
    try:
        _walk(text, 0, pattern, (), found)
    except (ValueError, IndexError, RecursionError):
        return {}
    breaks = [match.start() for match in re.finditer("\n", text)]
    return {
        path: (bisect_left(breaks, first) + 1, bisect_left(breaks, last) + 1)
        for path, (first, last) in found.items()
    }


def _walk(
    text: str, at: int, pattern: Pattern, path: KeyPath, found: dict[KeyPath, tuple[int, int]]
) -> int:
    """Read one value; returns where it ends."""
    at = _past(_BLANK, text, at)
    if not pattern:
        end = _DECODER.raw_decode(text, at)[1]
        found[path] = (at, end - 1)
        return end
    wanted, rest = pattern[0], pattern[1:]
    if text[at] == "{" and wanted is not None:
        at = _past(_NEXT, text, at + 1)
        while text[at] != "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _past(_BLANK, text, _past(_BLANK, text, at) + 1)
            if key == wanted:
                at = _walk(text, at, rest, (*path, wanted), found)
            else:
                at = _DECODER.raw_decode(text, at)[1]
            at = _past(_NEXT, text, at)
        return at + 1
    if text[at] == "[" and wanted is None:
        at = _past(_NEXT, text, at + 1)
        count = 0
        while text[at] != "]":
            at = _past(_NEXT, text, _walk(text, at, rest, (*path, count), found))
            count += 1
        return at + 1
    return _DECODER.raw_decode(text, at)[1]


def _past(blanks: re.Pattern[str], text: str, at: int) -> int:
    match = blanks.match(text, at)
    return match.end() if match else at


def read_whole(file: InputFile, report: Report) -> tuple[str, Any] | None:
    """The text of a JSON file and its one value; None, and a line in the report, when it is none."""
    try:
        text = file.text()
        return text, parse_json(text)
    except NotText as error:
        message = f"{error.reason}; nothing in it was indexed"
        report.error("not-utf8", message, file.span(error.line))
    except JsonFault as fault:
        message = f"{fault}; nothing in it was indexed"
        report.error(fault.code, message, file.span(fault.line))
    return None


def read_items(
    file: InputFile, report: Report, *under: str
) -> Iterator[tuple[dict[str, Any], SourceSpan]]:
    """Every mapping of a feed, taken out of the list it was exported in.

    Args:
        file: a JSON object, an array, or one value a line.
        report: receives what is no JSON.
        under: the keys that lead to the list; a value without such a list is an item itself.

    Yields:
        Items in the order of the file, each with its lines. What is no mapping goes to the report.
    """
    for first, last, value in read_events(file, report):
        inner = loose.at(value, *under)
        if not isinstance(inner, list):
            items = [(value, file.span(first, last))]
        else:
            items = list(zip(inner, item_spans(file, first, last, under, len(inner)), strict=True))
        for item, span in items:
            if isinstance(item, dict):
                yield item, span
            else:
                report.error(
                    "wrong-shape",
                    f"a {type(item).__name__} where an object was expected; it was left out",
                    span,
                )


def item_spans(
    file: InputFile, first: int, last: int, under: Pattern, count: int
) -> list[SourceSpan]:
    """The lines of each item; those of everything around them when they cannot be told apart.

    Args:
        file: holds the value.
        first: line where the value that holds the items begins.
        last: line where it ends.
        under: the keys that lead to their list; None stands for every item of a list on the way.
        count: how many items there are.
    """
    whole = [file.span(first, last)] * count
    if first == last:
        return whole
    try:
        rows = file.text().split("\n")[first - 1 : last]
    except NotText:
        return whole
    text = "\n".join(rows)
    start = text.find("{")
    lines = value_lines(text[max(start, 0) :], (*under, None))
    if len(lines) != count:
        return whole
    before = first - 1 + text.count("\n", 0, max(start, 0))
    return [file.span(before + one, before + two) for one, two in lines.values()]
