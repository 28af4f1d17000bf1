"""Port's `port.yml` and entity exports → catalog entities; blueprints say what their properties and relations are.

Read: components, APIs, systems, domains, teams and users; other blueprints are resources of that type.
Properties become fields, links or annotations; a blueprint names them as people do and says which are text.
Relations become owner, system, domain, parent, members, parts, APIs and dependencies, by their names; one that only
its blueprint explains becomes the owner, system or domain it leads to, or makes a resource part of a component.

Joined: as for Datadog.

Ignored: mappings, scorecards, actions, nested properties, other relations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.entity import Edge
from catalog_store.model.fields import Field, FieldType
from indexer import joins, loose
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.foreign import Translation, known_text, reference
from indexer.sources.base import Harvest
from indexer.yaml_files import YamlPart, read_mappings

_IDENTIFIER = re.compile(r"^(?:- |[\s{]*\")?identifier\"?\s*:", re.MULTILINE)
_BLUEPRINT = re.compile(r"^(?:  |\s*\")?blueprint\"?\s*:", re.MULTILINE)
_SCHEMA = re.compile(r"^(?:  |\s*\")?schema\"?\s*:", re.MULTILINE)
_RELATIONS = re.compile(
    r"^(?:  |\s*\")?(?:relations|mirrorProperties|calculationProperties)\"?\s*:", re.MULTILINE
)

KINDS = {
    "service": k.COMPONENT,
    "microservice": k.COMPONENT,
    "component": k.COMPONENT,
    "library": k.COMPONENT,
    "website": k.COMPONENT,
    "api": k.API,
    "system": k.SYSTEM,
    "domain": k.DOMAIN,
    "resource": k.RESOURCE,
    "group": k.GROUP,
    "team": k.GROUP,
    "_team": k.GROUP,
    "user": k.USER,
    "_user": k.USER,
}
"""Usual blueprints → kinds; others are resources of that type."""

_OWNERS = frozenset({"owner", "owners", "team", "squad"})
_PLAIN = frozenset({"lifecycle", "tier", "language", "description"})
_TYPES = {"microservice": "service", "component": "service"}
_UNTYPED = frozenset({"resource", "group", "api"})
"""Blueprints that are only a kind; what sort of it their entities are, a property says."""
_ANNOTATION = "getport.io"


@dataclass(frozen=True, slots=True)
class _Blueprint:
    """What a blueprint says of its entities: key of a property → (title, description, it is text); of a relation → target."""

    name: str
    properties: dict[str, tuple[str | None, str | None, bool]]
    targets: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Open:
    """A relation that only the blueprint explains."""

    kind: str
    name: str
    blueprint: str
    key: str
    names: tuple[str, ...]
    part: YamlPart


class PortEntities:
    """Reads one entity or blueprint a document, or a list of them."""

    name: ClassVar[str] = "port-entities"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """An identifier beside a blueprint, or beside the schema and relations of one."""
        head = file.head
        if not _IDENTIFIER.search(head):
            return False
        described = _SCHEMA.search(head) and _RELATIONS.search(head)
        return bool(_BLUEPRINT.search(head) or described)

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the entities, note the blueprints."""
        for part in _entities(file, harvest):
            identity = known_text(part.value.get("identifier"))
            blueprint = known_text(part.value.get("blueprint"))
            if identity is not None and isinstance(
                loose.at(part.value, "schema", "properties"), dict
            ):
                harvest.notes.append(_blueprint(identity.lower(), part.value))
                harvest.report.skip("Port blueprint, which explains its entities")
                continue
            if identity is None or blueprint is None or "rules" in part.value:
                harvest.report.skip("Port document that is no entity")
                continue
            draft, kind = _draft(part, identity, blueprint)
            entity = draft.entity(harvest.report)
            if entity is not None:
                harvest.foreign.append(entity)
                for key, names in _relations(
                    draft, loose.mapping(part.value.get("relations")), kind
                ):
                    open_ = _Open(kind, entity.ref.name, blueprint.lower(), key, names, part)
                    harvest.notes.append(open_)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:  # noqa: ARG002
        """Name the fields that were discovered as their blueprints do, and follow what only these explain."""
        blueprints = {note.name: note for note in harvest.notes if isinstance(note, _Blueprint)}
        catalog.fields = [self._explained(row, catalog, blueprints) for row in catalog.fields]
        for one in (note for note in harvest.notes if isinstance(note, _Open)):
            blueprint = blueprints.get(one.blueprint)
            target = blueprint.targets.get(one.key) if blueprint else None
            if target is not None:
                self._follow(one, KINDS.get(target.lower(), k.RESOURCE), catalog)

    @staticmethod
    def _explained(row: Field, catalog: Catalog, blueprints: Mapping[str, _Blueprint]) -> Field:
        prefix = f"metadata.annotations.{_ANNOTATION}/"
        if not row.paths or not all(path.startswith(prefix) for path in row.paths):
            return row
        keys = {path.removeprefix(prefix) for path in row.paths}
        said = [b.properties[key] for b in blueprints.values() for key in keys & set(b.properties)]
        if not said:
            return row
        title, doc, _ = said[0]
        words = dict.fromkeys([*([title.lower()] if title else []), *row.words])
        row = replace(row, words=tuple(words), doc=doc or row.doc)
        if all(text for _, _, text in said) and row.type in _LOOK_LIKE_MORE:
            row = replace(row, type=FieldType.KEYWORD)
            for ref, entity in catalog.entities.items():
                held = entity.values.get(row.name)
                if held is not None:
                    text = _written(entity.raw, keys) or str(held)
                    values = {**entity.values, row.name: text}
                    catalog.entities[ref] = replace(entity, values=values)
        return row

    @staticmethod
    def _follow(one: _Open, target: str, catalog: Catalog) -> None:
        source = joins.find(catalog, one.name, (one.kind.lower(),))
        ends = [joins.find(catalog, name, (target.lower(),)) for name in one.names]
        span = one.part.span("relations", one.key)
        for end in ends:
            if source is None or end is None:
                continue
            entity = catalog.entities[str(source)]
            if target == k.GROUP and one.kind in _OWNED and "owner" not in entity.values:
                values = {**entity.values, "owner": str(end)}
                spans = {**entity.spans, "owner": span}
                catalog.entities[str(source)] = replace(entity, values=values, spans=spans)
                catalog.edges.append(Edge(str(source), "ownedBy", str(end), span))
            elif _is_part(one.kind, target):
                catalog.edges.append(Edge(str(source), "partOf", str(end), span))


SOURCE = PortEntities

_OWNED = frozenset({k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM, k.DOMAIN})
_LOOK_LIKE_MORE = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN})


def _is_part(kind: str, target: str) -> bool:
    return (target in {k.SYSTEM, k.DOMAIN} and kind in _OWNED) or (
        target == k.COMPONENT and kind == k.RESOURCE
    )


def _written(raw: Any, keys: set[str]) -> str | None:
    """The annotation as it was written, before its type was inferred: "007" and "1.10"."""
    held = loose.mapping(loose.at(raw, "metadata", "annotations"))
    return loose.first_text(*(held.get(f"{_ANNOTATION}/{key}") for key in sorted(keys)))


def _blueprint(name: str, value: dict[str, Any]) -> _Blueprint:
    properties = {
        key: (
            loose.text(loose.at(inner, "title")),
            loose.text(loose.at(inner, "description")),
            loose.at(inner, "type") == "string" and loose.at(inner, "format") is None,
        )
        for key, inner in loose.mapping(loose.at(value, "schema", "properties")).items()
    }
    relations = loose.mapping(value.get("relations")).items()
    targets = {key: t for key, inner in relations if (t := loose.text(loose.at(inner, "target")))}
    return _Blueprint(name, properties, targets)


def _entities(file: InputFile, harvest: Harvest) -> Iterator[YamlPart]:
    for part in read_mappings(file, harvest.report):
        many = part.value.get("entities")
        if isinstance(many, list) and "identifier" not in part.value:
            for number, item in enumerate(many):
                base = (*part.base, "entities", number)
                yield YamlPart(loose.mapping(item), file, part.document, base)
        else:
            yield part


def _draft(part: YamlPart, identity: str, blueprint: str) -> tuple[Translation, str]:
    value, sort = part.value, blueprint.lower()
    kind = KINDS.get(sort, k.RESOURCE)
    draft = Translation(part, kind, identity, "identifier")
    draft.set("title", value.get("title"), "title")
    if kind not in {k.SYSTEM, k.DOMAIN, k.USER} and sort not in _UNTYPED:
        draft.set("type", _TYPES.get(sort, sort.lstrip("_")), "blueprint")
    team = value.get("team")
    if kind not in {k.GROUP, k.USER}:
        draft.owner(team[0] if isinstance(team, list) and team else team, "team")
    for key, inner in loose.mapping(value.get("properties")).items():
        _property(draft, key, inner)
    return draft, kind


def _property(draft: Translation, key: str, value: Any) -> None:
    where, plain = ("properties", key), key.lower()
    if plain in _PLAIN:
        draft.set(plain, value, *where)
    elif plain == "type":
        draft.set("type", value, *where)
    elif isinstance(value, str) and value.startswith(("http://", "https://")):
        draft.link(
            value, key, "repo" if "repo" in plain or "github.com" in value else plain, *where
        )
    elif plain in {"slack", "slackchannel", "slack_channel"}:
        draft.annotate("slack.com/channel", value, *where)
    elif not isinstance(value, dict | list):
        draft.annotate(f"{_ANNOTATION}/{key}", value, *where)


def _relations(
    draft: Translation, relations: dict[str, Any], kind: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Put the relations whose names say what they are; yields the others with what they lead to."""
    for key, value in relations.items():
        held = value if isinstance(value, list) else [value]
        names = tuple(text for text in map(known_text, held) if text)
        if names and not _relation(draft, key, names, kind):
            yield key, names


def _relation(draft: Translation, key: str, names: tuple[str, ...], kind: str) -> bool:
    where, plain = ("relations", key), re.sub(r"[\W_]", "", key).lower()
    if kind == k.GROUP:
        if plain == "parent":
            draft.set("parent", names[0], *where)
        elif plain == "members":
            draft.refer("members", (f"user:{name}" for name in names), *where)
    elif kind == k.USER:
        if plain in {"team", "teams", "group", "groups", "memberof"}:
            draft.refer("memberOf", (f"group:{name}" for name in names), *where)
    elif plain in _OWNERS or plain.startswith(("owner", "owning", "ownedby")):
        draft.owner(f"user:{names[0]}" if plain.endswith("user") else names[0], *where)
    elif plain in {"system", "domain"}:
        draft.set(plain, names[0], *where)
    elif plain == "subcomponentof" and kind == k.COMPONENT:
        draft.set("subcomponentOf", names[0], *where)
    elif plain in _APIS and kind == k.COMPONENT:
        draft.refer(_APIS[plain], (reference(f"api:{name}", KINDS) for name in names), *where)
    elif "depend" in plain and kind in {k.COMPONENT, k.RESOURCE}:
        sort = plain.removeprefix("dependson")
        named = (f"{sort}:{name}" if sort in KINDS else name for name in names)
        draft.refer("dependsOn", (reference(name, KINDS) for name in named), *where)
    else:
        return False
    return True


_APIS = {
    "providesapis": "providesApis",
    "providesapi": "providesApis",
    "consumesapis": "consumesApis",
    "consumesapi": "consumesApis",
}
