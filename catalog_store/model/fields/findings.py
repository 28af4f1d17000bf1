"""What is known of a finding: something a scanner or a policy reported."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.FINDINGS

FINDINGS: tuple[Field, ...] = (
    Field(
        "rule",
        F.KEYWORD,
        "The rule that was broken.",
        words=("rule",),
        table=_T,
        rank=0,
    ),
    Field(
        "severity",
        F.KEYWORD,
        "critical, high, medium or low.",
        words=("severity",),
        table=_T,
        rank=1,
    ),
    Field(
        "suppressed",
        F.BOOLEAN,
        "Waived.",
        words=("suppressed",),
        table=_T,
        value_words={"suppressed": True, "waived": True},
    ),
    Field(
        "open",
        F.BOOLEAN,
        "Neither fixed nor waived.",
        words=("open",),
        table=_T,
        value_words={"open": True, "unsuppressed": True},
    ),
    Field(
        "message",
        F.TEXT,
        "What is wrong, in a sentence.",
        words=("finding message",),
        table=_T,
        rank=2,
    ),
    Field(
        "tool",
        F.KEYWORD,
        "The scanner that reported it.",
        words=("scanner", "tool"),
        table=_T,
        rank=3,
    ),
    Field(
        "file",
        F.KEYWORD,
        "The file it was found in.",
        words=("affected file",),
        table=_T,
    ),
    Field(
        "line",
        F.INTEGER,
        "The line it was found in.",
        words=("affected line",),
        table=_T,
    ),
)
