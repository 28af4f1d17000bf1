"""OpsLevel's `opslevel.yml` → components.

Read: components: owner, tier, lifecycle, product, language, aliases, tools as links, repositories,
dependencies, PagerDuty service.

Joined: as for Datadog.

Ignored: checks. A document about a repository alone says who owns what is described in its folder and names no
owner.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from indexer import loose
from indexer.collectors.incidents import SERVICE_ID
from indexer.files import InputFile
from indexer.foreign import Translation, known_text, reference
from indexer.raw import OwnerRule
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_VERSION = re.compile(r"^[\"']?version[\"']?\s*:\s*[\"']?1[\"']?\s*$", re.MULTILINE)
_SECTION = re.compile(r"^[\"']?(?:service|repository|infrastructure)[\"']?\s*:", re.MULTILINE)
_FIELD = re.compile(r"^\s+(?:owner|tier|lifecycle|product|tools|tags)\s*:", re.MULTILINE)

_LINKS = {"metrics": "dashboard", "logs": "logs", "runbooks": "runbook", "wiki": "docs"}
"""OpsLevel's categories of tools → sorts of links."""


class OpsLevel(FeedReader):
    """Reads the service of each document."""

    name: ClassVar[str] = "opslevel"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml"})

    def claims(self, file: InputFile) -> bool:
        """Version 1 and one of OpsLevel's sections."""
        head = file.head
        return bool(_VERSION.search(head) and _SECTION.search(head) and _FIELD.search(head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over what is described, and who owns a repository that describes nothing."""
        for part in read_mappings(file, harvest.report):
            service = loose.mapping(part.value.get("service"))
            name = known_text(service.get("name"))
            owner = known_text(loose.at(part.value, "repository", "owner"))
            if not service and owner is not None:
                where = part.span("repository", "owner")
                rule = OwnerRule(file.location.parent, None, (owner,), where)
                harvest.owner_rules.append(rule)
                harvest.report.skip("OpsLevel repository, whose owner counts for what lies in it")
                continue
            if name is None:
                what = "a service without a name" if service else "no service is described"
                message = f"{what}; nothing in it was indexed, name the service"
                harvest.report.warning("missing-name", message, part.span())
                continue
            entity = _draft(part, service, name).entity(harvest.report)
            if entity is not None:
                harvest.foreign.append(entity)


SOURCE = OpsLevel


def _draft(part: YamlPart, service: dict[str, Any], name: str) -> Translation:
    draft = Translation(part, k.COMPONENT, name, "service", "name")
    draft.set("type", "service", "service")
    for key in ("description", "owner", "tier", "lifecycle", "language"):
        draft.set(key, service.get(key), "service", key)
    draft.set("system", service.get("system"), "service", "system")
    for key in ("product", "framework"):
        draft.annotate(f"opslevel.com/{key}", service.get(key), "service", key)
    aliases = service.get("aliases")
    texts = [t for t in map(loose.text, aliases) if t] if isinstance(aliases, list) else []
    draft.aliases(texts, "service", "aliases")
    tags = service.get("tags")
    draft.tags(tags if isinstance(tags, list) else (), "service", "tags")
    for number, source in enumerate(loose.mappings(service.get("alert_sources"))):
        if source.get("type") == "pagerduty":
            where = ("service", "alert_sources", number)
            draft.annotate(SERVICE_ID, source.get("external_id"), *where)
    for number, tool in enumerate(loose.mappings(service.get("tools"))):
        category = loose.text(tool.get("category")) or ""
        sort = _LINKS.get(category.lower(), category)
        draft.link(tool.get("url"), tool.get("name"), sort, "service", "tools", number)
    for number, repository in enumerate(loose.mappings(service.get("repositories"))):
        named = repository.get("name")
        where = ("service", "repositories", number)
        draft.repository(named, *where, host=loose.text(repository.get("provider")))
    for key, value in loose.mapping(service.get("properties")).items():
        draft.annotate(f"opslevel.com/{key}", value, "service", "properties", key)
    needed = [row.get("alias") for row in loose.mappings(service.get("dependencies"))]
    names = filter(None, map(known_text, needed))
    refs = (reference(text.replace("_", "-"), {}) for text in names)
    draft.refer("dependsOn", refs, "service", "dependencies")
    return draft
