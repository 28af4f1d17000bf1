"""What is known of a deployment."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.DEPLOYMENTS

DEPLOYMENTS: tuple[Field, ...] = (
    Field(
        "at",
        F.TIMESTAMP,
        "When it finished.",
        words=("time", "date"),
        table=_T,
        more=("latest", "newest", "most recent", "last"),
        less=("earliest", "oldest", "first"),
        rank=1,
    ),
    Field(
        "component",
        F.REF,
        "What was deployed.",
        words=("component", "service"),
        table=_T,
        relation="deploymentOf",
        rank=0,
    ),
    Field(
        "environment",
        F.KEYWORD,
        "Where it was deployed to.",
        words=("environment", "env", "stage"),
        table=_T,
        value_words={"prod": "production", "live": "production"},
        rank=2,
    ),
    Field(
        "outcome",
        F.KEYWORD,
        "success or failure.",
        words=("outcome", "result", "status", "state"),
        table=_T,
        value_words={
            "successful": "success",
            "succeeded": "success",
            "failed": "failure",
            "failing": "failure",
            "unsuccessful": "failure",
            "go well": "success",
            "went well": "success",
            "go through": "success",
            "went through": "success",
            "go wrong": "failure",
            "went wrong": "failure",
            "blew up": "failure",
        },
        rank=3,
    ),
    Field(
        "rolled_back",
        F.BOOLEAN,
        "It was rolled back later.",
        words=("rollback",),
        table=_T,
        value_words={"rolled back": True, "reverted": True},
        rank=4,
    ),
    Field(
        "actor",
        F.KEYWORD,
        "Who deployed it.",
        words=("actor", "deployer", "author"),
        table=_T,
        rank=5,
    ),
    Field(
        "version",
        F.KEYWORD,
        "The version that was deployed.",
        words=("version",),
        table=_T,
        rank=6,
    ),
    Field(
        "duration_seconds",
        F.NUMBER,
        "How long the deployment took.",
        words=("duration",),
        unit="seconds",
        table=_T,
        more=("longest", "slowest"),
        less=("shortest", "fastest", "quickest"),
    ),
)
