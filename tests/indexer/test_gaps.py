"""What a build notices about a catalog by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.graphs import cycles, reach
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


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4))
)
def test_reach_counts_what_a_walk_meets(graph: dict[str, list[str]]) -> None:
    for node, count in reach(graph).items():
        met, level = {node}, [node]
        while level:
            level = [step for at in level for step in graph.get(at, ()) if step not in met]
            met.update(level)
        assert count == len(met) - 1


def test_reach_of_more_nodes_than_are_counted_at_once() -> None:
    chain = {f"n{number}": [f"n{number + 1}"] for number in range(9000)}
    assert reach(chain)["n0"] == 9000
    assert reach(chain)["n8999"] == 1
