"""What is known of an SLO."""

from __future__ import annotations

from catalog_store.model.fields.row import Field, Polarity
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.SLOS

_SPENT = (
    *(f"{spent} {whose}{budget}"
      for spent in ("blown", "blown through", "blew", "burned", "burnt", "burned through", "burnt through", "used up", "eaten up", "eaten",
                    "exhausted", "spent", "overspent", "over", "breached", "ran out of", "run out of", "consumed", "depleted")
      for whose in ("", "its ", "their ", "the ", *(f"{whole}{of}" for of in ("its ", "their ", "the ") for whole in ("all ", "all of ")),
                    *(f"{of}{whole} " for of in ("its ", "their ", "the ") for whole in ("whole", "entire", "full")))
      for budget in ("error budget", "budget")),
    *(f"{none} {budget} {left}" for none in ("no", "zero", "without any", "has no", "have no", "with no")
      for budget in ("error budget", "budget") for left in ("left", "remaining", "to spare")),
    *(f"{budget} {done}" for budget in ("error budget", "budget")
      for done in ("used up", "exhausted", "spent", "is gone", "gone", "is used up", "is exhausted", "is spent", "depleted", "is zero")),
)  # fmt: skip
"""Ways to say that no budget is left."""

_SPENT_MOST = tuple(
    f"{spent} the most{of}"
    for spent in ("burned", "burnt", "burning", "burned through", "used up", "spent", "used", "consumed")
    for of in ("", " budget", " error budget", " of its budget", " of its error budget", " of their error budget")
)  # fmt: skip
"""Ways to say that the least budget is left."""

SLOS: tuple[Field, ...] = (
    Field("name", F.KEYWORD, "The SLO's name.", words=("name",), table=_T, rank=0),
    Field(
        "objective",
        F.NUMBER,
        "The promised share, 0–100.",
        words=("objective", "target", "promise"),
        unit="percent",
        polarity=Polarity.HIGHER,
        table=_T,
        rank=1,
    ),
    Field(
        "budget_left",
        F.NUMBER,
        "Error budget left, 0–100; at or below 0 the SLO is breached.",
        words=(
            "error budget",
            "error budget left",
            "error budget remaining",
            "remaining error budget",
            "budget left",
            "budget remaining",
            "remaining budget",
            "budget",
        ),
        unit="percent",
        polarity=Polarity.HIGHER,
        less=_SPENT_MOST,
        table=_T,
        rank=2,
    ),
    Field(
        "breached",
        F.BOOLEAN,
        "No error budget left.",
        words=("breached",),
        table=_T,
        value_words={
            "breached": True,
            "failing": True,
            "blown": True,
            "burning": True,
            "burnt": True,
            "burned": True,
            "burned through": True,
            "violated": True,
            "exhausted": True,
            "broken": True,
            "missed": True,
            "out of budget": True,
            "out of error budget": True,
            "over budget": True,
            "in the red": True,
            "within budget": False,
            "in budget": False,
            "in the green": False,
            **dict.fromkeys(_SPENT, True),
        },
    ),
    Field(
        "title",
        F.TEXT,
        "The SLO's name as people read it.",
        words=("slo title",),
        table=_T,
    ),
    Field(
        "description",
        F.TEXT,
        "What is promised, in a sentence.",
        words=("slo description",),
        table=_T,
    ),
    Field(
        "indicator",
        F.KEYWORD,
        "What is measured: availability, latency, freshness, correctness or throughput.",
        words=("indicator", "sli"),
        table=_T,
        rank=3,
        examples=("availability objective of checkout",),
    ),
    Field(
        "window",
        F.KEYWORD,
        "The stretch of time it is measured over.",
        words=("slo window", "time window"),
        table=_T,
    ),
    Field(
        "measured_at",
        F.TIMESTAMP,
        "When the budget was measured.",
        words=("slo measurement",),
        table=_T,
    ),
)
