"""What is known of a change that is no deployment: a pipeline run, an apply of infrastructure, a removal."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.CHANGES

CHANGES: tuple[Field, ...] = (
    Field(
        "at",
        F.TIMESTAMP,
        "When it finished; of one that is still running, when it began.",
        words=("time", "date"),
        table=_T,
        more=("latest", "newest", "most recent", "last"),
        less=("earliest", "oldest", "first"),
        rank=1,
    ),
    Field(
        "name",
        F.KEYWORD,
        "What ran: the pipeline, workflow or project.",
        words=("name",),
        table=_T,
        rank=0,
    ),
    Field(
        "action",
        F.KEYWORD,
        "What was done: run, build, test, apply, destroy, removed, published, scaled, restarted.",
        words=("action",),
        table=_T,
    ),
    Field(
        "outcome",
        F.KEYWORD,
        "success, failure, cancelled or running.",
        words=("outcome", "result"),
        table=_T,
        value_words={
            "successful": "success",
            "succeeded": "success",
            "passed": "success",
            "green": "success",
            "failed": "failure",
            "failing": "failure",
            "red": "failure",
            "broken": "failure",
            "cancelled": "cancelled",
            "canceled": "cancelled",
            "running": "running",
            "in progress": "running",
        },
        rank=2,
    ),
    Field("tool", F.KEYWORD, "What ran it: github, gitlab, atlantis.", words=("tool",), table=_T),
    Field(
        "environment",
        F.KEYWORD,
        "Where it was done.",
        words=("environment", "env", "stage"),
        table=_T,
        value_words={"prod": "production", "live": "production"},
        rank=4,
    ),
    Field("branch", F.KEYWORD, "The branch it ran for.", words=("branch",), table=_T),
    Field("actor", F.KEYWORD, "Who set it off.", words=("actor", "author"), table=_T, rank=3),
    Field("version", F.KEYWORD, "The commit or version.", words=("version", "commit"), table=_T),
    Field("url", F.URL, "Where it can be looked at.", words=("run link",), table=_T),
    Field(
        "duration_seconds",
        F.NUMBER,
        "How long it took.",
        words=("duration",),
        unit="seconds",
        table=_T,
        more=("longest", "slowest"),
        less=("shortest", "fastest", "quickest"),
    ),
)
