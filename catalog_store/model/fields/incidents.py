"""What is known of an incident."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.INCIDENTS

INCIDENTS: tuple[Field, ...] = (
    Field(
        "created_at",
        F.TIMESTAMP,
        "When it was opened.",
        words=("opening time", "creation time"),
        table=_T,
        more=("latest", "newest", "most recent", "last"),
        less=("earliest", "oldest", "first"),
        rank=1,
    ),
    Field(
        "resolved_at",
        F.TIMESTAMP,
        "When it was resolved.",
        words=("resolution time", "resolved at"),
        table=_T,
        rank=4,
    ),
    Field(
        "updated_at",
        F.TIMESTAMP,
        "When something was last said about it.",
        words=("last update", "update time"),
        table=_T,
    ),
    Field(
        "title",
        F.TEXT,
        "What went wrong, in a line.",
        words=("title",),
        table=_T,
        rank=0,
    ),
    Field(
        "status",
        F.KEYWORD,
        "triggered, acknowledged or resolved; declined, merged or canceled when it was none after all.",
        words=("status",),
        table=_T,
        rank=2,
    ),
    Field(
        "open",
        F.BOOLEAN,
        "Not resolved yet.",
        words=("open status",),
        table=_T,
        value_words={
            "open": True,
            "unresolved": True,
            "ongoing": True,
            "resolved": False,
            "closed": False,
        },
    ),
    Field(
        "priority",
        F.KEYWORD,
        "How bad, in the words of its tool: P1 or SEV1 is worst.",
        words=("priority", "severity", "severity level"),
        table=_T,
        rank=3,
    ),
    Field(
        "phase",
        F.KEYWORD,
        "How far the work on it is, in the words of its tool: investigating, fixing, monitoring.",
        words=("phase", "incident phase"),
        table=_T,
    ),
    Field(
        "environment",
        F.KEYWORD,
        "Where it happened.",
        words=("environment", "env"),
        table=_T,
        value_words={"prod": "production", "live": "production"},
    ),
    Field(
        "urgency",
        F.KEYWORD,
        "high pages someone, low can wait.",
        words=("urgency",),
        table=_T,
    ),
    Field(
        "number",
        F.INTEGER,
        "The number people call it by.",
        words=("incident number",),
        table=_T,
    ),
    Field(
        "url",
        F.URL,
        "Where it is worked on.",
        words=("incident link", "incident url"),
        table=_T,
    ),
    Field(
        "assignees",
        F.LIST,
        "Who is working on it.",
        words=("assignee", "incident assignee"),
        table=_T,
    ),
    Field(
        "service_name",
        F.KEYWORD,
        "What the incident tool calls the service.",
        words=("pagerduty service", "incident service"),
        table=_T,
    ),
    Field(
        "lead",
        F.KEYWORD,
        "Who leads the work on it.",
        words=("incident lead", "incident commander"),
        table=_T,
    ),
    Field(
        "reporter",
        F.KEYWORD,
        "Who or what opened it.",
        words=("reporter", "incident reporter"),
        table=_T,
    ),
    Field(
        "resolution",
        F.TEXT,
        "How it ended, in a line.",
        words=("resolution",),
        table=_T,
    ),
    Field(
        "source",
        F.KEYWORD,
        "Which tool or monitor says so: pagerduty, opsgenie, incident.io.",
        words=("incident source", "incident tool"),
        table=_T,
    ),
)
