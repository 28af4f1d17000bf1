"""Rows of tables → facts about entities, once it is known whether a column really names entities of the catalog."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalog_store.model.entity import EntityRef
from indexer.catalog import Catalog
from indexer.joins import find
from indexer.processors.moments import MOMENT_NAMES, SNAPSHOT_NAMES, column_moments
from indexer.raw import Fact, FactRow
from indexer.reporting import Report
from indexer.tables.headers import NAMING, kinds_of_key, snake

FAIR_SHARE = 0.5
"""Share of the different names in a column that must be the catalog's; below it the column means something else."""

_RECORD_IDS = frozenset(
    ("id", "uuid", "guid", "key", "number", "event_id", "record_id", "ticket", "issue")
)
"""Columns that number records: a table with one of these and several rows an entity lists happenings, not facts."""

MAX_COLUMNS = 300
"""Columns of one table that are read; exports of events with a column for every key have more."""

_MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class _Key:
    """A column, the names in it, and the entities they mean."""

    column: str
    names: Sequence[str]
    known: Mapping[str, EntityRef]

    @property
    def share(self) -> float:
        return len(self.known) / len(self.names) if self.names else 0.0


def read_tables(catalog: Catalog, report: Report) -> None:
    """Add the facts of every table whose rows are about entities."""
    tables: dict[str, list[FactRow]] = {}
    for row in catalog.fact_rows:
        tables.setdefault(row.table, []).append(row)
    tables = {name: _bounded(rows, report) for name, rows in tables.items()}
    found: list[Fact] = []
    for rows in tables.values():
        key = _key_of(rows, catalog, report)
        if key is not None and not _lists_records(rows, key, report):
            found += _facts(rows, key, report)
    catalog.facts = [*catalog.facts, *found]


def _bounded(rows: list[FactRow], report: Report) -> list[FactRow]:
    """The rows with the first columns only, when there are far more than any table about entities has."""
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    if len(columns) <= MAX_COLUMNS:
        return rows
    report.error(
        "too-many-columns",
        f"{len(columns)} columns, at most {MAX_COLUMNS} are read; the rest was left out, split the table",
        rows[0].span,
    )
    kept = frozenset(columns[:MAX_COLUMNS])
    return [
        replace(row, cells={name: text for name, text in row.cells.items() if name in kept})
        for row in rows
    ]


def _key_of(rows: Sequence[FactRow], catalog: Catalog, report: Report) -> _Key | None:
    """The column that names the entities; None when none does, which is reported."""
    columns = dict.fromkeys(column for row in rows for column in row.keys)
    first = rows[0]
    candidates: list[_Key] = []
    for column in columns:
        names = list(dict.fromkeys(name for row in rows if (name := row.cells.get(column, ""))))
        kinds = first.kinds or kinds_of_key(column)
        known = {n: ref for n in names if len(n) <= _MAX_NAME and (ref := find(catalog, n, kinds))}
        key = _Key(column, names, known)
        telling = first.told or snake(column) not in NAMING
        if known and (telling or key.share >= FAIR_SHARE):
            return key
        candidates.append(key)
    if candidates:
        _report_strange(max(candidates, key=lambda key: key.share), first, catalog, report)
    return None


def _report_strange(key: _Key, first: FactRow, catalog: Catalog, report: Report) -> None:
    kinds = first.kinds or kinds_of_key(key.column)
    if not key.names:
        reason = "it is empty, or not in the table"
    elif key.known:
        reason = f"only {len(key.known)} of {len(key.names)} names are in the catalog"
    else:
        name = key.names[0]
        own = [str(entity.ref) for entity in catalog.of_kinds(kinds)]
        near = difflib.get_close_matches(
            name[:_MAX_NAME].lower(), [r.partition("/")[2] for r in own], 1
        )
        hint = f"; the nearest is {near[0]!r}" if near else ""
        reason = f"{name[:80]!r} is no {' or '.join(kinds)} of the catalog{hint}"
    report.warning(
        "names-no-entities",
        f"recognised as a table, but its column {key.column!r} names no entities: {reason}; "
        "index the catalog with it, or name its column under `facts:` in callboard.yaml",
        first.span,
    )


def _lists_records(rows: Sequence[FactRow], key: _Key, report: Report) -> bool:
    """Whether the rows are numbered happenings, several an entity: an export of another kind."""
    if rows[0].told or len(key.names) == len(rows):
        return False
    for column in rows[0].cells:
        if snake(column) in _RECORD_IDS and column != key.column:
            held = [row.cells.get(column, "") for row in rows]
            if all(held) and len(set(held)) == len(held):
                report.warning(
                    "not-facts",
                    f"recognised as a table, but column {column!r} numbers {len(rows)} records about "
                    f"{len(key.names)} entities: no facts were read; name it under `facts:` in callboard.yaml if they are",
                    rows[0].span,
                )
                return True
    return False


def _facts(rows: Sequence[FactRow], key: _Key, report: Report) -> Iterator[Fact]:
    """Every filled cell, those of earlier rows first; unknown names go on, so that they are reported."""
    named = [row for row in rows if row.cells.get(key.column)]
    for row in rows:
        if not row.cells.get(key.column):
            report.error(
                "missing-name",
                f"column {key.column!r} is empty, expected the name of an entity; the row was left out",
                row.span,
            )
    about = [str(key.known.get(row.cells[key.column], row.cells[key.column])) for row in named]
    repeated = len(set(about)) < len(about)
    dated, moments = _moments(named, key, repeated=repeated)
    if repeated:
        _report_repeated(named, about, dated, report)
    drop = {key.column, *(column for column in [dated] if column)}
    order = sorted(
        range(len(named)), key=lambda i: (moments[i] is not None, moments[i] or _FIRST, i)
    )
    for i in order:
        for column, text in named[i].cells.items():
            if column not in drop and text:
                yield Fact(about[i], column, text, named[i].span, moments[i])


_FIRST = datetime.min.replace(tzinfo=UTC)


def _moments(
    rows: Sequence[FactRow], key: _Key, *, repeated: bool
) -> tuple[str | None, list[datetime | None]]:
    """The column that dates the rows, and the moment of each; a plain date is a fact of its own where no entity repeats."""
    columns = {
        snake(column): column for row in rows for column in row.cells if column != key.column
    }
    for name in MOMENT_NAMES if repeated else SNAPSHOT_NAMES:
        if name in columns:
            moments = column_moments([row.cells.get(columns[name], "") for row in rows])
            if moments is not None:
                return columns[name], moments
    return None, [None] * len(rows)


def _report_repeated(
    rows: Sequence[FactRow], about: Sequence[str], dated: str | None, report: Report
) -> None:
    older = len(about) - len(set(about))
    seen: set[str] = set()
    again = next(i for i, ref in enumerate(about) if ref in seen or seen.add(ref))  # type: ignore[func-returns-value]
    if dated is not None:
        message = f"{older} of {len(rows)} rows are about an entity that a later one tells of by {dated!r}; the latest counts"
    else:
        message = (
            f"{older} of {len(rows)} rows are about an entity that a row further down tells of, and no column dates "
            "them; the last one counts, add a column `as_of`"
        )
    report.warning("repeated-entity", message, rows[again].span)
