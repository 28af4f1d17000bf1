"""What a collector is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from catalog_store.content import CatalogContent
from catalog_store.model.entity import Record
from indexer.catalog import Catalog
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest


class Collector(Protocol):
    """Joins the statements of some classes; a new one is made for every build.

    Attributes:
        takes: the classes of the statements; no other collector takes them.
    """

    takes: ClassVar[tuple[type, ...]]

    def add(self, statement: Any, report: Report) -> None:
        """Take one statement of one of its classes."""

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add records and edges, now that everything was read and every entity is known."""


class LiveCollector(Collector, Protocol):
    """A collector whose records events may change between two builds.

    Its statements fall into groups, and the records of a group follow from the statements of that group alone: so one
    event costs the statements of its own group, and gives what a build would.
    """

    def groups(self) -> Iterator[tuple[str, object]]:
        """(group, statement) of everything that was taken; a statement may be in several. Only after `finish`."""

    def group_of(self, record: Record) -> str:
        """The group of a record this collector wrote."""
