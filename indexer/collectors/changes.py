"""What was done beside deploying → Run, Apply and Change records, tied to what it was done to.

A pipeline run names a repository, an apply a stack (project, workspace, folder) or the resources it touched, a
removal a service. A successful apply is the last one of every resource in its stack, until a later one comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.collectors.deployments import seconds_between
from indexer.reporting import Report
from indexer.repositories import Repositories
from indexer.stacks import Stacks

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
        subjects: what it was done to, as the feed names it: references, names, or names on a platform; of an apply
            the names of its stack, surest first.
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
    """Ties changes to entities. A group is one change, as its source names it."""

    takes: ClassVar[tuple[type, ...]] = (ChangeEvent,)

    def __init__(self) -> None:
        self._events: dict[tuple[str, str, str], list[ChangeEvent]] = {}

    def add(self, statement: ChangeEvent, report: Report) -> None:
        """Take one statement; of several about one change the latest counts, and the first on when it began."""
        known = self._events.setdefault((statement.kind, statement.source, statement.id), [])
        if known:
            report.skip("earlier state of a change")
        known.append(statement)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges, oldest first."""
        repositories, stacks = catalog.once(Repositories), catalog.once(Stacks)
        unknown: dict[str, list[ChangeEvent]] = {}
        told = (_told(statements) for statements in self._events.values())
        for event in sorted(told, key=lambda e: (e.at, e.source, e.id)):
            values = {n: v for n, v in (("at", event.at), *event.values) if v is not None}
            record = Record(event.kind, _identity(event), values, event.span)
            content.records.append(record)
            targets = _targets(event, catalog, repositories, stacks)
            if event.kind == k.APPLY and ("outcome", "success") in event.values:
                _note_apply(catalog, targets, event)
            content.edges += [Edge(record.ref, "changeOf", ref, event.span) for ref in targets]
            if not targets:
                name = event.repository or ", ".join(event.subjects) or event.source
                unknown.setdefault(name, []).append(event)
        for name, events in unknown.items():
            count = f"{len(events)} {events[0].kind.lower()}{'s' if len(events) > 1 else ''}"
            hint = (
                "index the state of its stack beside it"
                if events[0].kind == k.APPLY
                else "annotate its entity with github.com/project-slug, gitlab.com/project-slug or its name there"
            )
            message = f"{count} of {name!r}, which no entity is or comes from; kept, {hint}"
            harvest.report.warning("unknown-component", message, events[0].span)

    def groups(self) -> Iterator[tuple[str, object]]:
        """Each statement under its change's identity."""
        return ((f"{e.kind} {_identity(e)}", e) for told in self._events.values() for e in told)

    def group_of(self, record: Record) -> str:
        """Its identity."""
        return f"{record.kind} {record.id}"


def _identity(event: ChangeEvent) -> str:
    """Ids are unique within their source only."""
    return f"{event.source}/{event.id}" if event.source else event.id


def _told(statements: Sequence[ChangeEvent]) -> ChangeEvent:
    """The latest statement about a change, with how long it took when an earlier one says when it began."""
    latest = max(
        reversed(statements), key=lambda e: (e.said_at, ("outcome", "running") not in e.values)
    )
    begun = min((e.began_at for e in statements if e.began_at is not None), default=None)
    values: dict[str, Value] = dict(latest.values)
    lasted = seconds_between(begun, latest.at)
    if lasted and values.get("outcome") != "running":
        values.setdefault("duration_seconds", lasted)
    return replace(latest, values=tuple(values.items()))


def _targets(
    event: ChangeEvent, catalog: Catalog, repositories: Repositories, stacks: Stacks
) -> Sequence[str]:
    names = event.subjects
    if event.kind == k.APPLY:
        if held := stacks.resources(names):
            return held
        # A folder that happens to be called like something is not that thing: only references count.
        names = tuple(name for name in names if ":" in name)
    found = [joins.find(catalog, name, OF) for name in names]
    named = list(dict.fromkeys(str(ref) for ref in found if ref is not None))
    return named or (repositories.components(event.repository) if event.repository else ())


def _note_apply(catalog: Catalog, targets: Sequence[str], event: ChangeEvent) -> None:
    """Let the resources of an apply know when it was, where it is the latest that is known of them."""
    for ref in targets:
        entity = catalog.entities[ref]
        known = entity.values.get("last_applied_at")
        later = not isinstance(known, datetime) or known < event.at
        if entity.ref.kind == "resource" and later:
            catalog.entities[ref] = replace(
                entity,
                values={**entity.values, "last_applied_at": event.at},
                spans={**entity.spans, "last_applied_at": replace(event.span, as_of=event.at)},
            )
