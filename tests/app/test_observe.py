"""What a server says about itself: one JSON object a line, without the question."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from app.observe import REQUEST_ID, JsonLines, Measures, reason
from assistant.answer import Answer, AnswerKind, Interpretation, Status
from catalog_store.errors import IndexMismatch, UnsafeSQL
from search.stages import reached, telling

ANSWER = Answer(
    status=Status.EMPTY,
    kind=AnswerKind.ENTITIES,
    text="Nothing.",
    interpretation=Interpretation(text="a secret reading", as_of=datetime(2026, 1, 1, tzinfo=UTC)),
)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_a_question_leaves_one_line_with_its_request_and_without_its_text() -> None:
    handler, logger = _Lines(), logging.getLogger("callboard")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    token = REQUEST_ID.set("req-7")
    try:
        Measures().question("http", ANSWER, seconds=0.0031, snapshot="s1", question="who owns x?!")
    finally:
        REQUEST_ID.reset(token)
        logger.removeHandler(handler)
    assert len(handler.lines) == 1
    line = json.loads(handler.lines[0])
    assert (line["request_id"], line["status"], line["ms"], line["question_chars"]) == (
        "req-7",
        "empty",
        3.1,
        12,
    )
    assert "secret" not in handler.lines[0]


def test_measures_are_in_the_prometheus_text_format() -> None:
    measures = Measures()
    measures.question("http", ANSWER, seconds=0.002, snapshot="s1", question="?")
    text = measures.text().decode()
    assert 'callboard_questions_total{status="empty",surface="http"} 1.0' in text
    assert 'callboard_answer_seconds_bucket{le="0.0025",surface="http"} 1.0' in text


def test_each_stage_of_an_answer_is_timed() -> None:
    measures = Measures()
    with measures.answering("http"):
        reached("reading", dict)
        reached("text", dict)
    text = measures.text().decode()
    for stage in ("reading", "text"):
        assert f'callboard_answer_stage_seconds_count{{stage="{stage}"}} 1.0' in text
    assert 'stage="rows"' not in text


def test_a_listener_and_the_timer_both_hear() -> None:
    heard: list[object] = []
    measures = Measures()
    with telling(lambda stage, said: heard.append((stage, said))), measures.answering("http"):
        reached("rows", lambda: {"total": 2})
    assert heard == [("rows", {"total": 2})]
    assert 'callboard_answer_stage_seconds_count{stage="rows"} 1.0' in measures.text().decode()


def test_a_traceback_says_where_but_not_what_was_asked() -> None:
    def ask(question: str) -> None:
        raise KeyError(question)

    question = " ".join(["who", "is", "leaving"])
    try:
        ask(question)
    except KeyError:
        record = logging.LogRecord("callboard", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    line = JsonLines().format(record)
    assert question not in line
    assert "in ask" in json.loads(line)["traceback"]
    assert json.loads(line)["traceback"].endswith("KeyError")


def test_a_statement_is_not_logged() -> None:
    assert reason(UnsafeSQL("SELECT 'jane'")) == {}
    assert reason(IndexMismatch("built with another model")) == {
        "message": "built with another model"
    }
