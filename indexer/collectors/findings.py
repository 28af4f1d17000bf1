"""What scanners and policy engines report → Finding records, tied to what they are about."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.collectors.deployments import environment_in
from indexer.reporting import Report
from indexer.repositories import Repositories

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

NAMESPACE_ANNOTATION = "backstage.io/kubernetes-namespace"

_ABOUT = ("component", "resource", "api")
"""What a policy is broken by, likeliest first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness.

    Attributes:
        id: the same in every report of the same weakness.
        values: fields of the finding table.
        span: where.
        repositories: how the report names the repository, most telling first; addresses or slugs.
        path: a file whose own or folder's name may say what it is about; empty when only names do.
        names: what the report calls the thing itself, most telling first.
        namespace: the Kubernetes namespace it lives in; decides when it is annotated on one entity alone.
    """

    id: str
    values: Mapping[str, Value]
    span: SourceSpan
    repositories: tuple[str, ...] = ()
    path: str = ""
    names: tuple[str, ...] = ()
    namespace: str = ""


class Findings:
    """Ties findings to components."""

    takes: ClassVar[tuple[type, ...]] = (Finding,)

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    def add(self, statement: Finding, report: Report) -> None:  # noqa: ARG002
        """Take one."""
        self._findings.append(statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges; what several reports repeat counts once."""
        report = harvest.report
        repositories = catalog.once(Repositories)
        known: set[tuple[str, str]] = set()
        taken: set[str] = set()
        unknown: dict[tuple[str, str], list[Finding]] = {}
        for finding in self._findings:
            targets = _targets(finding, catalog, repositories)
            place = targets[0] if targets else finding.path
            if (finding.id, place) in known:
                report.skip("finding reported twice")
                continue
            known.add((finding.id, place))
            identity = finding.id if finding.id not in taken else f"{finding.id}@{place}"
            taken.add(identity)
            record = Record(k.FINDING, identity, finding.values, finding.span)
            content.records.append(record)
            content.edges += [Edge(record.ref, "findingIn", ref, finding.span) for ref in targets]
            if not targets:
                unknown.setdefault(_called(finding), []).append(finding)
        for (sort, name), findings in unknown.items():
            count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
            report.warning(
                f"unknown-{sort}", f"{count} {_NEXT[sort].format(name)}", findings[0].span
            )


_NEXT = {
    "repository": "in {!r}, a repository of no component; kept, annotate its component with github.com/project-slug",
    "workload": "in {!r}, which is not in the catalog; kept, annotate its component with backstage.io/kubernetes-id",
}


def _called(finding: Finding) -> tuple[str, str]:
    if finding.names and not finding.path:
        return "workload", finding.names[0]
    return "repository", next(iter((*finding.repositories, *finding.names)), finding.path)


def _targets(finding: Finding, catalog: Catalog, repositories: Repositories) -> Sequence[str]:
    """What a finding is about: the thing it names, else what its namespace belongs to, else by repository and file."""
    for name in finding.names:
        for spelling in dict.fromkeys((name, environment_in(name)[1])):
            if (found := joins.find(catalog, spelling, _ABOUT)) is not None:
                return (str(found),)
    if finding.namespace:
        same = catalog.annotated(NAMESPACE_ANNOTATION, finding.namespace)
        if len(same) == 1:
            return same
    if finding.repositories or finding.path:
        return components_of(repositories, finding.repositories, finding.path)
    return ()


def components_of(repositories: Repositories, named: Sequence[str], path: str) -> Sequence[str]:
    """The components a report is about: by the repository it names, else by its own file or folder name.

    "cart.sarif", "cart.semgrep.sarif.json" and "cart/results.sarif" are about the repository "cart".
    """
    for name in named:
        if found := repositories.components(name):
            return found
    if any("/" in name for name in named):
        return ()  # it says which repository, and the catalog does not know that one
    place = PurePosixPath(path)
    stem = place.name.partition(".")[0]
    return repositories.named(stem) or repositories.named(place.parent.name or stem)


_STANDARD = re.compile(
    r"\b(?:external/)?cwe[-/]cwe-0*(?P<codeql>\d+)|\bcwe[-:]0*(?P<cwe>\d+)\b"
    r"|\bowasp[-: ]*(?:top[- ]*10[-: ]*)?(?P<owasp>(?:a|api|m)\d{1,2}(?::\d{4})?)\b"
    r"|\b(?P<cis>cis[-: ]\d+(?:\.\d+)+)\b",
    re.IGNORECASE,
)


def standards_in(texts: Iterable[Any]) -> tuple[str, ...] | None:
    """The entries of public lists that tags and properties name, in one spelling; None when there are none.

    >>> standards_in(["external/cwe/cwe-079", "CWE-89: SQL Injection", "OWASP-A03:2021 - Injection", "security"])
    ('CWE-79', 'CWE-89', 'OWASP-A03:2021')
    """
    found: list[str] = []
    for text in texts:
        for match in _STANDARD.finditer(text[:1000]) if isinstance(text, str) else ():
            number = match["codeql"] or match["cwe"]
            plain = f"CWE-{number}" if number else None
            plain = plain or (f"OWASP-{match['owasp'].upper()}" if match["owasp"] else None)
            found.append(plain or match["cis"].upper().replace(":", "-").replace(" ", "-"))
    return tuple(dict.fromkeys(found)) or None


def digest(facts: Iterable[object]) -> str:
    """An id for a weakness whose report gives none: the same facts, the same id."""
    return hashlib.sha256(repr(tuple(facts)).encode()).hexdigest()[:20]
