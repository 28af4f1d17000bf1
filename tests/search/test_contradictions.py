"""What cannot hold together is told from what merely matches nothing."""

from __future__ import annotations

import pytest

from search.contradictions import contradiction
from search.plan import Compare, Op, Select, conjoin

APRIL = Compare(field="at", op=Op.BETWEEN, value=("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"))
JUNE = Compare(field="at", op=Op.BETWEEN, value=("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"))
SINCE_MARCH = Compare(field="at", op=Op.GE, value="2026-03-01T00:00:00Z")
BEFORE_APRIL = Compare(field="at", op=Op.LT, value="2026-04-01T00:00:00Z")
ONE = Compare(field="tier", op=Op.EQ, value=1)
TWO = Compare(field="tier", op=Op.EQ, value=2)


@pytest.mark.parametrize(
    ("parts", "at_once"),
    [
        ((APRIL, JUNE), True),
        ((APRIL, BEFORE_APRIL), True),
        ((APRIL, SINCE_MARCH), False),
        ((SINCE_MARCH, BEFORE_APRIL), False),
        ((ONE, TWO), True),
        ((ONE, ONE), False),
        ((ONE, APRIL), False),
    ],
)
def test_what_cannot_hold_together(parts: tuple[Compare, ...], at_once: bool) -> None:
    said = contradiction(Select(kinds=("Deployment",), where=conjoin(*parts)))
    assert (said is not None) == at_once
