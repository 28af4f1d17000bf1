"""What a build notices about a catalog by itself."""

from __future__ import annotations

import pytest

from indexer.processors.gaps import cycles
from indexer.processors.likeness import core

LONG = 20_000
"""Nodes of a chain far longer than Python's stack."""

CASES = [
    pytest.param({}, [], id="nothing"),
    pytest.param({"a": ["b"], "b": ["c"]}, [], id="a chain is no cycle"),
    pytest.param({"a": ["b"], "b": ["a"]}, [["a", "b"]], id="two that need each other"),
    pytest.param({"a": ["a"]}, [], id="a thing that names itself is no circle of several"),
    pytest.param(
        {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]},
        [["a", "b", "c"]],
        id="what only leads in stays out",
    ),
    pytest.param(
        {"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"]},
        [["a", "b"], ["c", "d"]],
        id="two circles in a row",
    ),
    pytest.param(
        {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["a"]},
        [["a", "b", "c", "d"]],
        id="two ways round",
    ),
]


@pytest.mark.parametrize(("graph", "expect"), CASES)
def test_cycles(graph: dict[str, list[str]], expect: list[list[str]]) -> None:
    assert cycles(graph) == expect


def test_a_long_chain_that_closes_is_one_cycle() -> None:
    graph = {str(i): [str((i + 1) % LONG)] for i in range(LONG)}
    assert [len(part) for part in cycles(graph)] == [LONG]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("foo-service", "foo_service", True),
        ("foo-svc", "foo", True),
        ("Foo.Service", "foo-service", True),
        ("foo-api", "foo", False),
        ("foo-v1", "foo-v2", False),
        ("service", "service-b", False),
    ],
)
def test_core(one: str, other: str, *, same: bool) -> None:
    assert (core(one, "service") == core(other, "service")) is same
