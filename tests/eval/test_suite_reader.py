"""Suites are read whole, or refused with every mistake and its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog_store.errors import InvalidSuite
from eval.suite_reader import read_suite

GOOD = """\
org: shop
now: 2026-11-20T12:00:00Z
questions:
- {id: a, type: lookup, question: who owns checkout?, expect: {results: [group:default/payments]}}
- {id: b, type: follow-up, question: and basket?, after: a, as: user:default/jane, held_out: true, expect: {status: [empty, unknown_name]}}
"""


def _read(folder: Path, text: str, name: str = "cases.yaml") -> object:
    path = folder / name
    path.write_text(text)
    return read_suite(path)


def test_a_file_of_cases_is_a_suite(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text(GOOD)
    suite = read_suite(tmp_path / "cases.yaml")
    assert [case.id for case in suite.cases] == ["a", "b"]
    assert suite.now is not None
    assert suite.now.isoformat() == "2026-11-20T12:00:00+00:00"
    second = suite.by_id["b"]
    assert (second.asker, second.after, second.held_out, second.line) == (
        "user:default/jane",
        "a",
        True,
        5,
    )
    assert [[case.id for case in chain] for chain in suite.conversations()] == [["a", "b"]]


@dataclass(frozen=True)
class Mistake:
    """A text that cannot be used, and what is said of it."""

    id: str
    text: str
    says: str


HEAD = "questions:\n"
MISTAKES = [
    Mistake(
        "no id", HEAD + "- {type: t, question: q, expect: {value: 1}}", ":2: a case without 'id'"
    ),
    Mistake(
        "an unknown key of a case",
        HEAD + "- {id: a, type: t, question: q, expects: {value: 1}}",
        "unknown key 'expects'; did you mean 'expect'?",
    ),
    Mistake(
        "an unknown expectation, on its own line",
        HEAD + "- id: a\n  type: t\n  question: q\n  expect:\n    resuts: [x]",
        ":6: unknown key 'resuts'; did you mean 'results'?",
    ),
    Mistake(
        "a status nobody gives",
        HEAD + "- {id: a, type: t, question: q, expect: {status: fine}}",
        "status is 'fine'; expected one of answered",
    ),
    Mistake(
        "nothing expected", HEAD + "- {id: a, type: t, question: q}", "a case without `expect`"
    ),
    Mistake(
        "an id said twice",
        HEAD + "- {id: a, type: t, question: q, expect: {value: 1}}\n" * 2,
        ":3: the id 'a' is taken, at ",
    ),
    Mistake(
        "a follow-up of nothing",
        HEAD + "- {id: a, type: t, question: q, after: z, expect: {value: 1}}",
        "comes after 'z', which no case is called",
    ),
    Mistake(
        "a circle",
        HEAD
        + "- {id: a, type: t, question: q, after: b, expect: {value: 1}}\n"
        + "- {id: b, type: t, question: q, after: a, expect: {value: 1}}",
        "comes after itself",
    ),
    Mistake("a moment that is none", "now: soon\nquestions: []", ":1: now is 'soon'"),
    Mistake("not YAML", "questions: [", "not valid YAML"),
    Mistake("a list", "- a", "expected `questions:`"),
    Mistake("a suite of nothing", "name: x", "names no cases"),
    Mistake(
        "a file that is not there", "cases: [nowhere.yaml]", "no file is called 'nowhere.yaml'"
    ),
    Mistake("no such folder", "organisation: nowhere\ncases: []", "there is no folder"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.id)
def test_mistakes_are_named_with_their_line(tmp_path: Path, mistake: Mistake) -> None:
    with pytest.raises(InvalidSuite) as refused:
        _read(tmp_path, mistake.text)
    assert mistake.says in str(refused.value)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidSuite) as refused:
        _read(tmp_path, HEAD + "- {id: a}\n- {id: b, type: t, question: q, expect: {value: []}}")
    assert len(refused.value.mistakes) == 4


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSuite, match="not text in UTF-8"):
        read_suite(tmp_path / "cases.yaml")


def test_the_shorter_dialect(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text(
        "now: 2026-05-04T09:00:00\nquestions:\n"
        "- {id: a, topic: groups, ask: q, expect: {rows_include: [{key: x, value: 1}], says: [y]}}\n"
    )
    case = read_suite(tmp_path / "cases.yaml").cases[0]
    assert (case.type, case.question) == ("groups", "q")
    assert case.expect == {"rows": {"x": 1}, "rows_include": True, "holds": ["y"]}


def test_retrieval_files_become_cases(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "how", "metadata": {"style": "symptom"}}\n{"id": "q2", "text": "nothing"}\n'
    )
    (tmp_path / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tdocs/A.md\t2\nq1\tdocs/b.md\t0\n"
    )
    (tmp_path / "suite.yaml").write_text(
        "retrieval: [{queries: queries.jsonl, qrels: qrels.tsv, search: true}]"
    )
    first, second = read_suite(tmp_path).cases
    assert first.expect["relevant"] == {"docs/A.md": 2, "docs/b.md": 0}
    assert first.expect["passage"]["paths"] == ["docs/A.md"]
    assert (first.type, first.search) == ("symptom", True)
    assert "answered" not in second.expect["status"]


def test_a_broken_retrieval_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1"}\n')
    (tmp_path / "qrels.tsv").write_text("q1 a.md high\n")
    (tmp_path / "suite.yaml").write_text("retrieval: [{queries: queries.jsonl, qrels: qrels.tsv}]")
    with pytest.raises(InvalidSuite) as refused:
        read_suite(tmp_path)
    assert [m.rpartition("/")[2].split(" ")[0] for m in refused.value.mistakes] == [
        "qrels.tsv:1:",
        "queries.jsonl:1:",
    ]
