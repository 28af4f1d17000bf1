"""Answers from pages: what is said of the page itself, who is called at night, and what is offered when none answers."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.assistant import Assistant
from assistant.escalation import alerting, escalation
from assistant.page_notes import _differ
from catalog_store.snapshot import Snapshot
from tests.conftest import NOW


def test_a_superseded_record_names_the_one_that_counts(demo: Assistant) -> None:
    answer = demo.ask("explain ADR 4: RabbitMQ for events", now=NOW)
    assert answer.passages[0].path == "handbook/adr-0004-rabbitmq-for-events.md"
    assert (
        "> This record is superseded; **ADR 11: Kafka for events** counts now [2]." in answer.text
    )
    assert answer.citations[1].path == "handbook/adr-0011-kafka-for-events.md"


def test_reasons_come_from_the_decision_that_counts(demo: Assistant) -> None:
    answer = demo.ask("why did we choose kafka?", now=NOW)
    assert answer.status == "answered"
    assert answer.passages[0].path == "handbook/adr-0011-kafka-for-events.md"


def test_a_page_nobody_reviewed_for_a_year_says_so(demo: Assistant) -> None:
    answer = demo.ask("PayoutCutoffMissed is firing, what now?", now=NOW)
    assert "> Last reviewed " in answer.text
    assert "check before relying on it" in answer.text
    fresh = demo.ask("CheckoutHighErrorRate is firing, what now?", now=NOW)
    assert "> Last reviewed" not in fresh.text


def test_a_runbook_leads_with_mitigation_and_ends_with_whom_to_call(
    demo: Assistant, demo_snapshot: Snapshot
) -> None:
    answer = demo.ask("CheckoutHighErrorRate is firing, what now?", now=NOW)
    assert answer.text.startswith("**Checkout fails for many travellers** › Mitigation [1]:")
    tail = answer.text.split("**service Checkout** right now:")[1]
    on_call = demo.ask("who is on call for checkout?", now=NOW)
    if on_call.results:
        assert on_call.results[0].title in tail
    deployed = demo.ask("when was checkout last deployed?", now=NOW).value
    assert deployed is not None
    assert date.fromisoformat(str(deployed)[:10]).isoformat() in tail
    dashboard = demo_snapshot.catalog.fetch(
        "SELECT dashboard FROM entities WHERE ref = 'component:default/checkout'"
    )[0]["dashboard"]
    assert dashboard is None or f"Dashboard: {dashboard}" in tail


def test_a_symptom_with_a_wish_to_act_leads_with_mitigation(demo: Assistant) -> None:
    answer = demo.ask("card vault is sealed, what should I do?", now=NOW)
    assert answer.passages[0].path == "runbooks/card-vault-sealed.md"
    assert "› Mitigation" in answer.text.splitlines()[0]
    assert "right now:" in answer.text


def test_a_refusal_names_the_nearest_page_and_who_keeps_it(demo: Assistant) -> None:
    answer = demo.ask("how do I rotate the GitHub deploy keys of the website?", now=NOW)
    assert answer.status != "answered"
    assert "nearest page is **" in answer.text
    assert "would know" in answer.text


@pytest.mark.parametrize("talk", ["what's the weather?", "tell me a joke"])
def test_small_talk_is_offered_no_page(demo: Assistant, talk: str) -> None:
    answer = demo.ask(talk, now=NOW)
    assert (answer.status, answer.options) == ("out_of_scope", ())


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        ("Backups are kept for 30 days.", "Backups are kept 90 days.", True),
        ("Backups are kept for 30 days.", "They are kept 30 days, checked every 2 hours.", False),
        ("Kept for 30 days.", "Kept for 4 weeks.", False),
        ("A canary gets 5 %.", "A canary gets 10 % of traffic.", True),
    ],
)
def test_numbers_of_one_unit_are_compared(ours: str, theirs: str, differ: bool) -> None:
    assert _differ(ours, theirs) is differ


def test_whom_to_call_is_known_for_things_not_for_teams(demo: Assistant) -> None:
    refs = ("group:default/booking", "component:default/checkout")
    assert escalation(refs, demo.engine, NOW).startswith("**service Checkout** right now:")
    assert escalation(refs[:1], demo.engine, NOW) == ""
    assert alerting("NoSuchAlert", demo.engine) == ()


def test_a_page_that_only_bears_the_name_does_not_answer(demo: Assistant) -> None:
    answer = demo.ask("how do I paint the ticket-issuer purple with watercolours?", now=NOW)
    assert answer.status != "answered"
