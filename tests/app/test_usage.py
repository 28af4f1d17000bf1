"""The usage log keeps what was agreed to and nothing else, for as long as was agreed to."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usage import FOLDER, Usage, read_usage, redacted
from app.usage_section import UsagePolicy, read_usage_policy
from assistant.answer import Answer, AnswerKind, Interpretation, Status, Unused
from catalog_store.errors import UserError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = (
    "is jane.doe@example.com on call for 4111 1111 1111 1111 or ghp_abcdefghijklmnop1234567890?"
)

ANSWER = Answer(
    status=Status.ANSWERED,
    kind=AnswerKind.VALUE,
    text="the secret is 42",
    interpretation=Interpretation(text="owner of checkout", as_of=NOW, unused=(Unused(text="quickly", span=(0, 7)),)),
    conversation="c-1",
)  # fmt: skip


def _log(store: Path, policy: UsagePolicy, **parts: Any) -> None:
    asked: dict[str, Any] = {"question": SECRET, "asker": "user:default/jane", "snapshot": "s", "seconds": 0.002}  # fmt: skip
    Usage(store, policy, clock=lambda: NOW).asked("http", ANSWER, **asked | parts)


def _text(store: Path) -> str:
    return "\n".join(path.read_text() for path in (store / FOLDER).glob("*.ndjson"))


def test_without_consent_the_words_stay_out(tmp_path: Path) -> None:
    _log(tmp_path, UsagePolicy())
    (line,) = read_usage(tmp_path, since=NOW - timedelta(days=1))
    assert (line["event"], line["surface"], line["status"]) == ("asked", "http", "answered")
    for word in ("jane", "on call", "checkout", "quickly", "42", "c-1"):
        assert word not in _text(tmp_path)


def test_off_is_off(tmp_path: Path) -> None:
    _log(tmp_path, UsagePolicy(keep="off"))
    Usage(tmp_path, UsagePolicy(keep="off")).opened("http", "component:default/checkout")
    assert not (tmp_path / FOLDER).exists()


def test_with_consent_the_words_are_kept_and_redacted(tmp_path: Path) -> None:
    _log(tmp_path, UsagePolicy(keep="questions"), edited=True)
    (line,) = read_usage(tmp_path, since=NOW - timedelta(days=1))
    assert line["question"] == "is [email] on call for [number] or [token]?"
    assert (line["reading"], line["unused"], line["edited"]) == (
        "owner of checkout",
        ["quickly"],
        True,
    )
    assert "jane" not in _text(tmp_path)
    assert "the secret" not in _text(tmp_path)


def test_only_what_is_named_is_redacted() -> None:
    assert redacted("mail a@b.co about 1234567", ("numbers",)) == "mail a@b.co about [number]"


@given(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(com|example)", fullmatch=True), st.text(max_size=20))
def test_no_address_survives(address: str, around: str) -> None:
    assert address not in redacted(f"{around} {address} {around}")


@pytest.mark.parametrize("text", ["services not deployed in 60 days", "tier 1", "port 8080 since 2026-11-20", "who owns checkout-web-frontend?"])  # fmt: skip
def test_what_questions_are_about_survives(text: str) -> None:
    assert redacted(text) == text


def test_people_are_told_apart_and_not_named(tmp_path: Path) -> None:
    for asker in ("user:default/jane", "user:default/amara", "user:default/jane"):
        _log(tmp_path, UsagePolicy(), asker=asker)
    who = [line["who"] for line in read_usage(tmp_path, since=NOW - timedelta(days=1))]
    assert who[0] == who[2] != who[1]
    _log(tmp_path / "another", UsagePolicy(), asker="user:default/jane")
    (line,) = read_usage(tmp_path / "another", since=NOW - timedelta(days=1))
    assert line["who"] != who[0], "each store has a secret of its own"


def test_old_days_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    for name in ("2026-08-21.ndjson", "2026-08-22.ndjson", "notes.ndjson"):
        (folder / name).write_text("{}\n")
    _log(tmp_path, UsagePolicy(retention_days=90))
    assert sorted(p.name for p in folder.glob("*.ndjson")) == ["2026-08-22.ndjson", "2026-11-20.ndjson", "notes.ndjson"]  # fmt: skip


def test_the_files_are_nobody_elses(tmp_path: Path) -> None:
    _log(tmp_path, UsagePolicy())
    for path in (tmp_path / FOLDER).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_store_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    _log(tmp_path, UsagePolicy())


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    usage = Usage(tmp_path, UsagePolicy(keep="questions"), clock=lambda: NOW)

    def write(number: int) -> None:
        for _ in range(50):
            usage.opened("http", f"component:default/{number}" * 20)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(read_usage(tmp_path, since=NOW - timedelta(days=1)))) == 200


def test_a_broken_line_is_passed_over(tmp_path: Path) -> None:
    _log(tmp_path, UsagePolicy())
    with (tmp_path / FOLDER / "2026-11-20.ndjson").open("a") as file:
        file.write('{"at": "soon"}\nnot json\n[]\n' + json.dumps({"at": NOW.isoformat(), "event": "opened", "ref": "x"})[:-4])  # fmt: skip
    assert len(list(read_usage(tmp_path, since=NOW - timedelta(days=1)))) == 1


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            {"keep": "everything"},
            "'usage.keep' in f is 'everything'; expected one of off, counts, questions",
        ),
        ({"retention_days": 0}, "'usage.retention_days'"),
        ({"redact": ["names"]}, "'usage.redact' in f is 'names'"),
        ({"insights_page": "maybe"}, "'usage.insights_page'"),
        ({"kept": "off"}, "did you mean 'keep'?"),
    ],
)
def test_a_bad_section_is_named(written: object, says: str) -> None:
    with pytest.raises(UserError) as refused:
        read_usage_policy(written, "f")
    assert says in str(refused.value)


def test_yaml_reads_a_bare_off_as_no() -> None:
    assert read_usage_policy({"keep": False}, "f").keep == "off"
    assert read_usage_policy(None, "f") == UsagePolicy()
