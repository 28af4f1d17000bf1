"""The journal keeps every delivery once, in order, whoever writes and whatever is cut short."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_store.journal import Delivery, Journal, Position

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def delivery(number: int, body: str = "{}", source: str = "feed") -> Delivery:
    return Delivery(source, str(number), NOW, body, {"content-type": "application/json"})


def ids(journal: Journal, after: Position = Position()) -> list[str]:  # noqa: B008 — it is frozen
    return [entry.delivery.id for entry in journal.entries(after)]


def test_what_is_written_is_read_back_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    sent = [delivery(n, body) for n, body in enumerate(['{"a": "ü\\n"}', "{}\n{}", "\u2028 \x00"])]
    assert all(journal.append(one) for one in sent)
    assert [entry.delivery for entry in Journal(tmp_path).entries()] == sent


def test_the_same_source_and_id_count_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.append(delivery(1))
    assert not journal.append(delivery(1, body="other"))
    assert not Journal(tmp_path).append(delivery(1)), "also for a process that has just started"
    assert journal.append(delivery(1, source="other")), "ids are unique within their source only"


def test_two_processes_see_what_the_other_wrote(tmp_path: Path) -> None:
    one, two = Journal(tmp_path), Journal(tmp_path)
    assert one.append(delivery(1))
    assert two.append(delivery(2))
    assert not one.append(delivery(2))
    assert ids(one) == ["1", "2"]


def test_reading_goes_on_where_it_stopped_over_segments(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=300)
    for n in range(10):
        journal.append(delivery(n))
    assert len(list((tmp_path / "events").glob("*.ndjson"))) > 2
    entries = list(journal.entries())
    assert [e.delivery.id for e in entries] == [str(n) for n in range(10)]
    for place, entry in enumerate(entries):
        assert ids(journal, entry.end) == [str(n) for n in range(place + 1, 10)]
        again = Position.parse(str(entry.end))
        assert again == entry.end
        line = (tmp_path / entry.path).read_text().split("\n")[entry.end.line - 1]
        assert f'"id": "{place}"' in line, "the line that citations name"


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_line_cut_short_costs_no_other(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path)
    journal.append(delivery(1))
    path = tmp_path / "events" / "00000001.ndjson"
    whole = path.read_bytes()
    with path.open("ab") as stream:
        stream.write(whole[:cut])
    assert ids(Journal(tmp_path)) == ["1"]
    assert Journal(tmp_path).append(delivery(2))
    assert ids(Journal(tmp_path)) == ["1", "2"]


def test_many_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        fresh = list(pool.map(lambda n: journal.append(delivery(n % 100)), range(200)))
    assert sum(fresh) == 100
    assert sorted(map(int, ids(journal))) == list(range(100))


def test_the_size_changes_with_every_event(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=300)
    sizes = [journal.size()]
    for n in range(8):
        journal.append(delivery(n))
        sizes.append(journal.size())
    assert len(set(sizes)) == 9


def test_a_full_disk_acknowledges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.append(delivery(1))

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(delivery(2))
    assert journal.append(delivery(2)), "the sender sends it again, and it counts"
    assert ids(journal) == ["1", "2"]


def test_a_full_disk_is_told_to_everyone_who_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append(delivery(0))

    def full(handle: int, data: bytes) -> int:
        time.sleep(0.05)  # the others queue up meanwhile
        raise OSError(28, "No space left on device")

    def attempt(number: int) -> bool:
        try:
            return journal.append(delivery(number))
        except OSError:
            return False

    with monkeypatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(os, "write", full)
        assert not any(pool.map(attempt, range(1, 17)))
    assert ids(journal) == ["0"]
    assert all(map(attempt, range(1, 17)))


@settings(max_examples=60, deadline=None)
@given(junk=st.binary(max_size=200))
def test_any_bytes_in_a_segment_are_survived(
    junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = tmp_path_factory.mktemp("junk")
    (store / "events").mkdir()
    (store / "events" / "00000001.ndjson").write_bytes(junk)
    journal = Journal(store)
    assert journal.append(delivery(7))
    assert ids(journal) == ["7"]
