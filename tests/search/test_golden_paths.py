"""What someone wants to make: the templates by intent, and what is no wish for one."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from tests.conftest import NOW

T = "template:default/"


@pytest.mark.parametrize(
    ("ask", "templates"),
    [
        pytest.param("new python service", ["python-service"], id="type and language"),
        pytest.param("spin up a postgres", ["postgres-database"], id="the start of a word"),
        pytest.param("I need a data pipeline", ["data-pipeline"], id="a need, wholly stated"),
        pytest.param("onboard a team", ["onboard-team"], id="a verb of the title"),
        pytest.param("is there a template for a website?", ["react-website"], id="asked for"),
        pytest.param("scaffold a go service", ["go-service"], id="scaffold"),
        pytest.param(
            "new service", ["python-service", "go-service"], id="several, recommended first"
        ),
        pytest.param(
            "one like basket", ["go-service"], id="type and language of what it resembles"
        ),
    ],
)
def test_a_wish_is_answered_by_its_templates(
    demo: Assistant, ask: str, templates: list[str]
) -> None:
    answer = demo.ask(ask, now=NOW)
    assert answer.status == "answered"
    assert [r.ref for r in answer.results] == [T + name for name in templates]


def test_a_golden_path_tells_parameters_owner_and_page(demo: Assistant) -> None:
    answer = demo.ask("spin up a postgres", now=NOW)
    assert "`name` (required)" in answer.text
    assert "`size`" in answer.text
    assert "owned by team Platform Engineering" in answer.text
    assert answer.passages[0].path == "handbook/golden-path-database.md"
    assert answer.citations[0].path == answer.passages[0].path
    assert answer.citations[1].path == "catalog/templates/postgres-database.yaml"
    assert [c.id for c in answer.citations] == [1, 2]


def test_a_wish_nothing_makes_wholly_says_which_words_are_not_met(demo: Assistant) -> None:
    answer = demo.ask("new service for parking", now=NOW)
    assert answer.text.startswith("No template mentions “parking”.")
    assert {r.fields["owner"] for r in answer.results} == {"group:default/platform"}


def test_a_language_no_template_is_written_in_is_not_bent_to_another(demo: Assistant) -> None:
    for ask in ("new cobol service", "template for a kotlin service", "one like journey planner"):
        answer = demo.ask(ask, now=NOW)
        assert answer.status == "empty"
        assert not answer.results
        assert {o.ref for o in answer.options} == {T + "python-service", T + "go-service"}


def test_what_is_unmet_is_said_beside_the_language_that_is(demo: Assistant) -> None:
    answer = demo.ask("new python service for parking", now=NOW)
    assert [r.ref for r in answer.results] == [T + "python-service"]
    assert answer.text.startswith("No template mentions “parking”.")


def test_a_wish_without_any_template_says_so(demo: Assistant) -> None:
    answer = demo.ask("scaffold for a quantum reactor", now=NOW)
    assert answer.status == "no_such_fact"
    assert "a template for that" in answer.text


def test_likeness_names_things_of_the_same_sort(demo: Assistant) -> None:
    answer = demo.ask("a service like basket", now=NOW)
    assert "To make one like **service Basket**" in answer.text
    assert "Of the same sort: **service " in answer.text


@pytest.mark.parametrize(
    "ask",
    [
        "I need a list of services",
        "what does basket look like",
        "templates owned by the platform team",
        "how many templates are there?",
        "who owns the python service template?",
        "services like basket that failed to deploy last week",
    ],
)
def test_no_wish(demo: Assistant, ask: str) -> None:
    answer = demo.ask(ask, now=NOW)
    assert "It asks for" not in answer.text
