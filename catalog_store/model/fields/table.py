"""The rows in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from catalog_store.model.fields.alerts import ALERTS
from catalog_store.model.fields.changes import CHANGES
from catalog_store.model.fields.code import CODE
from catalog_store.model.fields.deployments import DEPLOYMENTS
from catalog_store.model.fields.documents import DOCUMENTS
from catalog_store.model.fields.entities import ENTITIES
from catalog_store.model.fields.findings import FINDINGS
from catalog_store.model.fields.incidents import INCIDENTS
from catalog_store.model.fields.platform import PLATFORM
from catalog_store.model.fields.row import Field
from catalog_store.model.fields.shifts import SHIFTS
from catalog_store.model.fields.slos import SLOS
from catalog_store.model.kinds import Table

CORE_FIELDS: tuple[Field, ...] = (
    *ENTITIES,
    *PLATFORM,
    *CODE,
    *DEPLOYMENTS,
    *CHANGES,
    *INCIDENTS,
    *ALERTS,
    *FINDINGS,
    *SLOS,
    *SHIFTS,
    *DOCUMENTS,
)
"""The declared rows, table by table."""


class FieldTable:
    """The rows in force for one snapshot: the declared ones plus what that snapshot discovered."""

    def __init__(
        self, discovered: Iterable[Field] = (), synonyms: Mapping[str, str] | None = None
    ) -> None:
        """Refined rows stand in for the declared ones of their name.

        Raises ValueError when two other rows of one table share a name.
        """
        self.synonyms: Mapping[str, str] = dict(synonyms or {})
        """Phrase → the phrase it stands for, as the organisation's settings say."""
        self._rows: dict[tuple[Table, str], Field] = {}
        self._of_kind: dict[str, tuple[Field, ...]] = {}
        for row in (*CORE_FIELDS, *discovered):
            key = (row.table, row.name)
            if key in self._rows and not row.refined:
                raise ValueError(f"field {row.name!r} is declared twice for {row.table.value}")
            self._rows[key] = row

    def __iter__(self) -> Iterator[Field]:
        return iter(self._rows.values())

    def get(self, table: Table, name: str) -> Field | None:
        """The row, or None."""
        return self._rows.get((table, name))

    def of_kind(self, kind: str) -> tuple[Field, ...]:
        """Rows that things of this kind may hold, in declared order."""
        known = self._of_kind.get(kind)
        if known is None:
            known = self._of_kind[kind] = tuple(row for row in self if row.holds(kind))
        return known

    def of_table(self, table: Table) -> Iterator[Field]:
        """Rows of one table, in declared order."""
        return (row for row in self if row.table is table)

    @property
    def discovered(self) -> tuple[Field, ...]:
        """The rows this snapshot added."""
        return tuple(row for row in self if row.discovered)
