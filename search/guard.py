"""The last look at a statement before it runs: one read, known tables, nothing that leaves the database."""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp

from catalog_store.errors import UnsafeSQL

ALLOWED_FUNCTIONS = frozenset(
    {
        "list_contains",
        "list_append",
        "len",
        "array_length",
        "contains",
        "arg_max",
        "count",
        "lower",
        "coalesce",
        "max",
        "min",
        "sum",
        "avg",
        "median",
        "unnest",
        "date_sub",
        "date_trunc",
        "strftime",
    }
)
_FORBIDDEN = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.Command,
    exp.Copy,
    exp.Attach,
    exp.Detach,
    exp.Pragma,
    exp.Set,
    exp.Use,
    exp.Merge,
    exp.TruncateTable,
)


def check(sql: str, tables: Collection[str]) -> None:
    """Refuse anything but one SELECT over known tables.

    Args:
        sql: DuckDB SQL.
        tables: names of the snapshot's tables.

    Raises:
        UnsafeSQL: several statements, a write, an unknown table, a table function, or a function not on the list.
    """
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise UnsafeSQL(f"the statement does not parse: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise UnsafeSQL("only a single SELECT may run")
    tree = statements[0]
    bad = next(tree.find_all(*_FORBIDDEN), None)
    if bad is not None:
        raise UnsafeSQL(f"{type(bad).__name__.upper()} is not allowed")
    ctes = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if (
            not isinstance(table.this, exp.Identifier)
            or (table.name not in tables and table.name not in ctes)
            or table.db
            or table.catalog
        ):
            raise UnsafeSQL(f"table {table.sql()!r} is not part of the catalog")
    for function in tree.find_all(exp.Anonymous):
        if function.name.lower() not in ALLOWED_FUNCTIONS:
            raise UnsafeSQL(f"function {function.name!r} is not allowed")
