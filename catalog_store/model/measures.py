"""THE TABLE OF MEASURES: one row per number a delivery organisation is judged by, defined once and askable of anything.

A measure is taken over the records of one table within a window; its SQL lies under its name in `search/sql/measures.py`.
Words, glossary and docs/measures.md are derived from these rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_store.model import kinds as k

DEFAULT_DAYS = 30
"""The window when none is named, in days back from now; the answer says so."""

DELIVERY = "delivery"
"""Several measures at once, as a small table: what people call the DORA metrics."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One delivery measure.

    Attributes:
        name: as plans call it.
        label: as the explanation calls it.
        unit: "percent" (0–100), "per_week", "hours", "seconds".
        kind: the kind of record it is taken over.
        definition: what it is, in words; the explanation says it.
        words: what people call it, most usual first.
        more_is_worse: which end "worst" and "best" mean; None when neither is.
        environment: the one meant when none is named; None for records without one.
        lacks: what no source provides, so that it can be named but not computed.
        key: one of the measures shown for `DELIVERY`.
        examples: questions that use it, for the docs.
    """

    name: str
    label: str
    unit: str
    kind: str
    definition: str
    words: tuple[str, ...]
    more_is_worse: bool | None = None
    environment: str | None = None
    lacks: str | None = None
    key: bool = False
    examples: tuple[str, ...] = ()


MEASURES: tuple[Measure, ...] = (
    Measure(
        "deployment_frequency",
        "deployment frequency",
        "per_week",
        k.DEPLOYMENT,
        "successful {place} deployments per week",
        words=(
            "deployment frequency",
            "deploy frequency",
            "release frequency",
            "frequency of deployments",
            "frequency of deployment",
            "deployment rate",
            "deploy rate",
            "release rate",
            "deployment cadence",
            "deploy cadence",
            "release cadence",
            "shipping cadence",
            "release rhythm",
            "weekly deployments",
            "weekly deploys",
            "weekly releases",
        ),
        more_is_worse=False,
        environment="production",
        key=True,
        examples=("how often does checkout ship?", "top 5 services by deployment frequency"),
    ),
    Measure(
        "change_failure_rate",
        "change failure rate",
        "percent",
        k.DEPLOYMENT,
        "failed or rolled-back {place} deployments ÷ all {place} deployments",
        words=(
            "change failure rate",
            "cfr",
            "change fail rate",
            "change failure percentage",
            "change fail percentage",
            "change failures",
            "failed change rate",
            "deployment failure rate",
            "deploy failure rate",
            "release failure rate",
            "failure rate",
            "failure ratio",
            "fail rate",
            "failed deployment rate",
            "failed deployments rate",
        ),
        more_is_worse=True,
        environment="production",
        key=True,
        examples=("change failure rate of payments last quarter", "teams with a cfr above 20%"),
    ),
    Measure(
        "time_to_restore",
        "mean time to restore",
        "hours",
        k.INCIDENT,
        "mean time from creation to resolution of resolved incidents",
        words=(
            "mttr",
            "mean time to restore",
            "mean time to recover",
            "mean time to recovery",
            "mean time to repair",
            "mean time to resolve",
            "mean time to resolution",
            "mean time to restoration",
            "mean recovery time",
            "mean resolution time",
            "average time to restore",
            "average time to recover",
            "average time to resolve",
            "average recovery time",
            "average resolution time",
            "average restore time",
            "average incident duration",
            "average duration of incidents",
            "mean incident duration",
            "incident duration",
            "time to restore",
            "time to restore service",
            "time to recover",
            "time to recovery",
            "time to resolve",
            "time to resolution",
            "time to repair",
            "restore time",
            "recovery time",
            "resolution time of incidents",
            "incident resolution time",
        ),
        more_is_worse=True,
        key=True,
        examples=("mttr by team last quarter", "how long do incidents take to resolve?"),
    ),
    Measure(
        "incident_rate",
        "incident rate",
        "per_week",
        k.INCIDENT,
        "incidents created per week",
        words=("incident rate", "incident frequency", "frequency of incidents", "outage rate"),
        more_is_worse=True,
        examples=("incident rate of the search team",),
    ),
    Measure(
        "rollback_rate",
        "rollback rate",
        "percent",
        k.DEPLOYMENT,
        "rolled-back {place} deployments ÷ all {place} deployments",
        words=(
            "rollback rate",
            "roll back rate",
            "rollback percentage",
            "revert rate",
            "rollback ratio",
        ),
        more_is_worse=True,
        environment="production",
        examples=("rollback rate by team",),
    ),
    Measure(
        "deployment_duration",
        "mean deployment duration",
        "seconds",
        k.DEPLOYMENT,
        "mean duration of {place} deployments that say how long they took",
        words=(
            "deployment duration",
            "deploy duration",
            "deployment time",
            "deploy time",
            "rollout duration",
            "average deployment duration",
            "mean deployment duration",
            "average deployment time",
            "average deploy time",
        ),
        more_is_worse=True,
        environment="production",
        examples=("how long do deployments of checkout take?",),
    ),
    Measure(
        "lead_time",
        "lead time for changes",
        "hours",
        k.DEPLOYMENT,
        "mean time from commit to production",
        words=(
            "lead time for changes",
            "lead time",
            "change lead time",
            "commit to deploy time",
            "commit to production time",
            "commit to deploy",
            "lead time to production",
        ),
        more_is_worse=True,
        environment="production",
        lacks="no source provides commit times",
        examples=("lead time for changes of checkout",),
    ),
)

MEASURE_BY_NAME: Mapping[str, Measure] = {row.name: row for row in MEASURES}

DELIVERY_WORDS = (
    "dora",
    "dora metrics",
    "dora metric",
    "dora numbers",
    "dora stats",
    "dora figures",
    "dora scores",
    "dora score",
    "dora measures",
    "four key metrics",
    "four keys",
    "4 key metrics",
    "delivery metrics",
    "delivery measures",
    "delivery performance",
    "delivery stats",
    "delivery numbers",
)
"""What people call all key measures together."""


def definition_of(measure: Measure, place: str = "") -> str:
    """What a measure is, with the environment its deployments went to.

    >>> definition_of(MEASURE_BY_NAME["deployment_frequency"], "staging")
    'successful staging deployments per week'
    """
    return " ".join(measure.definition.format(place=place).split())
