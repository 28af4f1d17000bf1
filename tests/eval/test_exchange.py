"""Suites come from spreadsheets and go to other tools, and mean the same there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from catalog_store.errors import InvalidSuite, UserError
from eval.exporters import export_beir, export_promptfoo, pages_of_store
from eval.importers import import_csv, import_questions, write_cases, written
from eval.suite_reader import read_suite
from tests.api.conftest import files, store

__all__ = ["files", "store"]

SHEET = """\
Question;Expected;Status;Value;Says;Category;User
who owns checkout?;group:default/payments;;;;owners;
services of payments;"component:default/a | component:default/b";;;;;user:default/jane
how many services are there?;;;1,234;;;
is checkout deprecated?;;;no;;;
what's the weather?;;out_of_scope | no_such_fact;;;;
orphans?;-;;;;;

what is consent-manager for?;;;;cookie;;
"""


def test_a_spreadsheet_becomes_a_suite(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(SHEET)
    cases = import_csv(tmp_path / "sheet.csv")
    assert [case["expect"] for case in cases] == [
        {"results": ["group:default/payments"]},
        {"results": ["component:default/a", "component:default/b"]},
        {"value": 1234},
        {"value": False},
        {"status": ["out_of_scope", "no_such_fact"]},
        {"results": []},
        {"says": ["cookie"]},
    ]
    assert cases[0]["type"] == "owners"
    assert cases[1]["as"] == "user:default/jane"
    write_cases(
        tmp_path / "suite", cases, name="sheet", now="2026-11-20T12:00:00Z", origin="sheet.csv"
    )
    suite = read_suite(tmp_path / "suite")
    assert [written(case) for case in suite.cases] == cases


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", ":1: no column of questions"),
        ("question,status\nwho?,\n", ":2: needs a question and something to expect"),
    ],
)
def test_a_spreadsheet_that_says_too_little(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "sheet.csv").write_text(text)
    with pytest.raises(InvalidSuite) as refused:
        import_csv(tmp_path / "sheet.csv")
    assert says in str(refused.value)


def test_a_file_of_questions_is_taken_over_whole(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(
        "org: x\nnow: 2026-11-20T12:00:00Z\nquestions:\n"
        "- {id: a, type: t, question: q, as: user:default/j, held_out: true, expect: {value: 1, tolerance: 0.1}}\n"
    )
    suite, cases = import_questions(tmp_path / "q.yaml")
    assert suite.now is not None
    assert cases == [
        {"id": "a", "type": "t", "question": "q", "as": "user:default/j", "held_out": True, "expect": {"value": 1, "tolerance": 0.1}}
    ]  # fmt: skip


def test_promptfoo_asks_the_same(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(
        "now: 2026-11-20T12:00:00Z\nquestions:\n"
        "- {id: a, type: t, question: who owns x?, expect: {results: [b:c/d]}}\n"
        "- {id: b, type: t, question: and y?, after: a, expect: {value: 1}}\n"
    )
    path = export_promptfoo(read_suite(tmp_path / "q.yaml"), tmp_path / "out", url="http://h:1/")
    config = yaml.safe_load(path.read_text())
    assert config["providers"][0]["id"] == "http://h:1/v1/ask"
    assert [test["description"] for test in config["tests"]] == ["a"]
    assert config["tests"][0]["vars"]["question"] == "who owns x?"
    checks = [check["value"] for check in config["tests"][0]["assert"]]
    assert checks[0] == '["answered"].includes(output.status)'
    assert '[\\"b:c/d\\"]' in checks[1]


def test_beir_holds_queries_judgements_and_pages(tmp_path: Path, store: Path) -> None:
    (tmp_path / "q.yaml").write_text(
        "questions:\n"
        "- {id: a, type: symptom, question: slow checkout, expect: {passage: {paths: [runbooks/checkout-slow.md]}}}\n"
        "- {id: b, type: t, question: q, expect: {value: 1}}\n"
    )
    suite = read_suite(tmp_path / "q.yaml")
    queries, qrels, corpus = export_beir(suite, tmp_path / "out", pages=pages_of_store(store))
    assert json.loads(queries.read_text()) == {
        "_id": "a",
        "text": "slow checkout",
        "metadata": {"style": "symptom"},
    }
    assert qrels.read_text().splitlines() == [
        "query-id\tcorpus-id\tscore",
        "a\trunbooks/checkout-slow.md\t1",
    ]
    (page,) = map(json.loads, corpus.read_text().splitlines())
    assert page["_id"] == "runbooks/checkout-slow.md"
    assert "Restart the stuck workers" in page["text"]


def test_beir_of_a_suite_without_pages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(
        "questions:\n- {id: b, type: t, question: q, expect: {value: 1}}\n"
    )
    with pytest.raises(UserError, match="expects no pages"):
        export_beir(read_suite(tmp_path / "q.yaml"), tmp_path, pages={})
