"""Conditions of a reading can be changed: what is offered fits, and what is chosen is what is then asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.choices import Choices, choices
from assistant.editing import Edit, edited, is_own, look_up
from catalog_store.errors import BadRequest, UserError
from search.plan import read_plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

QUESTIONS = [
    "services owned by the payments team",
    "tier 1 services",
    "services not deployed in 60 days",
    "services owned by payments or ledger",
    "what depends on ledger?",
    "how many services does each team own?",
    "deployments last week",
    "deployments per month",
    "change failure rate per team",
    "open incidents",
    "components tagged critical",
    "APIs without docs",
]


@pytest.fixture(scope="module")
def assistant(demo: Assistant) -> Assistant:
    """Over the bundled organisation."""
    return demo


def ask(assistant: Assistant, question: str) -> Any:
    return assistant.ask(question, now=NOW)


def offered(assistant: Assistant, plan: dict[str, Any], at: str, text: str = "") -> Choices:
    return choices(assistant.engine, plan, at, text=text, now=NOW)


def change(assistant: Assistant, plan: dict[str, Any], **edit: Any) -> Any:
    fields = assistant.engine.snapshot.fields
    new = edited(read_plan(plan), Edit(**edit), fields)
    return assistant.ask(None, plan=new.model_dump(mode="json"), now=NOW)


@pytest.mark.parametrize("question", QUESTIONS)
def test_whatever_is_offered_can_be_asked(question: str, assistant: Assistant) -> None:
    answer = ask(assistant, question)
    plan = answer.interpretation.plan
    for chip in answer.interpretation.chips:
        if chip.at is None:
            continue
        found = offered(assistant, plan, chip.at)
        for choice in (*found.values[:3], *found.values[-2:]):
            changed = change(assistant, plan, at=chip.at, value=choice.value)
            assert changed.interpretation.plan is not None
            if choice.count is not None and changed.total:
                assert changed.total >= 1
        for operator in found.operators if found.type != "part" else ():
            if operator.name != "between":
                change(assistant, plan, at=chip.at, op=operator.name)


def test_the_count_is_how_many_the_answer_then_has(assistant: Assistant) -> None:
    answer = ask(assistant, "services owned by the payments team")
    plan = answer.interpretation.plan
    owner = next(c for c in answer.interpretation.chips if c.field == "owner")
    found = offered(assistant, plan, owner.at or "")
    assert {o.name for o in found.operators} == {"eq", "not_eq"}
    counted = [c for c in found.values if c.count]
    assert len(counted) > 1
    for choice in counted:
        changed = change(assistant, plan, at=owner.at, value=choice.value)
        assert changed.total == choice.count, choice.label


def test_a_condition_turned_round_is_the_rest(assistant: Assistant) -> None:
    everything = ask(assistant, "services").total
    answer = ask(assistant, "services owned by the payments team")
    owner = next(c for c in answer.interpretation.chips if c.field == "owner")
    turned = change(assistant, answer.interpretation.plan, at=owner.at, op="not_eq")
    assert answer.total + turned.total == everything
    chip = next(c for c in turned.interpretation.chips if c.field == "owner")
    back = change(assistant, turned.interpretation.plan, at=chip.at, op="eq")
    assert back.interpretation.plan == answer.interpretation.plan


def test_several_values_mean_any_of_them(assistant: Assistant) -> None:
    answer = ask(assistant, "services owned by the payments team")
    owner = next(c for c in answer.interpretation.chips if c.field == "owner")
    found = offered(assistant, answer.interpretation.plan, owner.at or "")
    both = [c.value for c in found.values[:2]]
    changed = change(assistant, answer.interpretation.plan, at=owner.at, value=both)
    chip = next(c for c in changed.interpretation.chips if c.field == "owner")
    assert (chip.op, chip.value) == ("in", both)


def test_typing_narrows_the_values_down(assistant: Assistant) -> None:
    answer = ask(assistant, "services owned by the payments team")
    owner = next(c for c in answer.interpretation.chips if c.field == "owner")
    found = offered(assistant, answer.interpretation.plan, owner.at or "", "PAYM")
    assert found.values
    assert all("paym" in f"{c.label} {c.value}".lower() for c in found.values)


@pytest.mark.parametrize("at", ["/nowhere", "/where/of/99", "where", "/kinds/0/x", "/node"])
def test_a_place_that_is_no_condition_is_refused(at: str, assistant: Assistant) -> None:
    plan = ask(assistant, "tier 1 services").interpretation.plan
    with pytest.raises(UserError):
        offered(assistant, plan, at)
    with pytest.raises(UserError):
        change(assistant, plan, at=at, value="x")


def test_an_operator_that_does_not_fit_is_refused(assistant: Assistant) -> None:
    answer = ask(assistant, "tier 1 services")
    tier = next(c for c in answer.interpretation.chips if c.field == "tier")
    with pytest.raises(BadRequest, match="matches"):
        change(assistant, answer.interpretation.plan, at=tier.at, op="matches")


@pytest.mark.parametrize(
    ("at", "own"),
    [
        ("/where", True),
        ("/where/of/0", True),
        ("/of/where/of/12", True),
        ("/where/of/0/of", False),
        ("/where/of/1/to/where", False),
        ("/start/where", False),
    ],
)
def test_conditions_of_a_set_itself(at: str, own: bool) -> None:
    assert is_own(at) is own


def test_look_up_follows_a_pointer() -> None:
    assert look_up({"a": [{"b": 1}]}, "/a/0/b") == 1
    with pytest.raises(BadRequest):
        look_up({"a": []}, "/a/0")


def _pointers(data: object, at: str = "") -> Iterator[str]:
    yield at
    if isinstance(data, dict):
        for name, child in data.items():
            yield from _pointers(child, f"{at}/{name}")
    elif isinstance(data, list):
        for number, child in enumerate(data):
            yield from _pointers(child, f"{at}/{number}")


STRANGE: list[dict[str, Any]] = [
    {"node": "select", "kinds": ["Nonsense"]},
    {"node": "select", "kinds": ["Component", "Deployment"]},
    {
        "node": "select",
        "where": {
            "node": "not",
            "of": {
                "node": "not",
                "of": {"node": "compare", "field": "tier", "op": "in", "value": [1, 2]},
            },
        },
    },
    {"node": "select", "where": {"node": "compare", "field": "nonsense", "op": "exists"}},
    {
        "node": "select",
        "where": {"node": "related", "relation": "nonsense", "to": {"node": "select"}},
    },
    {"node": "select", "where": {"node": "any", "of": []}},
    {
        "node": "aggregate",
        "function": "count",
        "of": {"node": "select", "kinds": ["Nonsense"]},
        "group_by": "nonsense",
        "metric": "nonsense",
        "window": {"start": "nonsense"},
        "every": "week",
    },
]

EDITS: list[dict[str, Any]] = [
    {"value": "nonsense"},
    {"value": ["a", "b"]},
    {"value": 3, "op": "lt"},
    {"op": "not_exists"},
    {"op": "nonsense"},
    {},
]


@pytest.mark.parametrize("number", range(len(STRANGE) + 2))
def test_any_place_of_any_plan_is_answered_or_refused_in_words(
    number: int, assistant: Assistant
) -> None:
    """Plans and places come from outside: nothing but a deliberate refusal may come of them."""
    ours = [ask(assistant, q).interpretation.plan for q in (QUESTIONS[0], QUESTIONS[8])]
    plan = [*STRANGE, *ours][number]
    whole = read_plan(plan).model_dump(mode="json")
    for at in _pointers(whole):
        with suppress(UserError):
            offered(assistant, whole, at)
        for edit in EDITS:
            with suppress(UserError):
                change(assistant, whole, at=at, **edit)
