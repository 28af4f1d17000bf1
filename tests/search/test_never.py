"""A relation that joins no things of two kinds anywhere is not held; one that only this thing lacks is empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog
from search.engine import SearchEngine
from search.plan import (
    Aggregate,
    AnyOf,
    Check,
    Compare,
    Function,
    Not,
    Op,
    Plan,
    Related,
    Select,
)
from search.result import Outcome

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
ORG = Path(__file__).parent.parent / "orgs" / "orbital"

INVOICES = Select(
    where=Compare(field="ref", op=Op.EQ, value="component:default/invoice-export"),
)
ON_INVOICES = Related(relation="uses", to=INVOICES)
OWNED_BY_NOBODY = Related(
    relation="ownedBy",
    to=Select(kinds=("User",), where=Compare(field="type", op=Op.EQ, value="none")),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    store = tmp_path_factory.mktemp("never")
    publish(store, read_catalog([ORG], now=NOW), now=NOW, embedder=HashEmbedder())
    with open_snapshot(store) as snapshot:
        yield SearchEngine(snapshot)


@pytest.mark.parametrize(
    "plan",
    [
        Select(kinds=("Resource",), where=ON_INVOICES),
        Check(of=Select(kinds=("Resource",), where=ON_INVOICES)),
        Aggregate(function=Function.COUNT, of=Select(kinds=("Resource",), where=ON_INVOICES)),
    ],
    ids=["list", "yes or no", "number"],
)
def test_no_resource_depends_on_any_service(engine: SearchEngine, plan: Plan) -> None:
    found = engine.run(plan, now=NOW)
    assert found.outcome is Outcome.NO_SUCH_FACT
    assert found.missing == "any resources depending on services, since no source says so of one"


@pytest.mark.parametrize(
    "plan",
    [
        Select(kinds=("Component",), where=ON_INVOICES),
        Select(kinds=("Resource",), where=Not(of=ON_INVOICES)),
        Select(kinds=("Resource",), where=AnyOf(of=(ON_INVOICES, OWNED_BY_NOBODY))),
        Select(kinds=("Resource",), where=OWNED_BY_NOBODY),
        Select(kinds=("Resource",), where=ON_INVOICES.model_copy(update={"op": Op.LT})),
    ],
    ids=["others do", "not", "or", "owners", "none is enough"],
)
def test_what_could_have_been_is_answered(engine: SearchEngine, plan: Plan) -> None:
    assert engine.run(plan, now=NOW).outcome is Outcome.ROWS
