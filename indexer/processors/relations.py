"""References between entities → edges, each once, in the canonical direction of the relation table.

Default kinds and namespaces are Backstage's own (BuiltinKindsEntityProcessor).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog_store.errors import InvalidRef
from catalog_store.model import kinds as k
from catalog_store.model.entity import Edge, EntityRef
from indexer.catalog import Catalog
from indexer.raw import Place, RawEntity
from indexer.reporting import Report
from indexer.yaml_lines import KeyPath


@dataclass(frozen=True, slots=True)
class Reference:
    """One place of a descriptor that names other entities.

    Attributes:
        key: below `spec`.
        relation: canonical relation of `catalog_store.model.relations`.
        default_kind: for references that name no kind; None makes the kind compulsory.
        kinds: kinds that have the place; kinds nobody declared have every place.
        backwards: the named entity is the source of the edge.
        many: the value is a list.
    """

    key: str
    relation: str
    default_kind: str | None
    kinds: tuple[str, ...]
    backwards: bool = False
    many: bool = False


_OWNED = (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN, k.TEMPLATE)
_PARTS = (k.COMPONENT, k.API, k.RESOURCE)
_DEPENDENTS = (k.COMPONENT, k.RESOURCE)

REFERENCES: tuple[Reference, ...] = (
    Reference("owner", "ownedBy", k.GROUP, _OWNED),
    Reference("system", "partOf", k.SYSTEM, _PARTS),
    Reference("domain", "partOf", k.DOMAIN, (k.SYSTEM,)),
    Reference("subcomponentOf", "partOf", k.COMPONENT, (k.COMPONENT,)),
    Reference("subdomainOf", "partOf", k.DOMAIN, (k.DOMAIN,)),
    Reference("dependsOn", "dependsOn", None, _DEPENDENTS, many=True),
    Reference("dependencyOf", "dependsOn", None, _DEPENDENTS, backwards=True, many=True),
    Reference("providesApis", "providesApi", k.API, (k.COMPONENT,), many=True),
    Reference("consumesApis", "consumesApi", k.API, (k.COMPONENT,), many=True),
    Reference("memberOf", "memberOf", k.GROUP, (k.USER,), many=True),
    Reference("members", "memberOf", k.USER, (k.GROUP,), backwards=True, many=True),
    Reference("parent", "childOf", k.GROUP, (k.GROUP,)),
    Reference("children", "childOf", k.GROUP, (k.GROUP,), backwards=True, many=True),
)

_BY_PATH = {f"spec.{row.key}": row for row in REFERENCES}


def default_kind_at(path: str) -> str | None:
    """The kind a reference at a path means when it names none.

    >>> default_kind_at("spec.owner")
    'Group'
    """
    row = _BY_PATH.get(path)
    return row.default_kind if row else None


def read_relations(catalog: Catalog, report: Report) -> None:
    """Add every declared edge; dangling and invalid references are reported at their lines.

    A relation that both ends declare becomes one edge, with the lines of the canonical direction.
    """
    edges: dict[tuple[str, str, str], Edge] = {}
    for backwards in (False, True):
        taken: set[tuple[str, str]] = set()
        for raw in catalog.descriptions():
            assert raw.said is not None
            for place in raw.said.places:
                row = _BY_PATH[f"spec.{place.key}"]
                named = (str(raw.ref), row.key)
                # A further description only says what the entity's own one leaves open.
                if row.backwards is not backwards or named in taken:
                    continue
                taken.add(named)
                report.problems += place.problems
                for edge in place.edges:
                    _check(edge, raw, row, catalog, report)
                    edges.setdefault((edge.source, edge.relation, edge.target), edge)
                    if backwards:
                        catalog.backwards.append(edge)
    catalog.edges += edges.values()


def places_of(raw: RawEntity) -> Iterator[Place]:
    """Every place of a descriptor that names other entities."""
    for row in REFERENCES:
        if _has_place(raw, row) and raw.at(("spec", row.key)) is not None:
            report = Report()
            edges = tuple(_edges(raw, row, report))
            yield Place(row.key, edges, tuple(report.problems))


def _has_place(raw: RawEntity, row: Reference) -> bool:
    return raw.kind in row.kinds or raw.kind not in k.ENTITY_KINDS


def _check(edge: Edge, raw: RawEntity, row: Reference, catalog: Catalog, report: Report) -> None:
    named = edge.source if row.backwards else edge.target
    if named not in catalog.entities and edge.span is not None:
        message = f"spec.{row.key} of {raw.ref} names {named!r}, which is not in the catalog; index its file or mend the reference"
        report.warning("dangling-reference", message, edge.span)


def _edges(raw: RawEntity, row: Reference, report: Report) -> Iterator[Edge]:
    for text, path in _texts(raw, row, report):
        target = _target(text, raw, row, path, report)
        if target is None:
            continue
        ends = (target, raw.ref) if row.backwards else (raw.ref, target)
        yield Edge(str(ends[0]), row.relation, str(ends[1]), raw.span_of(path))


def _target(
    text: str, raw: RawEntity, row: Reference, path: KeyPath, report: Report
) -> EntityRef | None:
    where = f"spec.{row.key} of {raw.ref}"
    try:
        target = EntityRef.parse(
            text, default_kind=row.default_kind, default_namespace=raw.ref.namespace
        )
    except InvalidRef:
        expected = (
            "[kind:][namespace/]name"
            if row.default_kind
            else "kind:[namespace/]name (this place has no default kind)"
        )
        message = f"{where} is {text!r}, expected {expected}, for example {_example(row)}; the reference was left out"
        report.error("invalid-reference", message, raw.span_of(path))
        return None
    if target == raw.ref:
        report.warning(
            "self-reference",
            f"{where} names the entity itself; the reference was left out",
            raw.span_of(path),
        )
        return None
    return target


def _example(row: Reference) -> str:
    return f"{(row.default_kind or k.COMPONENT).lower()}:default/checkout"


def _texts(raw: RawEntity, row: Reference, report: Report) -> Iterator[tuple[str, KeyPath]]:
    """The references as written and where; other types go to the report."""
    path: KeyPath = ("spec", row.key)
    value = raw.at(path)
    if value is None:
        return
    items: list[tuple[Any, KeyPath]] = [(value, path)]
    if isinstance(value, list) and row.many:
        items = [(item, (*path, number)) for number, item in enumerate(value)]
    for item, where in items:
        if isinstance(item, str) and item.strip():
            if row.many and not isinstance(value, list):
                report.warning(
                    "wrong-type",
                    f"spec.{row.key} of {raw.ref} is text, expected a list; read as a list of one",
                    raw.span_of(path),
                )
            yield item, where
        else:
            expected = "a list of references" if row.many else "one reference"
            shown = repr(item) if len(repr(item)) <= 80 else f"{repr(item)[:80]}…"
            report.error(
                "wrong-type",
                f"spec.{row.key} of {raw.ref} holds {shown}, expected {expected}; it was left out",
                raw.span_of(where),
            )
