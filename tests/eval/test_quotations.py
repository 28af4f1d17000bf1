"""What answers cite holds what they say: every quoted line, passage and cited fact of every suite, against the files themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.assistant import Assistant
from eval.quotations import Statement, statements, unsupported
from eval.retrieval.sets import read_set
from eval.suite_reader import read_suite
from tests.conftest import NOW
from tests.eval.conftest import OWN, SUITES, Asked, files_of

FEWEST = {"waybright": 400, "clinic": 250, "orbital": 250, "waterworks": 400}
"""Statements that are looked at: a check that finds nothing to look at holds whatever is answered."""


@pytest.mark.parametrize("name", OWN)
def test_every_citation_of_a_suite_holds_what_is_said(
    asked: Callable[[str], Asked], demo_store: Path, name: str
) -> None:
    roots = files_of(read_suite(SUITES / name), demo_store)
    answers = asked(name).answers
    wrong = [one for answer in answers for one in unsupported(answer, roots)]
    assert not wrong
    assert sum(len(list(statements(answer))) for answer in answers) >= FEWEST.get(name, 1)


def test_every_citation_of_an_answer_from_pages_holds_what_is_said(
    demo: Assistant, demo_store: Path
) -> None:
    asked = read_set(SUITES / "waybright_pages", ())
    answers = [demo.ask(text, now=NOW).model_dump(mode="json") for text in asked.queries.values()]
    roots = [demo_store.parent / "files"]
    assert not [one for answer in answers for one in unsupported(answer, roots)]
    assert sum(len(list(statements(answer))) for answer in answers) >= 100


PAGE = "---\ntitle: Keys\n---\n\n## Rotate\n\nAsk for a second key. Then switch.\n\n| Key | Days |\n|---|---|\n| live | 90 |\n"


def _answer(
    text: str, lines: tuple[int, int], ref: str = "doc:keys.md", **more: Any
) -> dict[str, Any]:
    citation = {"id": 1, "path": "keys.md", "lines": list(lines), "ref": ref}
    return {
        "status": "answered",
        "text": text,
        "citations": [citation],
        "interpretation": {"chips": []},
        **more,
    }


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        pytest.param(_answer("**Keys** › Rotate [1]:\n\nThen switch.", (7, 7)), [], id="verbatim"),
        pytest.param(
            _answer("**Keys** › Rotate [1]:\n\nThen switch.", (5, 5)),
            ["Then switch."],
            id="other lines",
        ),
        pytest.param(
            _answer("**Keys** › Rotate [1]:\n\nNow switch.", (7, 7)),
            ["Now switch."],
            id="other words",
        ),
        pytest.param(
            _answer("**Keys** [1]:\n\n| Key | Days |\n|---|---|\n| live | 90 |", (11, 11)),
            ["| Key | Days |", "|---|---|"],
            id="a header that is not cited",
        ),
        pytest.param(
            _answer(
                "**Keys** [1]:\n\nThen switch.\n\n> **Other** says otherwise: “switch first” [1]",
                (7, 7),
            ),
            ["switch first"],
            id="a remark",
        ),
        pytest.param(
            _answer("**90**", (11, 11), "component:default/live-key", value=90), [], id="a value"
        ),
        pytest.param(
            _answer("**80**", (11, 11), "component:default/test-key", value=80),
            ["component:default/test-key"],
            id="another value",
        ),
        pytest.param(_answer("nothing", (1, 1)) | {"status": "out_of_scope"}, [], id="a refusal"),
    ],
)
def test_what_is_unsupported(tmp_path: Path, answer: Mapping[str, Any], wrong: list[str]) -> None:
    (tmp_path / "keys.md").write_text(PAGE)
    assert [one.said for one in unsupported(answer, [tmp_path])] == wrong


def test_a_passage_is_held_against_its_lines(tmp_path: Path) -> None:
    (tmp_path / "keys.md").write_text(PAGE)
    passage = {
        "path": "keys.md",
        "ref": "doc:keys.md",
        "lines": [5, 7],
        "text": "Ask for a third key.",
    }
    answer = _answer("**Keys** [1]:\n\nThen switch.", (7, 7), passages=[passage])
    (one,) = unsupported(answer, [tmp_path])
    assert one == Statement("Ask for a third key.", "keys.md", (5, 7), ("Ask for a third key.",))


def test_a_moment_is_compared_by_its_day() -> None:
    at = datetime(2026, 4, 2, tzinfo=UTC).isoformat()
    answer = _answer("**2 April**", (1, 1), "resource:default/db", value=at)
    (one,) = statements(answer)
    assert one.held("restore-tested-on: '2026-04-02'")
    assert not one.held("restore-tested-on: '2026-04-03'")
