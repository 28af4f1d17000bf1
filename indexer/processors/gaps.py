"""What a catalog says about itself without knowing it: references to nothing, circles of dependencies, owners once removed.

Kept as fields of the entities concerned, so that questions about them stay simple look-ups.
"""

from __future__ import annotations

from dataclasses import replace

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer.catalog import Catalog
from indexer.graphs import cycles
from indexer.processors.derived_edges import uses
from indexer.reporting import Report

_DEPENDENCIES = frozenset({"dependsOn", "providesApi", "consumesApi"})
_PARTS = ("component", "api", "resource")


def mark_system_owners(catalog: Catalog, report: Report) -> None:  # noqa: ARG001 — the shape of a processor
    """Note who owns the system of an entity that names no owner of its own; `owner` itself stays empty."""
    for entity in list(catalog.of_kinds(_PARTS)):
        ref, system = str(entity.ref), entity.values.get("system")
        if entity.values.get("owner") is not None or not isinstance(system, str):
            continue
        owner = catalog.owner_of(system)
        if owner is not None and owner in catalog:
            _note(catalog, ref, "system_owner", owner, entity.spans.get("system"))


def mark_dangling(catalog: Catalog, report: Report) -> None:  # noqa: ARG001
    """Note the references that lead to nothing with the entity that makes them, dependencies also apart."""
    found: dict[tuple[str, str], dict[str, SourceSpan | None]] = {}
    for edge in catalog.edges:
        # `dependencyOf` and the members of a group are written at the far end
        for near, far in ((edge.source, edge.target), (edge.target, edge.source)):
            if near in catalog and far not in catalog:
                fields = ["dangling"]
                if edge.relation in _DEPENDENCIES:
                    fields.append("dangling_dependencies")
                for name in fields:
                    found.setdefault((near, name), {}).setdefault(far, edge.span)
    for (ref, name), targets in found.items():
        _note(catalog, ref, name, tuple(sorted(targets)), next(iter(targets.values())))


def mark_cycles(catalog: Catalog, report: Report) -> None:  # noqa: ARG001
    """Note, with everything that is part of a circle of dependencies, what belongs to it."""
    needs: dict[str, list[str]] = {}
    for source, target in uses(catalog.edges):
        if source in catalog.entities and target in catalog.entities:
            needs.setdefault(source, []).append(target)
    for members in cycles(needs):
        for ref in members:
            if ref.split(":", 1)[0] in ("component", "resource"):
                _note(catalog, ref, "dependency_cycle", tuple(members), None)


def _note(catalog: Catalog, ref: str, name: str, value: Value, span: SourceSpan | None) -> None:
    entity = catalog.entities[ref]
    spans = {**entity.spans, name: span} if span is not None else entity.spans
    catalog.entities[ref] = replace(entity, values={**entity.values, name: value}, spans=spans)
