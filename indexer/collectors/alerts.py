"""Alert rules and who is firing → Alert records by `alertname`, tied to entities and runbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import Document, SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.pages.addresses import Addresses, Place
from indexer.pages.kinds import RUNBOOK
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

ACTIVE, SUPPRESSED, INACTIVE = "active", "suppressed", "inactive"

ON = ("component", "resource", "system")
"""Kinds an alert may be about, likeliest first."""
_SEVERITIES = ("info", "low", "warning", "medium", "error", "high", "page", "critical")
"""Common severities, mildest first; of several the worst counts."""
_RUNBOOK_KEYS = ("runbook_url", "runbook", "runbook_link", "runbookURL", "runbook_uri")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """One alerting rule as written; labels and annotations are text by text."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    query: str
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Instance:
    """One alert as Alertmanager sees it.

    Attributes:
        identity: tells instances of one alert apart.
        state: ACTIVE, SUPPRESSED or INACTIVE (it was resolved).
        since: firing since, UTC.
        said_at: when this was true; of two statements about one instance the later one counts.
    """

    name: str
    identity: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    state: str
    since: datetime | None
    said_at: datetime | None
    span: SourceSpan


@dataclass(slots=True)
class _Alert:
    rules: list[Rule] = field(default_factory=list)
    instances: dict[str, Instance] = field(default_factory=dict)


class Alerts:
    """Joins rules with their instances by the name of the alert, which is the group."""

    takes: ClassVar[tuple[type, ...]] = (Rule, Instance)

    def __init__(self) -> None:
        self._alerts: dict[str, _Alert] = {}

    def add(self, statement: Rule | Instance, report: Report) -> None:  # noqa: ARG002
        """Take one rule, of which several may share a name, or what is said about one instance: the latest counts."""
        alert = self._alerts.setdefault(statement.name, _Alert())
        if isinstance(statement, Rule):
            alert.rules.append(statement)
            return
        before = alert.instances.get(statement.identity)
        if before is None or (before.said_at or _LONG_AGO) <= (statement.said_at or _LONG_AGO):
            alert.instances[statement.identity] = statement

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records, their edges, and what they mean for runbooks."""
        report = harvest.report
        runbooks = _Runbooks(content)
        for name, alert in self._alerts.items():
            statements: list[Rule | Instance] = [*alert.rules, *alert.instances.values()]
            record = Record(k.ALERT, name, _values(name, alert), statements[0].span)
            content.records.append(record)
            on = _entities(statements, catalog)
            content.edges += [Edge(record.ref, "alertOn", ref, span) for ref, span in on.items()]
            if not on:
                message = f"no label of the alert {name!r} names an entity; it was kept, add a label `service`"
                report.warning("unknown-service", message, statements[0].span)
            for url, span in _runbook_urls(statements).items():
                runbooks.answer(name, url, on, span)
        runbooks.write()
        runbooks.tie(self._alerts)

    def groups(self) -> Iterator[tuple[str, object]]:
        """Each rule, and the latest statement about each instance, under the alert's name."""
        for name, alert in self._alerts.items():
            yield from ((name, one) for one in (*alert.rules, *alert.instances.values()))

    def group_of(self, record: Record) -> str:
        """Its name."""
        return record.id


def _values(name: str, alert: _Alert) -> dict[str, Value]:
    firing = [one for one in alert.instances.values() if one.state == ACTIVE]
    silenced = [one for one in alert.instances.values() if one.state == SUPPRESSED]
    statements: list[Rule | Instance] = [*alert.rules, *alert.instances.values()]
    texts = [one.annotations for one in statements]
    values: dict[str, Value] = {
        "name": name,
        "severity": _worst(one.labels for one in firing or statements),
        "state": ACTIVE if firing else SUPPRESSED if silenced else INACTIVE,
        "since": min((one.since for one in firing if one.since), default=None),
        "summary": _first(texts, ("summary", "message", "description")),
        "runbook_url": _first(texts, _RUNBOOK_KEYS),
        "expr": next((rule.query for rule in alert.rules if rule.query), None),
    }
    return {key: value for key, value in values.items() if value is not None}


def _worst(labels: Iterable[Mapping[str, str]]) -> str | None:
    said = [one["severity"].lower() for one in labels if one.get("severity")]
    known = [one for one in said if one in _SEVERITIES]
    return max(known, key=_SEVERITIES.index) if known else next(iter(said), None)


def _first(texts: Iterable[Mapping[str, str]], keys: Iterable[str]) -> str | None:
    rows = list(texts)
    return next((row[key] for key in keys for row in rows if row.get(key)), None)


def _entities(statements: Iterable[Rule | Instance], catalog: Catalog) -> dict[str, SourceSpan]:
    """Every entity the alert is about, and where that is written first."""
    found: dict[str, SourceSpan] = {}
    for one in statements:
        ref = joins.find_by_labels(catalog, one.labels, ON)
        if ref is None and isinstance(one, Rule):
            ref = joins.find_by_query(catalog, one.query, ON)
        if ref is not None:
            found.setdefault(str(ref), one.span)
    return found


def _runbook_urls(statements: Iterable[Rule | Instance]) -> dict[str, SourceSpan]:
    found: dict[str, SourceSpan] = {}
    for one in statements:
        url = _first([one.annotations], _RUNBOOK_KEYS)
        if url is not None:
            found.setdefault(url, one.span)
    return found


class _Runbooks:
    """The runbook pages of a build, and what alerts add to them."""

    def __init__(self, content: CatalogContent) -> None:
        self._content = content
        pages = [d for d in content.documents if d.doc_kind == RUNBOOK]
        self._addresses = Addresses(Place.of(page.path) for page in pages)
        self._pages: dict[str, Document] = {page.path: page for page in pages}
        self._edges = {(e.source, e.target) for e in content.edges if e.relation == "runbookFor"}

    def answer(self, alert: str, url: str, on: Iterable[str], span: SourceSpan) -> None:
        """Note that a page answers an alert, and with it is a runbook for what the alert is on."""
        path = self._addresses.at(url)
        if path is None:
            return
        page = self._pages[path]
        known = {name.lower() for name in page.alerts}
        alerts = page.alerts if alert.lower() in known else (*page.alerts, alert)
        refs = tuple(dict.fromkeys([*page.entity_refs, *on]))
        self._pages[path] = replace(page, alerts=alerts, entity_refs=refs)
        for ref in on:
            if (page.ref, ref) not in self._edges:
                self._edges.add((page.ref, ref))
                self._content.edges.append(Edge(page.ref, "runbookFor", ref, span))

    def write(self) -> None:
        """Put the changed pages in the place of the old ones."""
        self._content.documents = [
            self._pages[d.path] if d.doc_kind == RUNBOOK else d for d in self._content.documents
        ]

    def tie(self, names: Iterable[str]) -> None:
        """Add an edge from every page to each known alert it answers."""
        known = {name.lower(): f"{k.ALERT.lower()}:{name}" for name in names}
        for page in self._pages.values():
            refs = dict.fromkeys(known[a.lower()] for a in page.alerts if a.lower() in known)
            span = SourceSpan(page.path, 1, 1)
            self._content.edges += [Edge(page.ref, "runbookFor", ref, span) for ref in refs]
