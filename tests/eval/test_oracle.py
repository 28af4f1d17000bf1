"""The oracle of the feeds suite, on a museum small enough to count by hand.

The numbers stand here as people counted them in `museum/`; every trap of the written meanings
has one record there (the duplicate event, the rollback, the rota's last minute, the -1 check).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from eval.suites.feeds import oracle
from eval.suites.feeds.windows import between

MUSEUM = Path(__file__).parent / "museum"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TILL = "component:default/till"
GATE = "component:default/gate"
ANA, KIM = "user:default/ana", "user:default/kim"


@pytest.fixture(scope="module")
def museum() -> oracle.Organisation:
    return oracle.read_organisation(MUSEUM, NOW)


@dataclass(frozen=True)
class Case:
    id: str
    want: dict[str, Any]
    expect: dict[str, Any]


def value(number: object) -> dict[str, object]:
    return {"value": number}


def nothing(number: object) -> dict[str, object]:
    return {"status": ["answered", "empty"], "value": number}


def of(table: str, give: str = "results", **rest: Any) -> dict[str, Any]:
    where = rest.pop("where", {})
    return {"from": table, "where": where, "give": give, **rest}


def count(table: str, **where: Any) -> dict[str, Any]:
    return of(table, "value", measure="count", where=where)


CASES = [
    Case(
        "a rota entry begins on its first minute and has ended on its last",
        of("groups", where={"name": "tickets"}, attr="on_call"),
        {"results": [ANA]},
    ),
    Case(
        "a service's own policy goes before its owner's, an entry without times is permanent",
        of("components", where={"name": "Till"}, attr="on_call"),
        {"results": [KIM]},
    ),
    Case(
        "a service without a policy has its owner's rota",
        of("components", where={"name": "gate"}, attr="on_call"),
        {"results": [ANA]},
    ),
    Case(
        "nobody is on call for a person's things or a missing owner's",
        of("components", where={"on_call": {"missing": True}}),
        {"results": ["component:default/attic", "component:default/signs"]},
    ),
    Case(
        "a rota on another day",
        of("oncalls", where={"groups": "tickets", "covers": "2026-03-09T00:00:00Z"}),
        {"results": [KIM]},
    ),
    Case(
        "acknowledged and triggered are both open",
        of("incidents", where={"open": True}),
        {"results": ["incident:I3", "incident:I4"]},
    ),
    Case(
        "incidents of an unknown service belong to no team",
        of("incidents", "rows", where={"open": True}, by="owner"),
        {"rows": {"group:default/tickets": 1}},
    ),
    Case(
        "time to restore leaves the open ones out",
        of("incidents", "value", measure="time_to_restore", where={"window": "this month"}),
        value(3.0),
    ),
    Case("a duplicate event counts once", count("deployments", subject=TILL), value(5)),
    Case("a rollback is no deployment", count("deployments"), value(7)),
    Case("unknown things are kept", count("deployments", component={"missing": True}), value(1)),
    Case(
        "the last deployment succeeded in production, whatever the offset of its stamp",
        of("components", "value", where={"name": "Till"}, attr="last_deployed"),
        value("2026-03-10T07:00:00Z"),
    ),
    Case(
        "the version is the tag of the artifact",
        of("components", "says", where={"name": "Till"}, attr="last_version"),
        {"any_says": ["1.3"]},
    ),
    Case(
        "failed and rolled back both count as failures: two of four",
        of(
            "deployments",
            "value",
            measure="failure_rate",
            where={"owner": "tickets", "window": "30 days"},
        ),
        value(50.0),
    ),
    Case(
        "frequency is successful production deployments a week: three in two weeks",
        of(
            "deployments",
            "value",
            measure="per_week",
            where={"component": TILL, "window": "14 days"},
        ),
        value(1.5),
    ),
    Case(
        "no deployments, no rate",
        of("deployments", "value", measure="failure_rate", where={"owner": "exhibits"}),
        {"status": ["empty", "no_such_fact"]},
    ),
    Case(
        "a stale service is old or was never deployed",
        of("services", where={"last_deployed": {"before_or_never": "2026-02-01T00:00:00"}}),
        {"results": ["component:default/attic", GATE]},
    ),
    Case(
        "a budget of nothing is breached, no sample and NaN are unknown",
        of("slos", where={"breached": True}),
        {"results": ["slo:till-up"]},
    ),
    Case(
        "ratio and percent are the same target",
        of("slos", where={"target": {"ge": 95}}),
        {"results": ["slo:till-up", "slo:gate-up"]},
    ),
    Case(
        "severity: score first, then the result's level, then the rule's default, then warning",
        of("findings", "rows", where={"suppressed": False}, by="severity"),
        {"rows": {"critical": 1, "high": 1, "low": 1, "medium": 2}},
    ),
    Case(
        "a finding belongs to every component of its repository",
        count("findings", component=GATE),
        value(6),
    ),
    Case(
        "an inconclusive check is no score",
        of("components", where={"SAST": {"missing": False}}),
        {"results": []},
    ),
    Case(
        "one active instance makes the rule fire",
        of("alerts", where={"firing": True}),
        {"results": ["alert:TillSlow"]},
    ),
    Case(
        "silenced: every instance is",
        of("alerts", where={"silenced": True}),
        {"results": ["alert:GateStuck"]},
    ),
    Case(
        "silenced alerts and unknown objectives leave a component healthy",
        of("components", "exists", where={"name": "gate", "healthy": True}),
        value(True),
    ),
    Case(
        "a runbook belongs to whom its page or an alert rule names",
        of("runbooks", where={"component": ["till", "gate"]}),
        {"results": ["runbook:runbooks/gate.md", "runbook:runbooks/till-slow.md"]},
    ),
    Case(
        "an empty cell is no value",
        of("components", where={"monthly_cost_usd": {"missing": False}}),
        {"results": [TILL]},
    ),
    Case("false is a value", count("components", pci_scope=False), value(1)),
    Case(
        "a date from a fact column",
        of("components", "value", where={"name": "Till"}, attr="last_pen_test"),
        value("2025-01-02"),
    ),
    Case(
        "a dangling owner",
        of("components", where={"owner_kind": "dangling"}),
        {"results": ["component:default/attic"]},
    ),
    Case("a person's things are not the team's", count("components", owner="tickets"), value(2)),
    Case("a department has what its teams own", count("components", under="museum"), value(2)),
    Case("the domain comes from the system", count("components", domain="visits"), value(2)),
    Case("members are declared on either side", count("groups", members=1), value(2)),
    Case(
        "a consumer depends on the provider, not on the API",
        of("entities", where={"depends_on": TILL}),
        {"results": [GATE]},
    ),
    Case(
        "what breaks goes all hops",
        of("entities", where={"breaks_with": TILL}),
        {"results": [GATE, "component:default/signs"]},
    ),
    Case("nothing found may be called empty", count("components", tier=4), nothing(0)),
    Case(
        "the best one",
        of("components", "first", attr="findings", where={"name": ["Till", "attic"]}),
        {"first": TILL},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_answer(museum: oracle.Organisation, case: Case) -> None:
    got = oracle.answer(museum, case.want)
    if isinstance(got.get("results"), list):
        got["results"].sort()
        assert got == {**case.expect, "results": sorted(case.expect["results"])}
    else:
        assert got == case.expect


FAULTS = [
    Case("an attribute nobody has", count("components", colour="red"), {"says": "colour"}),
    Case("two equals are no best", of("components", "first", attr="findings"), {"says": "tie"}),
    Case(
        "a name said to be absent is there",
        {"status": "unknown_name", "absent": "Kim Ode"},
        {"says": "Kim Ode"},
    ),
    Case("neither a table nor a status", {}, {"says": "neither"}),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.id)
def test_a_bad_hint_is_said(museum: oracle.Organisation, case: Case) -> None:
    with pytest.raises(oracle.BadHint, match=case.expect["says"]):
        oracle.answer(museum, case.want)


WINDOWS = [
    ("last week", "2026-03-02", "2026-03-09"),
    ("this week", "2026-03-09", "2026-03-16"),
    ("last month", "2026-02-01", "2026-03-01"),
    ("last quarter", "2025-10-01", "2026-01-01"),
    ("2025-Q2", "2025-04-01", "2025-07-01"),
    ("yesterday", "2026-03-09", "2026-03-10"),
    ("october", "2025-10-01", "2025-11-01"),
]


@pytest.mark.parametrize(("name", "start", "end"), WINDOWS)
def test_window(name: str, start: str, end: str) -> None:
    assert [moment.date().isoformat() for moment in between(name, NOW)] == [start, end]


def test_a_conversation_is_held_out_as_a_whole() -> None:
    questions: list[dict[str, Any]] = [{"id": f"q{number}"} for number in range(60)]
    questions += [{"id": f"then{number}", "after": f"q{number}"} for number in range(30)]
    chosen = oracle.hold_out(questions)
    assert 30 <= len(chosen) <= 31
    assert {f"then{n}" for n in range(30) if f"q{n}" in chosen} == {
        c for c in chosen if c[0] == "t"
    }
    assert oracle.hold_out(questions) == chosen


def test_the_written_cases_are_those_of_the_questions() -> None:
    questions, cases = (
        yaml.safe_load((oracle.HERE / name).read_text(encoding="utf-8"))["questions"]
        for name in ("questions.yaml", "cases.yaml")
    )
    held_out = oracle.hold_out(questions)
    assert len({case["id"] for case in cases}) == len(cases)
    assert [(c["id"], c["question"], bool(c.get("held_out"))) for c in cases] == [
        (q["id"], q["question"], q["id"] in held_out) for q in questions
    ]
