"""Small steps from raw entities to a catalog; their order is meaning, so it is written down here.

A processor is a function `(catalog, report) -> None` that completes the catalog and reports what it met.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from indexer.catalog import Catalog
from indexer.processors.derived_edges import fill_domains
from indexer.processors.discover_fields import discover_fields
from indexer.processors.fill_owners import fill_owners
from indexer.processors.gaps import mark_cycles, mark_dangling, mark_system_owners
from indexer.processors.likeness import mark_duplicates
from indexer.processors.read_fields import read_fields
from indexer.processors.read_tables import read_tables
from indexer.processors.relations import read_relations
from indexer.reporting import Report

Processor: TypeAlias = Callable[[Catalog, Report], None]

PROCESSORS: tuple[Processor, ...] = (
    read_fields,  # entities exist from here on
    read_relations,  # needs them, to tell dangling references
    fill_owners,  # needs to know who has none
    fill_domains,  # needs partOf
    read_tables,  # needs every name an entity has
    mark_system_owners,  # needs the owners that were filled in
    mark_dangling,
    mark_cycles,
    mark_duplicates,
    discover_fields,  # must see which names the declared fields took
)
