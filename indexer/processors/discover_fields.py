"""Fields nobody declared: the organisation's own annotations, labels and fact columns, askable like any other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog_store.derive import BOOKKEEPING, SEARCHED
from catalog_store.model.document import SourceSpan
from catalog_store.model.fields import Field, FieldTable
from catalog_store.model.kinds import Table
from indexer.catalog import Catalog
from indexer.people import People
from indexer.processors.column_types import Inferred, infer
from indexer.processors.field_words import polarity_of, with_weak_words, words_of
from indexer.processors.paths import MAPS
from indexer.processors.refine import refinements_by_name
from indexer.reporting import Report
from indexer.tables.headers import snake

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

_RESERVED = frozenset(name for names in BOOKKEEPING.values() for name in names)


@dataclass(slots=True)
class _Column:
    """One fact under discovery: entity reference → text and lines; `told` when a table rather than a note holds it."""

    paths: set[str] = field(default_factory=set)
    texts: dict[str, tuple[str, SourceSpan, datetime | None]] = field(default_factory=dict)
    told: bool = False


def discover_fields(catalog: Catalog, report: Report) -> None:
    """Add a field for every undeclared annotation, label and fact column.

    A note must be held by two entities; one row of a table is enough.
    """
    taken = {row.name for row in FieldTable().of_table(Table.ENTITIES)} | _RESERVED
    columns: dict[str, _Column] = defaultdict(_Column)
    _gather_annotations(catalog, columns, taken)
    _gather_facts(catalog, columns, taken, report)
    people = People(catalog)
    told = refinements_by_name(catalog.refinements)
    rows: list[Field] = []
    for name in sorted(columns):
        column = columns[name]
        if column.told or len(column.texts) >= MIN_ENTITIES:
            said = next((told[key] for key in _names(name, column) if key in told), None)
            inferred = infer(
                name,
                {ref: text for ref, (text, _, _) in column.texts.items()},
                owner=people.owner,
                told=said.type if said else None,
            )
            if not inferred.values:
                continue
            rows.append(_field(name, column, inferred, catalog))
            _fill(rows[-1], column, inferred, catalog)
            _report_bad(rows[-1], column, inferred, report)
    catalog.fields += with_weak_words(rows)


def _names(name: str, column: _Column) -> Iterator[str]:
    """What the settings may call a column: its field name, its own name, its last segment."""
    yield name
    for path in sorted(column.paths):
        own = path.removeprefix("facts.").removeprefix("metadata.").partition(".")[2] or path
        yield from (
            own,
            field_name(own),
            path.removeprefix("facts."),
            field_name(path.removeprefix("facts.")),
        )


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
                span = raw.span_of(("metadata", section, key))
                column.texts.setdefault(str(raw.ref), (_text(value), span, None))


def _gather_facts(
    catalog: Catalog, columns: dict[str, _Column], taken: set[str], report: Report
) -> None:
    """What tables say counts more than notes; of several rows the latest, else the last."""
    unknown: dict[str, list[SourceSpan]] = {}
    for fact in catalog.facts:
        ref = catalog.resolve(fact.ref)
        if ref is None:
            unknown.setdefault(fact.ref, []).append(fact.span)
            continue
        column = columns[_free_name(fact.column, taken)]
        column.paths.add(f"facts.{fact.column}")
        column.told = True
        known = column.texts.get(str(ref))
        if known is None or known[2] is None or (fact.at is not None and fact.at >= known[2]):
            column.texts[str(ref)] = (fact.text, replace(fact.span, as_of=fact.at), fact.at)
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
    """The column for an annotation key or a table's column.

    >>> field_name("example.io/cost-centre"), field_name("2fa")
    ('cost_centre', 'fact_2fa')
    """
    name = snake(key)
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


def _field(name: str, column: _Column, inferred: Inferred, catalog: Catalog) -> Field:
    kinds = sorted({catalog.entities[ref].kind for ref in inferred.values})
    where = " or ".join(sorted(path.removeprefix("metadata.") for path in column.paths))
    row = Field(
        name=name,
        type=inferred.type,
        doc=f"Discovered in {where}.",
        words=words_of(name, inferred.type),
        kinds=tuple(kinds),
        paths=tuple(sorted(column.paths)),
        unit=inferred.unit,
        discovered=True,
        searchable=inferred.type in SEARCHED,
    )
    return replace(row, polarity=polarity_of(row))


def _fill(row: Field, column: _Column, inferred: Inferred, catalog: Catalog) -> None:
    for ref, value in inferred.values.items():
        entity = catalog.entities[ref]
        catalog.entities[ref] = replace(
            entity,
            values={**entity.values, row.name: value},
            spans={**entity.spans, row.name: column.texts[ref][1]},
        )


def _report_bad(row: Field, column: _Column, inferred: Inferred, report: Report) -> None:
    for ref in inferred.bad:
        text, span, _ = column.texts[ref]
        report.error(
            "wrong-type",
            f"{row.name} of {ref} is {text[:80]!r}, expected {inferred.expected} as in the rest of the column; "
            "it was left empty",
            span,
        )
