"""Rows of a CSV or TSV table, whatever separates its cells; a broken row costs only itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from indexer.files import InputFile
from indexer.reporting import Report
from indexer.text import NotText

_MAX_ROW_LINES = 50
"""Lines a quoted cell may span; an unterminated quote must not swallow the rest of the table."""

_SEPARATORS = ",;\t|"
_TOLD_SEPARATOR = re.compile(r"sep=(.)\Z")
"""Excel's own first line: "sep=;"."""

Row = tuple[int, int, list[str]]
"""First line, last line, cells."""


def header_of(head: str) -> list[str]:
    r"""The column names at the beginning of a text; empty when there are none.

    >>> header_of("sep=;\nService;Cost\ncheckout;1,5")
    ['Service', 'Cost']
    """
    lines = head.lstrip("\ufeff").replace("\x00", "").split("\n")
    _, number, separator = _header_line(lines)
    if number >= len(lines):
        return []
    try:
        cells = next(csv.reader([lines[number]], delimiter=separator), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def read_csv(file: InputFile, report: Report) -> Iterator[Row]:
    """The header, then every row with as many cells; the others go to the report."""
    try:
        text = file.text().lstrip("\ufeff").replace("\x00", "")
    except NotText as error:
        report.error(
            "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
        )
        return
    lines = text.split("\n")
    _, start, separator = _header_line(lines)
    rows = _rows(lines, start, separator, file, report)
    header = next(rows, None)
    if header is None:
        return
    yield header
    width = len(header[2])
    for first, last, cells in rows:
        fitting = cells[:width] if not any(cell.strip() for cell in cells[width:]) else cells
        if len(fitting) != width:
            message = f"{len(cells)} cells, expected {width} as in the header; the row was left out"
            report.error("ragged-row", message, file.span(first, last))
            continue
        yield first, last, fitting


def _header_line(lines: list[str]) -> tuple[str, int, str]:
    """The first line that is neither blank nor a comment, its number from 0, and what separates its cells."""
    told = None
    for number, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _TOLD_SEPARATOR.match(line.strip("\r "))
        if match and told is None:
            told = match[1]
            continue
        bare = re.sub(r'"[^"]*"', "", line)
        return line, number, told or max(_SEPARATORS, key=bare.count)
    return "", len(lines), ","


def _rows(
    lines: list[str], start: int, separator: str, file: InputFile, report: Report
) -> Iterator[Row]:
    """Every row that is not blank; an unterminated quote costs its own line only."""
    at = start
    while at < len(lines):
        end = at + 1
        row = lines[at]
        while row.count('"') % 2 and end < len(lines) and end - at < _MAX_ROW_LINES:
            row += "\n" + lines[end]
            end += 1
        if row.count('"') % 2:
            report.error(
                "unterminated-quote",
                'a quote is never closed; the row was left out, close it with "',
                file.span(at + 1),
            )
            at += 1
            continue
        try:
            cells = next(csv.reader(row.splitlines(keepends=True), delimiter=separator), [])
            if any(cell.strip() for cell in cells):
                yield at + 1, end, cells
        except csv.Error as error:
            report.error(
                "invalid-csv", f"not a CSV row ({error}); it was left out", file.span(at + 1)
            )
        at = end
