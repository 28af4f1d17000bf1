"""A run is the same from a store, from processes side by side and from a server, and goes on where it was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_store.errors import UserError
from eval.outcome import Outcome
from eval.runner import Place, run_suite
from eval.suite import Case, Suite
from eval.suite_reader import read_suite
from tests.api.conftest import NOW, address, files, settings, store

__all__ = ["address", "files", "settings", "store"]

CASES = """\
now: 2026-11-20T12:00:00Z
questions:
- {id: owner, type: lookup, question: who owns checkout?, expect: {results: [group:default/payments]}}
- {id: uses, type: relations, question: what does checkout depend on?, expect: {results: [resource:default/orders-db]}}
- {id: list, type: filters, question: components owned by payments, expect: {includes: [component:default/checkout-web]}}
- {id: next, type: follow-up, question: only the websites, after: list, expect: {results: [component:default/checkout-web]}}
- {id: wrong, type: lookup, question: who owns checkout?, expect: {results: [group:default/nobody]}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    (tmp_path / "cases.yaml").write_text(CASES)
    return read_suite(tmp_path / "cases.yaml")


def _without_times(outcomes: tuple[Outcome, ...]) -> list[Outcome]:
    return [replace(o, took_ms=0.0, wall_ms=0.0, stages_ms={}) for o in outcomes]


def test_one_process_and_several_give_the_same(suite: Suite, store: Path) -> None:
    seen: list[tuple[int, int]] = []
    alone = run_suite(suite, Place(store=store), jobs=1, done=lambda n, of: seen.append((n, of)))
    assert [o.id for o in alone.outcomes] == ["owner", "uses", "list", "next", "wrong"]
    assert [o.right for o in alone.outcomes] == [True, True, True, True, False]
    assert seen[-1] == (5, 5)
    assert all(set(o.stages_ms) >= {"reading", "text"} for o in alone.outcomes)
    together = run_suite(suite, Place(store=store), jobs=2)
    assert _without_times(together.outcomes) == _without_times(alone.outcomes)
    assert together.identity == alone.identity


def test_a_run_that_was_cut_off_goes_on(suite: Suite, store: Path, tmp_path: Path) -> None:
    journal = tmp_path / "unfinished.ndjson"
    place = Place(store=store)

    class Stopped(Exception):
        """Somebody pressed Ctrl-C."""

    def stop(asked: int, _: int) -> None:
        if asked == 2:
            raise Stopped

    with pytest.raises(Stopped):
        run_suite(suite, place, jobs=1, journal=journal, done=stop)
    lines = journal.read_text().splitlines()
    assert len(lines) == 3
    # Outcomes that are there are not asked again: one that was changed by hand stays so.
    kept = json.loads(lines[1]) | {"shown": "from the journal"}
    journal.write_text("\n".join([lines[0], json.dumps(kept), lines[2][:40]]) + "\n")
    run = run_suite(suite, place, jobs=1, journal=journal, resume=True)
    assert run.outcomes[0].shown == "from the journal"
    assert [o.right for o in run.outcomes] == [True, True, True, True, False]
    assert not journal.exists()


def test_what_another_program_answered_is_asked_again(
    suite: Suite, store: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "unfinished.ndjson"
    old = run_suite(suite, Place(store=store), jobs=1).outcomes[0]
    said = [{"identity": "another build"}, replace(old, shown="stale").to_json()]
    journal.write_text("".join(json.dumps(line) + "\n" for line in said))
    run = run_suite(suite, Place(store=store), jobs=1, journal=journal, resume=True)
    assert run.outcomes[0].shown != "stale"


def test_a_server_is_asked_over_kept_connections(suite: Suite, address: str) -> None:
    run = run_suite(suite, Place(url=address))
    assert [o.id for o in run.outcomes] == ["owner", "uses", "list", "next", "wrong"]
    assert all(o.status in ("answered", "empty", "failed", "no_such_fact", "unknown_name", "ambiguous", "out_of_scope") for o in run.outcomes)  # fmt: skip
    assert address in run.identity
    assert all(o.wall_ms > 0 for o in run.outcomes)


def test_pages_are_ranked_the_same_by_store_and_server(store: Path, address: str) -> None:
    case = Case("q", "symptom", "checkout is slow", {"relevant": {"runbooks/checkout-slow.md": 2}}, search=True)  # fmt: skip
    suite = Suite("pages", (case,), now=NOW)
    here, there = (run_suite(suite, place).outcomes[0] for place in (Place(store=store), Place(url=address)))  # fmt: skip
    assert here.pages == there.pages == ("runbooks/checkout-slow.md",)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ftp://x", "http://"])
def test_no_server_is_said_with_the_next_step(suite: Suite, url: str) -> None:
    with pytest.raises(UserError, match=r"callboard serve|is no address"):
        run_suite(suite, Place(url=url))
