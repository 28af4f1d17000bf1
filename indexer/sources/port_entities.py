"""Port's `port.yml` and entity exports → catalog entities; blueprints and mappings describe nothing themselves.

Read: components, APIs, systems, domains, teams and users; other blueprints are resources of that type.
Properties become fields, links or annotations, relations become owner, system, domain and dependencies.

Joined: as for Datadog.

Ignored: blueprints, mappings, nested properties, relations of other names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from indexer import loose
from indexer.files import InputFile
from indexer.foreign import Translation, known_text, reference
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_IDENTIFIER = re.compile(r"^(?:- |[\s{]*\")?identifier\"?\s*:", re.MULTILINE)
_BLUEPRINT = re.compile(r"^(?:  |\s*\")?blueprint\"?\s*:", re.MULTILINE)

KINDS = {
    "service": k.COMPONENT,
    "microservice": k.COMPONENT,
    "component": k.COMPONENT,
    "library": k.COMPONENT,
    "website": k.COMPONENT,
    "api": k.API,
    "system": k.SYSTEM,
    "domain": k.DOMAIN,
    "team": k.GROUP,
    "_team": k.GROUP,
    "user": k.USER,
    "_user": k.USER,
}
"""Usual blueprints → kinds; others are resources of that type."""

_OWNERS = frozenset({"owner", "owning_team", "owningteam", "team", "owners"})
_PLAIN = frozenset({"lifecycle", "tier", "language", "description"})
_TYPES = {"microservice": "service", "component": "service"}


class PortEntities(FeedReader):
    """Reads one entity a document, or a list of them."""

    name: ClassVar[str] = "port-entities"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """An identifier beside a blueprint."""
        return bool(_IDENTIFIER.search(file.head) and _BLUEPRINT.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the entities."""
        for part in _entities(file, harvest):
            identity = known_text(part.value.get("identifier"))
            blueprint = known_text(part.value.get("blueprint"))
            if identity is None or blueprint is None:
                harvest.report.skip("Port document that is no entity")
                continue
            entity = _draft(part, identity, blueprint).entity(harvest.report)
            if entity is not None:
                harvest.foreign.append(entity)


SOURCE = PortEntities


def _entities(file: InputFile, harvest: Harvest) -> Iterator[YamlPart]:
    for part in read_mappings(file, harvest.report):
        many = part.value.get("entities")
        if isinstance(many, list) and "identifier" not in part.value:
            for number, item in enumerate(many):
                base = (*part.base, "entities", number)
                yield YamlPart(loose.mapping(item), file, part.document, base)
        else:
            yield part


def _draft(part: YamlPart, identity: str, blueprint: str) -> Translation:
    value, sort = part.value, blueprint.lower()
    kind = KINDS.get(sort, k.RESOURCE)
    draft = Translation(part, kind, identity, "identifier")
    draft.set("title", value.get("title"), "title")
    if kind not in {k.SYSTEM, k.DOMAIN, k.USER}:
        draft.set("type", _TYPES.get(sort, sort.lstrip("_")), "blueprint")
    team = value.get("team")
    draft.owner(team[0] if isinstance(team, list) and team else team, "team")
    for key, inner in loose.mapping(value.get("properties")).items():
        _property(draft, key, inner)
    for key, inner in loose.mapping(value.get("relations")).items():
        _relation(draft, key, inner, kind)
    if kind in {k.GROUP, k.USER}:
        draft.spec.pop("owner", None)
    return draft


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
        draft.annotate(f"getport.io/{key}", value, *where)


def _relation(draft: Translation, key: str, value: Any, kind: str) -> None:
    where, plain = ("relations", key), key.lower()
    names = [
        text for text in map(known_text, value if isinstance(value, list) else [value]) if text
    ]
    if not names:
        return
    if plain in _OWNERS:
        draft.owner(names[0], *where)
    elif plain in {"system", "domain"} and kind != k.GROUP:
        draft.set(plain, names[0], *where)
    elif "depend" in plain and kind in {k.COMPONENT, k.RESOURCE}:
        draft.refer("dependsOn", (reference(name, KINDS) for name in names), *where)
