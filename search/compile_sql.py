"""Plan → one DuckDB statement, through a sqlglot tree. The only file that writes query SQL.

Every set compiles to a SELECT of its table's rows; a relation becomes a semi-join over `edges`; derived fields are
sub-selects declared in `_DERIVED`. Values travel as literals of the tree, never as text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from catalog_store.derive import schema
from catalog_store.errors import InvalidPlan
from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import ENTITY_KINDS, Table, table_of
from catalog_store.model.quality import CHECK_BY_NAME
from catalog_store.model.relations import RELATION_BY_SIDE, ends, opposite
from search.plan import (
    Aggregate,
    All,
    AnyOf,
    Check,
    Compare,
    Function,
    Not,
    Op,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Review,
    Scalar,
    Select,
    ThingSet,
    Traverse,
    conjoin,
)
from search.quality import found_by, looked_at

MAX_HOPS = 25
"""Bound on "all the way": longer chains are cycles in practice."""

PLACE = ("path", "first_line", "last_line")
"""Every row says where it was declared, for its citation."""

HARD_LIMIT = 100_000
"""Most rows any statement returns."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement and what its columns mean.

    Attributes:
        sql: DuckDB SQL, qualified against the snapshot's schema.
        table: the table its rows are things of; None for paths.
        fields: the asked columns, in order, after `ref` and `kind`.
    """

    sql: str
    table: Table | None
    fields: tuple[Field, ...] = ()


class Compiler:
    """Compiles plans for one snapshot's fields, at one moment."""

    def __init__(self, fields: FieldTable, now: datetime) -> None:
        """`now` bounds events: what happened later is not known yet."""
        self._fields = fields
        self._now = now
        self._schema = MappingSchema(dict(schema(fields)), dialect="duckdb")
        self._aliases = 0

    def compile(self, plan: Plan, *, limit: int | None = None) -> Compiled:
        """The statement for a plan's rows.

        Args:
            plan: any plan but `Retrieve`.
            limit: rows returned at most, when the plan itself does not say fewer. Every row carries `total`, the
                number there would be without it.

        Raises:
            InvalidPlan: an unknown field, relation or kind, or kinds of several tables in one set.
        """
        match plan:
            case Select() | Traverse():
                return self._rows(plan, limit)
            case Check():
                return self._rows(plan.of, limit)
            case Aggregate():
                return self._aggregate(plan, limit)
            case Path():
                return self._path(plan)
            case Review():
                return self._review(plan)
            case Retrieve():
                raise InvalidPlan("a retrieval has no SQL; its scope compiles as a set")
            case _:
                assert_never(plan)

    # ── sets ─────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, things: ThingSet, limit: int | None) -> Compiled:
        select = as_select(things)
        table = self.table(select)
        alias = self._alias()
        asked = self._asked(select, table)
        columns: list[exp.Expr] = [exp.column("ref", alias), exp.column("kind", alias)]
        columns += [
            exp.alias_(self._value(row, alias), row.name, quoted=True)
            for row in asked
            if row.name != "kind"
        ]
        asked_names = {row.name for row in asked}
        columns += [exp.column(name, alias) for name in PLACE if name not in asked_names]
        columns.append(exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "total"))
        query = (
            exp.select(*columns)
            .from_(_table(table.value, alias))
            .where(self._where(select, table, alias))
        )
        for key in select.order:
            row = self._field(table, key.field)
            query = query.order_by(
                exp.Ordered(
                    this=self._value(row, alias),
                    desc=key.descending,
                    nulls_first=key.nulls == "first",
                )
            )
        query = query.order_by(
            exp.Ordered(this=exp.column("ref", alias), desc=False, nulls_first=False)
        )
        bound = min(x for x in (select.limit, limit, HARD_LIMIT) if x is not None)
        return Compiled(self._sql(query.limit(bound)), table, tuple(asked))

    def table(self, select: Select) -> Table:
        """The one table a set's kinds lie in."""
        tables = (
            {table_of(kind) for kind in select.kinds}
            or self._tables_of_names(select.where)
            or {Table.ENTITIES}
        )
        if len(tables) != 1:
            raise InvalidPlan(
                f"one set cannot hold things of several tables: {', '.join(sorted(tables))}"
            )
        return tables.pop()

    def _tables_of_names(self, where: Predicate | None) -> set[Table]:
        parts = where.of if isinstance(where, All) else (where,)
        for part in parts:
            if isinstance(part, Compare) and part.field == "ref":
                value = part.value[0] if isinstance(part.value, tuple) else part.value
                prefix = str(value).split(":", 1)[0]
                for kind in k.KINDS:
                    if kind.table is not Table.ENTITIES and kind.name.lower() == prefix:
                        return {kind.table}
        return set()

    def _asked(self, select: Select, table: Table) -> list[Field]:
        if select.fields:
            return [self._field(table, name) for name in select.fields]
        usual = [f for f in self._fields.of_table(table) if f.rank is not None and f.name != "ref"]
        if table is Table.ENTITIES:
            usual.append(self._field(table, "title"))
            kinds = select.kinds or ENTITY_KINDS
            usual = [f for f in usual if any(f.holds(kind) for kind in kinds)]
        return sorted(usual, key=lambda f: 99 if f.rank is None else f.rank)

    def _where(self, select: Select, table: Table, alias: str) -> exp.Expr:
        parts: list[exp.Expr] = []
        if select.kinds:
            parts.append(exp.column("kind", alias).isin(*select.kinds))
        elif table is Table.ENTITIES and not _names_things(select.where):
            parts.append(exp.column("kind", alias).neq(k.LOCATION))
        moment = _MOMENTS.get(table)
        if moment is not None:
            at = exp.column(moment, alias)
            parts.append(
                exp.or_(at.is_(exp.null()), exp.LTE(this=at, expression=_timestamp(self._now)))
            )
        if select.where is not None:
            parts.append(self._predicate(select.where, table, alias))
        return exp.and_(*parts) if parts else exp.true()

    def _predicate(self, where: Predicate, table: Table, alias: str) -> exp.Expr:
        match where:
            case All():
                return exp.and_(*(self._predicate(p, table, alias) for p in where.of))
            case AnyOf():
                return exp.or_(*(self._predicate(p, table, alias) for p in where.of))
            case Not():
                inner = self._predicate(where.of, table, alias)
                return exp.not_(exp.Coalesce(this=exp.paren(inner), expressions=[exp.false()]))
            case Compare():
                return self._compare(where, table, alias)
            case Related():
                return self._related(where, alias)
            case _:
                assert_never(where)

    def _compare(self, where: Compare, table: Table, alias: str) -> exp.Expr:
        row = self._field(table, where.field)
        value = self._value(row, alias)
        if where.op is Op.EXISTS:
            return exp.not_(value.is_(exp.null()))
        if where.op is Op.MISSING:
            return value.is_(exp.null())
        if where.value is None:
            raise InvalidPlan(f"{where.field!r} {where.op.value} needs a value")
        return _comparison(row, value, where.op, where.value)

    def _related(self, where: Related, alias: str) -> exp.Expr:
        """The thing's ref is among those that have enough edges into the target set."""
        if where.op is Op.GE and where.count == 1:
            return exp.column("ref", alias).isin(query=self._connected(where))
        counted = self._counted(where)
        count: exp.Expr = exp.column("n")
        subquery = (
            exp.select(count)
            .from_(counted.subquery("c"))
            .where(exp.column("near", "c").eq(exp.column("ref", alias)))
        )
        number = exp.Coalesce(this=subquery.subquery(), expressions=[exp.Literal.number(0)])
        return _COMPARISONS[where.op](number, exp.Literal.number(where.count))

    def _connected(self, where: Related) -> exp.Select:
        """Refs at the near end of the relation, for some member of the target set at the far end."""
        near, far, name = self._columns(where.relation)
        targets = self._refs(where.to, where.relation)
        if where.hops == 1:
            alias = self._alias()
            return (
                exp.select(exp.column(near, alias))
                .from_(_table("edges", alias))
                .where(
                    exp.column("relation", alias).eq(name),
                    exp.column(far, alias).isin(query=targets),
                )
            )
        return self._reached(near, far, name, targets, where.hops)

    def _reached(
        self, near: str, far: str, name: exp.Expr, targets: exp.Select, hops: int | None
    ) -> exp.Select:
        """Refs from which a target is reached within so many steps; UNION makes cycles end."""
        walk, e, w = self._alias("walk"), self._alias(), self._alias()
        first = (
            exp.select(
                exp.alias_(exp.column(near, e), "ref"), exp.alias_(exp.Literal.number(1), "hop")
            )
            .from_(_table("edges", e))
            .where(exp.column("relation", e).eq(name), exp.column(far, e).isin(query=targets))
        )
        e2 = self._alias()
        step = (
            exp.select(exp.column(near, e2), exp.column("hop", w) + 1)
            .from_(_table(walk, w))
            .join(
                _table("edges", e2),
                on=exp.and_(
                    exp.column(far, e2).eq(exp.column("ref", w)),
                    exp.column("relation", e2).eq(name),
                ),
            )
            .where(exp.column("hop", w) < (hops or MAX_HOPS))
        )
        body = exp.union(first, step, distinct=True)
        return exp.select(exp.column("ref")).from_(walk).with_(walk, as_=body, recursive=True)

    def _counted(self, where: Related) -> exp.Select:
        near, far, name = self._columns(where.relation)
        alias = self._alias()
        return (
            exp.select(
                exp.alias_(exp.column(near, alias), "near"),
                exp.alias_(exp.Count(this=exp.Distinct(expressions=[exp.column(far, alias)])), "n"),
            )
            .from_(_table("edges", alias))
            .where(
                exp.column("relation", alias).eq(name),
                exp.column(far, alias).isin(query=self._refs(where.to, where.relation)),
            )
            .group_by(exp.column(near, alias))
        )

    def _refs(self, select: Select, relation: str | None = None) -> exp.Select:
        """The refs of a set; without kinds, of whatever stands at that end of the relation."""
        several = dict.fromkeys(table_of(kind) for kind in select.kinds)
        if len(several) > 1 and select.where is None:
            parts = [
                self._refs(Select(kinds=tuple(x for x in select.kinds if table_of(x) is table)))
                for table in several
            ]
            together = self._alias()
            union = exp.union(*parts, distinct=False)
            return exp.select(exp.column("ref", together)).from_(union.subquery(together))
        table = self.table(select)
        if relation is not None and not select.kinds and not _names_things(select.where):
            tables = {table_of(kind) for kind in ends(relation)[1]}
            if len(tables) == 1:
                table = tables.pop()
        alias = self._alias()
        query = (
            exp.select(exp.column("ref", alias))
            .from_(_table(table.value, alias))
            .where(self._where(select, table, alias))
        )
        if select.limit is not None:
            for key in select.order:
                row = self._field(table, key.field)
                query = query.order_by(
                    exp.Ordered(
                        this=self._value(row, alias), desc=key.descending, nulls_first=False
                    )
                )
            query = query.limit(select.limit)
        return query

    def _columns(self, side: str) -> tuple[str, str, exp.Expr]:
        if side not in RELATION_BY_SIDE:
            raise InvalidPlan(
                f"no relation is called {side!r}; known: {', '.join(sorted(RELATION_BY_SIDE))}"
            )
        relation, inverse = RELATION_BY_SIDE[side]
        near, far = ("target", "source") if inverse else ("source", "target")
        return near, far, exp.Literal.string(relation.forward.name)

    # ── aggregates ───────────────────────────────────────────────────────────────────────────────

    def _aggregate(self, plan: Aggregate, limit: int | None) -> Compiled:
        select = as_select(plan.of)
        table = self.table(select)
        alias = self._alias()
        source = (
            exp.select().from_(_table(table.value, alias)).where(self._where(select, table, alias))
        )
        if plan.group_by is None:
            query = source.select(
                exp.alias_(self._function(plan, table, alias, exp.column("ref", alias)), "value")
            )
            return Compiled(self._sql(query), table)
        if plan.group_by in RELATION_BY_SIDE:
            query = self._grouped_by_relation(plan, table, alias, source)
        else:
            row = self._field(table, plan.group_by)
            key = self._value(row, alias)
            if row.type is FieldType.LIST:
                key = exp.Unnest(expressions=[key])
            query = source.select(
                exp.alias_(key, "key"),
                exp.alias_(self._function(plan, table, alias, exp.column("ref", alias)), "value"),
            ).group_by(exp.Literal.number(1))
            if row.type is not FieldType.LIST:
                query = query.where(exp.not_(self._value(row, alias).is_(exp.null())))
        return Compiled(self._sql(self._ordered_groups(plan, query, limit)), table)

    def _grouped_by_relation(
        self, plan: Aggregate, table: Table, alias: str, source: exp.Select
    ) -> exp.Select:
        """One row per thing at the relation's far end, through components where the plan's set needs it."""
        assert plan.group_by is not None
        near, far, name = self._columns(plan.group_by)
        e = self._alias()
        query = source.join(
            _table("edges", e),
            on=exp.and_(
                exp.column(near, e).eq(exp.column("ref", alias)), exp.column("relation", e).eq(name)
            ),
        )
        key: exp.Expr = exp.column(far, e)
        target = plan.group_to
        if (
            target is not None
            and target.kinds
            and not set(target.kinds) & set(ends(plan.group_by)[1])
        ):
            key, query = self._second_step(target, key, query)
        if target is not None:
            query = query.where(key.copy().isin(query=self._refs(target)))
        value = self._function(plan, table, alias, exp.column("ref", alias))
        return query.select(exp.alias_(key, "key"), exp.alias_(value, "value")).group_by(
            exp.Literal.number(1)
        )

    def _second_step(
        self, target: Select, key: exp.Expr, query: exp.Select
    ) -> tuple[exp.Expr, exp.Select]:
        side = next((s for s in _GROUP_SECOND if set(target.kinds) & set(ends(s)[1])), None)
        if side is None:
            raise InvalidPlan(f"no relation leads to {', '.join(target.kinds)}")
        near, far, name = self._columns(side)
        e = self._alias()
        joined = query.join(
            _table("edges", e),
            on=exp.and_(exp.column(near, e).eq(key.copy()), exp.column("relation", e).eq(name)),
        )
        return exp.column(far, e), joined

    def _ordered_groups(self, plan: Aggregate, query: exp.Select, limit: int | None) -> exp.Select:
        outer = (
            exp.select(
                "key", "value", exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "total")
            )
            .from_(query.subquery("g"))
            .where(exp.not_(exp.column("key").is_(exp.null())))
        )
        if plan.having is not None:
            outer = outer.where(
                _COMPARISONS[plan.having.op](
                    exp.column("value"), exp.Literal.number(plan.having.value)
                )
            )
        if plan.descending is None:
            outer = outer.order_by(
                exp.Ordered(this=exp.column("key"), desc=False, nulls_first=False)
            )
        else:
            outer = outer.order_by(
                exp.Ordered(this=exp.column("value"), desc=plan.descending, nulls_first=False),
                exp.Ordered(this=exp.column("key"), desc=False, nulls_first=False),
            )
        return outer.limit(min(x for x in (plan.limit, limit, HARD_LIMIT) if x is not None))

    def _function(self, plan: Aggregate, table: Table, alias: str, ref: exp.Expr) -> exp.Expr:
        if plan.metric is not None:
            raise InvalidPlan(f"no measure is called {plan.metric!r}")
        counted = exp.Count(this=exp.Distinct(expressions=[ref]))
        if plan.function in (Function.COUNT, Function.RATE):
            if plan.function is Function.RATE:
                raise InvalidPlan("a rate needs a named measure")
            return counted
        if plan.field is None:
            raise InvalidPlan(f"{plan.function.value} needs a field")
        value = self._value(self._field(table, plan.field), alias)
        match plan.function:
            case Function.DISTINCT:
                return exp.Count(this=exp.Distinct(expressions=[value]))
            case Function.SUM:
                return exp.Sum(this=value)
            case Function.AVERAGE:
                return exp.Avg(this=value)
            case Function.MEDIAN:
                return exp.Median(this=value)
            case Function.MIN:
                return exp.Min(this=value)
            case Function.MAX:
                return exp.Max(this=value)
            case _:
                assert_never(plan.function)

    # ── reviews ──────────────────────────────────────────────────────────────────────────────────

    def _review(self, plan: Review) -> Compiled:
        """One row per check: its name, how many things fail it, and how many were looked at."""
        parts: list[exp.Select] = []
        for name in plan.checks or CHECK_BY_NAME:
            if name not in CHECK_BY_NAME:
                raise InvalidPlan(f"no check is called {name!r}; known: {', '.join(CHECK_BY_NAME)}")
            failed, seen = found_by(name, self._now, plan.scope), looked_at(name, plan.scope)
            if failed is not None and seen is not None:
                counts = {"value": self._number_of(failed), "checked": self._number_of(seen)}
                parts.append(
                    exp.select(
                        exp.alias_(exp.Literal.string(name), "key"),
                        *(exp.alias_(count, column) for column, count in counts.items()),
                    )
                )
        if not parts:
            raise InvalidPlan("none of these checks has to do with that")
        rows = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
        query = exp.select("key", "value", "checked").from_(rows.subquery("r"))
        return Compiled(self._sql(query), None)

    def _number_of(self, select: Select) -> exp.Expr:
        refs = self._refs(select).subquery(self._alias())
        return exp.select(exp.Count(this=exp.Star())).from_(refs).subquery()

    # ── paths ────────────────────────────────────────────────────────────────────────────────────

    def _path(self, plan: Path) -> Compiled:
        """Shortest chain, as a list of refs: breadth first, so the first arrival is shortest."""
        near, far, name = self._columns(plan.relation)
        walk, w, e = self._alias("walk"), self._alias(), self._alias()
        starts = self._alias()
        start_refs = self._refs(plan.start)
        first = exp.select(
            exp.alias_(exp.column("ref", starts), "ref"),
            exp.alias_(exp.Array(expressions=[exp.column("ref", starts)]), "chain"),
        ).from_(start_refs.subquery(starts))
        step = (
            exp.select(
                exp.column(far, e),
                exp.func("list_append", exp.column("chain", w), exp.column(far, e)),
            )
            .from_(_table(walk, w))
            .join(
                _table("edges", e),
                on=exp.and_(
                    exp.column(near, e).eq(exp.column("ref", w)), exp.column("relation", e).eq(name)
                ),
            )
            .where(
                exp.not_(exp.func("list_contains", exp.column("chain", w), exp.column(far, e))),
                exp.func("len", exp.column("chain", w)) < 9,
            )
        )
        body = exp.union(first, step, distinct=True)
        query = (
            exp.select("chain")
            .from_(walk)
            .with_(walk, as_=body, recursive=True)
            .where(exp.column("ref").isin(query=self._refs(plan.end)))
            .order_by(exp.func("len", exp.column("chain")))
            .limit(1)
        )
        return Compiled(query.sql(dialect="duckdb"), None)

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def _field(self, table: Table, name: str) -> Field:
        row = self._fields.get(table, name)
        if row is None:
            if name in ("kind", "ref"):
                return Field(name, FieldType.KEYWORD, "", table=table)
            known = ", ".join(sorted(f.name for f in self._fields.of_table(table)))
            raise InvalidPlan(f"{table.value} have no field {name!r}; known: {known}")
        return row

    def _value(self, row: Field, alias: str) -> exp.Expr:
        if not row.derived:
            return exp.column(row.name, alias)
        return _DERIVED[row.name](self, alias)

    def _alias(self, stem: str = "t") -> str:
        self._aliases += 1
        return f"{stem}{self._aliases}"

    def _sql(self, query: exp.Select) -> str:
        """Qualified against the schema: an unknown column dies here, not in the database."""
        qualified = qualify(
            query,
            dialect="duckdb",
            schema=self._schema,
            quote_identifiers=False,
            validate_qualify_columns=False,
        )
        return qualified.sql(dialect="duckdb")

    # ── derived fields ───────────────────────────────────────────────────────────────────────────

    def last_deployment(self, alias: str, value: str) -> exp.Expr:
        """A column of the latest successful deployment to production."""
        d = self._alias("d")
        picked: exp.Expr = (
            exp.Max(this=exp.column("at", d))
            if value == "at"
            else exp.func("arg_max", exp.column(value, d), exp.column("at", d))
        )
        return (
            exp.select(picked)
            .from_(_table(Table.DEPLOYMENTS.value, d))
            .where(
                exp.column("component", d).eq(exp.column("ref", alias)),
                exp.column("environment", d).eq("production"),
                exp.column("outcome", d).eq("success"),
                exp.LTE(this=exp.column("at", d), expression=_timestamp(self._now)),
            )
            .subquery()
        )

    def days_since(self, moment: exp.Expr) -> exp.Expr:
        """Whole days from a moment to now."""
        return exp.Anonymous(
            this="date_sub", expressions=[exp.Literal.string("day"), moment, _timestamp(self._now)]
        )

    def active(self, alias: str) -> exp.Expr:
        """The moment lies in [starts_at, ends_at); an open side always fits."""
        now = _timestamp(self._now)
        starts, ends_at = exp.column("starts_at", alias), exp.column("ends_at", alias)
        begun = exp.or_(starts.is_(exp.null()), exp.LTE(this=starts.copy(), expression=now))
        running = exp.or_(
            ends_at.is_(exp.null()), exp.GT(this=ends_at.copy(), expression=now.copy())
        )
        return exp.paren(exp.and_(begun, running))

    def healthy(self, alias: str) -> exp.Expr:
        """No open incident, no firing alert, no breached SLO on the thing itself."""
        trouble = (
            ("hasIncident", k.INCIDENT, Compare(field="open", op=Op.EQ, value=True)),
            ("hasAlert", k.ALERT, Compare(field="state", op=Op.EQ, value="active")),
            ("hasSlo", k.SLO, Compare(field="breached", op=Op.EQ, value=True)),
        )
        parts = [
            self._related(Related(relation=side, to=Select(kinds=(kind,), where=where)), alias)
            for side, kind, where in trouble
        ]
        return exp.paren(exp.not_(exp.paren(exp.or_(*parts))))


_DERIVED: dict[str, Callable[[Compiler, str], exp.Expr]] = {
    "last_deployed_at": lambda compiler, alias: compiler.last_deployment(alias, "at"),
    "days_since_deployed": lambda compiler, alias: compiler.days_since(
        compiler.last_deployment(alias, "at")
    ),
    "last_deployed_by": lambda compiler, alias: compiler.last_deployment(alias, "actor"),
    "version": lambda compiler, alias: compiler.last_deployment(alias, "version"),
    "active": lambda compiler, alias: compiler.active(alias),
    "healthy": lambda compiler, alias: compiler.healthy(alias),
}

_MOMENTS: dict[Table, str] = {
    Table.DEPLOYMENTS: "at",
    Table.CHANGES: "at",
    Table.INCIDENTS: "created_at",
}
"""Records that happen: those later than `now` are not known yet."""

_GROUP_SECOND = ("ownedBy", "within")
"""How groups are reached from components when records are grouped by team, system or domain."""

_COMPARISONS: dict[Op, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    Op.EQ: lambda a, b: exp.EQ(this=a, expression=b),
    Op.NE: lambda a, b: exp.NEQ(this=a, expression=b),
    Op.LT: lambda a, b: exp.LT(this=a, expression=b),
    Op.LE: lambda a, b: exp.LTE(this=a, expression=b),
    Op.GT: lambda a, b: exp.GT(this=a, expression=b),
    Op.GE: lambda a, b: exp.GTE(this=a, expression=b),
}


def _comparison(
    row: Field, value: exp.Expr, op: Op, wanted: Scalar | tuple[Scalar, ...]
) -> exp.Expr:
    folded = row.type is FieldType.KEYWORD and row.name != "ref"
    left = exp.Lower(this=value) if folded else value
    many = [
        _literal(row, item, fold=folded)
        for item in (wanted if isinstance(wanted, tuple) else (wanted,))
    ]
    if not many:
        raise InvalidPlan(f"{row.name!r} {op.value} needs at least one value")
    match op:
        case Op.IN:
            return exp.In(this=left, expressions=many)
        case Op.BETWEEN:
            if len(many) != 2:
                raise InvalidPlan(f"{row.name!r} between needs two values")
            return exp.and_(
                exp.GTE(this=left, expression=many[0]),
                exp.LT(this=value.copy(), expression=many[1]),
            )
        case Op.HAS:
            parts = [exp.func("list_contains", value.copy(), item) for item in many]
            return exp.Coalesce(this=exp.paren(exp.or_(*parts)), expressions=[exp.false()])
        case Op.MATCHES:
            return exp.func("contains", exp.Lower(this=value), many[0])
        case Op.EXISTS | Op.MISSING:
            raise InvalidPlan(f"{op.value} takes no value")
        case Op.NE:
            return exp.or_(value.is_(exp.null()), exp.NEQ(this=left, expression=many[0]))
        case _:
            return _COMPARISONS[op](left, many[0])


def _literal(row: Field, value: Scalar, *, fold: bool = False) -> exp.Expr:
    if row.type is FieldType.TIMESTAMP:
        return exp.cast(
            exp.Literal.string(str(value).removesuffix("Z").replace("T", " ")), "TIMESTAMP"
        )
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if row.type in (FieldType.INTEGER, FieldType.NUMBER):
        if not isinstance(value, int | float):
            raise InvalidPlan(f"{row.name!r} is a number, got {value!r}")
        return exp.Literal.number(value)
    text = str(value)
    return exp.Literal.string(text.lower() if fold or row.type is FieldType.TEXT else text)


def _timestamp(moment: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(moment.strftime("%Y-%m-%d %H:%M:%S")), "TIMESTAMP")


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _names_things(where: Predicate | None) -> bool:
    parts = where.of if isinstance(where, All) else (where,)
    return any(isinstance(p, Compare) and p.field == "ref" for p in parts)


def as_select(things: ThingSet) -> Select:
    """A set as a selection: what is reached from a start stands in the opposite relation to it.

    >>> as_select(Traverse(start=Select(kinds=("System",)), relation="contains")).where.relation
    'within'
    """
    if isinstance(things, Select):
        return things
    back = Related(relation=opposite(things.relation), to=things.start, hops=things.hops)
    kinds = things.to.kinds or ends(things.relation)[1]
    return things.to.model_copy(update={"kinds": kinds, "where": conjoin(back, things.to.where)})
