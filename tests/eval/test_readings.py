"""Readings asked one by one: what was chosen is among them, and an oracle is never worse than the choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from eval.readings.bound import bound
from eval.readings.collect import Asked, ask_readings
from eval.suite_reader import read_suite
from tests.eval.conftest import SUITES


@pytest.fixture(scope="module")
def readings(store_of: Callable[[str], Path]) -> list[Asked]:
    return list(ask_readings(store_of("foundry"), read_suite(SUITES / "foundry")))


def test_every_case_is_asked_and_the_first_reading_is_no_further_behind_than_itself(
    readings: list[Asked],
) -> None:
    assert [a.case.id for a in readings] == [
        c.id for chain in read_suite(SUITES / "foundry").conversations() for c in chain
    ]
    for asked in readings:
        behind = [c.behind for c in asked.candidates]
        assert behind == sorted(behind)
        assert behind[:1] in ([], [0.0])


def test_a_list_that_is_right_is_right_when_its_reading_is_asked_alone(
    readings: list[Asked],
) -> None:
    right = [a for a in readings if a.outcome.right and a.outcome.read_as]
    alone = [a for a in right if a.candidates and a.candidates[0].outcome.right]
    assert len(alone) > 0.8 * len(right) > 0


def test_the_oracle_counts_what_another_reading_would_have_got_right(readings: list[Asked]) -> None:
    counts = bound(readings)
    assert counts.right <= counts.oracle <= counts.cases
    asked = next(a for a in readings if a.outcome.right and len(a.candidates) > 1)
    missed = replace(asked, outcome=replace(asked.outcome, right=False, silent=True))
    second = replace(
        asked.candidates[1], left=0, outcome=replace(asked.candidates[1].outcome, right=True)
    )
    reached = replace(missed, candidates=(asked.candidates[0], second))
    none = replace(missed, candidates=())
    found = bound([reached, none])
    assert (found.right, found.silent, found.oracle) == (0, 2, 1)
    assert (found.complete, found.silent_reached) == (1, 1)
