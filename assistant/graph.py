"""How some things hang together: the things as nodes, what relates them as links, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from catalog_store.errors import BadRequest
from catalog_store.model.relations import RELATION_BY_SIDE
from catalog_store.reader import CatalogReader

MOST_NODES = 150
"""Nodes of one graph; a picture of more shows nothing."""

DEPENDENCIES = ("uses",)
"""What is drawn between the things of an answer."""

NEIGHBOURHOOD = ("uses", "providesApi", "partOf", "ownedBy", "memberOf", "childOf")
"""What is drawn around one thing."""


class Node(BaseModel):
    """One thing.

    Attributes:
        kind: None when the catalog does not hold it.
        hops: steps from the things asked about; 0 for those.
    """

    model_config = ConfigDict(frozen=True)

    ref: str
    title: str
    kind: str | None = None
    type: str | None = None
    hops: int = 0


class Link(BaseModel):
    """One relation, read from source to target."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    relation: str
    label: str


class Graph(BaseModel):
    """The body of `GET /v1/graph`; `cut` says that things were left out to keep it readable."""

    model_config = ConfigDict(frozen=True)

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    cut: bool = False


def graph_of(
    catalog: CatalogReader, refs: Sequence[str], *, hops: int, relations: Sequence[str]
) -> Graph:
    """The graph over some things, and what lies around them.

    Args:
        catalog: what is known.
        refs: the things; those that the catalog does not hold are left out.
        hops: steps around them, in both directions; 0 draws only the things themselves.
        relations: canonical names ("uses"); empty means `DEPENDENCIES` between several things, `NEIGHBOURHOOD` around one.

    Raises:
        BadRequest: a relation that there is not.
    """
    for name in relations:
        if name not in RELATION_BY_SIDE or RELATION_BY_SIDE[name][1]:
            known = ", ".join(r for r, (_, inverse) in RELATION_BY_SIDE.items() if not inverse)
            raise BadRequest(f"there is no relation {name!r}; known are {known}")
    wanted = tuple(relations) or (NEIGHBOURHOOD if hops else DEPENDENCIES)
    found = dict.fromkeys(_held(catalog, list(dict.fromkeys(refs))[:MOST_NODES]), 0)
    cut = len(set(refs)) > MOST_NODES
    for hop in range(1, hops + 1):
        frontier = [ref for ref, at in found.items() if at == hop - 1]
        for ref in _beside(catalog, frontier, wanted):
            if ref not in found and len(found) >= MOST_NODES:
                cut = True
            else:
                found.setdefault(ref, hop)
    return Graph(nodes=_nodes(catalog, found), links=_links(catalog, found, wanted), cut=cut)


def _held(catalog: CatalogReader, refs: list[str]) -> list[str]:
    rows = catalog.fetch(
        "SELECT ref FROM entities WHERE ref IN (SELECT unnest(?)) ORDER BY ref", [refs]
    )
    return [row["ref"] for row in rows]


def _beside(catalog: CatalogReader, refs: list[str], relations: Sequence[str]) -> list[str]:
    rows = catalog.fetch(
        "SELECT DISTINCT other FROM ("
        "SELECT target AS other FROM edges WHERE relation IN (SELECT unnest(?)) AND source IN (SELECT unnest(?)) "
        "UNION ALL SELECT source FROM edges WHERE relation IN (SELECT unnest(?)) AND target IN (SELECT unnest(?))"
        ") WHERE other IN (SELECT ref FROM entities) ORDER BY other",
        [list(relations), refs, list(relations), refs],
    )
    return [row["other"] for row in rows]


def _nodes(catalog: CatalogReader, found: dict[str, int]) -> tuple[Node, ...]:
    rows = catalog.fetch(
        "SELECT ref, kind, type, coalesce(title, name) AS title FROM entities WHERE ref IN (SELECT unnest(?))",
        [list(found)],
    )
    nodes = [
        Node(ref=r["ref"], title=r["title"], kind=r["kind"], type=r["type"], hops=found[r["ref"]])
        for r in rows
    ]
    return tuple(sorted(nodes, key=lambda n: (n.hops, n.title.lower(), n.ref)))


def _links(
    catalog: CatalogReader, found: dict[str, int], relations: Sequence[str]
) -> tuple[Link, ...]:
    rows = catalog.fetch(
        "SELECT DISTINCT source, relation, target FROM edges WHERE relation IN (SELECT unnest(?)) "
        "AND source IN (SELECT unnest(?)) AND target IN (SELECT unnest(?)) ORDER BY source, relation, target",
        [list(relations), list(found), list(found)],
    )
    return tuple(
        Link(
            source=r["source"],
            target=r["target"],
            relation=r["relation"],
            label=RELATION_BY_SIDE[r["relation"]][0].forward.phrase,
        )
        for r in rows
    )
