"""Backstage descriptors (catalog-info.yaml and its relatives) → raw entities with line numbers."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model.entity import DEFAULT_NAMESPACE, EntityRef
from catalog_store.model.kinds import ENTITY_KINDS
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.locations import follow_location
from indexer.placeholders import resolve_placeholders
from indexer.raw import RawEntity
from indexer.sources.base import Harvest
from indexer.text import NotText
from indexer.yaml_lines import YamlDocument, read_yaml

KIND_NAMES = {kind.lower(): kind for kind in ENTITY_KINDS}

_BACKSTAGE_LINE = re.compile(r"apiVersion[\"']?\s*:\s*[\"']?[\w.-]*backstage\.io/")
_ANY_VERSION_LINE = re.compile(
    r"^[ \t{]*[\"']?apiVersion[\"']?\s*:[ \t]*[\"']?([^\s\"',]*)", re.MULTILINE
)
_KIND_LINE = re.compile(
    rf"^[ \t]*[\"']?kind[\"']?\s*:\s*[\"']?(?:{'|'.join(ENTITY_KINDS)})\b", re.MULTILINE
)
_NEXT_DOCUMENT = re.compile(r"^---", re.MULTILINE)
_BACKSTAGE_VERSION = re.compile(r"[\w.-]*backstage\.io/\S+")
_FOREIGN_VERSION = re.compile(
    r"k8s\.io|kubernetes|openshift|istio|tekton|argoproj|crossplane|upbound|knative|k8s\.aws|cnrm\.cloud|\.azure\.com|^v\d"
)
"""Owners of kinds that share a name with Backstage's: kustomize has a Component, OpenShift a Template."""
_SPEC_MARKERS = frozenset(
    {
        "owner",
        "type",
        "lifecycle",
        "system",
        "domain",
        "profile",
        "memberOf",
        "children",
        "target",
        "targets",
    }
)

_TEMPLATED = ("${{", "{{", "{%", "<%")
_NAME = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*", re.ASCII)
_USABLE_NAME = re.compile(r"[^:/\s]+")
_MAX_NAME = 63


class BackstageYaml:
    """Reads every document that describes a Backstage entity; kinds nobody declared are kept as they are."""

    name: ClassVar[str] = "backstage-yaml"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A Backstage apiVersion, a Backstage kind under any apiVersion, or the conventional file name."""
        if file.location.name.lower().startswith("catalog-info"):
            return True
        head = file.head
        if _BACKSTAGE_LINE.search(head):
            return True
        # A file of manifests may hold a Domain or a User of some cloud: kind and version of one document count.
        return any(
            _KIND_LINE.search(part)
            and any(not _FOREIGN_VERSION.search(v) for v in _ANY_VERSION_LINE.findall(part))
            for part in _NEXT_DOCUMENT.split(head)
        )

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the file's entities, and take in the files its Locations name."""
        try:
            text = file.text()
        except NotText as error:
            harvest.report.error(
                "not-utf8", f"{error.reason}; nothing in it was indexed", file.span(error.line)
            )
            return
        stream = read_yaml(text)
        self._report_faults(file, text, stream.faults, harvest)
        for document in stream.documents:
            entity = _entity(document, file, harvest)
            if entity is None:
                continue
            harvest.entities.append(entity)
            if entity.ref.kind == "location":
                follow_location(entity, harvest)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Nothing is left to do: the processors turn raw entities into typed ones."""

    @staticmethod
    def _report_faults(file: InputFile, text: str, faults: list[Any], harvest: Harvest) -> None:
        templated = any(mark in text for mark in ("{%", "${{", "<%"))
        for fault in faults:
            span = file.span(fault.line)
            if fault.fatal and fault.code == "invalid-yaml" and templated:
                message = f"a template of a catalog file, not one ({fault.message.partition(';')[0]}); it was left out"
                harvest.report.warning("templated-file", message, span)
            elif fault.fatal:
                harvest.report.error(fault.code, fault.message, span)
            else:
                harvest.report.warning(fault.code, fault.message, span)


SOURCE = BackstageYaml


def _entity(document: YamlDocument, file: InputFile, harvest: Harvest) -> RawEntity | None:
    raw = document.value
    if not isinstance(raw, dict):
        if raw is not None:
            harvest.report.skip("YAML document that is no entity")
        return None
    if not _is_backstage(raw):
        harvest.report.skip("YAML document that is no entity")
        return None
    kind = _kind(raw, document, file, harvest)
    name = _name(raw, document, file, harvest) if kind else None
    if kind is None or name is None:
        return None
    namespace = _namespace(raw, document, file, harvest)
    resolved = resolve_placeholders(raw, document, file, harvest)
    return RawEntity(
        EntityRef(kind.lower(), namespace, name.lower()), kind, resolved, file, document
    )


def _is_backstage(raw: dict[str, Any]) -> bool:
    version, kind = raw.get("apiVersion"), raw.get("kind")
    if isinstance(version, str) and _BACKSTAGE_VERSION.fullmatch(version.strip()):
        return True
    if kind not in ENTITY_KINDS or not isinstance(raw.get("metadata"), dict):
        return False
    if version is not None and (not isinstance(version, str) or _FOREIGN_VERSION.search(version)):
        return False
    spec = raw.get("spec")
    return isinstance(spec, dict) and not _SPEC_MARKERS.isdisjoint(spec)


def _kind(
    raw: dict[str, Any], document: YamlDocument, file: InputFile, harvest: Harvest
) -> str | None:
    kind = raw.get("kind")
    span = file.span(*document.lines_of(("kind",)))
    if not isinstance(kind, str) or not _USABLE_NAME.fullmatch(kind.strip()):
        if _is_templated(kind):
            harvest.report.warning(
                "templated-entity",
                f"the kind {kind!r} is a template's; the entity was left out",
                span,
            )
        else:
            harvest.report.error(
                "missing-kind",
                f"kind is {kind!r}, expected text such as Component; the entity was left out",
                span,
            )
        return None
    if raw.get("apiVersion") is None:
        harvest.report.warning(
            "missing-api-version",
            "no apiVersion; read as backstage.io/v1alpha1, add it",
            file.span(document.first),
        )
    known = KIND_NAMES.get(kind.strip().lower())
    if known is None:
        expected = ", ".join(ENTITY_KINDS)
        message = f"nobody declared the kind {kind!r} (known: {expected}); the entity is kept under that kind"
        harvest.report.warning("unknown-kind", message, span)
    return known or kind.strip()


def _name(
    raw: dict[str, Any], document: YamlDocument, file: InputFile, harvest: Harvest
) -> str | None:
    metadata = raw.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    span = file.span(*document.lines_of(("metadata", "name")))
    report = harvest.report
    if name is None or name == "":
        report.error(
            "missing-name",
            "metadata.name is missing; give the entity a name, it was left out",
            span,
        )
        return None
    if _is_templated(name):
        report.warning(
            "templated-entity", f"the name {name!r} is a template's; the entity was left out", span
        )
        return None
    if isinstance(name, bool | dict | list) or not _USABLE_NAME.fullmatch(str(name)):
        report.error(
            "invalid-name",
            f"metadata.name is {name!r}, expected letters, digits, '-', '_' and '.'; rename it, the entity was left out",
            span,
        )
        return None
    if not isinstance(name, str):
        report.warning(
            "invalid-name", f"metadata.name is the number {name!r}; read as text, quote it", span
        )
    text = str(name)
    if len(text) > _MAX_NAME or not _NAME.fullmatch(text):
        report.warning(
            "invalid-name",
            f"metadata.name {text!r} breaks Backstage's rule (at most {_MAX_NAME} letters or digits joined by '-', '_' or '.'); it is kept",
            span,
        )
    return text


def _namespace(
    raw: dict[str, Any], document: YamlDocument, file: InputFile, harvest: Harvest
) -> str:
    namespace = raw["metadata"].get("namespace")
    if namespace is None:
        return DEFAULT_NAMESPACE
    if (
        isinstance(namespace, str)
        and _USABLE_NAME.fullmatch(namespace)
        and not _is_templated(namespace)
    ):
        return namespace.lower()
    span = file.span(*document.lines_of(("metadata", "namespace")))
    harvest.report.error(
        "wrong-type",
        f"metadata.namespace is {namespace!r}, expected a name; {DEFAULT_NAMESPACE!r} is used",
        span,
    )
    return DEFAULT_NAMESPACE


def _is_templated(value: object) -> bool:
    return (isinstance(value, str) and any(mark in value for mark in _TEMPLATED)) or (
        # Unquoted `{{ x }}` is a mapping to YAML.
        isinstance(value, dict)
        and any(isinstance(inner, dict) or inner is None for inner in value.values())
    )
