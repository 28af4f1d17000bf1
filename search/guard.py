"""The last look at a statement before it runs: one read over known tables, made of nothing but what plans compile to.

What is allowed is listed, not what is forbidden: a construct that nobody thought of is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import sqlglot
from sqlglot import exp

from catalog_store.errors import UnsafeSQL

ALLOWED_FUNCTIONS = frozenset({"date_sub"})
"""Functions that sqlglot has no class for."""

_CLAUSES = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.With, exp.CTE,
    exp.Subquery, exp.Union, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star, exp.Distinct,
    exp.Filter, exp.Window, exp.Paren, exp.Var,
)  # fmt: skip
_VALUES = (exp.Literal, exp.Boolean, exp.Null, exp.Array, exp.Interval, exp.DataType, exp.Cast)
_OPERATORS = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Between, exp.Exists,
    exp.Case, exp.If, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.DPipe,
)  # fmt: skip
_FUNCTIONS = (
    exp.ArgMax, exp.ArrayAppend, exp.ArrayContains, exp.Avg, exp.Coalesce, exp.Contains, exp.Count, exp.DateDiff, exp.Explode,
    exp.Greatest, exp.Least, exp.Length, exp.Lower, exp.Max, exp.Median, exp.Min, exp.Nullif, exp.Quarter, exp.Rank, exp.Sum,
    exp.TimestampTrunc, exp.TimeToStr, exp.Unnest, exp.Anonymous,
)  # fmt: skip
ALLOWED_NODES = frozenset((*_CLAUSES, *_VALUES, *_OPERATORS, *_FUNCTIONS))
"""What statements are made of."""

_ALLOWED_TYPES = frozenset(
    {
        exp.DataType.Type.TIMESTAMP,
        exp.DataType.Type.TIMESTAMPNTZ,
        exp.DataType.Type.DATE,
        exp.DataType.Type.DOUBLE,
        exp.DataType.Type.BIGINT,
        exp.DataType.Type.INT,
        exp.DataType.Type.TEXT,
        exp.DataType.Type.VARCHAR,
    }
)


_WORDS = re.compile(r"""\"(?:[^"]|"")*\"|'(?:[^']|'')*'|(?<![\w.$])\d+(?:\.\d+)?(?![\w.$])""")
"""Quoted names, and texts and numbers, as the compiler prints them: both kinds double their quotes and know no other escape."""


def _without_value(word: re.Match[str]) -> str:
    return word[0] if word[0].startswith('"') else "?"


_KNOWN_SHAPES: dict[tuple[str, frozenset[str]], None] = {}
"""Statements that passed, with their literals taken out: whatever stands in a literal, the tree around it is the same."""

_MOST_SHAPES = 4096


def check(sql: str, tables: Collection[str]) -> None:
    """Refuse anything but one SELECT over known tables, made of known parts.

    Args:
        sql: DuckDB SQL.
        tables: names of the snapshot's tables.

    Raises:
        UnsafeSQL: several statements, a write, an unknown table, a table function, or a construct or function not on the
            list.
    """
    shape = (_WORDS.sub(_without_value, sql), frozenset(tables))
    # A question mark or a dollar in what is left is no literal of ours: then the shape says nothing.
    known = "?" not in sql and "$" not in shape[0]
    if known and shape in _KNOWN_SHAPES:
        return
    _check_tree(sql, tables)
    if known:
        if len(_KNOWN_SHAPES) >= _MOST_SHAPES:
            _KNOWN_SHAPES.clear()
        _KNOWN_SHAPES[shape] = None


def _check_tree(sql: str, tables: Collection[str]) -> None:
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise UnsafeSQL(f"the statement does not parse: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise UnsafeSQL("only a single SELECT may run")
    tree = statements[0]
    ctes: set[str] = set()
    named: list[exp.Table] = []
    for node in tree.walk():
        if type(node) not in ALLOWED_NODES:
            raise UnsafeSQL(f"{type(node).__name__.upper()} is not allowed")
        if isinstance(node, exp.CTE):
            ctes.add(node.alias_or_name)
        elif isinstance(node, exp.Table):
            named.append(node)
        else:
            _check_node(node)
    for table in named:
        _check_table(table, tables, ctes)


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Anonymous) and node.name.lower() not in ALLOWED_FUNCTIONS:
        raise UnsafeSQL(f"function {node.name!r} is not allowed")
    if isinstance(node, exp.DataType) and node.this not in _ALLOWED_TYPES:
        raise UnsafeSQL(f"type {node.sql()!r} is not allowed")
    if isinstance(node, exp.Unnest | exp.Explode) and not _is_column(node):
        raise UnsafeSQL("only a column may be unnested")


def _is_column(node: exp.Expr) -> bool:
    inner = node.expressions or [node.this]
    return len(inner) == 1 and isinstance(inner[0], exp.Column)


def _check_table(table: exp.Table, tables: Collection[str], ctes: Collection[str]) -> None:
    known = table.name in tables or table.name in ctes
    # sample, version, pivot and the like are arguments of a table
    extra = [key for key, value in table.args.items() if value and key not in {"this", "alias"}]
    if not isinstance(table.this, exp.Identifier) or not known or extra:
        raise UnsafeSQL(f"table {table.sql()!r} is not part of the catalog")
