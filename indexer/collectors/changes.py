"""What was done beside deploying → Run, Apply and Change records, tied to what it was done to.

A pipeline run names a repository, an apply a project or the resources it touched, a removal a service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog_store.content import CatalogContent
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.collectors.deployments import seconds_between
from indexer.repositories import Repositories

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

OF = ("component", "resource", "system")
"""Kinds a change may be of, likeliest first."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """What one event says about one change.

    Attributes:
        kind: RUN, APPLY or CHANGE of `kinds.py`.
        id: unique within `source`.
        source: who says so.
        at: when it ended, or began when it has not ended, UTC.
        values: further fields of the table of changes; absent ones are not known.
        subjects: what it was done to, as the feed names it: references, names, or names on a platform.
        repository: where the code lives, as address or slug; empty when the feed does not say.
        said_at: when this was true; of two statements about one change the later one counts.
        span: where.
        began_at: when it began, UTC; None when this statement does not say.
    """

    kind: str
    id: str
    source: str
    at: datetime
    values: tuple[tuple[str, Value], ...]
    subjects: tuple[str, ...]
    repository: str
    said_at: datetime
    span: SourceSpan
    began_at: datetime | None = None


class Changes:
    """Ties changes to entities."""

    def __init__(self) -> None:
        self._events: dict[tuple[str, str, str], ChangeEvent] = {}
        self._begun: dict[tuple[str, str, str], datetime] = {}

    def add(self, event: ChangeEvent) -> None:
        """Take one statement; of several about one change the latest counts, and the first on when it began."""
        key = (event.kind, event.source, event.id)
        if event.began_at is not None:
            self._begun[key] = min(event.began_at, self._begun.get(key, event.began_at))
        known = self._events.get(key)
        if known is None or known.said_at <= event.said_at:
            self._events[key] = event

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges, oldest first."""
        repositories = Repositories(catalog)
        taken: set[tuple[str, str]] = set()
        unknown: dict[str, list[ChangeEvent]] = {}
        for event in sorted(self._events.values(), key=lambda e: (e.at, e.source, e.id)):
            identity = (
                event.id if (event.kind, event.id) not in taken else f"{event.id}@{event.source}"
            )
            taken.add((event.kind, identity))
            values = self._values(event)
            record = Record(event.kind, identity, values, event.span)
            content.records.append(record)
            targets = _targets(event, catalog, repositories)
            content.edges += [Edge(record.ref, "changeOf", ref, event.span) for ref in targets]
            if not targets:
                name = event.repository or ", ".join(event.subjects) or event.source
                unknown.setdefault(name, []).append(event)
        for name, events in unknown.items():
            count = f"{len(events)} {events[0].kind.lower()}{'s' if len(events) > 1 else ''}"
            message = (
                f"{count} of {name!r}, which no entity is or comes from; kept, annotate its entity "
                "with github.com/project-slug, gitlab.com/project-slug or its name there"
            )
            harvest.report.warning("unknown-component", message, events[0].span)

    def _values(self, event: ChangeEvent) -> dict[str, Value]:
        said = (("at", event.at), *event.values)
        values: dict[str, Value] = {name: value for name, value in said if value is not None}
        begun = self._begun.get((event.kind, event.source, event.id))
        lasted = seconds_between(begun, event.at)
        if lasted and values.get("outcome") != "running":
            values.setdefault("duration_seconds", lasted)
        return values


def _targets(event: ChangeEvent, catalog: Catalog, repositories: Repositories) -> Sequence[str]:
    found = [joins.find(catalog, name, OF) for name in event.subjects]
    named = list(dict.fromkeys(str(ref) for ref in found if ref is not None))
    return named or (repositories.components(event.repository) if event.repository else ())
