"""PagerDuty incidents: the list of its REST API (`GET /incidents`) and the bodies of its v3 webhooks.

Read: Incident records: title, status, open, priority, urgency, moments, number, address, assignees, who acknowledged
and who resolved it, service. Of several statements about one incident the latest counts, field by field.

Joined: `service.id` equals the annotation `pagerduty.com/service-id` of an entity; every entity that carries it
has the incident.

Ignored: what notes, responders and status updates say (only that and when they came counts), alert counts and
log entries, events about services, test pings; incidents of unknown services are kept and reported.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.incidents import ACKNOWLEDGED, RESOLVED, Statement
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_LIST = re.compile(r"\"incidents?\"\s*:\s*[\[{]")
_MARK = re.compile(r"\"(?:incident_number|incident_key|escalation_policy)\"\s*:")
_BARE = re.compile(r"\"incident_number\"\s*:\s*\d")
_WEBHOOK = re.compile(r"\"event_type\"\s*:\s*\"(?:incident|service|pagey)\.[a-z_.]+\"")
_RESOURCE = re.compile(r"\"(?:resource_type|occurred_at)\"\s*:")


class PagerDutyIncidents(FeedReader):
    """Reads each incident into a statement; of notes and responders in webhooks only that they came."""

    name: ClassVar[str] = "pagerduty-incidents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Incidents with PagerDuty's own keys, in a list or alone, or one of its webhooks."""
        head = file.head
        exported = (_LIST.search(head) or _BARE.search(head)) and _MARK.search(head)
        return bool(exported or (_WEBHOOK.search(head) and _RESOURCE.search(head)))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one statement an incident."""
        for item, span in read_items(file, harvest.report, "incidents"):
            said = _webhook(item, span, harvest.report) if "event" in item else None
            if said is None and "event" not in item:
                said = _statement(item.get("incident", item), None, span, harvest.report)
            if said is not None:
                harvest.tell(said)


SOURCE = PagerDutyIncidents


def _webhook(body: dict[str, Any], span: SourceSpan, report: Report) -> Statement | None:
    event = loose.mapping(body["event"])
    data = loose.mapping(event.get("data"))
    kind = loose.text(event.get("event_type")) or ""
    occurred = loose.moment(event.get("occurred_at"), "occurred_at of an event", span, report)
    if data.get("type") != "incident":
        return _mention(loose.mapping(data.get("incident")), kind, occurred, span, report)
    said = _statement(data, occurred, span, report)
    if said is None or occurred is None:
        return said
    said = replace(said, values={**_done_by(event, kind, occurred), **said.values})
    if said.values.get("status") != RESOLVED:
        return said
    # Webhooks say that an incident is resolved, but only the event says when.
    resolved = said.values.get("resolved_at") or (occurred if kind.endswith(RESOLVED) else None)
    return replace(said, values={**said.values, "resolved_at": resolved}) if resolved else said


def _done_by(event: dict[str, Any], kind: str, occurred: datetime) -> dict[str, Value]:
    """Who acknowledged or resolved the incident: the agent of the event that says so."""
    agent = loose.first_text(*_names(event.get("agent")))
    if kind.endswith(f".{ACKNOWLEDGED}"):
        return {"acknowledged_at": occurred} | ({"acknowledged_by": (agent,)} if agent else {})
    return {"resolved_by": agent} if kind.endswith(f".{RESOLVED}") and agent else {}


def _mention(
    incident: dict[str, Any],
    kind: str,
    occurred: datetime | None,
    span: SourceSpan,
    report: Report,
) -> Statement | None:
    """A note, a responder, a status update: all it says of the incident is that something happened."""
    identity = loose.text(incident.get("id"))
    if identity is None or occurred is None:
        report.skip(f"PagerDuty event {kind!r}, which says nothing about an incident")
        return None
    values: dict[str, Value] = {
        "title": loose.first_text(*_names(incident)),
        "url": loose.text(incident.get("html_url")),
    }
    known = {name: value for name, value in values.items() if value is not None}
    return Statement(identity, known, None, occurred, span)


def _statement(raw: Any, occurred: Any, span: SourceSpan, report: Report) -> Statement | None:
    incident = loose.mapping(raw)
    identity = loose.text(incident.get("id"))
    if identity is None:
        report.error("wrong-shape", "an incident without an id; it was left out", span)
        return None
    service = loose.mapping(incident.get("service"))
    status = (loose.text(incident.get("status")) or "").lower() or None
    moments = {
        key: loose.moment(incident.get(key), f"{key} of incident {identity!r}", span, report)
        for key in ("created_at", "resolved_at", "updated_at", "last_status_change_at")
    }
    acknowledged = _acknowledged(incident, identity, span, report)
    resolved = moments["resolved_at"]
    if resolved is None and status == RESOLVED:
        resolved = moments["last_status_change_at"]
    values: dict[str, Value] = {
        "title": loose.first_text(incident.get("title"), incident.get("summary")),
        "status": status,
        "priority": loose.first_text(*_names(incident.get("priority"))),
        "urgency": (loose.text(incident.get("urgency")) or "").lower() or None,
        "created_at": moments["created_at"],
        "resolved_at": resolved,
        "number": loose.integer(incident.get("incident_number", incident.get("number"))),
        "url": loose.text(incident.get("html_url")),
        "assignees": _assignees(incident),
        "service_name": loose.first_text(*_names(service)),
        "acknowledged_at": min((at for at, _ in acknowledged if at is not None), default=None),
        "acknowledged_by": tuple(dict.fromkeys(who for _, who in acknowledged if who)) or None,
        "resolved_by": loose.first_text(*_names(incident.get("last_status_change_by")))
        if status == RESOLVED
        else None,
    }
    known = {name: value for name, value in values.items() if value is not None}
    said_at = occurred or moments["updated_at"] or moments["last_status_change_at"]
    return Statement(identity, known, loose.text(service.get("id")), said_at, span)


def _acknowledged(
    incident: dict[str, Any], identity: str, span: SourceSpan, report: Report
) -> list[tuple[datetime | None, str | None]]:
    """When and by whom it was taken on; PagerDuty forgets it once an incident is resolved."""
    what = f"at of an acknowledgement of incident {identity!r}"
    return [
        (
            loose.moment(row.get("at"), what, span, report),
            loose.first_text(*_names(row.get("acknowledger"))),
        )
        for row in loose.mappings(incident.get("acknowledgements"))
    ]


def _assignees(incident: dict[str, Any]) -> tuple[str, ...] | None:
    people = loose.mappings(incident.get("assignees"))
    people += [
        loose.mapping(row.get("assignee")) for row in loose.mappings(incident.get("assignments"))
    ]
    names = (loose.first_text(*_names(person)) for person in people)
    return tuple(dict.fromkeys(name for name in names if name)) or None


def _names(thing: Any) -> tuple[Any, Any]:
    found = loose.mapping(thing)
    return found.get("summary"), found.get("name")
