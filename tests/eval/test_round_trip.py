"""The reading that an answer shows may be asked again as it stands: it is read as itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.serving import SnapshotServing, open_serving
from assistant.answer import Answer
from eval.suite import Case
from eval.suite_reader import read_suite
from tests.eval.conftest import SUITES

READ_BACK = {"clinic": 0.95, "orbital": 0.9}
"""Organisation → share of its plans whose reading, asked again, gives the same answer; the shares only go up."""

EVERY = 2
"""One in so many cases is asked."""


def _said(answer: Answer) -> tuple[object, ...]:
    rows = tuple((r.key, str(r.value)) for r in answer.rows)
    return answer.status, frozenset(r.ref for r in answer.results), str(answer.value), rows


def _readings(serving: SnapshotServing, name: str, now: Any) -> Iterator[tuple[Case, Answer]]:
    """Every different structured plan of the questions that stand alone, with its answer."""
    known: set[str] = set()
    alone = [c for c in read_suite(SUITES / name).cases if c.after is None and not c.held_out]
    for case in alone[::EVERY]:
        answer = serving.ask(case.question, now=now, asker=case.asker, limit=200)
        plan = answer.interpretation.plan
        if plan is None or plan["node"] == "retrieve" or answer.status not in ("answered", "empty"):
            continue
        if str(plan) not in known:
            known.add(str(plan))
            yield case, answer


@pytest.mark.parametrize("name", READ_BACK)
def test_readings_are_read_back(store_of: Callable[[str], Path], name: str) -> None:
    now = read_suite(SUITES / name).now
    assert now is not None
    serving = open_serving(store_of(name))
    same, lost = 0, []
    for case, answer in _readings(serving, name, now):
        text = answer.interpretation.text
        again = serving.ask(text, now=now, limit=200)
        if again.interpretation.plan == answer.interpretation.plan or _said(again) == _said(answer):
            same += 1
        else:
            lost.append(f"{case.question!r}: {text!r} is read as {again.interpretation.text!r}")
    serving.close()
    asked = same + len(lost)
    assert asked > 30
    assert same / asked >= READ_BACK[name], "\n".join(lost)
