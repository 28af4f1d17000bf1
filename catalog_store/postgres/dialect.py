"""DuckDB's SQL, as the rest of the house writes it, in PostgreSQL's dialect.

sqlglot carries nearly all of it over. What is below are DuckDB's own functions, its shorthands, and the few places where both dialects
accept a statement and mean different things; each with its reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator

Tables = Mapping[str, Mapping[str, str]]
"""Table → column → DuckDB type."""

COLUMN_TYPES: Mapping[str, str] = {
    "VARCHAR": "text COLLATE callboard.text",
    "VARCHAR[]": "text[] COLLATE callboard.text",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp",
    "JSON": "json",  # jsonb would not keep it as it was written
}
"""DuckDB type → PostgreSQL type. The collation orders by code point and folds every letter, as DuckDB does."""

LONGEST_NAME = 63
"""Bytes of an identifier; PostgreSQL cuts longer ones off in silence."""

_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

_TIME_FORMATS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"}


@dataclass(frozen=True, slots=True)
class Translated:
    """A statement as PostgreSQL takes it.

    Attributes:
        sql: with `$1`, `$2`, … for its parameters.
        parameters: names of the parameters in that order; None for those that go by position.
        names: columns of the result that had to be called otherwise, by what they are called in the database.
    """

    sql: str
    parameters: tuple[str | None, ...]
    names: Mapping[str, str]


def column_name(name: str) -> str:
    """What a column is called in the database: its own name wherever PostgreSQL can take it.

    >>> column_name("owner"), len(column_name("x" * 100)), column_name("xmin") == "xmin"
    ('owner', 63, False)
    """
    data = name.encode()
    if len(data) <= LONGEST_NAME and name not in _SYSTEM_COLUMNS:
        return name
    mark = hashlib.sha256(data).hexdigest()[:12]
    return f"{data[: LONGEST_NAME - 13].decode(errors='ignore')}~{mark}"


def translate(sql: str, tables: Tables) -> Translated:
    """Translate one statement.

    Args:
        sql: one SELECT in DuckDB's dialect.
        tables: every table with its columns: `*` in part means those.

    >>> translate("SELECT ref FROM edges WHERE ref IN (SELECT unnest(?))", {}).sql
    'SELECT "ref" FROM "edges" WHERE "ref" = ANY($1)'
    >>> translate("SELECT avg(n) FROM slos ORDER BY n DESC", {}).sql
    'SELECT AVG(CAST("n" AS DOUBLE PRECISION)) FROM "slos" ORDER BY "n" DESC NULLS LAST'
    """
    tree = parse_one(sql, read="duckdb")
    names: dict[str, str] = {}
    for star in list(tree.find_all(exp.Star)):
        if star.args.get("except_"):
            _spell_out(star, tables)
    for select in list(tree.find_all(exp.Select)):
        _group_all(select)
    for node in list(tree.find_all(exp.In)):
        _any(node)
    for identifier in tree.find_all(exp.Identifier):
        short = column_name(identifier.name)
        if short != identifier.name:
            names[short] = identifier.name
            identifier.set("this", short)
    parameters = _number(tree)
    return Translated(tree.sql(dialect=DuckDbInPostgres, identify=True), parameters, names)


def _spell_out(star: exp.Star, tables: Tables) -> None:
    """`* EXCLUDE (a, b)`, which PostgreSQL does not know, as the columns that are left."""
    select = star.find_ancestor(exp.Select)
    assert select is not None
    table = select.find(exp.Table)
    left_out = {column.name for column in star.args["except_"]}
    assert table is not None
    columns = [
        exp.column(name, table.alias_or_name) for name in tables[table.name] if name not in left_out
    ]
    projections: list[exp.Expr] = []
    for projection in select.expressions:
        projections += columns if projection is star else [projection]
    select.set("expressions", projections)


def _group_all(select: exp.Select) -> None:
    """`GROUP BY ALL` as the projections that aggregate nothing."""
    group = select.args.get("group")
    if group is None or not group.args.get("all"):
        return
    plain = [
        exp.Literal.number(place)
        for place, projection in enumerate(select.expressions, start=1)
        if projection.find(exp.AggFunc) is None
    ]
    select.set("group", exp.Group(expressions=plain))


def _any(node: exp.In) -> None:
    """`x IN (SELECT unnest(?))` as `x = ANY(?)`: the type of an empty list is then told by what stands beside it."""
    query = node.args.get("query")
    select = query.this if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select) or select.args.get("from_") is not None:
        return
    only = select.expressions[0] if len(select.expressions) == 1 else None
    if isinstance(only, exp.Explode | exp.Unnest):
        listed = only.this if isinstance(only, exp.Explode) else only.expressions[0]
        node.replace(exp.EQ(this=node.this, expression=exp.Any(this=exp.paren(listed))))


def _number(tree: exp.Expr) -> tuple[str | None, ...]:
    """Give every parameter its number, in the order in which it is written; a name that comes again keeps its own."""
    order: list[str | None] = []
    for node in tree.find_all(exp.Placeholder, exp.Parameter, bfs=False):
        inner = node.this
        name = inner if isinstance(inner, str) else getattr(inner, "name", None) or None
        if name is None or name not in order:
            order.append(name)
        number = len(order) if name is None else order.index(name) + 1
        node.replace(exp.Parameter(this=exp.Literal.number(number)))
    return tuple(order)


class DuckDbInPostgres(Postgres):
    """PostgreSQL, where statements mean what they mean in DuckDB."""

    class Generator(PostgresGenerator):
        """What a plain PostgreSQL would be told otherwise, or not at all."""

        TRANSFORMS = {  # noqa: RUF012  as sqlglot declares it
            **PostgresGenerator.TRANSFORMS,
            exp.ArgMax: lambda self, e: self.sql(_at_end(e, descending=True)),
            exp.ArgMin: lambda self, e: self.sql(_at_end(e, descending=False)),
            exp.ArrayContains: lambda self, e: self.sql(
                exp.paren(exp.EQ(this=e.expression, expression=exp.Any(this=exp.paren(e.this))))
            ),
            exp.Contains: lambda self, e: f"({self.func('STRPOS', e.this, e.expression)} > 0)",
            # the length of a text or of a list: only the database knows which (`setup.sql`)
            exp.Length: lambda self, e: self.func("callboard.len", e.this),
            exp.ArraySize: lambda self, e: self.func("callboard.len", e.this),
            # an average of whole numbers is a numeric there, which is not rounded as a double is
            exp.Avg: lambda self, e: self.func("AVG", exp.cast(e.this, "DOUBLE")),
            # `json_object('a': b)` came with PostgreSQL 16
            exp.JSONObject: lambda self, e: self.func(
                "JSON_BUILD_OBJECT",
                *(part for pair in e.expressions for part in (pair.this, pair.expression)),
            ),
            exp.Quarter: lambda self, e: f"EXTRACT(QUARTER FROM {self.sql(e.this)})",
            exp.TimeToStr: lambda self, e: self.func("TO_CHAR", e.this, _time_format(e)),
            exp.Anonymous: lambda self, e: (
                self.sql(_date_sub(e))
                if e.name.lower() == "date_sub"
                else PostgresGenerator.anonymous_sql(self, e)
            ),
        }


def _at_end(node: exp.ArgMax | exp.ArgMin, *, descending: bool) -> exp.Expr:
    """The value where something is largest or smallest; rows where either is null do not count."""
    value, key = node.this, node.expression
    ordered = exp.Order(
        this=value, expressions=[exp.Ordered(this=key, desc=descending, nulls_first=False)]
    )
    known = exp.and_(exp.not_(value.copy().is_(exp.null())), exp.not_(key.copy().is_(exp.null())))
    listed = exp.Filter(this=exp.ArrayAgg(this=ordered), expression=exp.Where(this=known))
    return exp.Bracket(this=exp.paren(listed), expressions=[exp.Literal.number(1)], offset=1)


def _date_sub(node: exp.Anonymous) -> exp.Expr:
    """Whole units of fixed length that have passed between two moments, as a whole number."""
    unit, start, end = node.expressions
    passed = exp.Extract(
        this=exp.var("EPOCH"), expression=exp.paren(exp.Sub(this=end, expression=start))
    )
    seconds = exp.Literal.number(_SECONDS[unit.name.lower()])
    return exp.cast(exp.func("TRUNC", exp.Div(this=passed, expression=seconds)), "BIGINT")


def _time_format(node: exp.TimeToStr) -> exp.Expr:
    """A format for `to_char`; what is no pattern is quoted, or a Q in it would count the quarter."""
    text, written, place = node.text("format"), "", 0
    while place < len(text):
        pattern = _TIME_FORMATS.get(text[place : place + 2])
        written += pattern or (f'"{text[place]}"' if text[place].isalpha() else text[place])
        place += 2 if pattern else 1
    return exp.Literal.string(written)
