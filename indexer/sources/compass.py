"""Atlassian Compass's `compass.yml` → components.

Read: components: type, tier, lifecycle, links, labels, custom fields, dependencies.

Joined: as for Datadog; dependencies by the ids of other files.

Ignored: owners given as an id of Atlassian's directory (kept as an annotation), dependencies on components that
were not indexed.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from indexer import loose
from indexer.files import InputFile
from indexer.foreign import Translation, known_text
from indexer.processors.foreign import COMPASS_ID
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_VERSION = re.compile(r"^[\"']?configVersion[\"']?\s*:", re.MULTILINE)
_MARK = re.compile(r"^[\"']?typeId[\"']?\s*:|ari:cloud:compass:", re.MULTILINE)

_LINKS = {"repository": "repo", "chat_channel": "slack", "document": "docs", "on_call": "on-call"}


class Compass(FeedReader):
    """Reads one component a document."""

    name: ClassVar[str] = "compass"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml"})

    def claims(self, file: InputFile) -> bool:
        """A configVersion, and a type or an id of Compass's."""
        return bool(_VERSION.search(file.head) and _MARK.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over what is described."""
        for part in read_mappings(file, harvest.report):
            name = known_text(part.value.get("name"))
            if name is None:
                message = "name is missing; the Compass component was left out"
                harvest.report.error("missing-name", message, part.span())
                continue
            entity = _draft(part, name).entity(harvest.report)
            if entity is not None:
                harvest.foreign.append(entity)


SOURCE = Compass


def _draft(part: YamlPart, name: str) -> Translation:
    value = part.value
    draft = Translation(part, k.COMPONENT, name, "name")
    sort = (loose.text(value.get("typeId")) or "other").lower()
    draft.set("type", "library" if sort == "software_library" else sort, "typeId")
    draft.set("description", value.get("description"), "description")
    owner = loose.text(value.get("ownerId")) or ""
    if owner.startswith("ari:"):  # an id of Atlassian's directory, which no catalog file resolves
        draft.annotate("atlassian.com/owner-id", owner, "ownerId")
    else:
        draft.owner(owner, "ownerId")
    draft.annotate(COMPASS_ID, value.get("id"), "id")
    fields = loose.mapping(value.get("fields"))
    for key in ("lifecycle", "tier"):
        draft.set(key, fields.get(key), "fields", key)
    labels = [text for text in map(loose.text, _labels(value.get("labels"))) if text]
    for label in labels:
        key, colon, language = label.partition(":")
        if colon and key.lower() == "language":
            draft.set("language", language, "labels")
    draft.tags(labels, "labels")
    for number, link in enumerate(loose.mappings(value.get("links"))):
        kind = (loose.text(link.get("type")) or "").lower()
        draft.link(link.get("url"), link.get("name"), _LINKS.get(kind, kind), "links", number)
    custom = value.get("customFields")
    for number, row in enumerate(loose.mappings(custom)):
        named = loose.text(row.get("name"))
        if named is not None:
            draft.annotate(f"compass/{named}", row.get("value"), "customFields", number)
    needed = loose.at(value, "relationships", "DEPENDS_ON")
    if isinstance(needed, list):
        ids = filter(None, map(loose.text, needed))
        refs = [one for one in ids if one.startswith("ari:")]
        draft.refer("dependsOn", refs, "relationships", "DEPENDS_ON")
    return draft


def _labels(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [f"{key}:{inner}" for key, inner in value.items()]
    return value if isinstance(value, list) else []
