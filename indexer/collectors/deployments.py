"""Rollouts from every feed → Deployment records: which component, where to, how it ended, and what was undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.errors import InvalidRef
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, EntityRef, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.people import People
from indexer.reporting import Report
from indexer.repositories import Repositories

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

ENVIRONMENTS = {
    "production": ("prod", "production", "prd", "live", "prod1"),
    "staging": ("stg", "staging", "stage", "preprod", "pre-production", "preproduction"),
    "development": ("dev", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
}
"""One name for the ways people write an environment; other names are kept, in lower case."""
_ENVIRONMENT = {word: name for name, words in ENVIRONMENTS.items() for word in words}

_CLOCK_SKEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rollout:
    """One event of a feed.

    Attributes:
        id: unique within `source`.
        source: who says so; may be empty.
        at: when it ended, UTC.
        subject: the component as the feed names it; empty when it only names a repository.
        repository: where the deployed code lives, as address or slug; empty when the feed does not say.
        success: how it ended.
        undoes: it is no deployment, but takes the one before it back.
        progress: the feed says several things about one deployment, and the latest counts; otherwise a repetition is the
            same event delivered twice.
    """

    id: str
    source: str
    at: datetime
    subject: str
    environment: str | None
    success: bool
    version: str | None
    actor: str | None
    duration_seconds: float | None
    span: SourceSpan
    repository: str = ""
    undoes: bool = False
    progress: bool = False


@dataclass(slots=True)
class _Placed:
    """A rollout of one component."""

    rollout: Rollout
    component: str
    id: str
    rolled_back: bool = False


class Deployments:
    """Ties rollouts to components and finds out which were rolled back. A group is a component."""

    takes: ClassVar[tuple[type, ...]] = (Rollout,)

    def __init__(self) -> None:
        self._rollouts: dict[tuple[str, str], Rollout] = {}
        self._placed: list[_Placed] = []

    def add(self, statement: Rollout, report: Report) -> None:
        """Take one event; (source, id) counts once."""
        key = (statement.source, statement.id)
        known = self._rollouts.get(key)
        if known is None:
            self._rollouts[key] = statement
            return
        report.skip("event delivered twice")
        if statement.progress and known.at < statement.at:
            self._rollouts[key] = statement

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add deployments and their edges, oldest first."""
        report = harvest.report
        rollouts = sorted(self._rollouts.values(), key=lambda rollout: rollout.at)
        placed = self._placed = _place(rollouts, catalog, report)
        _mark_rollbacks(placed)
        taken = {ref.partition(":")[2] for ref in harvest.taken}
        people = catalog.once(People)
        for one in placed:
            if one.rollout.undoes:
                continue
            record = _record(one, taken)
            taken.add(record.id)
            content.records.append(record)
            content.edges.append(Edge(record.ref, "deploymentOf", one.component, one.rollout.span))
            person = people.person(one.rollout.actor) if one.rollout.actor else None
            if person is not None:
                content.edges.append(Edge(record.ref, "deployedBy", person, one.rollout.span))
        limit = harvest.now + _CLOCK_SKEW
        future = [one for one in rollouts if one.at > limit and not one.undoes]
        if future:
            message = f"{len(future)} deployments lie in the future, the first at {future[0].at.isoformat()}; check the clock of the feed"
            report.warning("future-event", message, future[0].span)

    def groups(self) -> Iterator[tuple[str, object]]:
        """Each rollout under every component it was placed on."""
        return ((one.component, one.rollout) for one in self._placed)

    def group_of(self, record: Record) -> str:
        """Its component."""
        return str(record.values["component"])


def environment_of(*names: str | None) -> str | None:
    """One name for an environment: the first that is a common one, else the first at all.

    >>> environment_of("PRD"), environment_of("eu-west", "staging"), environment_of("/env/Canary"), environment_of("")
    ('production', 'staging', 'canary', None)
    """
    plain = [(name or "").rstrip("/").rpartition("/")[2].strip().lower() for name in names]
    common = next((_ENVIRONMENT[name] for name in plain if name in _ENVIRONMENT), None)
    return common or next(filter(None, plain), None)


def environment_in(text: str) -> tuple[str | None, str]:
    """The common environment a compound name starts or ends with, and the rest of the name.

    >>> environment_in("cart-prod"), environment_in("cart")
    (('production', 'cart'), (None, 'cart'))
    """
    words = re.split(r"([-_.])", text)
    if len(words) >= 3:
        for word, rest in ((words[-1], words[:-2]), (words[0], words[2:])):
            if word.lower() in _ENVIRONMENT:
                return _ENVIRONMENT[word.lower()], "".join(rest)
    return None, text


def _place(rollouts: Sequence[Rollout], catalog: Catalog, report: Report) -> list[_Placed]:
    subjects = _subjects(rollouts, catalog, report)
    repositories = catalog.once(Repositories)
    placed: list[_Placed] = []
    unknown: dict[str, list[Rollout]] = {}
    for rollout in rollouts:
        if not rollout.repository:
            placed.append(_Placed(rollout, subjects[rollout.subject], rollout.id))
            continue
        components = _of_repository(rollout, repositories)
        if not components:
            unknown.setdefault(rollout.repository, []).append(rollout)
            components = [_stand_in(rollout)]
        for ref in components:
            tail = f"@{ref.rpartition('/')[2]}" if len(components) > 1 else ""
            placed.append(_Placed(rollout, ref, f"{rollout.id}{tail}"))
    for repository, events in unknown.items():
        count = f"{len(events)} deployment{'s' if len(events) > 1 else ''}"
        message = f"{count} of {repository!r}, a repository of no component; kept under {_stand_in(events[0])}, annotate its component with github.com/project-slug"
        report.warning("unknown-repository", message, events[0].span)
    return placed


def _stand_in(rollout: Rollout) -> str:
    """The component a repository probably is: the one called like it."""
    return unknown_component(rollout.subject or rollout.repository.rpartition("/")[2])


def _of_repository(rollout: Rollout, repositories: Repositories) -> Sequence[str]:
    """The components that were deployed: the one that is named, the one called like the repository, or all."""
    components = repositories.components(rollout.repository)
    for name in (rollout.subject, rollout.repository.rpartition("/")[2]):
        named = [ref for ref in components if ref.rpartition("/")[2] == name.lower()]
        if named and len(components) > 1:
            return named
    return components


def _subjects(rollouts: Iterable[Rollout], catalog: Catalog, report: Report) -> dict[str, str]:
    """Subject as written → component reference; names the catalog does not know are reported once each."""
    counts: dict[str, int] = {}
    first: dict[str, Rollout] = {}
    for rollout in rollouts:
        if not rollout.repository:
            counts[rollout.subject] = counts.get(rollout.subject, 0) + 1
            first.setdefault(rollout.subject, rollout)
    found: dict[str, str] = {}
    for subject, count in counts.items():
        known = joins.find(catalog, subject, ("component",))
        found[subject] = str(known) if known else unknown_component(subject)
        if known is None:
            message = (
                f"{count} event{'s' if count > 1 else ''} of {subject!r}, which is not in the catalog; kept under {found[subject]}, "
                "add the component or mend the feed"
            )
            report.warning("unknown-component", message, first[subject].span)
    return found


def unknown_component(subject: str) -> str:
    """The reference a service gets that the catalog does not know.

    >>> unknown_component("Component:Shop/Cart"), unknown_component("/clusters/eu/cart v2")
    ('component:shop/cart', 'component:default/cart-v2')
    """
    try:
        return str(EntityRef.parse(subject, default_kind=k.COMPONENT))
    except InvalidRef:
        pass
    name = re.sub(r"[^a-z0-9._-]+", "-", subject.rpartition("/")[2].lower()).strip("-")
    return f"component:default/{name or 'unnamed'}"


def _mark_rollbacks(placed: Iterable[_Placed]) -> None:
    """Each rollback undoes the latest successful deployment of its place that was not undone before."""
    standing: dict[tuple[str, str | None], list[_Placed]] = {}
    for one in placed:
        place = standing.setdefault((one.component, one.rollout.environment), [])
        if one.rollout.undoes:
            if place:
                place.pop().rolled_back = True
        elif one.rollout.success:
            place.append(one)


def _record(one: _Placed, taken: set[str]) -> Record:
    rollout = one.rollout
    identity = one.id
    if identity in taken:  # ids are unique within their source only
        identity = f"{one.id}@{rollout.source}"
    values: dict[str, Value] = {
        "at": rollout.at,
        "component": one.component,
        "environment": rollout.environment,
        "outcome": "success" if rollout.success else "failure",
        "rolled_back": one.rolled_back,
        "actor": rollout.actor,
        "version": rollout.version,
        "duration_seconds": rollout.duration_seconds,
    }
    held = {name: value for name, value in values.items() if value is not None}
    return Record(k.DEPLOYMENT, identity, held, rollout.span)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long something took; None when it ended before it began or an end is missing."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()
