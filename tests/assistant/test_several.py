"""Messages of several clauses: all that is asked is answered, what is only told restricts nothing, and half a question is none."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from search.understand.sentences import clauses, told
from tests.conftest import NOW


def test_all_that_is_asked_is_answered_and_what_is_told_is_said_to_be_the_background(
    demo: Assistant,
) -> None:
    ask = "hey team - we see 500s from checkout since this morning, who owns it and is there a runbook?"
    answer = demo.ask(ask, now=NOW)
    assert answer.results[0].ref == "group:default/booking"
    assert "runbook:runbooks/checkout-high-error-rate.md" in {r.ref for r in answer.results}
    assert "as the background" in answer.text
    [unused] = answer.interpretation.unused
    assert ask[unused.span[0] : unused.span[1]] == unused.text


def test_marks_in_the_text_lead_to_the_citations_of_all_parts(demo: Assistant) -> None:
    answer = demo.ask("who owns the ledger? and how do I close a period?", now=NOW)
    assert [c.id for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert "docs/ledger/docs/period-close.md" in {p.path for p in answer.passages}


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        pytest.param("requests per second on checkout, how many", "no_such_fact", id="half of it"),
        pytest.param("we had lunch, what is the weather?", "out_of_scope", id="nothing of ours"),
    ],
)
def test_refused_as_a_whole(demo: Assistant, ask: str, status: str) -> None:
    assert demo.ask(ask, now=NOW).status == status


def test_a_refusal_leaves_its_subject(demo: Assistant) -> None:
    first = demo.ask("cpu usage of basket", now=NOW)
    assert first.status == "no_such_fact"
    second = demo.ask("and who owns it?", now=NOW, conversation=first.conversation)
    assert [r.ref for r in second.results] == ["group:default/booking"]


def test_a_name_nobody_bears_leaves_nothing(demo: Assistant) -> None:
    first = demo.ask("tier of basket", now=NOW)
    unknown = demo.ask("who owns quux-service", now=NOW, conversation=first.conversation)
    assert unknown.status == "unknown_name"
    third = demo.ask("and its repo?", now=NOW, conversation=first.conversation)
    assert third.status != "answered"


def test_whoever_keeps_the_page_of_a_topic_would_know(demo: Assistant) -> None:
    answer = demo.ask("who do I talk to about personal data erasure?", now=NOW)
    assert [r.ref for r in answer.results] == ["group:default/identity"]
    assert answer.citations[0].path == "handbook/data-protection.md"
    assert demo.ask("who do I talk to about parking?", now=NOW).status != "answered"


def test_a_page_of_another_thing_gives_no_fact_of_the_named_one(demo: Assistant) -> None:
    assert demo.ask("what are the rate limits of fare quote", now=NOW).status == "no_such_fact"
    assert demo.ask("error rate of payment service right now", now=NOW).status == "no_such_fact"


@pytest.mark.parametrize(
    ("text", "asked", "setting"),
    [
        ("checkout is on fire whom do I wake", ["whom do I wake"], ["checkout is on fire"]),
        ("do you know who owns the ledger", ["do you know who owns the ledger"], []),
        ("v2.1 of basket is slow. any idea?", ["any idea"], ["v2.1 of basket is slow"]),
        ("two questions: who owns it and where is it?", ["who owns it", "where is it"], []),
    ],
)
def test_clauses(text: str, asked: list[str], setting: list[str]) -> None:
    parts = clauses(text)
    assert [c.text for c in parts if c.asks] == asked
    assert [c.text for c in told(parts)] == setting
    assert all(text[c.start : c.start + len(c.text)] == c.text for c in parts)
