"""What a server says about itself: one JSON object a line, without the question."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from app.observe import REQUEST_ID, JsonLines, Measures
from assistant.answer import Answer, AnswerKind, Interpretation, Status

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
        Measures().question("http", ANSWER, seconds=0.0031, snapshot="s1", length=12)
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
    measures.question("http", ANSWER, seconds=0.002, snapshot="s1", length=1)
    text = measures.text().decode()
    assert 'callboard_questions_total{status="empty",surface="http"} 1.0' in text
    assert 'callboard_answer_seconds_bucket{le="0.0025",surface="http"} 1.0' in text
