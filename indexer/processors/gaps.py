"""What a catalog says about itself without knowing it: references to nothing, circles of dependencies, owners once removed.

Kept as fields of the entities concerned, so that questions about them stay simple look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer.catalog import Catalog
from indexer.processors.derived_edges import derive_edges
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
    uses: dict[str, list[str]] = {}
    for edge in derive_edges(catalog.edges):
        if edge.relation == "uses" and edge.source in catalog and edge.target in catalog:
            uses.setdefault(edge.source, []).append(edge.target)
    for members in cycles(uses):
        for ref in members:
            if ref.split(":", 1)[0] in ("component", "resource"):
                _note(catalog, ref, "dependency_cycle", tuple(members), None)


def _note(catalog: Catalog, ref: str, name: str, value: Value, span: SourceSpan | None) -> None:
    entity = catalog.entities[ref]
    spans = {**entity.spans, name: span} if span is not None else entity.spans
    catalog.entities[ref] = replace(entity, values={**entity.values, name: value}, spans=spans)


def cycles(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """Strongly connected parts of a graph that hold more than one node, each sorted, in order of their first node.

    Steps are kept on a list of our own: a chain of dependencies may be longer than Python's stack.

    >>> cycles({"a": ["b"], "b": ["c", "a"], "c": ["d"]})
    [['a', 'b']]

    Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).
    """
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    found: list[list[str]] = []

    def enter(node: str) -> tuple[str, Iterator[str]]:
        number[node] = lowest[node] = len(number)
        open_.append(node)
        is_open.add(node)
        return node, iter(graph.get(node, ()))

    for start in graph:
        walk = [] if start in number else [enter(start)]
        while walk:
            node, rest = walk[-1]
            step = next(rest, None)
            if step is not None:
                if step not in number:
                    walk.append(enter(step))
                elif step in is_open:
                    lowest[node] = min(lowest[node], number[step])
                continue
            walk.pop()
            if walk:
                before = walk[-1][0]
                lowest[before] = min(lowest[before], lowest[node])
            if lowest[node] == number[node]:
                part = [open_.pop()]
                while part[-1] != node:
                    part.append(open_.pop())
                is_open.difference_update(part)
                if len(part) > 1:
                    found.append(sorted(part))
    return sorted(found)
