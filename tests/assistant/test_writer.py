"""The optional writer: what a model says is shown only where the cited lines say it too. The model here lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language_model import OpenAICompatible, language_model
from app.settings import load_settings
from assistant.assistant import Assistant
from assistant.support import support_of
from assistant.writer import WRITTEN
from catalog_store.snapshot import Snapshot
from tests.assistant.conftest import Endpoint
from tests.conftest import NOW

SOURCE = """Payment keys are rotated every 90 days by the Payments team. The old key is removed after the switch.

Do not restart `card-vault` during a rotation. The primary is paged first and pages the secondary after 10 minutes.

1. Add the new key with `vaultctl add --slot 2`.
2. Switch traffic in steps of 10 %.
"""

SUPPORTED = [
    "Payment keys are rotated every 90 days.",
    "The old key is removed after the switch [1].",
    "Do not restart `card-vault` during a rotation.",
    "Add the new key with `vaultctl add --slot 2`.",
]

LIES = [
    pytest.param("Payment keys are rotated every 30 days.", id="another number"),
    pytest.param("Restart `card-vault` during a rotation.", id="a denial left out"),
    pytest.param("Payment keys are not rotated every 90 days.", id="a denial put in"),
    pytest.param("The secondary is paged first and pages the primary.", id="roles changed"),
    pytest.param("The old key is removed before the switch.", id="another order"),
    pytest.param("Add the new key with `vaultctl add --slot 3`.", id="another command"),
    pytest.param("The Ledger team rotates payment keys every 90 days.", id="another team"),
    pytest.param("Payment keys must be rotated every 90 days.", id="a demand put in"),
    pytest.param("Only payment keys are rotated every 90 days.", id="a limit put in"),
    pytest.param("Keys live in #vault-help on Slack.", id="made up"),
    pytest.param("Yes.", id="says nothing"),
]


@pytest.mark.parametrize("sentence", SUPPORTED)
def test_a_shorter_or_smoother_sentence_is_supported(sentence: str) -> None:
    assert support_of(sentence, SOURCE) is not None


@pytest.mark.parametrize("sentence", LIES)
def test_what_the_source_does_not_say_is_not_supported(sentence: str) -> None:
    assert support_of(sentence, SOURCE) is None


def test_support_names_its_lines() -> None:
    lines = support_of("Switch traffic in steps of 10 %.", SOURCE, first_line=11)
    assert lines is not None
    assert (lines.first, lines.last) == (16, 16)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_judged(sentence: str, source: str) -> None:
    lines = support_of(sentence, source)
    assert lines is None or 1 <= lines.first <= lines.last <= source.count("\n") + 1


def _assistant(snapshot: Snapshot, endpoint: Endpoint) -> Assistant:
    url = f"http://127.0.0.1:{endpoint.server_address[1]}/v1"
    model = language_model(load_settings({"writer_url": url}, env={}))
    assert isinstance(model, OpenAICompatible)
    return Assistant(snapshot, model=model)


ASK = "how does an on-call shift work?"


def test_lies_are_dropped_and_the_rest_is_cited(
    demo_snapshot: Snapshot, endpoint: Endpoint
) -> None:
    endpoint.replies = [
        "The secondary is paged after 10 minutes without acknowledgement [1]. A shift is two weeks [1]. It is paid double [2]."
    ]
    answer = _assistant(demo_snapshot, endpoint).ask(ASK, now=NOW)
    assert answer.text == ("The secondary is paged after 10 minutes without acknowledgement. [1]")
    (citation,) = answer.citations
    assert citation.path == "handbook/on-call-policy.md"
    assert WRITTEN in answer.interpretation.assumptions
    assert "[1] On-call policy › The rota" in endpoint.asked[0]["messages"][1]["content"]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("Shifts last a fortnight, says the handbook [1].", id="nothing survives"),
        pytest.param("A shift is one week [9].", id="a passage that was not given"),
        pytest.param("NOTHING", id="nothing said"),
        pytest.param("", id="empty"),
        pytest.param(None, id="the endpoint fails"),
    ],
)
def test_else_the_quotation_stands(
    demo: Assistant, demo_snapshot: Snapshot, endpoint: Endpoint, reply: str | None
) -> None:
    endpoint.replies = [reply]
    answer = _assistant(demo_snapshot, endpoint).ask(ASK, now=NOW)
    quoted = demo.ask(ASK, now=NOW)
    assert (answer.text, answer.citations) == (quoted.text, quoted.citations)
    assert WRITTEN not in answer.interpretation.assumptions


def test_a_model_that_failed_is_left_alone_for_a_while(
    demo_snapshot: Snapshot, endpoint: Endpoint
) -> None:
    endpoint.replies = [None]
    assistant = _assistant(demo_snapshot, endpoint)
    for _ in range(3):
        assert assistant.ask(ASK, now=NOW).status == "answered"
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "ask", ["who owns checkout?", "CardVaultSealed is firing", "how do I rotate the Stripe key?"]
)
def test_rows_runbooks_and_steps_are_never_reworded(
    demo: Assistant, demo_snapshot: Snapshot, endpoint: Endpoint, ask: str
) -> None:
    answer = _assistant(demo_snapshot, endpoint).ask(ask, now=NOW)
    assert answer.text == demo.ask(ask, now=NOW).text
    assert endpoint.asked == []
