"""What scanners report → Finding records, tied to the components of the scanned repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer.catalog import Catalog
from indexer.reporting import Report
from indexer.repositories import Repositories

if TYPE_CHECKING:
    from indexer.sources.base import Harvest


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness.

    Attributes:
        id: the same in every report of the same weakness.
        values: fields of the finding table.
        repositories: how the report names the repository, most telling first; addresses or slugs.
        path: the report's own path; its name is used when no repository is known.
        span: where.
    """

    id: str
    values: Mapping[str, Value]
    repositories: tuple[str, ...]
    path: str
    span: SourceSpan


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
        known: dict[tuple[str, str], Finding] = {}
        taken: set[str] = set()
        unknown: dict[str, list[Finding]] = {}
        for finding in self._findings:
            targets = components_of(repositories, finding.repositories, finding.path)
            place = targets[0] if targets else finding.path
            if (finding.id, place) in known:
                report.skip("finding reported twice")
                continue
            known[finding.id, place] = finding
            identity = finding.id if finding.id not in taken else f"{finding.id}@{place}"
            taken.add(identity)
            record = Record(k.FINDING, identity, finding.values, finding.span)
            content.records.append(record)
            content.edges += [Edge(record.ref, "findingIn", ref, finding.span) for ref in targets]
            if not targets:
                unknown.setdefault(finding.path, []).append(finding)
        for path, findings in unknown.items():
            name = findings[0].repositories[0] if findings[0].repositories else path
            count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
            message = f"{count} in {name!r}, a repository of no component; kept, annotate its component with github.com/project-slug"
            report.warning("unknown-repository", message, findings[0].span)


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
