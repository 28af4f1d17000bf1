"""What use teaches, from logs made up line by line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.feedback import FeedbackLog
from app.insights import Synonym, read_insights, synonym_patch
from app.insights_page import insights_page
from app.pending import pending_cases
from app.usage import FOLDER
from catalog_store.errors import InvalidSuite
from eval.suite_reader import read_suite

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""A Friday."""


def write(store: Path, *lines: dict[str, Any]) -> None:
    """Lines of the usage log; `ago` is minutes before now."""
    folder = store / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for line in lines:
        at = NOW - timedelta(minutes=line.pop("ago", 0))
        usual = {"at": at.isoformat(), "event": "asked", "surface": "http", "status": "answered"}
        with (folder / f"{at.date().isoformat()}.ndjson").open("a") as file:
            file.write(json.dumps(usual | line) + "\n")


def test_people_and_questions_are_counted_a_week(tmp_path: Path) -> None:
    week = 7 * 24 * 60
    write(
        tmp_path,
        {"who": "a"},
        {"who": "a", "status": "unknown_name"},
        {"who": "b", "surface": "slack", "ago": week},
        {"ago": week, "status": "empty"},
        {"who": "c", "ago": 20 * week},
    )
    found = read_insights(tmp_path, now=NOW, weeks=3)
    assert [(w.start, w.people, w.questions, w.answered) for w in found.weeks] == [
        ("2026-11-02", 0, 0, 0),
        ("2026-11-09", 1, 2, 2),
        ("2026-11-16", 1, 2, 1),
    ]
    assert found.surfaces == {
        "http": {"answered": 1, "empty": 1, "unknown_name": 1},
        "slack": {"answered": 1},
    }


def test_refused_questions_are_put_together_by_kind(tmp_path: Path) -> None:
    refused = {"status": "no_such_fact"}
    write(
        tmp_path,
        {"who": "a", "question": "how many users does checkout have?", **refused},
        {"who": "b", "question": "how many users does the basket have", **refused},
        {"who": "a", "question": "how many users does checkout have?", **refused},
        {"who": "a", "question": "when is the release party", "status": "out_of_scope"},
        {"who": "a", "question": "who owns checkout?"},
    )
    first, second = read_insights(tmp_path, now=NOW).clusters
    assert (first.example, first.times, first.people) == (
        "how many users does checkout have?",
        3,
        2,
    )
    assert second.statuses == {"out_of_scope": 1}


@pytest.mark.parametrize(
    ("before", "after", "apart", "found"),
    [
        (
            "who is the custodian of checkout",
            "who is the owner of checkout",
            2,
            ("custodian", "owner"),
        ),
        ("who is the custodian of checkout", "who is the owner of checkout", 30, None),
        ("who is the custodian of checkout", "list tier 1 services", 2, None),
        ("custodian", "owner", 2, None),
    ],
)
def test_a_word_that_was_exchanged_is_a_synonym(
    tmp_path: Path, before: str, after: str, apart: int, found: tuple[str, str] | None
) -> None:
    for person in ("a", "b"):
        write(
            tmp_path,
            {"who": person, "question": before, "status": "no_such_fact", "ago": apart},
            {"who": person, "question": after},
        )
    synonyms = read_insights(tmp_path, now=NOW).synonyms
    assert [(s.said, s.meant, s.people) for s in synonyms] == ([(*found, 2)] if found else [])


def test_synonyms_are_a_patch_that_yaml_reads(tmp_path: Path) -> None:
    found = [Synonym("custodian", "owner", 3, 2), Synonym("known", "x", 1, 1)]
    patch = synonym_patch(found, "port: 9000\nsynonyms:\n  known: y\n")
    assert "--- a/callboard.yaml" in patch
    assert '+  "custodian": "owner"' in patch
    assert "known" not in "".join(line for line in patch.splitlines() if line.startswith("+"))
    fresh = synonym_patch(found[:1], "")
    added = "\n".join(
        line[1:]
        for line in fresh.splitlines()
        if line.startswith("+") and not line.startswith("+++")
    )
    assert yaml.safe_load(added) == {"synonyms": {"custodian": "owner"}}
    assert synonym_patch([], "") == ""


def test_the_deflection_estimate_leaves_out_what_did_not_help(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"who": "a", "question": "who owns the payment service", "ago": 5},
        {"who": "a", "question": "who owns the payment gateway service", "ago": 3},
        {"who": "b"},
        {"who": "c"},
        {"who": "c", "edited": True},
        {"who": "d", "status": "unknown_name"},
    )
    FeedbackLog(tmp_path).add("s", {"verdict": "wrong"})
    found = read_insights(tmp_path, now=datetime.now(UTC) + timedelta(minutes=1), weeks=104)
    assert (found.answered, found.rephrased, found.verdicts) == (5, 2, {"wrong": 1})
    assert found.deflected == 2


def test_stale_pages_are_those_people_ask_about(tmp_path: Path) -> None:
    write(tmp_path, {"pages": ["old.md", "new.md"]}, {"pages": ["old.md", "never.md"]})
    reviewed = {
        "old.md": ("Old", NOW - timedelta(days=400)),
        "new.md": ("New", NOW - timedelta(days=4)),
        "never.md": ("Never", None),
    }
    found = read_insights(tmp_path, now=NOW, reviewed=reviewed)
    assert found.pages[0] == ("old.md", 2)
    assert [(page.path, page.asked) for page in found.stale] == [("old.md", 2)]


def test_nothing_logged_is_a_page_too(tmp_path: Path) -> None:
    page = insights_page(read_insights(tmp_path, now=NOW))
    assert "Nobody has asked anything yet." in page
    assert "<script" not in page


def test_a_thumb_down_and_a_mended_reading_wait_as_cases(tmp_path: Path) -> None:
    plan = {"node": "select", "kinds": ["Component"]}
    log = FeedbackLog(tmp_path)
    log.add("s", {"verdict": "wrong", "question": "who owns x? ask jane@example.com", "status": "answered", "comment": "moved"})  # fmt: skip
    log.add("s", {"verdict": "right", "question": "right at once", "plan": plan})
    log.add("s", {"verdict": "right", "question": "all components", "plan": plan, "edited": True})
    down, mended = pending_cases(tmp_path)
    assert down["question"] == "who owns x? ask [email]"
    assert down["expect"]["note"].endswith("when it ended as answered: moved")
    assert (mended["type"], mended["expect"]) == ("mended", {"plan": plan})
    (tmp_path / "pending.yaml").write_text(yaml.safe_dump({"questions": [down, mended]}))
    with pytest.raises(InvalidSuite, match="only a note stands under `expect`"):
        read_suite(tmp_path / "pending.yaml")
    (tmp_path / "pending.yaml").write_text(yaml.safe_dump({"questions": [mended]}))
    assert read_suite(tmp_path / "pending.yaml").cases[0].expect == {"plan": plan}
