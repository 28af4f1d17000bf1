"""Statements of one shape share what was worked out for the first of them; their texts never mix."""

from __future__ import annotations

import pytest
from sqlglot import exp

from catalog_store.model.fields import FieldTable
from search.sql.qualifier import Qualifier

FIELDS = FieldTable()

TEXTS = [
    ("plain", "a", "b"),
    ("its own quote", "o'hara", "''"),
    ("a quoted name", 'say "x"', "'\"'"),
    ("what looks like a place", "\\0 1", "'1'"),
    ("empty", "", ""),
]


def _statement(source: str, target: str, at_most: int = 5) -> exp.Select:
    """Two texts, the second one written before the first, and a name that has to be quoted."""
    inner = exp.select("target").from_("edges").where(exp.column("source").eq(source))
    return (
        exp.select(exp.alias_(exp.column("name", "t"), 'a "name"', quoted=True))
        .from_(exp.alias_(exp.to_table("entities"), "t", table=True))
        .where(exp.column("ref", "t").eq(target), exp.column("ref", "t").isin(query=inner))
        .limit(at_most)
    )


@pytest.mark.parametrize(("_", "source", "target"), TEXTS, ids=[case[0] for case in TEXTS])
def test_a_remembered_shape_gives_what_qualifying_anew_gives(
    _: str, source: str, target: str
) -> None:
    used = Qualifier(FIELDS)
    used.sql(_statement("first", "second"))
    anew = Qualifier(FIELDS).sql(_statement(source, target))
    assert used.sql(_statement(source, target)) == anew
    assert exp.Literal.string(source).sql("duckdb") in anew


def test_numbers_are_part_of_the_shape() -> None:
    used = Qualifier(FIELDS)
    used.sql(_statement("a", "b", 5))
    assert used.sql(_statement("a", "b", 6)).endswith("LIMIT 6")
