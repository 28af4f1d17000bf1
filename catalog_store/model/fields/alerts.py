"""What is known of an alert rule; its instances are detail."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.ALERTS

ALERTS: tuple[Field, ...] = (
    Field("name", F.KEYWORD, "The alert's name.", words=("name",), table=_T, rank=0),
    Field(
        "state",
        F.KEYWORD,
        "active, suppressed or inactive.",
        words=("state",),
        table=_T,
        value_words={
            "firing": "active",
            "gone off": "active",
            "ringing": "active",
            "going off": "active",
            "silenced": "suppressed",
        },
        rank=1,
    ),
    Field("severity", F.KEYWORD, "How loud it is.", words=("severity",), table=_T, rank=2),
    Field(
        "runbook_url",
        F.URL,
        "The page its rule points at.",
        words=("runbook url",),
        table=_T,
    ),
    Field(
        "summary",
        F.TEXT,
        "What the alert means, in a line.",
        words=("alert summary",),
        table=_T,
    ),
    Field(
        "expr",
        F.TEXT,
        "The PromQL that fires it.",
        words=("expression", "promql", "alert expression"),
        table=_T,
    ),
    Field("since", F.TIMESTAMP, "Firing since.", words=("since",), table=_T),
)
