"""A few rounds of `tests/fuzzing.py`, which runs for as long as one likes by hand."""

from __future__ import annotations

import pytest

from tests.fuzzing import run, samples


@pytest.mark.parametrize("seed", range(4))
def test_mutated_inputs_are_read_published_and_asked_about(seed: int) -> None:
    run(seed, samples())
