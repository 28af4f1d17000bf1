"""What is known of a page."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.DOCUMENTS

DOCUMENTS: tuple[Field, ...] = (
    Field(
        "title",
        F.TEXT,
        "The page's title.",
        words=("title",),
        table=_T,
        rank=0,
        searchable=True,
    ),
    Field(
        "description",
        F.TEXT,
        "What the page is about.",
        words=("description",),
        table=_T,
        searchable=True,
    ),
    Field(
        "path",
        F.KEYWORD,
        "Where the page lies, relative to the indexed root.",
        words=("path", "file"),
        table=_T,
        rank=1,
    ),
    Field(
        "owner",
        F.REF,
        "Who keeps the page.",
        words=("owner", "author", "maintainer"),
        table=_T,
        relation="ownedBy",
        rank=2,
    ),
    Field(
        "alerts",
        F.LIST,
        "Alerts the page answers.",
        words=("alert",),
        table=_T,
        searchable=True,
    ),
    Field(
        "reviewed_at",
        F.TIMESTAMP,
        "When a person last vouched for it.",
        words=(
            "last review",
            "last reviewed",
            "review date",
            "reviewed",
            "review",
            "touched",
            "revised",
            "updated",
            "last updated",
            "refreshed",
            "looked at",
        ),
        table=_T,
        less=("oldest", "stalest"),
        more=("newest", "freshest"),
        rank=3,
    ),
    Field(
        "days_since_review",
        F.NUMBER,
        "Whole days since a person last vouched for it.",
        words=("days since review", "days since last review", "age since review"),
        table=_T,
        unit="days",
        derived=True,
        examples=("days since review of the ledger runbook",),
    ),
    Field(
        "status",
        F.KEYWORD,
        "Standing of a decision record.",
        words=("status",),
        table=_T,
    ),
    Field("tags", F.LIST, "Free labels.", words=("tag",), table=_T, searchable=True),
)
