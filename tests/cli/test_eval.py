"""`callboard eval`: the exit code is the gate's, and the report is for programs and people."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from catalog_store.embedder import HashEmbedder
from catalog_store.publish import publish
from cli.main import app
from tests.catalog_store.samples import NOW, content
from tests.eval.test_runner import CASES


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(tmp_path / "store", content(), now=NOW, embedder=HashEmbedder())
    return tmp_path / "store"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "cases.yaml").write_text(
        "now: 2026-11-20T12:00:00Z\nquestions:\n"
        "- {id: cover, type: facts, question: coverage of the payment service, expect: {value: 91.5}}\n"
        "- {id: <&>, type: facts, question: 'coverage of the “payment” service <b>', expect: {value: 3}}\n"
    )
    (folder / "suite.yaml").write_text("name: ours\ncases: [cases.yaml]\n")
    return folder


def _run(*arguments: object) -> int:
    return app(["eval", *map(str, arguments)])


def test_without_a_gate_a_run_passes_and_is_reported(
    suite: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(suite, "--store", store, "--report", tmp_path / "out", "--show", 1) == 0
    said = capsys.readouterr().out
    assert "ours: right 50.0%" in said
    assert "read as: " in said
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["suites"]["ours"]["measures"]["right"]["value"] == 0.5
    page = (tmp_path / "out" / "report.html").read_text()
    assert "&lt;&amp;&gt;" in page
    assert "<script" not in page
    tests = ET.parse(tmp_path / "out" / "junit.xml").getroot().findall("testsuite")
    assert [(t.get("name"), t.get("tests"), t.get("failures")) for t in tests] == [
        ("ours", "2", "0"),
        ("gate", "0", "0"),
    ]


def test_a_gate_that_fails_is_exit_code_1(
    suite: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(suite, "--store", store, "--write-baseline", suite / "baseline.json") == 0
    (suite / "gate.yaml").write_text(
        "- {measure: right, at_least: 0.4}\n- {newly_wrong_at_most: 0}\n"
    )
    assert _run(suite, "--store", store) == 0
    (suite / "gate.yaml").write_text("- {measure: right, at_least: 0.9}\n")
    assert _run(suite, "--store", store, "--report", tmp_path / "out") == 1
    assert "gate FAILS: ours: right at least 0.9" in capsys.readouterr().out
    failures = ET.parse(tmp_path / "out" / "junit.xml").getroot().findall("*/testcase/failure")
    assert len(failures) == 1
    (tmp_path / "lax.yaml").write_text("- {measure: right, at_least: 0.1}\n")
    assert _run(suite, "--store", store, "--gate", tmp_path / "lax.yaml") == 0


def test_a_suite_that_cannot_be_read_lists_every_mistake(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("questions:\n- {id: a}\n")
    assert _run(tmp_path / "bad.yaml", "--store", store) == 1
    assert f"{tmp_path / 'bad.yaml'}:2: a case without 'type'" in capsys.readouterr().err


def test_nothing_to_ask_says_what_to_do(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(suite) == 1
    assert "pass --store DIR or --url URL" in capsys.readouterr().err


def test_only_one_type_is_asked(
    suite: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(suite, "--store", store, "--type", "time") == 1
    assert "has no question of type time; it has facts" in capsys.readouterr().err


def test_a_drawn_suite_runs_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.api.conftest import publish_store, write_organisation

    store = publish_store(write_organisation(tmp_path / "files"), tmp_path / "store")
    assert _run("generate", "--store", store, "--out", tmp_path / "drawn", "--number", 60) == 0
    assert "Read them, then: callboard eval" in capsys.readouterr().out
    assert _run(tmp_path / "drawn", "--store", store) == 0
    assert "drawn: right" in capsys.readouterr().out


def test_import_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.yaml").write_text(CASES)
    assert _run("import", tmp_path / "q.yaml", "--out", tmp_path / "ours") == 0
    assert "5 cases in" in capsys.readouterr().out
    assert _run("export", tmp_path / "ours", "--to", "promptfoo", "--out", tmp_path / "out") == 0
    assert (tmp_path / "out" / "promptfooconfig.yaml").exists()
    assert _run("export", tmp_path / "ours", "--to", "beir", "--out", tmp_path / "out") == 1
    assert "pass --store DIR" in capsys.readouterr().err


def test_pending_cases_are_written_for_review(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.feedback import FeedbackLog

    assert _run("pending", "--store", tmp_path, "--out", tmp_path / "pending.yaml") == 1
    FeedbackLog(tmp_path).add("s", {"verdict": "wrong", "question": "who owns x?"})
    assert _run("pending", "--store", tmp_path, "--out", tmp_path / "pending.yaml") == 0
    assert "1 need somebody to say what must come back" in capsys.readouterr().out


def test_insights_sum_up_what_the_command_line_was_asked(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app(["ask", "coverage of the payment service", "--store", str(store), "--json"]) == 0
    capsys.readouterr()
    assert app(["insights", "--store", str(store), "--page", str(tmp_path / "page.html")]) == 0
    assert "cli: 1 answered" in capsys.readouterr().out
    assert "Questions by surface" in (tmp_path / "page.html").read_text()
    assert app(["insights", "--store", str(store), "--patch"]) == 0
    assert capsys.readouterr().out == ""
