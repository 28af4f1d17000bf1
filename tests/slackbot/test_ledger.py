"""What the bot remembers, and for how long."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slackbot.ledger import KEPT, Ledger, Shown

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def shown(**given: object) -> Shown:
    base: dict[str, object] = {
        "id": "m1",
        "channel": "C1",
        "ts": None,
        "thread": None,
        "asker": "U1",
        "public": True,
    }
    return Shown(**(base | given))  # type: ignore[arg-type]


def test_a_request_is_taken_once(tmp_path: Path) -> None:
    for opened in range(2):  # also by the next process
        ledger = Ledger(tmp_path / "slack.sqlite")
        assert ledger.take([("k", {"text": "who?"})], NOW) == [opened == 0]
        ledger.close()


def test_what_was_not_finished_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "slack.sqlite")
    assert ledger.take([(key, {"text": key}) for key in ("a", "b", "a", "c")], NOW) == [
        True,
        True,
        False,
        True,
    ]
    ledger.begin("a")
    ledger.streaming("a", "1.2")
    ledger.finish("b")
    ledger.close()
    again = Ledger(tmp_path / "slack.sqlite")
    assert [(j.key, j.payload, j.attempts, j.stream) for j in again.open_jobs()] == [
        ("a", {"text": "a"}, 1, "1.2"),
        ("c", {"text": "c"}, 0, None),
    ]
    again.close()


def test_a_finished_request_keeps_no_question(tmp_path: Path) -> None:
    path = tmp_path / "slack.sqlite"
    ledger = Ledger(path)
    ledger.take([("k", {"text": "who is on call for the merger?"})], NOW)
    ledger.finish("k")
    assert ledger._file.execute("SELECT payload FROM jobs").fetchall() == [("{}",)]
    ledger.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_messages_threads_and_verdicts_are_kept_for_a_while(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "slack.sqlite")
    ledger.keep(shown(plan={"node": "select"}, removals=[None, {"node": "x"}]), NOW)
    ledger.keep(shown(version=1), NOW)
    ledger.join("C1", "1.0", "talk", {"node": "select"}, NOW)
    ledger.join("C1", "1.0", "talk", None, NOW)
    ledger.judge("m1", "U1", "right", NOW)
    ledger.judge("m1", "U1", "wrong", NOW, "because")
    found = ledger.shown("m1")
    assert found is not None
    assert found.version == 1
    assert ledger.thread("C1", "1.0") == ("talk", {"node": "select"})
    assert ledger.recent("C1", "1.0", NOW + timedelta(minutes=9), 600) is not None
    assert ledger.recent("C1", "1.0", NOW + timedelta(minutes=11), 600) is None
    assert ledger.verdicts("m1") == {"U1": ("wrong", "because")}
    ledger.forget(NOW + KEPT + timedelta(seconds=1))
    assert ledger.shown("m1") is None
    assert ledger.thread("C1", "1.0") is None
    assert ledger.verdicts("m1") == {}
    ledger.close()
