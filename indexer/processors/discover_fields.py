"""Fields nobody declared: the organisation's own annotations, labels and fact columns, askable like any other."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from catalog_store.derive import BOOKKEEPING
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import Table
from indexer.catalog import Catalog
from indexer.processors.paths import MAPS
from indexer.processors.values import WrongType, infer_type, typed_value
from indexer.reporting import Report

MIN_ENTITIES = 2
"""One entity's note is not a fact about the catalog."""

TOOLING = (
    "backstage.io",
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "dev.azure.com",
    "pagerduty.com",
    "opsgenie.com",
    "grafana",
    "grafana.com",
    "prometheus.io",
    "datadoghq.com",
    "newrelic.com",
    "dynatrace.com",
    "sentry.io",
    "rollbar.com",
    "jenkins.io",
    "circleci.com",
    "buildkite.com",
    "travis-ci.com",
    "sonarqube.org",
    "snyk.io",
    "argocd",
    "argoproj.io",
    "kubernetes.io",
    "helm.sh",
    "vault.io",
    "slack.com",
    "jira",
    "atlassian.com",
    "lighthouse.com",
    "airbrake.io",
    "microsoft.com",
    "aws.amazon.com",
    "google.com",
)
"""Prefixes whose values configure plugins: addresses for machines, not facts for people."""

UNITS = {
    "usd": "usd",
    "eur": "eur",
    "pct": "percent",
    "percent": "percent",
    "days": "days",
    "hours": "hours",
    "minutes": "minutes",
    "seconds": "seconds",
    "ms": "milliseconds",
}
"""Last word of a name → the unit it states."""

_RESERVED = frozenset(name for names in BOOKKEEPING.values() for name in names)


@dataclass(slots=True)
class _Column:
    """One fact under discovery: entity reference → text and lines."""

    paths: set[str] = field(default_factory=set)
    texts: dict[str, tuple[str, SourceSpan]] = field(default_factory=dict)


def discover_fields(catalog: Catalog, report: Report) -> None:
    """Add a field for every undeclared annotation, label and fact column that at least two entities hold."""
    taken = {row.name for row in FieldTable().of_table(Table.ENTITIES)} | _RESERVED
    columns: dict[str, _Column] = defaultdict(_Column)
    _gather_annotations(catalog, columns, taken)
    _gather_facts(catalog, columns, taken, report)
    for name in sorted(columns):
        column = columns[name]
        if len(column.texts) >= MIN_ENTITIES:
            row = _field(name, column, catalog)
            catalog.fields.append(row)
            _fill(row, column, catalog)


def _gather_annotations(catalog: Catalog, columns: dict[str, _Column], taken: set[str]) -> None:
    declared: dict[str, set[str]] = {}
    for raw in catalog.descriptions():
        if raw.kind not in declared:
            # What another kind's field is read from is no field of this one yet.
            rows = FieldTable().of_kind(raw.kind)
            declared[raw.kind] = {path for row in rows for path in row.paths}
        for section in MAPS:
            for key, value in raw.section("metadata", section).items():
                path = f"metadata.{section}.{key}"
                wild = f"metadata.{section}.*/{key.rpartition('/')[2]}"
                taken_by = declared[raw.kind]
                if path in taken_by or ("/" in key and wild in taken_by) or is_tooling(key):
                    continue
                if isinstance(value, dict | list) or value is None or not str(value).strip():
                    continue
                column = columns[_free_name(key, taken)]
                column.paths.add(path)
                column.texts.setdefault(
                    str(raw.ref), (_text(value), raw.span_of(("metadata", section, key)))
                )


def _gather_facts(
    catalog: Catalog, columns: dict[str, _Column], taken: set[str], report: Report
) -> None:
    unknown: dict[str, list[SourceSpan]] = {}
    for fact in catalog.facts:
        ref = catalog.resolve(fact.ref)
        if ref is None:
            unknown.setdefault(fact.ref, []).append(fact.span)
            continue
        column = columns[_free_name(fact.column, taken)]
        column.paths.add(f"facts.{fact.column}")
        column.texts[str(ref)] = (fact.text, fact.span)
    for name, spans in unknown.items():
        count = f"{len(spans)} fact{'s' if len(spans) > 1 else ''}"
        message = f"{count} about {name!r}, which is not in the catalog; index its file or mend the reference"
        report.warning("dangling-reference", message, spans[0])


def is_tooling(key: str) -> bool:
    """Whether an annotation or label configures a well-known tool.

    >>> is_tooling("app.kubernetes.io/name"), is_tooling("example.io/cost-centre")
    (True, False)
    """
    prefix, slash, _ = key.rpartition("/")
    return bool(slash) and any(prefix == known or prefix.endswith(f".{known}") for known in TOOLING)


def field_name(key: str) -> str:
    """The column for an annotation key: its last segment in snake case.

    >>> field_name("example.io/cost-centre"), field_name("onCallRota")
    ('cost_centre', 'on_call_rota')
    """
    last = key.rpartition("/")[2]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return name if name and not name[0].isdigit() else f"fact_{name}".rstrip("_")


def _free_name(key: str, taken: set[str]) -> str:
    """A name no declared field has: the annotation's organisation goes in front when it must."""
    name = field_name(key)
    if name not in taken:
        return name
    organisation = field_name(key.rpartition("/")[0].split(".")[0] or "own")
    candidate = f"{organisation}_{name}"
    while candidate in taken:
        candidate = f"own_{candidate}"
    return candidate


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _field(name: str, column: _Column, catalog: Catalog) -> Field:
    kinds = sorted({catalog.entities[ref].kind for ref in column.texts})
    texts = [text for text, _ in column.texts.values()]
    inferred = infer_type(texts)
    if "version" in name.split("_") and inferred in {FieldType.INTEGER, FieldType.NUMBER}:
        inferred = FieldType.KEYWORD  # 1.9 comes before 1.24
    unit = UNITS.get(name.rpartition("_")[2])
    spoken = name.replace("_", " ")
    short = spoken.rpartition(" ")[0] if unit else ""
    where = " or ".join(sorted(path.removeprefix("metadata.") for path in column.paths))
    return Field(
        name=name,
        type=inferred,
        doc=f"Discovered in {where}.",
        words=tuple(filter(None, (short, spoken))),
        kinds=tuple(kinds),
        paths=tuple(sorted(column.paths)),
        unit=unit,
        discovered=True,
        searchable=inferred in {FieldType.TEXT, FieldType.KEYWORD},
    )


def _fill(row: Field, column: _Column, catalog: Catalog) -> None:
    for ref, (text, span) in column.texts.items():
        entity = catalog.entities[ref]
        try:
            value: Value = typed_value(row, text)
        except WrongType:  # the type was inferred from these very texts
            continue
        catalog.entities[ref] = replace(
            entity,
            values={**entity.values, row.name: value},
            spans={**entity.spans, row.name: span},
        )
