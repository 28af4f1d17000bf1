"""What a collector is."""

from __future__ import annotations

from typing import Protocol

from catalog_store.content import CatalogContent
from indexer.catalog import Catalog
from indexer.reporting import Report


class Collector(Protocol):
    """One per build, made by `Harvest.collector` when the first source asks for it."""

    def finish(self, catalog: Catalog, content: CatalogContent, report: Report) -> None:
        """Add records and edges, now that everything was read and every entity is known."""
