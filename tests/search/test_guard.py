"""The guard attacked: statements nobody's plan compiles to, and plans somebody mutated."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from catalog_store.errors import InvalidPlan, UnsafeSQL
from catalog_store.model.fields import FieldTable
from catalog_store.model.kinds import KIND_BY_NAME
from catalog_store.model.measures import MEASURES
from catalog_store.model.relations import RELATION_BY_SIDE
from catalog_store.snapshot import Snapshot
from search.engine import SearchEngine
from search.guard import check
from search.plan import Function, Op, read_plan
from search.sql import Compiler

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLES = frozenset({"entities", "edges"})

REFUSED = """
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM entities, read_text('/etc/passwd')
SELECT * FROM entities t, LATERAL (SELECT * FROM read_text('/etc/passwd'))
SELECT * FROM glob('*')
SELECT * FROM duckdb_settings()
SELECT * FROM (SELECT * FROM duckdb_secrets())
SELECT * FROM information_schema.tables
SELECT * FROM published.main.entities
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('entities')
SELECT * FROM range(10)
SELECT * FROM read_json_auto('http://169.254.169.254/')
SELECT * FROM parquet_scan('s3://bucket/key')
SELECT * FROM sqlite_scan('/x', 'y')
SELECT * FROM (VALUES (1)) AS t
SELECT * FROM UNNEST([1, 2]) AS t(x)
SELECT * FROM entities PIVOT (COUNT(*) FOR kind IN ('a'))
SELECT * FROM entities TABLESAMPLE 10%
SELECT * FROM entities AT (VERSION => 1)
SELECT * FROM entities; DROP TABLE entities
SELECT 1; SELECT 2
SELECT * FROM entities UNION ALL SELECT * FROM read_text('x')
(SELECT * FROM read_text('x'))
SELECT * INTO copied FROM entities
SELECT (SELECT content FROM read_text('/etc/passwd'))
SELECT ref FROM entities ORDER BY (SELECT 1 FROM read_text('/x'))
SELECT ref FROM entities LIMIT (SELECT COUNT(*) FROM read_text('x'))
WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x
WITH x AS (INSERT INTO entities VALUES (1)) SELECT 1
SELECT GETENV('HOME')
SELECT CURRENT_SETTING('home_directory')
SELECT CURRENT_USER
SELECT VERSION()
SELECT NEXTVAL('x')
SELECT RANDOM()
SELECT REPEAT('x', 10000000000)
SELECT RANGE(1000000000000)
SELECT GENERATE_SERIES(1, 1000000000000)
SELECT UNNEST(RANGE(100))
SELECT LIST_TRANSFORM([1], x -> GETENV('HOME'))
SELECT REGEXP_MATCHES(ref, '(a+)+$') FROM entities
SELECT JSON_EXTRACT(ref, '$') FROM entities
SELECT ref::JSON FROM entities
SELECT COLUMNS('.*') FROM entities
SELECT ? FROM entities
INSERT INTO entities VALUES (1)
UPDATE entities SET ref = 'x'
DELETE FROM entities
DROP TABLE entities
ALTER TABLE entities ADD COLUMN x INT
CREATE TABLE x AS SELECT 1
COPY entities TO '/tmp/x'
ATTACH '/tmp/x'
DETACH published
PRAGMA database_list
SET lock_configuration = false
INSTALL httpfs
LOAD httpfs
EXPORT DATABASE '/tmp/x'
CALL pragma_version()
SUMMARIZE entities
DESCRIBE entities
SHOW TABLES
EXPLAIN ANALYZE SELECT 1
VACUUM
"""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Sqlglot warns about what it only half understands."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.mark.parametrize("sql", REFUSED.strip().split("\n"))
def test_what_no_plan_compiles_to_is_refused(sql: str) -> None:
    with pytest.raises(UnsafeSQL):
        check(sql, TABLES)


def test_very_deep_statements_are_refused() -> None:
    with pytest.raises(UnsafeSQL):
        check(f"SELECT {'(' * 5000}1{')' * 5000}", TABLES)


LOCKED = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "ATTACH '/tmp/elsewhere.duckdb'",
    "COPY (SELECT 1) TO '/tmp/elsewhere.csv'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET threads = 64",
    "DELETE FROM published.main.entities",
    "UPDATE published.main.entities SET ref = 'x'",
    "DROP TABLE published.main.entities",
    "CREATE TABLE published.main.mine (x INT)",
]


@pytest.mark.parametrize("sql", LOCKED)
def test_the_database_would_refuse_it_too(sql: str, demo_snapshot: Snapshot) -> None:
    with pytest.raises(duckdb.Error):
        demo_snapshot.catalog.fetch(sql)


# ── plans ────────────────────────────────────────────────────────────────────────────────────────

_REF = {"node": "compare", "field": "ref", "op": "eq", "value": "component:default/checkout"}
PLANS: list[dict[str, Any]] = [
    {"node": "select", "kinds": ["Component"], "where": {"node": "all", "of": [
        {"node": "compare", "field": "type", "op": "eq", "value": "service"},
        {"node": "not", "of": {"node": "compare", "field": "tier", "op": "ge", "value": 2}},
        {"node": "related", "relation": "uses", "to": {"where": _REF}, "hops": None}]},
     "fields": ["owner", "last_deployed_at"], "order": [{"field": "tier", "descending": True}], "limit": 5},
    {"node": "select", "kinds": ["Deployment"], "where": {"node": "compare", "field": "at", "op": "between",
     "value": ["2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z"]}},
    {"node": "traverse", "start": {"where": _REF}, "relation": "uses", "hops": None, "to": {"kinds": ["Component"]}},
    {"node": "path", "start": {"where": _REF}, "end": {"where": _REF}},
    {"node": "aggregate", "function": "count", "of": {"node": "select", "kinds": ["Component"]}, "group_by": "owner",
     "having": {"op": "gt", "value": 2}, "limit": 3},
    {"node": "aggregate", "function": "average", "of": {"node": "select", "kinds": ["Component"]}, "field": "tier", "group_by": "tags"},
    {"node": "aggregate", "function": "measure", "of": {"node": "select", "kinds": ["Component"]}, "metric": "change_failure_rate",
     "window": {"start": "2026-01-01T00:00:00Z", "end": None}},
    {"node": "check", "of": {"node": "select", "where": {"node": "compare", "field": "title", "op": "matches", "value": "x"}}},
    {"node": "review", "scope": {"where": _REF}},
]  # fmt: skip

HOSTILE: st.SearchStrategy[Any] = st.sampled_from(
    [
        "'", "''", "\\'", "x'; DROP TABLE entities; --", "' OR '1'='1", "') UNION SELECT content FROM read_text('/etc/passwd') --",
        "$$", "$tag$", "\x00", "\ud7ff", "é\u202e", "%", "a" * 5000, "/*", "--", "${jndi:x}", '"', "`", "read_text('/etc/passwd')",
        "ref", "NULL", "entities", "E'\\x27'", "U&'\\0027'", "9999-99-99", "0001-01-01T00:00:00Z", "2026-02-30T25:61:00Z", "", " ",
        -1, 0, 1, 2**63, -(2**63), 2**200, 1e308, float("inf"), float("nan"), -0.0, True, False, None, [], {}, [[]],
        ["a", "b"], [1, 2, 3], {"node": "compare"}, {"node": "select"},
    ]
)  # fmt: skip


FITTING: dict[str, st.SearchStrategy[Any]] = {
    "field": st.sampled_from(sorted({row.name for row in FieldTable()})),
    "relation": st.sampled_from(sorted(RELATION_BY_SIDE)),
    "kinds": st.sampled_from(sorted(KIND_BY_NAME)),
    "op": st.sampled_from([op.value for op in Op]),
    "function": st.sampled_from([function.value for function in Function]),
    "metric": st.sampled_from([row.name for row in MEASURES]),
    "hops": st.none() | st.integers(1, 2**70),
    "count": st.integers(0, 2**70),
    "limit": st.integers(1, 2**70),
    "value": HOSTILE,
    "where": st.just(_REF) | st.none(),
}
"""What may stand behind a key: so that more plans get past the reader than arbitrary values would."""
FITTING |= {"fields": FITTING["field"], "group_by": FITTING["field"] | FITTING["relation"]}


def _places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*at, key)
            yield from _places(value, (*at, key))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A plan with some of its parts replaced: by fitting ones, by hostile values, or by parts of other plans."""
    plan: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(PLANS)))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(_places(plan))))
        inner: Any = plan
        for key in way:
            inner = inner[key]
        if isinstance(inner, dict | list):
            name = next((key for key in (last, *reversed(way)) if isinstance(key, str)), "")
            other = HOSTILE | st.sampled_from(PLANS)
            inner[last] = copy.deepcopy(
                draw(FITTING.get(name, other) | FITTING.get(name, other) | other)
            )
    return plan


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mutated())
def test_mutated_plans_are_invalid_or_harmless(
    data: dict[str, Any], demo_snapshot: Snapshot
) -> None:
    engine = _engine(demo_snapshot)
    try:
        result = engine.run(read_plan(data), now=NOW, limit=5)
    except InvalidPlan:
        return
    assert "root:" not in repr(result.rows)
    if result.compiled is not None:
        check(result.compiled.sql, engine._tables)


@settings(max_examples=60, deadline=None)
@given(text=HOSTILE.filter(lambda value: isinstance(value, str)) | st.text(max_size=30))
def test_a_value_never_becomes_syntax(text: str) -> None:
    compiler = Compiler(FieldTable(), NOW)
    plain, hostile = (
        compiler.compile(read_plan({**PLANS[0], "where": {"node": "compare", "field": "title", "op": op, "value": value}})).sql
        for op, value in (("eq", "harmless"), ("eq", text))
    )  # fmt: skip
    assert _shape(plain) == _shape(hostile)
    literals = [
        node.this for node in sqlglot.parse_one(hostile, dialect="duckdb").find_all(exp.Literal)
    ]
    assert text.replace("\x00", "").lower() in literals


def _shape(sql: str) -> list[str]:
    return [type(node).__name__ for node in sqlglot.parse_one(sql, dialect="duckdb").walk()]


_ENGINES: dict[int, SearchEngine] = {}


def _engine(snapshot: Snapshot) -> SearchEngine:
    return _ENGINES.setdefault(id(snapshot), SearchEngine(snapshot))


def test_groups_by_the_items_of_a_list_and_by_what_is_computed(demo_snapshot: Snapshot) -> None:
    for key in ("tags", "last_deployed_at"):
        plan = {
            "node": "aggregate",
            "function": "count",
            "of": {"node": "select", "kinds": ["Component"]},
            "group_by": key,
        }
        rows = _engine(demo_snapshot).run(read_plan(plan), now=NOW).rows
        assert rows
        assert all(row["value"] >= 1 for row in rows)
