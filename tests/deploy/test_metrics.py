"""Every metric and label that the dashboard and the alert rules name is one that a real server exposes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import promql_parser
import pytest
import yaml

from app.observe import Measures
from assistant.answer import Answer, AnswerKind, Interpretation, Status
from catalog_store.freshness import Feed
from tests.house.repository import ROOT

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "callboard.json").read_text("utf-8"))
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "callboard.rules.yaml").read_text("utf-8"))

ADDED_BY_PROMETHEUS = frozenset({"job", "instance", "le"})
OF_PROMETHEUS = frozenset({"up"})

_VARIABLES = {
    "$__rate_interval": "5m",
    "$__range": "1h",
    "$job": "callboard",
}


def _plain(expression: str) -> str:
    """Without the dashboard's variables."""
    for variable, value in _VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def _panels() -> Iterator[dict[str, Any]]:
    yield from DASHBOARD["panels"]


def _expressions() -> Iterator[tuple[str, str]]:
    for panel in _panels():
        for target in panel.get("targets", ()):
            yield f"panel {panel['title']}", target["expr"]
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]


EXPRESSIONS = list(_expressions())


@pytest.fixture(scope="module")
def exposed() -> dict[str, set[str]]:
    """Every series a server exposes, with its labels: `/metrics` is exactly this text."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    measures = Measures()
    reading = Interpretation(text="", as_of=now)
    answer = Answer(status=Status.EMPTY, kind=AnswerKind.VALUE, text="", interpretation=reading)
    with measures.answering("http"):
        pass
    measures.stage_seconds.labels("reading").observe(0.1)
    measures.question("http", answer, seconds=0.1, snapshot="s", question="?")
    measures.tool("ask", "done", 0.1)
    measures.feedback.labels("right").inc()
    measures.requests.labels("/v1/ask", "POST", "200").inc()
    measures.request_seconds.labels("/v1/ask").observe(0.1)
    measures.swaps.labels("served").inc()
    measures.events.labels("cdevents", "taken").inc()
    hour = timedelta(hours=1)
    feed = Feed("cdevents", "deployments", 3, now - hour, hour, hour)
    measures.note_snapshot(now, [feed])
    series: dict[str, set[str]] = {}
    for line in measures.text().decode().splitlines():
        if match := re.match(r"(\w+)(?:\{(.*)\})? ", line):
            series.setdefault(match[1], set()).update(re.findall(r'(\w+)="', match[2] or ""))
    return series


def _selectors(node: Any) -> Iterator[Any]:
    """Every selector of series below a node."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("lhs", "rhs", "expr", "vs", "vector_selector", "param"):
        inner = getattr(node, name, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from _selectors(inner)
    for inner in getattr(node, "args", None) or ():
        yield from _selectors(inner)


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[w for w, _ in EXPRESSIONS])
def test_what_is_asked_of_prometheus_is_there(
    where: str, expression: str, exposed: dict[str, set[str]]
) -> None:
    found = list(_selectors(promql_parser.parse(_plain(expression))))
    assert found, where
    for selector in found:
        assert selector.name in exposed or selector.name in OF_PROMETHEUS, selector.name
        known = exposed.get(selector.name, set()) | ADDED_BY_PROMETHEUS
        assert {matcher.name for matcher in selector.matchers.matchers} <= known


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[w for w, _ in EXPRESSIONS])
def test_groups_are_made_by_labels_that_are_there(
    where: str, expression: str, exposed: dict[str, set[str]]
) -> None:
    names = {selector.name for selector in _selectors(promql_parser.parse(_plain(expression)))}
    known = set(ADDED_BY_PROMETHEUS).union(*(exposed.get(name, set()) for name in names))
    for labels in re.findall(r"by \(([^)]*)\)", expression):
        assert set(labels.replace(" ", "").split(",")) <= known, where


def test_legends_name_labels_that_are_there(exposed: dict[str, set[str]]) -> None:
    for panel in _panels():
        for target in panel.get("targets", ()):
            names = {s.name for s in _selectors(promql_parser.parse(_plain(target["expr"])))}
            known = set(ADDED_BY_PROMETHEUS).union(*(exposed.get(name, set()) for name in names))
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= known, panel["title"]


def test_every_measure_of_ours_is_on_the_dashboard(exposed: dict[str, set[str]]) -> None:
    """A measure that nobody looks at is not worth counting."""
    shown = " ".join(expression for _, expression in EXPRESSIONS)
    ours = {
        re.sub(r"_(bucket|count|sum|created)$", "", name)
        for name in exposed
        if name.startswith("callboard_")
    }
    assert {name for name in ours if name not in shown} == set()


def test_panels_do_not_overlap_and_have_their_own_ids() -> None:
    cells: dict[tuple[int, int], str] = {}
    for panel in _panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert cells.setdefault((x, y), panel["title"]) == panel["title"]
    ids = [panel["id"] for panel in _panels()]
    assert len(ids) == len(set(ids))


def test_each_alert_says_what_to_do() -> None:
    for group in RULES["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"critical", "warning", "info"}
            assert rule["annotations"]["summary"].endswith(".")
            assert len(rule["annotations"]["description"]) > 40
