"""A model may propose a reading where there is none; nothing it says is believed, and without it nothing changes."""

from __future__ import annotations

import json

import pytest

from app.language_model import language_model
from app.settings import load_settings
from assistant.answer import Answer, Status
from assistant.assistant import Assistant
from assistant.proposer import PROPOSED
from catalog_store.snapshot import Snapshot
from tests.assistant.conftest import Endpoint
from tests.conftest import NOW

ASK = "which services would suit a kotlin enthusiast"
KOTLIN = {
    "node": "select",
    "kinds": ["Component"],
    "where": {
        "node": "all",
        "of": [
            {"node": "compare", "field": "type", "op": "eq", "value": "service"},
            {"node": "compare", "field": "language", "op": "eq", "value": "kotlin"},
        ],
    },
}

LIES = {
    "no plan": "I think the answer is checkout.",
    "an empty plan": "{}",
    "half a plan": '{"node": "select", "kinds": [',
    "a field nobody declared": json.dumps(
        {"node": "select", "where": {"node": "compare", "field": "vibe", "op": "eq", "value": 1}}
    ),
    "a thing nobody named": json.dumps(
        {
            "node": "select",
            "where": {
                "node": "compare",
                "field": "ref",
                "op": "eq",
                "value": "component:default/ledger",
            },
        }
    ),
    "SQL": "SELECT * FROM entities; DROP TABLE entities",
    "pages": json.dumps({"node": "retrieve", "text": "kotlin"}),
    "nothing at all": "",
    "a deep nest": "[" * 5000 + "{" * 5000 + "}" * 5000,
}


def _ask(snapshot: Snapshot, endpoint: Endpoint, question: str, *, reads: str = "yes") -> Answer:
    url = f"http://127.0.0.1:{endpoint.server_address[1]}/v1"
    settings = load_settings({"writer_url": url, "writer_reads": reads}, env={})
    return Assistant(snapshot, model=language_model(settings)).ask(question, now=NOW)


def _same(answer: Answer) -> dict[str, object]:
    return answer.model_dump(mode="json", exclude={"conversation", "took_ms"})


def test_a_plan_that_stands_is_run_and_marked(demo_snapshot: Snapshot, endpoint: Endpoint) -> None:
    endpoint.replies = [f"Here you are:\n```json\n{json.dumps(KOTLIN)}\n```"]
    answer = _ask(demo_snapshot, endpoint, ASK)
    assert answer.status is Status.ANSWERED
    assert answer.results
    assert {r.fields["language"] for r in answer.results} == {"kotlin"}
    assert PROPOSED in answer.interpretation.assumptions
    assert "Question: which services would suit" in endpoint.asked[0]["messages"][1]["content"]


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_stand_changes_nothing(
    demo_snapshot: Snapshot, endpoint: Endpoint, lie: str
) -> None:
    endpoint.replies = [LIES[lie]]
    said = _same(_ask(demo_snapshot, endpoint, ASK))
    assert said == _same(Assistant(demo_snapshot).ask(ASK, now=NOW))
    assert len(endpoint.asked) == 1


def test_a_dead_endpoint_changes_nothing(demo_snapshot: Snapshot, endpoint: Endpoint) -> None:
    endpoint.replies = [None]
    said = _same(_ask(demo_snapshot, endpoint, ASK))
    assert said == _same(Assistant(demo_snapshot).ask(ASK, now=NOW))


@pytest.mark.parametrize(
    "question", ["who owns checkout?", "who owns the unicorn-dispatcher?", "tier 1 services"]
)
def test_what_the_grammar_reads_is_never_sent(
    demo_snapshot: Snapshot, endpoint: Endpoint, question: str
) -> None:
    _ask(demo_snapshot, endpoint, question)
    assert not endpoint.asked


def test_it_is_off_unless_it_is_set(demo_snapshot: Snapshot, endpoint: Endpoint) -> None:
    _ask(demo_snapshot, endpoint, ASK, reads="no")
    assert not endpoint.asked
