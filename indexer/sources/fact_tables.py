"""Tables of facts about entities: CSV, TSV, JSON, NDJSON or Parquet with a column that names entities.

Every other column becomes a discovered field (see `processors/discover_fields.py`).

Read: the column that names entities, wherever it stands (`entity_ref`, `entityRef`, `ref`, `component`, `service`, `team`, …,
or the `key` that `callboard.yaml` names); every other column. JSON may be a list of objects, one object a line, a list under
`items`, `data`, `results`, …, or an object keyed by references; objects inside a row become columns of their own.

Joined: by reference, `namespace/name`, name, title, or the name on another platform. A table whose names are mostly none of
the catalog's is left alone and reported. A date beside the names (`as_of`, `measured_at`, …) tells which of several rows is the latest.

Ignored: columns without a name, the second of two columns with one name, and rows with too many or too few cells; each is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.globs import glob_covers
from catalog_store.model.refinements import TableRefinement
from indexer.files import InputFile
from indexer.raw import FactRow
from indexer.reporting import Report
from indexer.sources.base import FeedReader, GeneralSource, Harvest
from indexer.tables import csv_rows, json_rows, parquet_rows
from indexer.tables.headers import key_columns

_CSV, _JSON, _PARQUET = {".csv", ".tsv"}, {".json", ".ndjson", ".jsonl"}, {".parquet"}


class FactTables(FeedReader, GeneralSource):
    """Hands over every row; which column names the entities is settled once all of them are known."""

    generality: ClassVar[int] = 2
    name: ClassVar[str] = "fact-tables"
    suffixes: ClassVar[frozenset[str]] = frozenset(_CSV | _JSON | _PARQUET)

    def __init__(self) -> None:
        """The build tells which tables the settings name."""
        self.told: Sequence[TableRefinement] = ()

    def wants(self, file: InputFile) -> bool:
        """Whether the settings name this file."""
        return file.suffix in self.suffixes and self._told(file) is not None

    def claims(self, file: InputFile) -> bool:
        """Some column of its header may name entities."""
        if file.suffix in _PARQUET:
            return file.head_bytes.startswith(parquet_rows.MAGIC) and _is_keyed(
                parquet_rows.header_of(file)
            )
        if file.suffix in _JSON:
            return json_rows.shape_of(file.head, lines=_is_lines(file)) is not None
        return file.suffix in _CSV and _is_keyed(csv_rows.header_of(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over every good row."""
        told = self._told(file)
        keys: tuple[str, ...] | None = None
        for cells, span in _rows(file, told.key if told else None, harvest.report):
            # JSON rows may differ in their columns, those of other tables do not
            if keys is None or file.suffix in _JSON:
                keys = (told.key,) if told and told.key else key_columns(list(cells))
            harvest.fact_rows.append(
                FactRow(
                    table=file.path,
                    cells=cells,
                    keys=keys,
                    span=span,
                    kinds=tuple(kind.lower() for kind in told.kinds) if told else (),
                    told=told is not None,
                )
            )

    def _told(self, file: InputFile) -> TableRefinement | None:
        return next((t for t in self.told if glob_covers(t.path, file.path)), None)


SOURCE = FactTables


def _is_keyed(header: Sequence[str]) -> bool:
    """One column that names entities, and at least one that says something of them."""
    return len(header) > 1 and bool(key_columns(header))


def _is_lines(file: InputFile) -> bool:
    return file.suffix in {".ndjson", ".jsonl"}


def _rows(
    file: InputFile, key: str | None, report: Report
) -> Iterator[tuple[dict[str, str], SourceSpan]]:
    if file.suffix in _PARQUET:
        for number, cells in parquet_rows.read_parquet(file, report):
            yield {c: text.strip() for c, text in cells.items()}, file.span(number)
    elif file.suffix in _JSON:
        yield from json_rows.read_json(
            file, json_rows.shape_of(file.head, lines=_is_lines(file), key=key) or (), report
        )
    else:
        yield from _csv_rows(file, report)


def _csv_rows(file: InputFile, report: Report) -> Iterator[tuple[dict[str, str], SourceSpan]]:
    rows = csv_rows.read_csv(file, report)
    line, _, names = next(rows, (1, 1, []))
    header = [name.strip() for name in names]
    good = _usable_columns(header, file.span(line), report)
    unnamed = [i for i, name in enumerate(header) if not name]
    lost = None
    for first, last, cells in rows:
        if lost is None and any(cells[i].strip() for i in unnamed):
            lost = file.span(first, last)
        yield {header[i]: cells[i].strip() for i in good}, file.span(first, last)
    if lost is not None:
        report.error(
            "unnamed-column", "a column without a name was left out; name it in the header", lost
        )


def _usable_columns(header: list[str], span: SourceSpan, report: Report) -> list[int]:
    """The positions of columns with a name of their own; the second of two with one name is reported."""
    seen: dict[str, int] = {}
    for position, name in enumerate(header):
        if name and name in seen:
            message = f"two columns are called {name!r}; the second was left out, rename it"
            report.error("duplicate-column", message, span)
        elif name:
            seen[name] = position
    return list(seen.values())
