"""Names by what has been typed of them, against the plain way of looking at each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.name_index import NameIndex

NAMES = ["payment-service", "edge-payments", "Checkout API", "checkout_web", "k8s"]

LETTERS = st.text("ab- ", min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("paymnet", [0, 1], id="two letters changed about"),
        pytest.param("chekout", [2, 3], id="a letter missing"),
        pytest.param("pax", [], id="too short for a slip"),
        pytest.param("zebra", [], id="nothing like it"),
    ],
)
def test_slips_are_forgiven(typed: str, found: list[int]) -> None:
    assert NameIndex([[name] for name in NAMES]).slipped(typed) == found


def test_the_middle_of_a_word_is_found() -> None:
    index = NameIndex([[name] for name in NAMES])
    assert index.containing("eckou") == [2, 3]
    assert index.containing("ec") == []


@given(st.lists(LETTERS.filter(str.strip), max_size=8), LETTERS)
def test_it_finds_what_looking_at_each_name_finds(names: list[str], typed: str) -> None:
    index = NameIndex([[name] for name in names])
    plain = [" ".join(name.replace("-", " ").split()) for name in names]
    key = " ".join(typed.replace("-", " ").split())
    starts = [n for n, name in enumerate(plain) if key and name.startswith(key)]
    inside = [n for n, name in enumerate(plain) if key and f" {key}" in f" {name}"]
    assert index.starting(typed) == starts
    assert index.starting(typed, inside=True) == inside
