"""Every measure against an oracle: plain Python over the raw files of an organisation, for random scopes and windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.assistant import Assistant
from catalog_store.embedder import HashEmbedder
from catalog_store.model.measures import DELIVERY, MEASURES
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog

ORG = Path(__file__).parents[1] / "orgs" / "lantern"
NOW = datetime(2026, 6, 15, 8, tzinfo=UTC)
WEEK = timedelta(weeks=1)

# ── the oracle ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Rollout:
    """A deployment, as the feed tells it."""

    component: str
    environment: str
    at: datetime
    succeeded: bool
    seconds: float
    undone: bool = False


@dataclass(frozen=True)
class Outage:
    """An incident, as the feed tells it."""

    component: str
    created: datetime
    resolved: datetime | None
    priority: str


@dataclass(frozen=True)
class World:
    """What the files say, read without the house's help."""

    specs: dict[str, dict[str, str]]
    rollouts: list[Rollout]
    outages: list[Outage]


def _documents(folder: str) -> Iterator[dict[str, dict[str, object]]]:
    for path in sorted((ORG / folder).rglob("*.yaml")):
        yield from (d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d)


def _world() -> World:
    documents = list(_documents("catalog"))
    parents = {_name(d): str(d["spec"].get("parent", "")) for d in documents if _kind(d) == "Group"}
    domains = {_name(d): str(d["spec"]["domain"]) for d in documents if _kind(d) == "System"}
    specs, services = {}, {}
    for d in documents:
        if _kind(d) != "Component":
            continue
        notes = d["metadata"]["annotations"]
        assert isinstance(notes, dict)
        owner, system = str(d["spec"]["owner"]), str(d["spec"]["system"])
        services[notes["pagerduty.com/service-id"]] = _name(d)
        specs[_name(d)] = {
            "component": _name(d),
            "team": owner,
            "department": parents[owner],
            "system": system,
            "domain": domains[system],
            "tier": notes["lantern.tv/tier"],
            "language": notes["lantern.tv/language"],
        }
    return World(specs, _rollouts(), _outages(services))


def _kind(document: dict[str, dict[str, object]]) -> str:
    return str(document["kind"])


def _name(document: dict[str, dict[str, object]]) -> str:
    return str(document["metadata"]["name"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _rollouts() -> list[Rollout]:
    found: list[Rollout] = []
    for line in (ORG / "feeds" / "deployments.ndjson").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        name, at = event["subject"]["id"], _moment(event["context"]["timestamp"])
        place = event["subject"]["content"]["environment"]["id"]
        data = event["customData"]
        if event["context"]["type"].startswith("dev.cdevents.service.deployed"):
            went_well = data["outcome"] == "success"
            found.append(Rollout(name, place, at, went_well, data["durationSeconds"]))
        else:  # a rollback undoes the deployment before it
            same = [r for r in found if (r.component, r.environment) == (name, place)]
            max(same, key=lambda r: r.at).undone = True
    return found


def _outages(services: dict[str, str]) -> list[Outage]:
    data = json.loads((ORG / "feeds" / "incidents.json").read_text(encoding="utf-8"))
    return [
        Outage(
            services[i["service"]["id"]],
            _moment(i["created_at"]),
            _moment(i["resolved_at"]) if i.get("resolved_at") else None,
            i["priority"]["name"],
        )
        for i in data["incidents"]
    ]


WORLD = _world()


def expected(
    measure: str, components: set[str], start: datetime, end: datetime, place: str = "production"
) -> float | None:
    """What a measure is, by its definition; None where there is nothing to measure."""
    end = min(end, NOW)
    ever = [r for r in WORLD.rollouts if r.component in components and r.environment == place]
    rollouts = [r for r in ever if start <= r.at < end]
    outages = [o for o in WORLD.outages if o.component in components and start <= o.created < end]
    weeks = (end - start) / WEEK
    lasted = [(o.resolved - o.created).total_seconds() / 3600 for o in outages if o.resolved]
    bad = [r for r in rollouts if not r.succeeded or r.undone]
    undone = [r for r in rollouts if r.undone]
    answers: dict[str, Callable[[], float | None]] = {
        "deployment_frequency": lambda: (
            sum(r.succeeded for r in rollouts) / weeks if ever else None
        ),
        "change_failure_rate": lambda: 100 * len(bad) / len(rollouts) if rollouts else None,
        "rollback_rate": lambda: 100 * len(undone) / len(rollouts) if rollouts else None,
        "deployment_duration": lambda: (
            sum(r.seconds for r in rollouts) / len(rollouts) if rollouts else None
        ),
        "time_to_restore": lambda: sum(lasted) / len(lasted) if lasted else None,
        "incident_rate": lambda: (
            len(outages) / weeks if any(o.component in components for o in WORLD.outages) else None
        ),
    }
    return answers[measure]()


# ── the engine ───────────────────────────────────────────────────────────────────────────────────

COMPUTED = [m.name for m in MEASURES if m.lacks is None]
_KIND_OF = {m.name: m.kind for m in MEASURES}
_SIDE = {"Deployment": "deploymentOf", "Incident": "incidentOn"}
_REFS = {
    "component": ("ref", "component:default/{}"),
    "team": ("ownedWithin", "group:default/{}"),
    "department": ("ownedWithin", "group:default/{}"),
    "system": ("within", "system:default/{}"),
    "domain": ("within", "domain:default/{}"),
}
"""Scope → the relation and reference it is said by."""

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant over the organisation; no question here needs pages."""
    store = tmp_path_factory.mktemp("lantern")
    publish(store, read_catalog([ORG], now=NOW), now=NOW, embedder=HashEmbedder())
    with open_snapshot(store) as snapshot:
        yield Assistant(snapshot)


def _eq(field: str, value: object) -> Plan:
    return {"node": "compare", "field": field, "op": "eq", "value": value}


def _select(kind: str | None, where: Plan | None) -> Plan:
    return {"node": "select", "kinds": [kind] if kind else [], "where": where}


def _scope(by: str, value: str) -> Plan:
    """The things a scope holds, as a set of components."""
    if by in ("tier", "language"):
        return _select("Component", _eq(by, int(value) if by == "tier" else value))
    relation, ref = _REFS[by]
    named = _eq("ref", ref.format(value))
    if relation == "ref":
        return _select(None, named)
    inner = {"node": "related", "relation": relation, "to": _select(None, named)}
    return _select("Component", inner)


def _plan(
    measure: str, scope: Plan | None, start: datetime, end: datetime, place: str = "production"
) -> Plan:
    kind = _KIND_OF[measure]
    parts = [_eq("environment", place)] if kind == "Deployment" else []
    if scope is not None:
        parts.append({"node": "related", "relation": _SIDE[kind], "to": scope})
    where = {"node": "all", "of": parts} if parts else None
    return {
        "node": "aggregate",
        "function": "measure",
        "metric": measure,
        "of": _select(kind, where),
        "window": {"start": start.isoformat(), "end": end.isoformat()},
    }


def _held(by: str, value: str) -> set[str]:
    return {name for name, spec in WORLD.specs.items() if spec[by] == value}


_SCOPES = sorted({(by, spec[by]) for spec in WORLD.specs.values() for by in spec})
_windows = st.tuples(st.integers(0, 200 * 24), st.integers(1, 200 * 24)).map(
    lambda hours: (NOW - timedelta(hours=hours[0] + hours[1]), NOW - timedelta(hours=hours[0] - 48))
)
"""Windows of up to 200 days; the latest of them reach beyond now."""


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    measure=st.sampled_from(COMPUTED),
    scope=st.sampled_from(_SCOPES),
    window=_windows,
    place=st.sampled_from(["production", "production", "staging"]),
)
def test_one_number(
    assistant: Assistant,
    measure: str,
    scope: tuple[str, str],
    window: tuple[datetime, datetime],
    place: str,
) -> None:
    start, end = window
    plan = _plan(measure, _scope(*scope), start, end, place)
    answer = assistant.ask(None, plan=plan, now=NOW)
    wanted = expected(measure, _held(*scope), start, end, place)
    if wanted is None:
        assert (answer.status.value, answer.value) == ("empty", None)
    else:
        assert answer.value == pytest.approx(wanted, abs=1e-3)
        assert answer.unit == next(m.unit for m in MEASURES if m.name == measure)


_GROUPS = {
    "component": ("ref", "Component", None, "component:default/{}"),
    "team": ("ref", "Group", None, "group:default/{}"),
    "department": ("ref", "Group", _eq("type", "department"), "group:default/{}"),
    "system": ("ref", "System", None, "system:default/{}"),
    "domain": ("ref", "Domain", None, "domain:default/{}"),
    "tier": ("tier", None, None, "{}"),
    "language": ("language", None, None, "{}"),
}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(measure=st.sampled_from(COMPUTED), by=st.sampled_from(sorted(_GROUPS)), window=_windows)
def test_one_a_group(
    assistant: Assistant, measure: str, by: str, window: tuple[datetime, datetime]
) -> None:
    start, end = window
    field, kind, where, key = _GROUPS[by]
    plan = _plan(measure, None, start, end)
    if kind is None:
        plan |= {"group_by": field}
    else:
        plan |= {"group_by": _SIDE[_KIND_OF[measure]], "group_to": _select(kind, where)}
    answer = assistant.ask(None, plan=plan | {"descending": True}, now=NOW, limit=100)
    wanted = {
        key.format(value): number
        for value in {spec[by] for spec in WORLD.specs.values()}
        if (number := expected(measure, _held(by, value), start, end)) is not None
    }
    assert {row.key: row.value for row in answer.rows} == pytest.approx(wanted, abs=1e-3)
    values = [row.value for row in answer.rows]
    assert values == sorted(values, reverse=True)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(measure=st.sampled_from(COMPUTED), every=st.sampled_from(["week", "month"]))
def test_one_a_stretch_of_time(assistant: Assistant, measure: str, every: str) -> None:
    start, end = datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    plan = _plan(measure, None, start, end) | {"every": every}
    answer = assistant.ask(None, plan=plan, now=NOW, limit=100)
    everything = set(WORLD.specs)
    kind = _KIND_OF[measure]
    moments = (
        [r.at for r in WORLD.rollouts if r.environment == "production"]
        if kind == "Deployment"
        else [o.created for o in WORLD.outages]
    )
    wanted = {}
    for begin, after, key in _stretches(start, min(end, NOW), every):
        lower, upper = max(begin, start), min(after, end)
        number = expected(measure, everything, lower, upper)
        if number is not None and any(lower <= moment < upper for moment in moments):
            wanted[key] = number
    assert [row.key for row in answer.rows] == sorted(wanted)
    assert {row.key: row.value for row in answer.rows} == pytest.approx(wanted, abs=1e-3)


def _stretches(
    start: datetime, end: datetime, every: str
) -> Iterator[tuple[datetime, datetime, str]]:
    midnight = start.replace(hour=0, minute=0, second=0)
    if every == "week":
        begin = midnight - timedelta(days=midnight.weekday())
        while begin < end:
            yield begin, begin + WEEK, f"{begin:%Y-%m-%d}"
            begin += WEEK
        return
    begin = midnight.replace(day=1)
    while begin < end:
        after = (begin + timedelta(days=32)).replace(day=1)
        yield begin, after, f"{begin:%Y-%m}"
        begin = after


def test_the_key_measures_together(assistant: Assistant) -> None:
    start = NOW - timedelta(days=90)
    plan = {
        "node": "aggregate",
        "function": "measure",
        "metric": DELIVERY,
        "of": _scope("team", "playout"),
        "window": {"start": start.isoformat(), "end": NOW.isoformat()},
    }
    answer = assistant.ask(None, plan=plan, now=NOW)
    wanted = {
        m.name: expected(m.name, _held("team", "playout"), start, NOW) for m in MEASURES if m.key
    }
    assert {row.key: row.value for row in answer.rows} == pytest.approx(wanted, abs=1e-3)
    assert "no source provides commit times" in answer.text


def test_taking_a_chip_away_runs_again(assistant: Assistant) -> None:
    asked = assistant.ask("mttr of P2 incidents at playout last quarter", now=NOW)
    chips = {chip.field: chip for chip in asked.interpretation.chips}
    assert chips["measure"].label == "mean time to restore"
    assert chips["window"].label == "2026-01-01 – 2026-04-01"
    playout, everything = _held("team", "playout"), set(WORLD.specs)
    without_window = assistant.ask(None, plan=chips["window"].remove, now=NOW)
    everyone = assistant.ask(None, plan=chips["incidentOn"].remove, now=NOW)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    for answer, names, (first, last) in (
        (asked, playout, (start, end)),
        (without_window, playout, (datetime(2025, 1, 1, tzinfo=UTC), NOW)),
        (everyone, everything, (start, end)),
    ):
        hours = [
            (o.resolved - o.created).total_seconds() / 3600
            for o in WORLD.outages
            if o.priority == "P2"
            and o.component in names
            and first <= o.created < last
            and o.resolved
        ]
        assert hours, "the organisation has such incidents"
        assert answer.value == pytest.approx(sum(hours) / len(hours), abs=1e-3)


def test_the_default_window_is_said(assistant: Assistant) -> None:
    answer = assistant.ask("change failure rate of encoding", now=NOW)
    assert any("30 days" in said for said in answer.interpretation.assumptions)
    wanted = expected(
        "change_failure_rate", _held("team", "encoding"), NOW - timedelta(days=30), NOW
    )
    assert answer.value == pytest.approx(wanted, abs=1e-3)
    assert (
        "failed or rolled-back production deployments ÷ all production deployments" in answer.text
    )


def test_nothing_to_measure_is_empty_and_never_zero_percent(assistant: Assistant) -> None:
    answer = assistant.ask("change failure rate of plan-catalogue", now=NOW)
    assert (answer.status.value, answer.value) == ("empty", None)
    assert "no production deployments" in answer.text


def test_a_measure_nobody_can_compute_is_no_such_fact(assistant: Assistant) -> None:
    answer = assistant.ask("lead time for changes of playout", now=NOW)
    assert answer.status.value == "no_such_fact"
    assert "no source provides commit times" in answer.text


def test_a_measure_carries_to_another_time(assistant: Assistant) -> None:
    first = assistant.ask("mttr of playout this year", now=NOW)
    then = assistant.ask("and last quarter?", now=NOW, conversation=first.conversation)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    wanted = expected("time_to_restore", _held("team", "playout"), start, end)
    assert then.value == pytest.approx(wanted, abs=1e-3)


def test_what_is_not_healthy_is_said_with_its_reasons(assistant: Assistant) -> None:
    answer = assistant.ask("is edge-cache healthy?", now=NOW)
    reasons = answer.results[0].fields["reasons"]
    assert answer.value is False
    assert {ref.partition(":")[0] for ref in reasons} == {"incident", "alert", "slo"}
    assert all(f"`{ref}`" in answer.text for ref in reasons)
    assert set(reasons) <= {citation.ref for citation in answer.citations}
