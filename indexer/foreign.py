"""Descriptors of other catalogs, put in the shape of Backstage's so that everything after reads one shape.

Every value keeps the lines it came from, and the whole descriptor stays as it was under the key `original`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from catalog_store.model import kinds as k
from catalog_store.model.entity import DEFAULT_NAMESPACE, EntityRef
from catalog_store.model.fields import CORE_FIELDS
from indexer import loose
from indexer.collectors.incidents import SERVICE_ID
from indexer.raw import RawEntity
from indexer.reporting import Report
from indexer.repositories import path_of
from indexer.yaml_files import YamlPart
from indexer.yaml_lines import KeyPath, YamlDocument

ORIGINAL = "original"

LIFECYCLES = {
    "production": (
        *("production", "prod", "live", "active", "stable", "ga"),
        *("generally available", "general availability"),
    ),
    "experimental": (
        *("experimental", "emerging", "alpha", "beta", "preview", "incubating", "prototype"),
        *("in development", "development", "pre release", "limited availability", "sandbox"),
    ),
    "deprecated": (
        *("deprecated", "end of life", "eol", "retired", "sunset", "decommissioned", "inactive"),
    ),
}
"""Backstage's lifecycle → what other catalogs call it; other words are kept, in lower case."""
_LIFECYCLE = {word: name for name, words in LIFECYCLES.items() for word in words}

TIER_WORDS = {"critical": 1, "high": 2, "medium": 3, "low": 4}
"""Tiers that are written as a word; numbers in any spelling are read by the field."""

_LANGUAGES = next(row.value_words for row in CORE_FIELDS if row.name == "language")
_NOTHING = frozenset({"", "undefined", "null", "none", "n/a", "unknown", "-"})
_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_PAGERDUTY = re.compile(r"pagerduty\.com/(?:services|service-directory)/([A-Za-z0-9]+)")


def known_text(value: Any) -> str | None:
    """Text that says something: templates of such files are full of "undefined" and "none".

    >>> known_text("undefined"), known_text(" Tier 1 "), known_text(None)
    (None, 'Tier 1', None)
    """
    found = loose.text(value)
    return None if found is None or found.lower() in _NOTHING else found


def name_of(text: str) -> str:
    """An entity name for what people call a service.

    >>> name_of("Order Workflow Service"), name_of("fraud_detection"), name_of("a/b")
    ('order-workflow-service', 'fraud_detection', 'a-b')
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip()).strip("-._").lower()


def lifecycle_of(text: str) -> str:
    """Backstage's word for a lifecycle.

    >>> lifecycle_of("generally_available"), lifecycle_of("Beta"), lifecycle_of("maintenance")
    ('production', 'experimental', 'maintenance')
    """
    plain = re.sub(r"[\s_-]+", " ", text.strip().lower())
    return _LIFECYCLE.get(plain, plain)


class Translation:
    """One descriptor on its way into the shape of Backstage's."""

    def __init__(self, part: YamlPart, kind: str, name: str, *name_path: str | int) -> None:
        name = html.unescape(name)  # OpsLevel writes what its page holds
        self._part = part
        self._kind = kind
        self._name = name_of(name)
        self._lines: dict[KeyPath, tuple[int, int]] = {}
        self.metadata: dict[str, Any] = {"name": self._name}
        self.spec: dict[str, Any] = {}
        self._note(("metadata", "name"), name_path)
        if self._name != name.strip():
            self.set("title", name, *name_path)

    def set(self, key: str, value: Any, *source: str | int) -> None:
        """Put a text into `metadata` (title, description, annotations) or `spec`, unless it says nothing.

        Args:
            key: "title" or "description"; anything else is a key of `spec`.
            value: as written.
            source: where it stands in the descriptor.
        """
        found = known_text(value)
        if found is None:
            return
        section = "metadata" if key in {"title", "description"} else "spec"
        if section == "metadata":
            found = html.unescape(found)
        if key == "lifecycle":
            found = lifecycle_of(found)
        if key == "language":
            found = str(_LANGUAGES.get(found.lower(), found.lower()))
        placed: Any = TIER_WORDS.get(found.lower(), found) if key == "tier" else found
        (self.metadata if section == "metadata" else self.spec)[key] = placed
        self._note((section, key), source)

    def owner(self, value: Any, *source: str | int) -> None:
        """Put the owner, once; the first one named counts."""
        if "owner" not in self.spec:
            self.set("owner", value, *source)

    def annotate(self, key: str, value: Any, *source: str | int) -> None:
        """Put an annotation; of several values the first one stays."""
        found = known_text(str(value).lower() if isinstance(value, bool) else value)
        found = str(value) if found is None and isinstance(value, float) else found
        held = self.metadata.setdefault("annotations", {})
        if found is not None and key not in held:
            held[key] = found
            self._note(("metadata", "annotations", key), source)

    def link(self, url: Any, title: Any, sort: Any, *source: str | int) -> None:
        """Put a link, and what its address says: a repository, a PagerDuty service."""
        address = known_text(url)
        if address is None:
            return
        links = self.metadata.setdefault("links", [])
        self._note(("metadata", "links", len(links)), source)
        self._lines.setdefault(("metadata", "links"), self._lines["metadata", "links", 0])
        named = {"title": known_text(title), "type": (known_text(sort) or "").lower() or None}
        links.append({"url": address, **{key: text for key, text in named.items() if text}})
        pager = _PAGERDUTY.search(address)
        if pager is not None:
            self.annotate(SERVICE_ID, pager[1], *source)
        if named["type"] in {"repo", "repository", "source", "code"}:
            self.repository(address, *source)

    def repository(self, address: Any, *source: str | int, host: str | None = None) -> None:
        """Put the repository of an address or slug."""
        text = known_text(address)
        slug = path_of(text) if text else ""
        if text is None or not slug:
            return
        try:
            place = host or urlsplit(text).hostname or ""
        except ValueError:
            return
        key = next((known for word, known in _HOSTS.items() if word in place.lower()), "github.com")
        self.annotate(f"{key}/project-slug", slug, *source)

    def tags(self, values: Iterable[Any], *source: str | int) -> None:
        """Put tags; pairs of key and value are joined by a colon."""
        found = [text for value in values if (text := _tag(value)) is not None]
        if found:
            held = self.metadata.setdefault("tags", [])
            held += [text for text in dict.fromkeys(found) if text not in held]
            self._note(("metadata", "tags"), source)

    def aliases(self, values: Iterable[str], *source: str | int) -> None:
        """Put other names people use for it."""
        found = list(dict.fromkeys(values))
        if found:
            self.metadata["aliases"] = found
            self._note(("metadata", "aliases"), source)

    def refer(self, key: str, refs: Iterable[str], *source: str | int) -> None:
        """Put references to others, each "kind:name"."""
        found = list(dict.fromkeys(refs))
        if found:
            self.spec.setdefault(key, []).extend(found)
            self._note(("spec", key), source)

    def entity(self, report: Report) -> RawEntity | None:
        """The finished entity; None, and a line in the report, when its name cannot be one."""
        if not self._name:
            message = "the name holds no letter or digit; it was left out"
            report.error("invalid-name", message, self._part.span())
            return None
        raw = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": self._kind,
            "metadata": self.metadata,
            "spec": self.spec,
            ORIGINAL: self._part.value,
        }
        whole = self._part.span()
        document = YamlDocument(raw, self._lines, whole.first, whole.last)
        ref = EntityRef(self._kind.lower(), DEFAULT_NAMESPACE, self._name)
        return RawEntity(ref, self._kind, raw, self._part.file, document)

    def _note(self, target: KeyPath, source: KeyPath) -> None:
        span = self._part.span(*source)
        self._lines[target] = (span.first, span.last)


def _tag(value: Any) -> str | None:
    if isinstance(value, dict):
        key, inner = known_text(value.get("key")), known_text(value.get("value"))
        return f"{key}:{inner}" if key and inner else key
    return known_text(value)


def reference(text: str, kinds: dict[str, str]) -> str:
    """A reference to another entity: "datastore:orders" → "resource:orders"; a bare name is a component.

    >>> reference("datastore:orders", {"datastore": "Resource"}), reference("Fraud Check", {})
    ('resource:orders', 'component:fraud-check')
    """
    kind, colon, name = text.rpartition(":")
    known = kinds.get(kind.strip().lower(), k.COMPONENT) if colon else k.COMPONENT
    return f"{known.lower()}:{name_of(name)}"
