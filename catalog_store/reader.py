"""What is asked of a published catalog, whatever engine holds it.

Statements are written in DuckDB's dialect everywhere; an engine that speaks another one translates them. So a plan is compiled, checked and
shown the same on every engine, and the lookups below are written once.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from catalog_store.journal import Position
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import Table

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """What events changed since a catalog was published: these records stand in the place of those of the same reference.

    Attributes:
        records: as they are now.
        edges: every edge that starts at one of the records, as it is now, and further ones that events declare.
        gone: records that are there no longer, with everything that starts at them.
    """

    records: Sequence[Record] = ()
    edges: Sequence[Edge] = ()
    gone: Sequence[Record] = ()


class CatalogReader(ABC):
    """One published version of the catalog, with the events since laid over it. Safe to share between threads.

    Attributes:
        fields: the field table it was published with.
        version: grows whenever events changed what it holds; what was worked out before may then be out of date.
    """

    fields: FieldTable
    version: int

    @abstractmethod
    def fetch(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Row]:
        """Run one read-only statement and return its rows by column name; timestamps come back as UTC.

        Args:
            sql: one SELECT in DuckDB's dialect.
            parameters: for its `?`, in order, or for its `$name`.
        """

    @abstractmethod
    def patch(self, patch: Patch, *, through: Position) -> None:
        """Lay what events changed over the published catalog; whoever asks sees all of it or nothing.

        Args:
            patch: what changed.
            through: how far the journal has been read for it.
        """

    def written_since(self, position: Position) -> frozenset[str]:  # noqa: ARG002
        """References whose rows somebody else may have changed already, for the event at a position or a later one.

        Empty where nobody else writes. Such a row says nothing about whether an event is news to this process.
        """
        return frozenset()

    @abstractmethod
    def close(self) -> None:
        """Give everything back."""

    def holds(self, tables: Iterable[str]) -> set[str]:
        """Those of the given tables that hold anything."""
        wanted = " UNION ALL ".join(f"(SELECT '{t}' AS t FROM \"{t}\" LIMIT 1)" for t in tables)
        return {row["t"] for row in self.fetch(wanted)}

    def entity(self, ref: str) -> Row | None:
        """Every stored field of one thing, whatever its table; None when there is no such thing."""
        for table in Table:
            rows = self.fetch(f'SELECT * FROM "{table.value}" WHERE ref = ?', [ref])
            if rows:
                return rows[0]
        return None

    def rows(self, table: Table, refs: Sequence[str]) -> list[Row]:
        """Every stored field of some things of one table; unknown references are absent."""
        return self.fetch(
            f'SELECT * FROM "{table.value}" WHERE ref IN (SELECT unnest(?))', [list(refs)]
        )

    def things(self, table: Table, names: Sequence[str] = ()) -> Iterator[Row]:
        """Every thing of one table, by reference; all of its columns, or those named."""
        wanted = ", ".join(f'"{name}"' for name in names) or "*"
        yield from self.fetch(f'SELECT {wanted} FROM "{table.value}" ORDER BY ref')

    def raw(self, ref: str) -> dict[str, Any] | None:
        """The entity as it was written, placeholders resolved."""
        rows = self.fetch("SELECT raw FROM raw_entities WHERE ref = ?", [ref])
        return json.loads(rows[0]["raw"]) if rows else None

    def raw_entities(self) -> list[dict[str, Any]]:
        """Every entity as it was read, before anything was made of it, ordered by reference."""
        rows = self.fetch("SELECT raw FROM raw_entities ORDER BY ref")
        return [json.loads(row["raw"]) for row in rows]

    def every(self, table: Table) -> list[Row]:
        """All rows of a table, ordered by reference; for programs that look at everything."""
        return self.fetch(f'SELECT * FROM "{table.value}" ORDER BY ref')

    def edges(self, ref: str, relation: str | None = None) -> list[Row]:
        """Every edge that starts or ends at a thing, as stored; of one relation, by its stored name, or of all."""
        only = "relation = ? AND" if relation is not None else ""
        return self.fetch(
            "SELECT source, relation, target, derived, path, first_line, last_line FROM edges "
            f"WHERE {only} (source = ? OR target = ?) ORDER BY relation, source, target",
            [*([relation] if relation is not None else []), ref, ref],
        )

    def spans(self, ref: str) -> dict[str, SourceSpan]:
        """Field → where its value was written."""
        rows = self.fetch(
            "SELECT field, path, first_line, last_line, format, as_of FROM spans WHERE ref = ?",
            [ref],
        )
        return {
            r["field"]: SourceSpan(
                r["path"], r["first_line"], r["last_line"], r["format"] or "", r["as_of"]
            )
            for r in rows
        }

    def passages_of(self, ref: str) -> list[Row]:
        """The passages of one page in order, each with the page's title."""
        return self.fetch(
            "SELECT p.*, d.title FROM passages p JOIN documents d ON d.ref = p.doc_ref "
            "WHERE p.doc_ref = ? ORDER BY p.ordinal",
            [ref],
        )
