"""The table of checks is whole, every check runs, and the question it names lists what it finds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.quality import quality_page
from catalog_store.embedder import Embedder
from catalog_store.errors import UnknownEntity
from catalog_store.model.quality import CHECK_BY_NAME, CHECKS, NOTICED, QualityCheck, Severity
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog
from search.plan import Review, read_plan
from search.quality import _LOOKS, found_by
from search.result import Outcome

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
ORG = Path(__file__).parent.parent / "orgs" / "brewery"

FOUND = {
    "unowned": {"component:default/dregs"},
    "unknown-owner": {"component:default/foam-board"},
    "owned-through-system": {"component:default/keg-tracker"},
    "personal-owner": {"component:default/till"},
    "dangling": {"component:default/foam-board", "component:default/till", "user:default/eli"},
    "dangling-dependency": {"component:default/till"},
    "duplicate": {"component:default/label-printer", "component:default/label_printer"},
    "dependency-cycle": {"component:default/fermenter-watch", "component:default/kettle-control"},
    "not-deployed": {
        "component:default/dregs",
        "component:default/fermenter-watch",
        "component:default/label-printer",
    },
    "no-runbook": {
        "component:default/dregs",
        "component:default/fermenter-watch",
        "component:default/keg-tracker",
        "component:default/till",
    },
    "no-slo": {
        "component:default/dregs",
        "component:default/keg-tracker",
        "component:default/kettle-control",
        "component:default/till",
    },
    "team-without-rota": {"group:default/hops", "group:default/yeast"},
    "no-system": {"component:default/dregs", "component:default/till"},
    "no-domain": {"system:default/taproom"},
    "no-description": {"component:default/foam-board"},
    "deprecated-in-use": {"api:default/label-v1", "component:default/label-printer"},
    "unfit-dependency": {"component:default/keg-tracker", "component:default/tap-site"},
    "api-without-provider": {"api:default/recipe-v0"},
    "alert-without-runbook": {"alert:FermenterLeak"},
    "unreviewed": {"runbook:runbooks/labels-jam.md"},
    "team-without-members": {"group:default/hops"},
    "team-without-channel": {"group:default/brewhouse", "group:default/yeast"},
    "user-without-team": {"user:default/dee", "user:default/eli"},
}


@pytest.fixture(scope="module")
def brewery(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    store = tmp_path_factory.mktemp("brewery")
    publish(store, read_catalog([ORG], now=NOW), now=NOW, embedder=embedder)
    return Assistant(open_snapshot(store))


def test_every_check_has_a_plan_and_every_plan_a_check() -> None:
    assert set(_LOOKS) == set(CHECK_BY_NAME)
    assert len(CHECK_BY_NAME) == len(CHECKS)


@pytest.mark.parametrize("name", FOUND)
def test_a_check_finds_what_is_there(brewery: Assistant, name: str) -> None:
    plan = found_by(name, NOW)
    assert plan is not None
    result = brewery.engine.run(plan, now=NOW, limit=100)
    assert {row["ref"] for row in result.rows} == FOUND[name]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_question_of_a_check_lists_what_it_finds(
    brewery: Assistant, check: QualityCheck
) -> None:
    plan = found_by(check.name, NOW)
    assert plan is not None
    found = {row["ref"] for row in brewery.engine.run(plan, now=NOW, limit=100).rows}
    answer = brewery.ask(check.ask, now=NOW, limit=100)
    assert found
    assert found <= {result.ref for result in answer.results}, answer.interpretation.text


def test_the_page_counts_what_the_plans_list(brewery: Assistant) -> None:
    page = quality_page(brewery.engine, now=NOW)
    assert not page.not_checked
    for check in page.checks:
        listed = brewery.ask(None, now=NOW, plan=check.plan, limit=100)
        assert (check.name, listed.total) == (check.name, check.count)
        assert check.count <= check.total
    severities = [check.severity for check in page.checks if check.count]
    assert severities == sorted(severities, key=[s.value for s in Severity].index)


@pytest.mark.parametrize(
    ("ref", "name", "count"),
    [
        ("group:default/yeast", "duplicate", 2),
        ("group:default/yeast", "unowned", 0),
        ("group:default/brewhouse", "team-without-members", 1),
        ("system:default/mash", "dependency-cycle", 2),
        ("domain:default/brewing", "owned-through-system", 1),
        ("domain:default/brewing", "alert-without-runbook", 1),
        ("component:default/till", "personal-owner", 1),
    ],
)
def test_a_scope_restricts_every_check(brewery: Assistant, ref: str, name: str, count: int) -> None:
    page = quality_page(brewery.engine, now=NOW, refs=[ref])
    assert {check.name: check.count for check in page.checks}[name] == count


def test_a_scope_that_is_not_there(brewery: Assistant) -> None:
    with pytest.raises(UnknownEntity):
        quality_page(brewery.engine, now=NOW, refs=["group:default/cask"])


def test_what_no_source_provides_is_not_checked_and_no_such_fact(demo: Assistant) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    page = quality_page(demo.engine, now=now)
    assert {"nobody-on-call", "team-without-rota", "no-slo", "alert-without-runbook"} <= set(
        page.not_checked
    )
    for ask in (
        "teams where nobody is on call",
        "services without an slo",
        "alerts without a runbook",
    ):
        assert demo.ask(ask, now=now).status == "no_such_fact", ask


def test_a_review_is_a_plan_like_any_other(brewery: Assistant) -> None:
    answer = brewery.ask("what needs cleaning up in crew yeast?", now=NOW)
    plan = read_plan(answer.interpretation.plan)
    assert isinstance(plan, Review)
    again = brewery.ask(None, now=NOW, plan=answer.interpretation.plan)
    assert again.rows == answer.rows
    chip = answer.interpretation.chips[0]
    assert chip.value == "group:default/yeast"
    assert chip.span is not None
    assert brewery.engine.run(read_plan(chip.remove), now=NOW).outcome is Outcome.ROWS
    assert {option.label for option in answer.options} <= {check.label for check in CHECKS}


def test_an_owner_through_the_system_is_an_assumption(brewery: Assistant) -> None:
    answer = brewery.ask("who owns keg-tracker?", now=NOW)
    assert [result.ref for result in answer.results] == ["group:default/malt"]
    assert "names no owner of its own" in answer.text
    assert any("owner of its system" in said for said in answer.interpretation.assumptions)
    listed = brewery.ask("services without an owner", now=NOW)
    assert "Owned through their system: 1 of them (Keg Tracker (Crew Malt))" in listed.text


def test_noticed_fields_are_fields(brewery: Assistant) -> None:
    rows = {row.name for row in brewery.engine.snapshot.fields if row.table.value == "entities"}
    assert rows >= NOTICED
