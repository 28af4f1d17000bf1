"""A drawn suite is the same again, reads back, and its answers are those of the files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.generate.draft import FAMILIES
from eval.generate.facts import Facts, key_of, read_facts
from eval.generate.write import draw, write_suite
from eval.suite_reader import read_suite
from eval.suites.feeds.catalog import catalog_of
from tests.eval.conftest import ask_all

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entity(kind: str, name: str, **spec: object) -> dict[str, object]:
    """A Backstage document."""
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


DOCUMENTS = [
    entity("Group", "payments", type="team"),
    entity("Group", "commerce", type="department", children=["payments"]),
    entity("User", "jane", memberOf=["payments"]),
    entity("Component", "checkout", type="service", owner="payments", lifecycle="production",
           dependsOn=["resource:orders-db", "component:cart"], system="shop"),
    entity("Component", "cart", type="service", owner="commerce", lifecycle="experimental"),
    entity("Component", "web", type="website", owner="nobody", dependsOn=["component:checkout"]),
    entity("Resource", "orders-db", type="database", owner="payments"),
    entity("System", "shop", owner="payments"),
]  # fmt: skip


@pytest.fixture
def facts() -> Facts:
    return Facts(catalog=catalog_of(DOCUMENTS), now=NOW)


def _answers(facts: Facts, family: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for case in draw(facts, number=4000, seed=1):
        if case.id.startswith(family) and case.after is None:
            found[case.question.lower()] = case.expect
    return found


def test_answers_follow_the_written_meanings(facts: Facts) -> None:
    owners = _answers(facts, "owner-")
    assert any(
        a == {"results": ["group:default/payments"]} for q, a in owners.items() if "checkout" in q
    )
    assert all(a == {"status": ["empty", "no_such_fact"]} for q, a in owners.items() if "web" in q)
    breaks = _answers(facts, "breaks")
    assert any(
        a == {"results": ["component:default/checkout", "component:default/web"]}
        for q, a in breaks.items()
        if "cart" in q
    )
    owned = {
        str(a)
        for q, a in _answers(facts, "possessive").items()
        if "services" in q and "commerce" in q
    }
    assert owned == {"{'results': ['component:default/cart', 'component:default/checkout']}"}


def test_names_that_mean_two_things_are_not_used() -> None:
    facts = Facts(
        catalog_of([entity("Component", "pay"), entity("API", "Pay"), entity("Component", "cart")]),
        NOW,
    )
    assert [facts.forms(e) for e in facts.entities] == [[], ["cart"], []]


@pytest.mark.parametrize(
    ("one", "other"),
    [("BillingLegacy", "billing-legacy"), ("HTTP Server", "http_server"), ("Ärger", "ärger")],
)
def test_a_name_is_one_however_it_is_spelt(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_every_family_finds_something_to_ask_of_the_demo(demo_store: Path) -> None:
    facts = read_facts(demo_store)
    asked = {case.id.rpartition("-")[0] for case in draw(facts, number=300) if case.after is None}
    # The demo has titles that say everything twice, so not each family finds a name that means one thing; most do.
    assert len(asked) >= 0.8 * len(FAMILIES)


def test_the_same_store_and_seed_give_the_same_suite(demo_store: Path, tmp_path: Path) -> None:
    texts = []
    for folder in ("one", "two"):
        facts = read_facts(demo_store)
        write_suite(
            tmp_path / folder, draw(facts, number=80), name="drawn", store=demo_store, now=facts.now
        )
        texts.append((tmp_path / folder / "cases.yaml").read_text())
    assert texts[0] == texts[1]
    facts = read_facts(demo_store)
    assert [c.question for c in draw(facts, number=80, seed=1)] != [
        c.question for c in draw(facts, number=80, seed=2)
    ]


def test_the_engine_agrees_with_the_second_reading(
    store_of: Callable[[str], Path], tmp_path: Path
) -> None:
    store = store_of("waybright")
    facts = read_facts(store)
    write_suite(tmp_path, draw(facts, number=150), name="drawn", store=store, now=facts.now)
    suite = read_suite(tmp_path)
    outcomes = list(ask_all(suite, store).outcomes.values())
    right = sum(o.right for o in outcomes) / len(outcomes)
    silent = sum(o.silent for o in outcomes) / len(outcomes)
    said = "\n".join(f"{o.question!r}: {o.why}; read as {o.read_as}" for o in outcomes if o.silent)
    assert right >= 0.88, said
    assert silent <= 0.06, said
