"""Opsgenie incidents and alerts: lists of its API (`GET /v1/incidents`, `GET /v2/alerts`) and webhook bodies.

Read: Incident records: message as title, status, priority, moments, number, address, owner, reporter, who
acknowledged and who closed it. An alert that pages someone is an incident here, as it is to the person who is paged. Of several statements about one the latest
counts, field by field.

Joined: `opsgenie.com/component-selector` when it asks for the alert's tags, details or teams; `impactedServices`
by the name a services export gives their id; else the entity or a tag such as `service:cart` by name.

Ignored: notes, snoozing, custom actions and tags in webhooks (only that and when they came counts), responders,
integrations; deleted alerts are kept as declined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.incidents import (
    ACKNOWLEDGED,
    RESOLVED,
    TRIGGERED,
    Statement,
)
from indexer.files import InputFile
from indexer.joins import NAMING_LABELS
from indexer.json_items import read_items
from indexer.opsgenie import TOOL
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_ALERT = re.compile(r"\"tinyId\"\s*:")
_MESSAGE = re.compile(r"\"message\"\s*:")

_ACTIONS = {
    "create": TRIGGERED,
    "acknowledge": ACKNOWLEDGED,
    "unacknowledge": TRIGGERED,
    "close": RESOLVED,
    "resolve": RESOLVED,
    "delete": "declined",
    "reopen": TRIGGERED,
}
"""Action of a webhook → the status it leaves the alert in; other actions leave the status alone."""
_STATUS = {
    "open": TRIGGERED,
    "acked": ACKNOWLEDGED,
    "closed": RESOLVED,
    "resolved": RESOLVED,
    "deleted": "declined",
}
_MILLISECONDS = 10**11
"""Above this a number counts milliseconds: as seconds it would lie beyond the year 5000."""
_NANOSECONDS = 10**17


class OpsgenieIncidents(FeedReader):
    """Reads every incident and alert into a statement."""

    name: ClassVar[str] = "opsgenie-incidents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A message with Opsgenie's short id."""
        return bool(_ALERT.search(file.head) and _MESSAGE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one statement an incident, alert or webhook."""
        for item, span in read_items(file, harvest.report, "data"):
            held = item.get("data") if isinstance(item.get("data"), dict) else item
            body = loose.mapping(held)
            said = _statement(body, span, harvest.report)
            if said is not None:
                harvest.tell(said)


SOURCE = OpsgenieIncidents


def _statement(body: dict[str, Any], span: SourceSpan, report: Report) -> Statement | None:
    """One alert or incident; a webhook puts what was done beside it."""
    action = (loose.text(body.get("action")) or "").lower()
    wrapped = loose.mapping(body.get("alert")) or loose.mapping(body.get("incident"))
    alert = wrapped or body
    identity = loose.first_text(alert.get("alertId"), alert.get("incidentId"), alert.get("id"))
    if identity is None:
        message = "an Opsgenie alert or incident without an id; it was left out"
        report.error("wrong-shape", message, span)
        return None
    created, updated, started, ended = (
        _moment(alert.get(key), f"{key} of {identity!r}", span, report)
        for key in ("createdAt", "updatedAt", "impactStartDate", "impactEndDate")
    )
    status = _status(alert, action if wrapped else "")
    resolved = None
    if status == RESOLVED:
        closed = loose.at(alert, "report", "closeTime")
        lasted = loose.number(closed)
        resolved = ended or (_later(created, lasted) if lasted else updated if wrapped else None)
    owner = loose.first_text(alert.get("owner"))
    reporter = alert.get("source") if not wrapped else alert.get("username")
    values: dict[str, Value] = {
        "title": loose.text(alert.get("message")),
        "status": status,
        "priority": loose.text(alert.get("priority")),
        "created_at": started or created,
        "resolved_at": resolved,
        "number": loose.integer(alert.get("tinyId")),
        "url": loose.text(loose.at(alert, "links", "web")),
        "assignees": (owner,) if owner else None,
        "reporter": loose.text(reporter) if action in {"", "create"} else None,
    }
    values |= _done_by(alert, action if wrapped else "", created, updated)
    known = {name: value for name, value in values.items() if value is not None}
    tags, details = _tags(alert), dict(_details(alert))
    impacted = loose.items(alert.get("impactedServices"))
    services = [one for one in map(loose.text, impacted) if one is not None]
    return Statement(
        id=identity,
        values=known,
        service=None,
        said_at=updated or created,
        span=span,
        source=TOOL,
        services=tuple(services),
        hints=tuple(dict.fromkeys(_hints(alert, tags, details))),
        marks=tuple(dict.fromkeys(_marks(alert, tags, details))),
    )


def _done_by(
    alert: dict[str, Any], action: str, created: datetime | None, updated: datetime | None
) -> dict[str, Value]:
    """Who acknowledged and who closed it: in an export by its report, in a webhook by whoever did what it tells."""
    report = loose.mapping(alert.get("report"))
    by, closed = loose.text(report.get("acknowledgedBy")), loose.text(report.get("closedBy"))
    after = loose.number(report.get("ackTime"))
    at = _later(created, after) if after else None
    who = loose.text(alert.get("username"))
    if _ACTIONS.get(action) == ACKNOWLEDGED:
        by, at = who, updated
    elif _ACTIONS.get(action) == RESOLVED:
        closed = who
    return {"acknowledged_by": (by,) if by else None, "acknowledged_at": at, "resolved_by": closed}


def _status(alert: dict[str, Any], action: str) -> str | None:
    if action:
        return _ACTIONS.get(action)
    status = _STATUS.get((loose.text(alert.get("status")) or "").lower())
    return ACKNOWLEDGED if status == TRIGGERED and alert.get("acknowledged") is True else status


def _moment(value: Any, what: str, span: SourceSpan, report: Report) -> datetime | None:
    """Webhooks count milliseconds for one moment and nanoseconds for another; the latter are too long for a number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        scale = 10**9 if value > _NANOSECONDS else 1000 if value > _MILLISECONDS else 1
        value = value / scale
    return loose.moment(value, what, span, report)


def _later(created: datetime | None, milliseconds: float) -> datetime | None:
    if created is None or not 0 < milliseconds < _MILLISECONDS:
        return None
    return datetime.fromtimestamp(created.timestamp() + milliseconds / 1000, UTC)


def _tags(alert: dict[str, Any]) -> list[str]:
    return [tag for raw in loose.items(alert.get("tags")) if (tag := loose.text(raw)) is not None]


def _details(alert: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for section in ("details", "extraProperties"):
        for key, raw in loose.mapping(alert.get(section)).items():
            if (value := loose.text(raw)) is not None:
                yield key, value


def _hints(alert: dict[str, Any], tags: list[str], details: dict[str, str]) -> Iterator[str]:
    """Names of software in details, in tags of the shape key:value, and the entity."""
    pairs = [tag.partition(":") for tag in tags]
    tagged = {key.strip().lower(): value.strip() for key, colon, value in pairs if colon and value}
    for held in (details, tagged):
        for label in NAMING_LABELS:
            if label in held:
                yield held[label]
    entity = loose.text(alert.get("entity"))
    if entity is not None:
        yield entity


def _marks(alert: dict[str, Any], tags: list[str], details: dict[str, str]) -> Iterator[str]:
    for tag in tags:
        yield f"tag:{tag}"
    for key, value in details.items():
        yield f"details:{key}:{value}"
    for team in (*loose.items(alert.get("teams")), *loose.items(alert.get("responders"))):
        for name in (loose.text(team), loose.text(loose.at(team, "name"))):
            if name is not None:
                yield f"team:{name}"
