"""PagerDuty incidents: the list of its REST API (`GET /incidents`) and the bodies of its v3 webhooks.

Read: Incident records: title, status, open, priority, urgency, moments, number, address, assignees, service. Of
several statements about one incident the latest counts, field by field.

Joined: `service.id` equals the annotation `pagerduty.com/service-id` of an entity; every entity that carries it
has the incident.

Ignored: notes, responders, alert counts and log entries; incidents of unknown services are kept and reported.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.collectors.incidents import RESOLVED, Statement
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_LIST = re.compile(r"\"incidents?\"\s*:\s*[\[{]")
_MARK = re.compile(r"\"(?:incident_number|incident_key|escalation_policy)\"\s*:")
_WEBHOOK = re.compile(r"\"event_type\"\s*:\s*\"incident\.[a-z_]+\"")
_RESOURCE = re.compile(r"\"(?:resource_type|occurred_at)\"\s*:")


class PagerDutyIncidents(FeedReader):
    """Reads each incident into a statement; notes and responders in webhooks are left alone."""

    name: ClassVar[str] = "pagerduty-incidents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A list of incidents with PagerDuty's own keys, or an `incident.…` webhook."""
        head = file.head
        exported = _LIST.search(head) and _MARK.search(head)
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
    incident = loose.mapping(event.get("data"))
    kind = loose.text(event.get("event_type")) or ""
    if incident.get("type") != "incident":
        report.skip(f"PagerDuty event {kind!r}, which says nothing about an incident's state")
        return None
    occurred = loose.moment(event.get("occurred_at"), "occurred_at of an event", span, report)
    said = _statement(incident, occurred, span, report)
    if said is None or occurred is None or said.values.get("status") != RESOLVED:
        return said
    # Webhooks say that an incident is resolved, but only the event says when.
    values = {**said.values, "resolved_at": said.values.get("resolved_at") or occurred}
    return Statement(said.id, values, said.service, said.said_at, span)


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
    }
    known = {name: value for name, value in values.items() if value is not None}
    said_at = occurred or moments["updated_at"] or moments["last_status_change_at"]
    return Statement(identity, known, loose.text(service.get("id")), said_at, span)


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
