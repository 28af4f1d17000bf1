"""Read a Backstage catalog into flat entity records, without any code of the product.

A second reading of the same files is only worth something if it can disagree, so this module
knows the published formats and the written meanings and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Record = dict[str, Any]
"""One row of facts; attribute names are those that the questions' `where` may use."""

DEFAULT_NAMESPACE = "default"
SERVICE_ID = "pagerduty.com/service-id"
TEAM_ID = "pagerduty.com/team-id"
REPOSITORY = "github.com/project-slug"


@dataclass
class Catalog:
    """Entities by ref, and who depends on whom (one hop)."""

    entities: dict[str, Record] = field(default_factory=dict)
    depends: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    dependents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    consumers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    providers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def components(self) -> list[Record]:
        """Every Component, in the order of the refs."""
        return [e for _, e in sorted(self.entities.items()) if e["kind"] == "component"]

    def above(self, group: str | None) -> tuple[str, ...]:
        """The group itself and every group over it; empty for a person or a dangling ref."""
        chain: list[str] = []
        while group in self.entities and group not in chain:
            if self.entities[group]["kind"] != "group":
                break
            chain.append(group)
            group = self.entities[group].get("parent")
        return tuple(chain)

    def upstream(self, ref: str) -> set[str]:
        """Everything that breaks with `ref`: its dependents, theirs, and so on."""
        return _closure(ref, self.dependents)

    def downstream(self, ref: str) -> set[str]:
        """Everything that `ref` stands on, over all hops."""
        return _closure(ref, self.depends)


def full_ref(text: str, kind: str, namespace: str = DEFAULT_NAMESPACE) -> str:
    """Complete a short reference by Backstage's rule; the result is lower-case.

    >>> full_ref("Ledger", "group")
    'group:default/ledger'
    >>> full_ref("resource:cache", "component", "shop")
    'resource:shop/cache'
    """
    named, colon, rest = text.strip().rpartition(":")
    space, slash, name = rest.rpartition("/")
    return f"{named if colon else kind}:{space if slash else namespace}/{name}".lower()


def read_catalog(organisation: Path) -> Catalog:
    """Read every entity document under `catalog/` of the organisation's folder."""
    return catalog_of(list(_documents(organisation / "catalog")))


def catalog_of(documents: Sequence[Mapping[str, Any]]) -> Catalog:
    """Read entity documents; of two with one reference the first counts.

    Args:
        documents: entities as Backstage writes them, each with a kind and a name.
    """
    catalog = Catalog()
    for document in documents:
        entity = _entity(document)
        catalog.entities.setdefault(entity["ref"], entity)
    for document in documents:
        _link_groups(catalog, document)
    for document in documents:
        _link_dependencies(catalog, document)
    _link_apis(catalog)
    for entity in catalog.entities.values():
        _place(catalog, entity)
    return catalog


def _documents(folder: Path) -> Iterable[Mapping[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(folder.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), loader):
            if isinstance(document, dict) and "backstage.io/" in str(document.get("apiVersion")):
                yield document


def _ref(document: Mapping[str, Any]) -> str:
    metadata = document["metadata"]
    return full_ref(metadata["name"], document["kind"].lower(), _namespace(document))


def _namespace(document: Mapping[str, Any]) -> str:
    return str(document["metadata"].get("namespace") or DEFAULT_NAMESPACE)


def _entity(document: Mapping[str, Any]) -> Record:
    metadata, spec, space = document["metadata"], document.get("spec") or {}, _namespace(document)
    annotations = metadata.get("annotations") or {}

    def maybe(name: str, kind: str) -> str | None:
        return full_ref(spec[name], kind, space) if spec.get(name) else None

    return {
        "ref": _ref(document),
        "kind": document["kind"].lower(),
        "name": metadata["name"],
        "title": metadata.get("title")
        or (spec.get("profile") or {}).get("displayName")
        or metadata["name"],
        "type": spec.get("type"),
        "lifecycle": spec.get("lifecycle"),
        "tags": tuple(metadata.get("tags") or ()),
        "owner": maybe("owner", "group"),
        "system": maybe("system", "system"),
        "domain": maybe("domain", "domain"),
        "parent": maybe("parent", "group"),
        "tier": next((int(v) for k, v in annotations.items() if k.endswith("/tier")), None),
        "language": next((v for k, v in annotations.items() if k.endswith("/language")), None),
        "repository": annotations.get(REPOSITORY),
        "service_id": annotations.get(SERVICE_ID),
        "team_id": annotations.get(TEAM_ID),
        "email": (spec.get("profile") or {}).get("email"),
        "groups": {full_ref(g, "group", space) for g in spec.get("memberOf") or ()},
        "consumes": {full_ref(a, "api", space) for a in spec.get("consumesApis") or ()},
        "provides": {full_ref(a, "api", space) for a in spec.get("providesApis") or ()},
        "links": tuple(
            link["url"] for link in metadata.get("links") or () if link.get("type") == "runbook"
        ),
    }


def _link_groups(catalog: Catalog, document: Mapping[str, Any]) -> None:
    if document["kind"] != "Group":
        return
    group, space, spec = _ref(document), _namespace(document), document.get("spec") or {}
    for child in spec.get("children") or ():
        known = catalog.entities.get(full_ref(child, "group", space))
        if known and not known["parent"]:
            known["parent"] = group
    for member in spec.get("members") or ():
        known = catalog.entities.get(full_ref(member, "user", space))
        if known:
            known["groups"].add(group)


def _link_dependencies(catalog: Catalog, document: Mapping[str, Any]) -> None:
    own, space, spec = _ref(document), _namespace(document), document.get("spec") or {}
    for other in spec.get("dependsOn") or ():
        target = full_ref(other, "component", space)
        catalog.depends[own].add(target)
        catalog.dependents[target].add(own)
    for other in spec.get("dependencyOf") or ():
        source = full_ref(other, "component", space)
        catalog.depends[source].add(own)
        catalog.dependents[own].add(source)


def _link_apis(catalog: Catalog) -> None:
    """A consumer of an API depends on whoever provides it, in one hop."""
    for entity in catalog.entities.values():
        for api in entity["provides"]:
            catalog.providers[api].add(entity["ref"])
        for api in entity["consumes"]:
            catalog.consumers[api].add(entity["ref"])
    for api, consumers in catalog.consumers.items():
        for consumer in consumers:
            for provider in catalog.providers.get(api, set()) - {consumer}:
                catalog.depends[consumer].add(provider)
                catalog.dependents[provider].add(consumer)


def _place(catalog: Catalog, entity: Record) -> None:
    """Add what follows from other entities: the kind of owner, departments, the domain."""
    owner, system = entity["owner"], entity["system"]
    known = catalog.entities.get(owner) if owner else None
    entity["owner_kind"] = known["kind"] if known else "dangling" if owner else None
    entity["under"] = catalog.above(owner)
    entity["members"] = len([e for e in catalog.entities.values() if entity["ref"] in e["groups"]])
    if system in catalog.entities:
        entity["domain"] = catalog.entities[system]["domain"]


def _closure(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    queue = [start]
    while queue:
        for ref in edges.get(queue.pop(), set()) - seen - {start}:
            seen.add(ref)
            queue.append(ref)
    return seen
