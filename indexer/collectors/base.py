"""What a collector is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from catalog_store.content import CatalogContent
from indexer.catalog import Catalog

if TYPE_CHECKING:
    from indexer.sources.base import Harvest


class Collector(Protocol):
    """One per build, made by `Harvest.collector` when the first source asks for it."""

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add records and edges, now that everything was read and every entity is known."""
