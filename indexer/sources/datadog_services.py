"""Datadog service definitions v1 to v2.2 and entities v3 → catalog entities.

Read: components, resources, APIs and systems: name, owner, tier, lifecycle, language, links, tags,
dependencies, repository, PagerDuty service.

Joined: an entity of the same kind and name is filled where it holds nothing; others are new. Owners are found
by name, shown name or address.

Ignored: the kind repository (reported), `components` of systems, fingerprints, logs and events settings. Kinds an
organisation made up are resources of that type.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from indexer import loose
from indexer.files import InputFile
from indexer.foreign import Translation, reference
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_V2 = re.compile(r"^\s*[\"']?dd-service[\"']?\s*:[ \t]*[^\s{\[]", re.MULTILINE)
_V3 = re.compile(
    r"^[\s{]*[\"']?apiVersion[\"']?\s*:\s*[\"']?v3(?:\.\d+)?[\"']?\s*,?\s*$", re.MULTILINE
)
_KIND = re.compile(r"^\s*[\"']?kind[\"']?\s*:\s*[\"']?[a-z][a-z0-9.-]*\b", re.MULTILINE)
"""Kinds are lower case, unlike those of Kubernetes."""

KINDS = {
    "service": k.COMPONENT,
    "application": k.COMPONENT,
    "datastore": k.RESOURCE,
    "queue": k.RESOURCE,
    "api": k.API,
    "system": k.SYSTEM,
    "library": k.COMPONENT,
}
"""Datadog's kinds → ours; those an organisation made up are resources."""
_NO_ENTITY = frozenset({"repository"})
_TYPED_BY_KIND = frozenset({"datastore", "queue"})


class DatadogServices(FeedReader):
    """Reads one entity a document."""

    name: ClassVar[str] = "datadog-services"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A key `dd-service`, or apiVersion v3 with a kind of Datadog's."""
        head = file.head
        return bool(_V2.search(head) or (_V3.search(head) and _KIND.search(head)))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over what is described; kinds without a counterpart are reported."""
        for part in read_mappings(file, harvest.report):
            if "dd-service" in part.value:
                draft: Translation | None = _v2(part)
            elif isinstance(loose.at(part.value, "info", "dd-service"), str):
                draft = _v1(part)
            else:
                draft = _v3(part, harvest)
            entity = draft.entity(harvest.report) if draft else None
            if entity is not None:
                harvest.foreign.append(entity)


SOURCE = DatadogServices


def _v3(part: YamlPart, harvest: Harvest) -> Translation | None:
    metadata, spec = (
        loose.mapping(part.value.get("metadata")),
        loose.mapping(part.value.get("spec")),
    )
    named, name = loose.text(part.value.get("kind")) or "", loose.text(metadata.get("name"))
    kind = KINDS.get(named.lower(), k.RESOURCE)
    if not named or named.lower() in _NO_ENTITY or name is None:
        what = "metadata.name is missing" if named else f"the kind {named!r} has no counterpart"
        if named.lower() in _NO_ENTITY:
            what = f"the kind {named!r} has no counterpart"
        message = f"{what}; the Datadog entity was left out"
        harvest.report.warning("unknown-kind" if name else "missing-name", message, part.span())
        return None
    draft = Translation(part, kind, name, "metadata", "name")
    draft.set("title", metadata.get("displayName"), "metadata", "displayName")
    draft.set("description", metadata.get("description"), "metadata", "description")
    draft.owner(metadata.get("owner"), "metadata", "owner")
    for number, other in enumerate(loose.mappings(metadata.get("additionalOwners"))):
        draft.owner(other.get("name"), "metadata", "additionalOwners", number)
    _shared(draft, metadata, ("metadata",), spec)
    _typed(draft, named.lower(), spec, ("spec",))
    wanted = spec.get("dependsOn")
    if kind in {k.COMPONENT, k.RESOURCE} and isinstance(wanted, list):
        texts = filter(None, map(loose.text, wanted))
        draft.refer("dependsOn", (reference(t, KINDS) for t in texts), "spec", "dependsOn")
    systems = [text for text in map(loose.text, loose.items(spec.get("componentOf"))) if text]
    if systems:
        draft.set("system", reference(systems[0], {"": k.SYSTEM, **KINDS}), "spec", "componentOf")
    _integrations(draft, part.value)
    locations = loose.mappings(loose.at(part.value, "datadog", "codeLocations"))
    for location in locations:
        draft.repository(location.get("repositoryURL"), "datadog", "codeLocations")
    return draft


def _v1(part: YamlPart) -> Translation:
    info = loose.mapping(part.value.get("info"))
    draft = Translation(
        part, k.COMPONENT, loose.text(info.get("dd-service")) or "", "info", "dd-service"
    )
    draft.set("title", info.get("display-name"), "info", "display-name")
    draft.set("description", info.get("description"), "info", "description")
    draft.set("tier", info.get("service-tier"), "info", "service-tier")
    draft.owner(loose.at(part.value, "org", "team"), "org", "team")
    draft.set("type", "service", "info", "dd-service")
    application = loose.at(part.value, "org", "application")
    draft.annotate("datadoghq.com/application", application, "org", "application")
    contact = loose.mapping(part.value.get("contact"))
    draft.link(contact.get("slack"), "Slack", "slack", "contact", "slack")
    draft.annotate("datadoghq.com/contact", contact.get("email"), "contact", "email")
    for number, row in enumerate(loose.mappings(part.value.get("external-resources"))):
        where = ("external-resources", number)
        draft.link(row.get("url"), row.get("name"), row.get("type"), *where)
    tags = part.value.get("tags")
    draft.tags(tags if isinstance(tags, list) else (), "tags")
    _integrations(draft, part.value)
    return draft


def _v2(part: YamlPart) -> Translation:
    value = part.value
    name = loose.text(value.get("dd-service")) or ""
    draft = Translation(part, k.COMPONENT, name, "dd-service")
    draft.set("description", value.get("description"), "description")
    draft.owner(value.get("team"), "team")
    draft.owner(value.get("dd-team"), "dd-team")
    draft.annotate("datadoghq.com/application", value.get("application"), "application")
    _shared(draft, value, (), value)
    _typed(draft, "service", value, ())
    for section, sort in (("repos", "repo"), ("docs", "doc")):
        for number, row in enumerate(loose.mappings(value.get(section))):
            draft.link(row.get("url"), row.get("name"), sort, section, number)
    _integrations(draft, value)
    return draft


def _shared(
    draft: Translation, value: dict[str, Any], at: tuple[str, ...], facts: dict[str, Any]
) -> None:
    """What both versions hold, at different places."""
    for number, link in enumerate(loose.mappings(value.get("links"))):
        draft.link(link.get("url"), link.get("name"), link.get("type"), *at, "links", number)
    for number, contact in enumerate(loose.mappings(value.get("contacts"))):
        address, sort = contact.get("contact"), (loose.text(contact.get("type")) or "").lower()
        if sort == "slack":
            draft.link(address, contact.get("name"), sort, *at, "contacts", number)
        elif sort == "email":
            draft.annotate("datadoghq.com/contact", address, *at, "contacts", number)
    tags = value.get("tags")
    draft.tags(tags if isinstance(tags, list) else (), *at, "tags")
    languages = facts.get("languages")
    if isinstance(languages, list) and languages:
        inside = ("spec",) if at else ()
        draft.set("language", languages[0], *inside, "languages")


def _typed(draft: Translation, kind: str, facts: dict[str, Any], at: tuple[str, ...]) -> None:
    for key in ("lifecycle", "tier"):
        draft.set(key, facts.get(key), *at, key)
    # Datadog's types of a service ("web", "db") say how it runs; that it is a service is its kind.
    if kind in {"service", "application", "library"}:
        draft.set("type", kind, "kind")
        draft.annotate("datadoghq.com/runtime", facts.get("type"), *at, "type")
    else:
        draft.set("type", kind if kind in _TYPED_BY_KIND or kind not in KINDS else None, "kind")
        draft.set("type", facts.get("type"), *at, "type")


def _integrations(draft: Translation, value: dict[str, Any]) -> None:
    for tool in ("pagerduty", "opsgenie"):
        held = loose.at(value, "integrations", tool)
        url = (
            held
            if isinstance(held, str)
            else loose.first_text(loose.at(held, "serviceURL"), loose.at(held, "service-url"))
        )
        draft.link(url, tool, "on-call", "integrations", tool)
