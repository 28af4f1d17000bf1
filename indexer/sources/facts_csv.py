"""Tables of facts about entities: CSV whose first column holds entity references.

Every other column becomes a discovered field (see `processors/discover_fields.py`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import ClassVar

from catalog_store.content import CatalogContent
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.raw import Fact
from indexer.reporting import Report
from indexer.sources.base import Harvest
from indexer.text import NotText

_HEADER = re.compile(r"\ufeff?\s*\"?(?:entity_ref|entityref|entity)\"?\s*[,;\t]", re.IGNORECASE)
_MAX_ROW_LINES = 50
"""Lines a quoted cell may span; an unterminated quote must not swallow the rest of the table."""


class FactsCsv:
    """Reads one fact per cell."""

    name: ClassVar[str] = "facts-csv"
    suffixes: ClassVar[frozenset[str]] = frozenset({".csv", ".tsv"})

    def claims(self, file: InputFile) -> bool:
        """The header's first column is `entity_ref`."""
        return bool(_HEADER.match(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over every cell of the good rows."""
        try:
            text = file.text().lstrip("\ufeff").replace("\x00", "")
        except NotText as error:
            harvest.report.error(
                "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
            )
            return
        header_line = text.partition("\n")[0]
        delimiter = max(",;\t", key=header_line.count)
        rows = _rows(text, delimiter, file, harvest.report)
        header = next(rows, (1, 1, [""]))[2]
        for first, last, cells in rows:
            if len(cells) != len(header):
                message = f"{len(cells)} cells, expected {len(header)} as in the header; the row was left out"
                harvest.report.error("ragged-row", message, file.span(first, last))
                continue
            for column, cell in zip(header[1:], cells[1:], strict=True):
                if cell.strip() and column.strip() and cells[0].strip():
                    harvest.facts.append(
                        Fact(cells[0].strip(), column.strip(), cell.strip(), file.span(first, last))
                    )

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Nothing is left to do: a processor turns facts into discovered fields."""


SOURCE = FactsCsv


def _rows(
    text: str, delimiter: str, file: InputFile, report: Report
) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, last line, cells) of every row; an unterminated quote costs its own line only."""
    lines = text.split("\n")
    at = 0
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
            cells = next(csv.reader(row.splitlines(keepends=True), delimiter=delimiter), [])
            if any(cell.strip() for cell in cells):
                yield at + 1, end, cells
        except csv.Error as error:
            report.error(
                "invalid-csv", f"not a CSV row ({error}); it was left out", file.span(at + 1)
            )
        at = end
