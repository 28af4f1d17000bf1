"""Edges that follow from declared ones, computed once per build so that no question has to walk.

`uses`: what a thing needs to work, APIs resolved to their providers. `within`: every whole a thing is part of.
`ownedWithin`: the owner and every group above it. `answersFor`: the rota that is called for it. Derived edges carry no span.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog_store.model.entity import Edge, Entity
from indexer.catalog import Catalog
from indexer.graphs import reach
from indexer.reporting import Report


def derive_edges(edges: Iterable[Edge]) -> list[Edge]:
    """The derived edges, sorted by source, relation and target; cycles end where they close."""
    declared = list(edges)
    pairs: set[tuple[str, str, str]] = set()
    pairs |= {(source, "uses", target) for source, target in uses(declared)}
    part_of = _targets(declared, "partOf")
    pairs |= {(source, "within", whole) for source in part_of for whole in _above(source, part_of)}
    child_of = _targets(declared, "childOf")
    for source, owners in _targets(declared, "ownedBy").items():
        for owner in owners:
            pairs |= {(source, "ownedWithin", group) for group in (owner, *_above(owner, child_of))}
    pairs |= {(shift, "answersFor", thing) for shift, thing in _answers_for(declared)}
    return [Edge(*pair) for pair in sorted(pairs)]


_USABLE = frozenset(("component", "api", "resource"))


def with_blast_radius(entities: Iterable[Entity], edges: Iterable[Edge]) -> list[Entity]:
    """The entities, each with how many things use it, directly or through others; a cycle does not count its start."""
    users: dict[str, list[str]] = {}
    for edge in edges:
        if edge.relation == "uses":
            users.setdefault(edge.target, []).append(edge.source)
    reached = reach(users)
    return [
        replace(e, values={**e.values, "blast_radius": reached.get(str(e.ref), 0)})
        if e.ref.kind in _USABLE
        else e
        for e in entities
    ]


def fill_domains(catalog: Catalog, report: Report) -> None:  # noqa: ARG001 — the shape of a processor
    """Give entities that name no domain the nearest one they are part of, with the lines of their system."""
    part_of = _targets(catalog.edges, "partOf")
    for ref, entity in catalog.entities.items():
        if "domain" in entity.values or entity.ref.kind not in {
            "component",
            "api",
            "resource",
            "system",
        }:
            continue
        domain = next(
            (whole for whole in _above(ref, part_of) if whole.startswith("domain:")), None
        )
        if domain is None:
            continue
        span = entity.spans.get("system", entity.span)
        catalog.entities[ref] = replace(
            entity,
            values={**entity.values, "domain": domain},
            spans={**entity.spans, "domain": span},
        )


def uses(edges: Sequence[Edge]) -> set[tuple[str, str]]:
    """What each thing needs to work, as pairs of references; nothing needs itself."""
    providers: dict[str, list[str]] = {}
    for edge in edges:
        if edge.relation == "providesApi":
            providers.setdefault(edge.target, []).append(edge.source)
    found: set[tuple[str, str]] = set()
    for edge in edges:
        if edge.relation in {"dependsOn", "consumesApi"}:
            found.add((edge.source, edge.target))
            # A dependency on an API is one on whoever serves it, however it was declared.
            found.update((edge.source, provider) for provider in providers.get(edge.target, ()))
    return {(source, target) for source, target in found if source != target}


def _answers_for(edges: list[Edge]) -> set[tuple[str, str]]:
    """Who is called for a thing: its own rota; where it has none, its owner's."""
    rotas: dict[str, list[str]] = {}
    for edge in edges:
        if edge.relation == "covers":
            rotas.setdefault(edge.target, []).append(edge.source)
    found = {(shift, thing) for thing, shifts in rotas.items() for shift in shifts}
    for edge in edges:
        if edge.relation == "ownedBy" and edge.source not in rotas:
            found.update((shift, edge.source) for shift in rotas.get(edge.target, ()))
    return found


def _targets(edges: Iterable[Edge], relation: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge in edges:
        if edge.relation == relation:
            found.setdefault(edge.source, []).append(edge.target)
    return found


def _above(start: str, targets: Mapping[str, list[str]]) -> list[str]:
    """Everything reachable, nearest first, without the start."""
    seen = {start: None}
    level = [start]
    while level:
        level = list(dict.fromkeys(t for s in level for t in targets.get(s, ()) if t not in seen))
        seen.update(dict.fromkeys(level))
    return list(seen)[1:]
