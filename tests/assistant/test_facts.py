"""An organisation's own facts, asked for without a line of code: the tables of tests/orgs/cidery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.settings import load_settings
from assistant.answer import Answer
from assistant.assistant import Assistant
from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog

CIDERY = Path(__file__).parent.parent / "orgs" / "cidery"
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def cidery(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Answers about the cidery, with what its callboard.yaml says."""
    told = load_settings(env={}, config=CIDERY / "callboard.yaml").refinements
    content = read_catalog([CIDERY], now=NOW, refinements=told)
    assert [p.code for p in content.problems] == ["repeated-entity"]
    store = tmp_path_factory.mktemp("cidery")
    publish(store, content, now=NOW, embedder=HashEmbedder())
    return Assistant(open_snapshot(store))


@dataclass(frozen=True)
class Case:
    """A question, and the names of what it must find; a value or rows where it asks for numbers."""

    ask: str
    finds: str | None = None
    value: Any = None
    rows: tuple[tuple[str, float], ...] = ()
    unit: str | None = None
    status: str = "answered"


def each(asks: str, **expect: Any) -> list[Case]:
    """One case for every line."""
    return [Case(ask.strip(), **expect) for ask in asks.strip().splitlines()]


CASES = [
    *each(
        """services with coverage under 60%
        services with test coverage below 60 percent
        services whose coverage is less than 60""",
        finds="kettle cash-desk loyalty",
    ),
    Case("services with coverage between 40 and 75", "kettle yeast-bank cash-desk"),
    Case("worst coverage", "loyalty"),
    Case("top 2 most expensive services", "kettle cash-desk"),
    Case("bottom 2 least expensive services", "loyalty yeast-bank"),
    Case("which is cheaper, fermenter or kettle?", "fermenter kettle"),
    Case("which has better coverage, loyalty or cash-desk?", "cash-desk loyalty"),
    Case("services whose pen test date isn't set", "loyalty"),
    Case("PCI services whose last pen test is older than 100 days", "cash-desk"),
    Case("python services apart from kettle", "fermenter loyalty"),
    Case("service with the worst coverage", "loyalty"),
    Case("best coverage", "fermenter"),
    Case("service with the lowest coverage", "loyalty"),
    Case("top 2 services by coverage", "fermenter yeast-bank"),
    *each(
        """services costing more than $5k a month
        services with a bill over 5000 dollars""",
        finds="kettle cash-desk",
    ),
    Case("services with monthly cost below 1k usd", "yeast-bank loyalty"),
    Case("cheapest service", "loyalty"),
    Case("most expensive service", "kettle"),
    Case("how much does kettle cost per month", value=6200.5, unit="usd"),
    Case("how much do we spend on kettle", value=6200.5, unit="usd"),
    *each(
        """what do the services of Taproom cost per month all together
        total cost of taproom services""",
        value=5510,
        unit="usd",
    ),
    *each(
        """how much does mash cost
        cost of the mash system
        brewhouse cost""",
        value=8250.5,
        unit="usd",
    ),
    Case("cost of the selling domain", value=5600, unit="usd"),
    Case("total cost of malt", value=8250.5, unit="usd"),
    Case("what is our total spend", value=13850.5, unit="usd"),
    *each(
        """most expensive systems
        systems by cost
        cost per system
        total monthly cost per system""",
        rows=(("system:default/mash", 8250.5), ("system:default/till", 5600)),
        unit="usd",
    ),
    Case("which system is the most expensive", rows=(("system:default/mash", 8250.5),)),
    Case("systems costing more than 6000 dollars", rows=(("system:default/mash", 8250.5),)),
    *each(
        """average coverage by domain
        coverage by domain""",
        rows=(("domain:default/brewing", 67.25), ("domain:default/selling", 47)),
        unit="percent",
    ),
    *each(
        """which team has the worst coverage
        team with the lowest average coverage""",
        rows=(("group:default/taproom", 47),),
    ),
    Case("average cost per service", value=2752.1, unit="usd"),
    *each(
        """malt services by coverage
        malt services sorted by coverage""",
        rows=(
            ("component:default/fermenter", 88),
            ("component:default/yeast-bank", 72.25),
            ("component:default/kettle", 41.5),
        ),
    ),
    Case("teams ordered by cost", rows=(("group:default/malt", 8250.5), ("group:default/taproom", 5600))),
    Case("median coverage", value=59, unit="percent"),
    Case("average coverage of malt services", value=67.25),
    *each(
        """services still on python 3.11
        python 3.11 services
        services on python 3.11
        services with runtime version 3.11""",
        finds="kettle loyalty",
    ),
    Case("python 3.9 services", status="empty"),
    *each(
        """services on python older than 3.12
        services still below python 3.12
        python services under 3.12
        python services with a runtime version below 3.12""",
        finds="kettle loyalty",
    ),
    Case("go services newer than 1.21", "yeast-bank"),
    Case("services with runtime version below 1.22", "cash-desk"),
    Case("services on python older than 3.2", status="empty"),
    Case("services still on python", "kettle fermenter loyalty"),
    *each(
        """when was the last pen test of cash desk
        when was cash desk last pen tested
        pen test date of cash desk""",
        value="2025-06-30T00:00:00Z",
    ),
    Case("services with a pen test older than a year", "kettle"),
    Case("services with last pen test before 2026", "kettle cash-desk"),
    Case("oldest pen test", "kettle"),
    *each(
        """services without a pen test date
        services never pen tested""",
        finds="loyalty",
    ),
    *each(
        """services whose data is classified as restricted
        services with restricted data
        services classified as restricted
        sensitive services""",
        finds="cash-desk loyalty",
    ),
    *each(
        """services in PCI scope
        pci services""",
        finds="cash-desk loyalty",
    ),
    *each(
        """services not in pci scope
        not pci services""",
        finds="kettle fermenter yeast-bank",
    ),
    Case("is cash desk in pci scope?", value=True),
    *each(
        """services off the golden path
        services without golden path
        services not on the golden path""",
        finds="yeast-bank cash-desk",
    ),
    Case("services on the golden path", "kettle fermenter loyalty"),
    Case("go services off the golden path with coverage under 70", "cash-desk"),
    Case("how many services are in pci scope", value=2),
    Case("rto of cash desk", value=0.5, unit="hours"),
    Case("services with recovery time over 2 hours", "kettle loyalty"),
    Case("services with recovery time under 45 minutes", "cash-desk"),
    Case("longest recovery time", "loyalty"),
    Case("who is the data steward of kettle", value="user:default/ida"),
    Case("services whose data steward is ida berg", "kettle cash-desk"),
    Case("headcount of malt", value=8),
    Case("team with the best satisfaction", "malt"),
    Case("team with the highest happiness", "malt"),
    Case("services with nightly backup window", "kettle"),
    Case("backup window of fermenter", value="weekly"),
    Case("bus factor of kettle", status="no_such_fact"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.ask)
def test_answer(cidery: Assistant, case: Case) -> None:
    answer = cidery.ask(case.ask, now=NOW)
    assert answer.status.value == case.status, answer.text
    if case.finds is not None:
        assert {r.ref.partition("/")[2] for r in answer.results} == set(case.finds.split())
    if case.value is not None:
        assert answer.value == case.value
    if case.rows:
        assert tuple((row.key, row.value) for row in answer.rows) == case.rows
    if case.unit is not None:
        assert answer.unit == case.unit


def _said(answer: Answer) -> str:
    return " ".join(answer.interpretation.assumptions)


def test_a_whole_without_the_fact_says_that_its_parts_were_summed_up(cidery: Assistant) -> None:
    assert "the sum over its components" in _said(cidery.ask("most expensive system", now=NOW))
    assert "the average over" in _said(cidery.ask("team with the worst coverage", now=NOW))
    assert "its components" not in _said(cidery.ask("most expensive service", now=NOW))


def test_a_fact_cites_the_row_it_was_read_from(cidery: Assistant) -> None:
    answer = cidery.ask("test coverage of fermenter", now=NOW)
    cited = {(c.path, c.lines) for c in answer.citations}
    assert ("facts/quality.csv", (3, 3)) in cited
