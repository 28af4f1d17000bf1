"""How feeds name entities: by reference, by name, by the name a platform knows them under, by title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from catalog_store.model.entity import EntityRef
from indexer.catalog import SOFTWARE, Catalog

NAME_ANNOTATIONS = ("backstage.io/kubernetes-id", "argocd/app-name", "app.kubernetes.io/name")
"""Annotations that hold an entity's name on another platform."""

NAMING_LABELS = (
    "service",
    "service_name",
    "component",
    "app",
    "application",
    "app_kubernetes_io_name",
    "app.kubernetes.io/name",
    "system",
    "deployment",
    "job",
)
"""Labels of alerts and metrics that name a piece of software, most telling first."""

_MATCHER = re.compile(r"\b([a-z_]+)\s*=\s*\"([^\"{}$]{1,100})\"")


def find(catalog: Catalog, name: str, kinds: Iterable[str] = SOFTWARE) -> EntityRef | None:
    """The one entity a feed means by a name; None when there is none, or several carry it.

    Args:
        catalog: knows the entities.
        name: a reference, a name in any case, a title ("Ledger Core"), or a name on another platform.
        kinds: lower-case kinds it may be, likeliest first.
    """
    wanted = tuple(kinds)
    name = name.strip()
    if not name:
        return None
    found = catalog.resolve(name, kinds=wanted)
    if found is None and (slug := re.sub(r"[\s_]+", "-", name.lower())) != name.lower():
        found = catalog.resolve(slug, kinds=wanted)
    if found is not None:
        return found if found.kind in wanted else None
    for key in NAME_ANNOTATIONS:
        same = [ref for ref in catalog.annotated(key, name) if ref.partition(":")[0] in wanted]
        if len(same) == 1:
            return catalog.entities[same[0]].ref
    titled = [ref for ref in catalog.titled(name) if ref.kind in wanted]
    return titled[0] if len(titled) == 1 else None


def find_by_labels(
    catalog: Catalog, labels: Mapping[str, str], kinds: Iterable[str]
) -> EntityRef | None:
    """The entity that the most telling of an alert's labels names."""
    wanted = tuple(kinds)
    for key in NAMING_LABELS:
        if key in labels and (found := find(catalog, labels[key], wanted)) is not None:
            return found
    return None


def find_by_query(catalog: Catalog, query: str, kinds: Iterable[str]) -> EntityRef | None:
    """The one entity that the matchers of a PromQL query name; None when they name several."""
    wanted = tuple(kinds)
    named = {
        found
        for key, value in _MATCHER.findall(query)
        if key in NAMING_LABELS and (found := find(catalog, value, wanted)) is not None
    }
    return next(iter(named)) if len(named) == 1 else None
