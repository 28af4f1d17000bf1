"""What must not change an answer, and what must: courtesy, case, one slip, the clock moved with the data; a negation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.building import build_index
from app.serving import SnapshotServing, open_serving
from assistant.answer import Answer
from catalog_store.embedder import Embedder
from demo_org import write_demo

TESTS = Path(__file__).resolve().parents[1]
SATELLITES = datetime(2026, 5, 4, 9, tzinfo=UTC)
DEMO = datetime(2026, 11, 20, 12, tzinfo=UTC)
A_YEAR = timedelta(weeks=52)
"""Keeps the weekday, so that "this week" holds the same days."""

EVERY = 3
"""One in so many cases is asked; which ones moves with each case added."""

DATED = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep oct nov dec month months quarter year years".split()
)
"""Words that tie a question to the calendar, so that it does not move with the data."""


def _slip(question: str) -> str | None:
    """Two neighbouring letters of the longest plain word change places; None without a word long enough."""
    words = question.split()
    plain = [i for i, w in enumerate(words) if w.isalpha() and w.islower() and len(w) >= 9]
    if not plain:
        return None
    i = max(plain, key=lambda i: len(words[i]))
    word, k = words[i], len(words[i]) // 2
    words[i] = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    return " ".join(words)


HARMLESS: dict[str, Callable[[str], str | None]] = {
    "courtesy": lambda q: f"hey, {q} please",
    "thanks": lambda q: f"{q.rstrip('?')}, thanks!",
    "capitals": str.upper,
    "question mark": lambda q: f"{q.rstrip('?')}?",
    "spaces": lambda q: f"  {q.replace(' ', '  ')} ",
    "slip": _slip,
}
"""What is done to a question without changing what it asks."""

TALK: dict[str, list[str]] = yaml.safe_load(
    (TESTS / "search" / "small_talk.yaml").read_text(encoding="utf-8")
)
ASKED_WITH_EACH = 4
"""Questions that every piece of small talk is put beside; which ones moves from piece to piece."""

SLIPS_LOST = 2
"""A slip may make a word that is English, or that nothing is near: it is refused then, and never answered otherwise."""

OPPOSITES = (
    ("tier 1 services", "services that are not tier 1", "services"),
    ("services with a runbook", "services without a runbook", "services"),
    ("deprecated apis", "apis that are not deprecated", "apis"),
    ("components owned by archive", "components not owned by archive", "components"),
    (
        "services deployed in the last 30 days",
        "services not deployed in the last 30 days",
        "services",
    ),
)
"""A set, its complement, and what both make together."""


def _cases(organisation: str) -> Iterator[dict[str, Any]]:
    for path in sorted((TESTS / "questions").glob(f"{organisation}-*.yaml")):
        asked = yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
        yield from (c for c in asked if not c.get("held_out") and not c.get("after"))


def _said(answer: Answer) -> tuple[object, ...]:
    """What an answer says, its moments aside."""
    value = answer.value if not isinstance(answer.value, str) else None
    rows = tuple((r.key, r.value) for r in answer.rows if not isinstance(r.value, str))
    return answer.status, frozenset(r.ref for r in answer.results), value, rows


@pytest.fixture(scope="module")
def satellites(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> Iterator[SnapshotServing]:
    store = tmp_path_factory.mktemp("satellites")
    files = [TESTS / "orgs" / "orbital"]
    build_index(files, store=store, now=SATELLITES, embedder=lambda: embedder)
    serving = open_serving(store)
    yield serving
    serving.close()


@pytest.mark.parametrize("change", HARMLESS)
def test_what_changes_nothing(satellites: SnapshotServing, change: str) -> None:
    moved = []
    for case in list(_cases("orbital"))[::EVERY]:
        again = HARMLESS[change](case["ask"])
        if again is None or again == case["ask"]:
            continue
        first, second = (
            _said(satellites.ask(q, now=SATELLITES, asker=case.get("as"), limit=200))
            for q in (case["ask"], again)
        )
        if first != second:
            moved.append((again, first[0], second[0]))
    if change == "slip":
        answered = [m for m in moved if m[2] == "answered"]
        assert not answered, "a slip may be refused, and is never answered otherwise"
        assert len(moved) <= SLIPS_LOST, moved
    else:
        assert not moved


def test_small_talk_changes_nothing(satellites: SnapshotServing) -> None:
    """No greeting, excuse, hedge, thanks or occasion restricts an answer, or makes it a refusal."""
    cases = list(_cases("orbital"))
    first: dict[str, tuple[object, ...]] = {}
    moved = []
    talk = [(said, "") for said in TALK["openings"]] + [("", said) for said in TALK["closings"]]
    for n, (before, after) in enumerate(talk):
        for case in (cases[(n * 31 + k * 47) % len(cases)] for k in range(ASKED_WITH_EACH)):
            asked, who = case["ask"], case.get("as")
            if asked not in first:
                first[asked] = _said(satellites.ask(asked, now=SATELLITES, asker=who, limit=200))
            again = f"{before}{asked.rstrip('?') if after else asked}{after}"
            said = _said(satellites.ask(again, now=SATELLITES, asker=who, limit=200))
            if said != first[asked]:
                moved.append((again, first[asked][0], said[0]))
    assert not moved


@pytest.mark.parametrize(("positive", "negative", "whole"), OPPOSITES)
def test_a_negation_takes_the_rest(
    satellites: SnapshotServing, positive: str, negative: str, whole: str
) -> None:
    have, lack, both = (
        {r.ref for r in satellites.ask(q, now=SATELLITES, limit=500).results}
        for q in (positive, negative, whole)
    )
    assert have
    assert lack
    assert not have & lack
    assert have | lack == both


def test_the_clock_moves_with_the_data(tmp_path: Path, embedder: Embedder) -> None:
    served = []
    for now in (DEMO, DEMO + A_YEAR):
        home = tmp_path / f"{now:%Y}"
        files = write_demo(home / "files", now=now)
        build_index([files], store=home / "store", now=now, embedder=lambda: embedder)
        served.append((open_serving(home / "store"), now))
    moved = []
    for case in list(_cases("waybright"))[::EVERY]:
        words = case["ask"].lower().replace("?", "").split()
        if DATED.isdisjoint(words) and not any(w.startswith(("20", "q")) for w in words):
            said = [_said(s.ask(case["ask"], now=now, asker=case.get("as"))) for s, now in served]
            if said[0] != said[1]:
                moved.append((case["ask"], said))
    for serving, _ in served:
        serving.close()
    assert not moved
