"""incident.io incidents: the list of its API (`GET /v2/incidents`) and the bodies of its webhooks (by way of Svix).

Read: Incident records: reference, title, status (by the category of the status), phase (its name), severity, moments,
address, lead, assignees, reporter. Of several statements about one incident the latest counts, field by field.

Joined: by catalog entries and options of custom fields that are named after software ("Affected services"), and
by entries of any field whose external id is a reference; by reference, name, title or alias.

Ignored: private incidents (their webhooks hold only an id), tests and tutorials, actions, follow-ups, memberships,
escalations, alerts; each is counted by its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.errors import InvalidRef
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import EntityRef, Value
from indexer import loose
from indexer.collectors.incidents import (
    ACKNOWLEDGED,
    OPEN,
    RESOLVED,
    TRIGGERED,
    Statement,
)
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

TOOL = "incident.io"

_OWN = re.compile(
    r"\"(?:incident_status|incident_role_assignments|incident_timestamp_values)\"\s*:"
)
_REFERENCE = re.compile(r"\"reference\"\s*:")
_WEBHOOK = re.compile(r"\"event_type\"\s*:\s*\"(?:public|private)_[a-z]+\.[a-z_]+_v\d+\"")

_STATUS = {
    "triage": TRIGGERED,
    "live": ACKNOWLEDGED,
    "active": ACKNOWLEDGED,
    "paused": ACKNOWLEDGED,
    "learning": RESOLVED,
    "closed": RESOLVED,
    "declined": "declined",
    "merged": "merged",
    "canceled": "canceled",
    "cancelled": "canceled",
}
"""Category of the status → what the catalog says; in "learning" only the review is left."""
_NOT_REAL = frozenset({"test", "tutorial", "stream"})
"""Modes of incidents that never happened, or that are part of another one."""
_SOFTWARE = re.compile(
    r"\b(?:services?|components?|apps?|applications?|systems?|products?|resources?|apis?|databases?|software)\b",
    re.IGNORECASE,
)
_ENDS = (
    re.compile(r"resolved", re.IGNORECASE),
    re.compile(r"\bfixed|mitigated|impact (?:ended|end|stopped)", re.IGNORECASE),
    re.compile(r"closed", re.IGNORECASE),
)
"""Names of the moments an incident may have ended at, most telling first; organisations rename them."""
_BEGINS = (
    re.compile(r"impact (?:started|start|began)", re.IGNORECASE),
    re.compile(r"reported|detected|started", re.IGNORECASE),
)


class IncidentIo(FeedReader):
    """Reads each incident into a statement."""

    name: ClassVar[str] = "incident-io"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Incidents with incident.io's own keys, or an event whose type ends in its version."""
        head = file.head
        return bool((_OWN.search(head) and _REFERENCE.search(head)) or _WEBHOOK.search(head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one statement an incident."""
        for item, span in read_items(file, harvest.report, "incidents"):
            if "event_type" in item:
                said = _webhook(item, span, harvest.report)
            else:
                said = _statement(item.get("incident", item), span, harvest.report)
            if said is not None:
                harvest.tell(said)


SOURCE = IncidentIo


def _webhook(body: dict[str, Any], span: SourceSpan, report: Report) -> Statement | None:
    kind = loose.text(body.get("event_type")) or ""
    payload = loose.mapping(body.get(kind))
    if not re.match(r"public_incident\.incident_[a-z_]+_v\d+$", kind):
        report.skip(f"incident.io event {kind[:80]!r}, which says nothing about a public incident")
        return None
    if not payload:
        message = f"no key {kind[:80]!r}, expected the payload under the name of the event type; it was left out"
        report.error("wrong-shape", message, span)
        return None
    # `incident_status_updated` wraps the incident in what changed about it.
    incident = payload.get("incident", payload)
    said = _statement(incident, span, report)
    if said is None or said.values.get("status") != RESOLVED or "resolved_at" in said.values:
        return said
    before = _category(payload.get("previous_status"))
    if _STATUS.get(before, "") in OPEN and said.said_at is not None:
        return replace(said, values={**said.values, "resolved_at": said.said_at})
    return said


def _statement(raw: Any, span: SourceSpan, report: Report) -> Statement | None:
    incident = loose.mapping(raw)
    identity = loose.first_text(incident.get("reference"), incident.get("id"))
    if identity is None:
        message = "an incident without reference and id; it was left out"
        report.error("wrong-shape", message, span)
        return None
    mode = (loose.text(incident.get("mode")) or "").lower()
    if mode in _NOT_REAL:
        report.skip(f"incident.io incident of mode {mode!r}")
        return None
    held = incident.get("incident_status", incident.get("status"))
    category = _category(held)
    status = _STATUS.get(category)
    if status is None:
        message = f"the status of {identity} has the category {category!r}, expected one of {', '.join(_STATUS)}; it was left open"
        report.warning("unknown-status", message, span)
        status = TRIGGERED
    created, updated = (
        loose.moment(incident.get(key), f"{key} of {identity}", span, report)
        for key in ("created_at", "updated_at")
    )
    moments = dict(_moments(incident, identity, span, report))
    if mode == "retrospective":  # it was written down afterwards
        created = _named(moments, _BEGINS) or created
    name = loose.text(loose.at(held, "name"))
    people = list(_people(incident))
    reference = re.search(r"\d+$", identity)
    values: dict[str, Value] = {
        "title": loose.text(incident.get("name")),
        "status": status,
        "phase": name.lower() if name and status in OPEN else None,
        "priority": loose.text(loose.at(incident, "severity", "name")),
        "created_at": created,
        "resolved_at": _named(moments, _ENDS) if status == RESOLVED else None,
        "number": loose.integer(reference[0]) if reference else None,
        "url": loose.text(incident.get("permalink")),
        "assignees": tuple(dict.fromkeys(person for _, person in people)) or None,
        "lead": next((person for role, person in people if role == "lead"), None),
        "reporter": _creator(incident),
        "service_name": next(_shown(incident), None),
    }
    known = {key: value for key, value in values.items() if value is not None}
    subjects = tuple(dict.fromkeys(_subjects(incident)))
    return Statement(identity, known, None, updated, span, source=TOOL, subjects=subjects)


def _category(status: Any) -> str:
    """The category of a status; the first version of the API gives the status as a word."""
    return (loose.first_text(loose.at(status, "category"), status) or "").lower()


def _moments(
    incident: dict[str, Any], identity: str, span: SourceSpan, report: Report
) -> Iterator[tuple[str, datetime]]:
    """Name and moment of everything the incident keeps the time of."""
    for row in loose.mappings(incident.get("incident_timestamp_values")):
        name = loose.text(loose.at(row, "incident_timestamp", "name")) or ""
        value = loose.at(row, "value", "value")
        at = loose.moment(value, f"{name!r} of {identity}", span, report)
        if at is not None:
            yield name, at


def _named(moments: dict[str, datetime], patterns: tuple[re.Pattern[str], ...]) -> datetime | None:
    for pattern in patterns:
        for name, at in moments.items():
            if pattern.search(name):
                return at
    return None


def _people(incident: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Role and name of everyone who has one in the incident."""
    for row in loose.mappings(incident.get("incident_role_assignments")):
        role = (loose.text(loose.at(row, "role", "role_type")) or "").lower()
        person = loose.first_text(
            loose.at(row, "assignee", "name"), loose.at(row, "assignee", "email")
        )
        if person is not None and role != "reporter":
            yield role, person


def _creator(incident: dict[str, Any]) -> str | None:
    by = loose.mapping(incident.get("creator"))
    return loose.first_text(
        loose.at(by, "user", "name"),
        loose.at(by, "api_key", "name"),
        loose.at(by, "workflow", "name"),
        loose.at(by, "alert", "title"),
    )


def _subjects(incident: dict[str, Any]) -> Iterator[str]:
    """What it is on: references first, then names out of fields about software."""
    entries = list(_entries(incident))
    for _, value in entries:
        external = loose.text(loose.at(value, "value_catalog_entry", "external_id")) or ""
        if ":" in external and _is_ref(external):
            yield external
    for field, value in entries:
        if not _SOFTWARE.search(field):
            continue
        entry = loose.mapping(value.get("value_catalog_entry"))
        option = loose.at(value, "value_option", "value")
        aliases = loose.items(entry.get("aliases"))
        for name in (entry.get("name"), option, value.get("value_text"), *aliases):
            if (found := loose.text(name)) is not None:
                yield found


def _shown(incident: dict[str, Any]) -> Iterator[str]:
    for field, value in _entries(incident):
        name = loose.first_text(
            loose.at(value, "value_catalog_entry", "name"), loose.at(value, "value_option", "value")
        )
        if name is not None and _SOFTWARE.search(field):
            yield name


def _entries(incident: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of a custom field and one of its values."""
    for entry in loose.mappings(incident.get("custom_field_entries")):
        field = loose.text(loose.at(entry, "custom_field", "name")) or ""
        for value in loose.mappings(entry.get("values")):
            yield field, value


def _is_ref(text: str) -> bool:
    try:
        EntityRef.parse(text)
    except InvalidRef:
        return False
    return True
