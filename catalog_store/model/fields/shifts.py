"""What is known of a turn on call."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.SHIFTS

SHIFTS: tuple[Field, ...] = (
    Field(
        "starts_at",
        F.TIMESTAMP,
        "When the shift begins; empty for a permanent one.",
        words=("start",),
        table=_T,
        rank=1,
    ),
    Field(
        "ends_at",
        F.TIMESTAMP,
        "When the shift ends; empty for a permanent one.",
        words=("end",),
        table=_T,
        rank=2,
    ),
    Field(
        "user",
        F.REF,
        "Who is on call.",
        words=("user", "person"),
        table=_T,
        relation="shiftOf",
        rank=0,
    ),
    Field(
        "level",
        F.INTEGER,
        "Escalation level, 1 first.",
        words=("level", "escalation level"),
        table=_T,
        rank=3,
    ),
    Field(
        "permanent",
        F.BOOLEAN,
        "On call without an end, usually the last level.",
        words=("permanent shift",),
        table=_T,
    ),
    Field(
        "schedule",
        F.KEYWORD,
        "The schedule the turn comes from.",
        words=("on-call schedule",),
        table=_T,
    ),
    Field(
        "policy",
        F.KEYWORD,
        "The escalation policy it is part of.",
        words=("escalation policy",),
        table=_T,
    ),
    Field(
        "source",
        F.KEYWORD,
        "Which tool says so: pagerduty, opsgenie, calendar.",
        words=("on-call tool",),
        table=_T,
    ),
    Field(
        "active",
        F.BOOLEAN,
        "The shift is running now; a permanent one always is.",
        words=("active shift",),
        value_words={"running now": True, "over": False},
        table=_T,
        derived=True,
    ),
    Field(
        "upcoming",
        F.BOOLEAN,
        "The shift has yet to begin.",
        words=("upcoming shift",),
        value_words={"upcoming": True},
        table=_T,
        derived=True,
    ),
)
