"""The part of the insights that the catalog itself tells: when pages were reviewed, how delivery goes, who follows golden paths.

Everything is asked as a plan, so a figure here is the figure an answer would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.insights import WEEKS, Insights, read_insights
from app.serving import Serving
from catalog_store.errors import InvalidPlan
from catalog_store.model.measures import MEASURE_BY_NAME

DELIVERY = ("deployment_frequency", "change_failure_rate", "time_to_restore")
"""Measures whose weekly values are drawn."""

PATH_FIELDS = ("golden_path", "source_template")
"""Facts that say from which golden path or template a component was made, the first that is held counts."""

_OF: Mapping[str, dict[str, Any]] = {
    "Deployment": {
        "node": "select",
        "kinds": ["Deployment"],
        "where": {"node": "compare", "field": "environment", "op": "eq", "value": "production"},
    },
    "Incident": {"node": "select", "kinds": ["Incident"]},
}


def insights_of(store: Path, serving: Serving, *, now: datetime, weeks: int = WEEKS) -> Insights:
    """Everything the logs and the catalog say.

    Args:
        store: the folder of the logs.
        serving: a snapshot to ask; what it does not show is not counted.
        now: timezone-aware.
        weeks: how far back, ≥ 1.
    """
    first = read_insights(store, now=now, weeks=weeks)
    reviewed = _reviewed(serving, (path for path, _ in first.pages), now)
    known = read_insights(store, now=now, weeks=weeks, reviewed=reviewed)
    adoption, components = _adoption(serving, now)
    return replace(
        known,
        delivery=_delivery(serving, known, now),
        adoption=adoption,
        components=components,
    )


def _reviewed(
    serving: Serving, paths: Iterable[str], now: datetime
) -> dict[str, tuple[str, datetime | None]]:
    """Page → its title and when it was last reviewed."""
    refs = [f"{kind}:{path}" for path in paths for kind in ("doc", "runbook")]
    if not refs:
        return {}
    plan = {
        "node": "select",
        "kinds": ["Doc", "Runbook"],
        "where": {"node": "compare", "field": "ref", "op": "in", "value": refs},
        "fields": ["reviewed_at"],
    }
    found: dict[str, tuple[str, datetime | None]] = {}
    for result in serving.ask(None, now=now, plan=plan, limit=len(refs)).results:
        moment = result.fields.get("reviewed_at")
        at = datetime.fromisoformat(str(moment)) if moment else None
        found[result.ref.partition(":")[2]] = (result.title, at)
    return found


def _delivery(serving: Serving, known: Insights, now: datetime) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in DELIVERY:
        measure = MEASURE_BY_NAME[name]
        plan = {
            "node": "aggregate",
            "function": "measure",
            "of": _OF[measure.kind],
            "metric": name,
            "every": "week",
            "window": {"start": _text(known.since), "end": _text(known.until)},
        }
        answer = serving.ask(None, now=now, plan=plan, limit=len(known.weeks) + 1)
        values = {row.key: row.value for row in answer.rows}
        series = [_number(values.get(week.start)) for week in known.weeks]
        if any(value is not None for value in series):
            found[name] = {"label": measure.words[0], "unit": answer.unit or "", "values": series}
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _adoption(serving: Serving, now: datetime) -> tuple[dict[str, int], int]:
    """Golden path → components that follow it, and how many components there are; nothing where no source says."""
    components: dict[str, Any] = {"node": "select", "kinds": ["Component"]}
    whole = serving.ask(
        None, now=now, plan={"node": "aggregate", "function": "count", "of": components}
    )
    for field in PATH_FIELDS:
        plan = {"node": "aggregate", "function": "count", "of": components, "group_by": field}
        try:
            rows = serving.ask(None, now=now, plan=plan, limit=50).rows
        except InvalidPlan:  # no source of this catalog provides the field
            continue
        if rows:
            named = {row.label: int(row.value) for row in rows if row.key.lower() != "false"}
            followed = {
                ("on a golden path" if k.lower() == "true" else k): n for k, n in named.items()
            }
            return followed, int(whole.value or 0)
    return {}, int(whole.value or 0)
