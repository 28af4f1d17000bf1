"""An answer's progress comes as events, each stage when it is reached, and ends in the answer that JSON would have been."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import NOW


def events(client: httpx.Client, **body: Any) -> list[tuple[str, dict[str, Any]]]:
    body["now"] = NOW.isoformat()
    with client.stream(
        "POST", "/v1/ask", json=body, headers={"Accept": "text/event-stream"}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        text = response.read().decode()
    found = []
    for block in text.strip().split("\n\n"):
        name, _, data = block.partition("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize(
    ("question", "stages"),
    [
        ("who owns checkout?", ["reading", "rows", "text", "answer"]),
        ("how do I restart the stuck workers?", ["reading", "passages", "text", "answer"]),
        ("what's the weather?", ["reading", "text", "answer"]),
    ],
)
def test_stages_come_in_order(question: str, stages: list[str], real: httpx.Client) -> None:
    assert [name for name, _ in events(real, question=question)] == stages


def test_the_stages_say_what_the_answer_says(real: httpx.Client) -> None:
    said = dict(events(real, question="components owned by payments"))
    answer = said["answer"]
    assert said["reading"]["text"] == answer["interpretation"]["text"]
    assert said["rows"]["total"] == answer["total"] == 2
    assert said["text"]["text"] == answer["text"]


def test_the_answer_is_the_one_that_json_would_have_been(real: httpx.Client) -> None:
    body = {"question": "who owns checkout?", "now": NOW.isoformat(), "conversation": "c"}
    streamed = dict(events(real, **body))["answer"]
    plain = real.post("/v1/ask", json=body).json()
    assert {**streamed, "took_ms": 0} == {**plain, "took_ms": 0}


def test_a_plan_that_is_none_ends_in_a_problem(real: httpx.Client) -> None:
    [(name, problem)] = events(real, plan={"node": "nonsense"})
    assert name == "problem"
    assert problem["status"] == 400
    assert problem["request_id"]


def test_a_malformed_request_is_refused_before_the_stream(real: httpx.Client) -> None:
    response = real.post("/v1/ask", json={}, headers={"Accept": "text/event-stream"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
