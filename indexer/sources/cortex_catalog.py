"""Cortex descriptors (`cortex.yaml`, OpenAPI with `x-cortex-…` keys) → catalog entities.

Read: components, domains, teams; types an organisation made up are resources of that type. Custom metadata
become annotations, askable when two entities hold them.

Joined: as for Datadog.

Ignored: OpenAPI paths, on-call schedules that are no PagerDuty service, static analysis and SLO sections.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from indexer import loose
from indexer.collectors.incidents import SERVICE_ID
from indexer.files import InputFile
from indexer.foreign import Translation, reference
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_TAG = re.compile(r"^\s*[\"']?x-cortex-tag[\"']?\s*:", re.MULTILINE)

KINDS = {"service": k.COMPONENT, "domain": k.DOMAIN, "team": k.GROUP}
"""Cortex's types → ours; types an organisation made up are resources."""


class CortexCatalog(FeedReader):
    """Reads one entity a document."""

    name: ClassVar[str] = "cortex-catalog"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A key `x-cortex-tag`."""
        return bool(_TAG.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over what is described."""
        for part in read_mappings(file, harvest.report):
            tag = loose.text(loose.at(part.value, "info", "x-cortex-tag"))
            if tag is None:
                message = "info.x-cortex-tag is missing; the Cortex entity was left out"
                harvest.report.error("missing-name", message, part.span("info"))
                continue
            entity = _draft(part, tag).entity(harvest.report)
            if entity is not None:
                harvest.foreign.append(entity)


SOURCE = CortexCatalog


def _draft(part: YamlPart, tag: str) -> Translation:
    info = loose.mapping(part.value.get("info"))
    sort = (loose.text(info.get("x-cortex-type")) or "service").lower()
    kind = KINDS.get(sort, k.RESOURCE)
    draft = Translation(part, kind, tag, "info", "x-cortex-tag")
    title = info.get("title")
    if title != tag:
        draft.set("title", title, "info", "title")
    draft.set("description", info.get("description"), "info", "description")
    if kind != k.DOMAIN:
        draft.set("type", sort, "info", "x-cortex-type")
    _owners(draft, info)
    custom = loose.mapping(info.get("x-cortex-custom-metadata"))
    for key in ("lifecycle", "tier", "language"):
        draft.set(key, custom.get(key), "info", "x-cortex-custom-metadata", key)
    for key, value in custom.items():
        if key not in {"lifecycle", "tier", "language", "name", "app", "repo"}:
            draft.annotate(f"cortex.io/{key}", value, "info", "x-cortex-custom-metadata", key)
    _groups(draft, info)
    for section in ("x-cortex-link", "x-cortex-links"):
        for number, link in enumerate(loose.mappings(info.get(section))):
            where = ("info", section, number)
            draft.link(link.get("url"), link.get("name"), link.get("type"), *where)
    for host, held in loose.mapping(info.get("x-cortex-git")).items():
        draft.repository(loose.at(held, "repository"), "info", "x-cortex-git", host, host=host)
    _people_and_parents(draft, info, kind)
    return draft


def _owners(draft: Translation, info: dict[str, Any]) -> None:
    """Groups before people: a person is who to ask, a group answers for it."""
    owners = loose.mappings(info.get("x-cortex-owners"))
    for wanted in ("group", "email"):
        for number, owner in enumerate(owners):
            if (loose.text(owner.get("type")) or "").lower() == wanted:
                name = loose.first_text(owner.get("name"), owner.get("email"))
                draft.owner(name, "info", "x-cortex-owners", number)


def _groups(draft: Translation, info: dict[str, Any]) -> None:
    groups = info.get("x-cortex-groups")
    texts = [t for t in map(loose.text, groups) if t] if isinstance(groups, list) else []
    for text in texts:
        key, colon, value = text.partition(":")
        if colon and key.lower() in {"lifecycle", "tier", "language"} and key not in draft.spec:
            draft.set(key.lower(), value, "info", "x-cortex-groups")
    draft.tags(texts, "info", "x-cortex-groups")


def _people_and_parents(draft: Translation, info: dict[str, Any], kind: str) -> None:
    pager = loose.mapping(loose.at(info, "x-cortex-oncall", "pagerduty"))
    if (loose.text(pager.get("type")) or "").upper() == "SERVICE":
        draft.annotate(SERVICE_ID, pager.get("id"), "info", "x-cortex-oncall")
    for channel in loose.mappings(loose.at(info, "x-cortex-slack", "channels")):
        name = loose.text(channel.get("name"))
        if name is not None:
            draft.annotate("slack.com/channel", f"#{name.lstrip('#')}", "info", "x-cortex-slack")
    parents = loose.mappings(info.get("x-cortex-domain-parents"))
    if parents and kind != k.GROUP:
        key = "subdomainOf" if kind == k.DOMAIN else "domain"
        draft.set(key, parents[0].get("tag"), "info", "x-cortex-domain-parents")
    wanted = info.get("x-cortex-dependency")
    rows = loose.mappings(loose.at(wanted, "cortex") if isinstance(wanted, dict) else wanted)
    tags = [tag for row in rows if (tag := loose.text(row.get("tag"))) is not None]
    if kind in {k.COMPONENT, k.RESOURCE}:
        refs = (reference(tag, {}) for tag in tags)
        draft.refer("dependsOn", refs, "info", "x-cortex-dependency")
