"""Rows of a table kept as JSON: a list of flat objects, one a line, in a wrapper, or keyed by what they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog_store.model.document import SourceSpan
from catalog_store.model.kinds import ENTITY_KINDS
from indexer.files import InputFile
from indexer.json_items import read_items, value_lines
from indexer.json_stream import read_events
from indexer.reporting import Report
from indexer.tables.headers import key_columns

WRAPPERS = ("items", "data", "results", "rows", "records", "entities", "facts", "values")
"""Keys under which exports keep their list."""

KEYED = "entity_ref"
"""What the keys of an object of objects are taken for: a column of its own."""

_REF = re.compile(rf"(?:{'|'.join(ENTITY_KINDS)}):(?:[\w.-]+/)?[\w.-]+", re.IGNORECASE)
_MAX_NESTING = 2
"""Levels of objects inside a row that become columns of their own ("quality.coverage")."""

_DECODER = json.JSONDecoder(parse_constant=str, parse_int=str, parse_float=str)
_BLANK = " \t\n\r\ufeff"

Cells = dict[str, str]


def shape_of(head: str, *, lines: bool, key: str | None = None) -> tuple[str, ...] | None:
    """How the beginning of a text holds rows about entities; None when it does not look like it.

    Args:
        head: the beginning.
        lines: the file is called line-delimited, so that one line alone is a row, too.
        key: the column that names the entities, when it is known; else it must look like one.

    Returns:
        () for a list or lines; (key,) for a list in a wrapper; ("*",) for an object of objects.
    """
    text = head.lstrip(_BLANK)
    if text.startswith("["):
        return () if _names_something(_value_at(text, 1), key) else None
    if not text.startswith("{"):
        return None
    line, _, rest = text.partition("\n")
    if (lines or rest.strip()) and _names_something(_value_at(line, 0), key):
        return ()  # one object a line, each whole
    if lines:
        return None
    for name, value in _members(text):
        if name in WRAPPERS and value is None:
            at = re.search(rf'"{name}"\s*:\s*\[', text)
            return (name,) if at and _names_something(_value_at(text, at.end()), key) else None
        if (_REF.fullmatch(name) or key == KEYED) and isinstance(value, dict):
            return ("*",)
    return None


def read_json(
    file: InputFile, shape: tuple[str, ...], report: Report
) -> Iterator[tuple[Cells, SourceSpan]]:
    """Every row, column → text as written, with its lines."""
    if shape != ("*",):
        for item, span in read_items(file, report, *shape):
            yield _cells(item), span
        return
    for first, last, value in read_events(file, report):
        if not isinstance(value, dict):
            continue
        text = file.text() if first != last else ""
        for key, inner in value.items():
            if not isinstance(inner, dict):
                continue
            lines = value_lines(text, (key,)).get((key,), (first, last)) if text else (first, last)
            yield {KEYED: key, **_cells(inner)}, file.span(*lines)


def _cells(item: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Cells:
    cells: Cells = {}
    for key, value in item.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < _MAX_NESTING:
            cells |= _cells(value, f"{name}_", depth + 1)
        else:
            cells[name] = text_of(value)
    return cells


def text_of(value: Any) -> str:
    """A value as a table would write it; lists stay JSON.

    >>> text_of(True), text_of(None), text_of(["a", "b"]), text_of(1.5)
    ('true', '', '["a", "b"]', '1.5')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    return str(value)


def _names_something(value: Any, key: str | None) -> bool:
    """Whether it is an object with a key column of plain text, beside at least one more."""
    if not isinstance(value, dict) or len(value) < 2:
        return False
    names = (key,) if key is not None and key != KEYED else key_columns(list(value))
    return any(isinstance(value.get(name), str) and value[name].strip() for name in names)


def _value_at(text: str, at: int) -> Any:
    """The value that starts after some blanks; None when it is broken or cut off."""
    while at < len(text) and text[at] in _BLANK:
        at += 1
    try:
        return _DECODER.raw_decode(text, at)[0]
    except (ValueError, RecursionError):
        return None


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """(key, value) of an object's members, as far as the text goes; lists are not read: their value is None."""
    at = 1
    while at < len(text):
        match = re.compile(r'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*').match(text, at)
        if match is None:
            return
        key = json.loads(match[1], strict=False)
        at = match.end()
        if text.startswith("[", at):
            yield key, None
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, list):
            yield key, value
