"""What a set holds: kinds, conditions and relations as the WHERE of its table."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.relations import RELATION_BY_SIDE, ends
from search.plan import (
    Aggregate,
    All,
    Among,
    AnyOf,
    Compare,
    Not,
    Op,
    Predicate,
    Related,
    Select,
)
from search.sql.derived import DERIVED
from search.sql.places import at_place, standings
from search.sql.qualifier import qualifier_of
from search.sql.terms import (
    COMPARISONS,
    comparison,
    equal,
    names_things,
    rows_of,
    table_node,
    timestamp,
    unknown,
)

MAX_HOPS = 25
"""Bound on "all the way": longer chains are cycles in practice."""

MOMENTS: dict[Table, str] = {
    Table.DEPLOYMENTS: "at",
    Table.CHANGES: "at",
    Table.INCIDENTS: "created_at",
    Table.FINDINGS: "detected_at",
}
"""Records that happen: those later than `now` are not known yet."""


class Sets:
    """Compiles sets for one snapshot's fields, at one moment.

    Every set is a SELECT of its table's rows; a relation is a semi-join over `edges`; a derived field is a sub-select.
    """

    def __init__(self, fields: FieldTable, now: datetime) -> None:
        """`now` bounds events: what happened later is not known yet."""
        self.fields = fields
        self.now = now
        self._qualifier = qualifier_of(fields)
        self._aliases = 0

    def field(self, table: Table, name: str) -> Field:
        """The row of a field; raises InvalidPlan when the table has none of that name."""
        row = self.fields.get(table, name)
        if row is None:
            if name in ("kind", "ref"):
                return Field(name, FieldType.KEYWORD, "", table=table)
            known = (f.name for f in self.fields.of_table(table))
            raise unknown(f"{table.value} have no field", name, known)
        return row

    def value(self, row: Field, alias: str) -> exp.Expr:
        """A field's value in the row with this alias."""
        if not row.derived:
            return exp.column(row.name, alias)
        return DERIVED[row.table, row.name](self, alias)

    def alias(self, stem: str = "t") -> str:
        """A name no other part of the statement uses."""
        self._aliases += 1
        return f"{stem}{self._aliases}"

    def sql(self, query: exp.Select) -> str:
        """Qualified against the schema: an unknown column dies here, not in the database."""
        return self._qualifier.sql(query)

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
                value = next(iter(part.value), "") if isinstance(part.value, tuple) else part.value
                prefix = str(value).split(":", 1)[0]
                for kind in k.KINDS:
                    if kind.table is not Table.ENTITIES and kind.name.lower() == prefix:
                        return {kind.table}
        return set()

    def where(self, select: Select, table: Table, alias: str) -> exp.Expr:
        """The condition of a set on the row with this alias: kinds, predicate, and nothing later than now."""
        parts: list[exp.Expr] = []
        if select.kinds:
            parts.append(exp.column("kind", alias).isin(*select.kinds, copy=False))
        elif table is Table.ENTITIES and not names_things(select.where):
            parts.append(exp.column("kind", alias).neq(k.LOCATION))
        moment = MOMENTS.get(table)
        if moment is not None:
            at = exp.column(moment, alias)
            parts.append(
                exp.or_(
                    at.is_(exp.null()),
                    exp.LTE(this=at, expression=timestamp(self.now)),
                    copy=False,
                )
            )
        if select.where is not None:
            parts.append(self.predicate(select.where, table, alias))
        return exp.and_(*parts, copy=False) if parts else exp.true()

    def predicate(self, where: Predicate, table: Table, alias: str) -> exp.Expr:
        """A condition on the row with this alias."""
        match where:
            case All() | AnyOf() if not where.of:
                raise InvalidPlan(f"{where.node!r} needs at least one part")
            case All():
                return exp.and_(*(self.predicate(p, table, alias) for p in where.of), copy=False)
            case AnyOf():
                return exp.or_(*(self.predicate(p, table, alias) for p in where.of), copy=False)
            case Not():
                inner = self.predicate(where.of, table, alias)
                held = exp.Coalesce(this=exp.paren(inner, copy=False), expressions=[exp.false()])
                return exp.not_(held, copy=False)
            case Compare():
                return self._compare(where, table, alias)
            case Related():
                return self.related(where, alias)
            case Among():
                kept = (
                    self.groups(where.of)
                    if isinstance(where.of, Aggregate)
                    else self.refs(where.of)
                )
                return exp.column("ref", alias).isin(query=kept, copy=False)
            case _:
                assert_never(where)

    def _compare(self, where: Compare, table: Table, alias: str) -> exp.Expr:
        row = self.field(table, where.field)
        value = self.value(row, alias)
        if where.op is Op.EXISTS:
            return exp.not_(value.is_(exp.null()))
        if where.op is Op.MISSING:
            return value.is_(exp.null())
        if where.value is None:
            raise InvalidPlan(f"{where.field!r} {where.op.value} needs a value")
        return comparison(row, value, where.op, where.value)

    def groups(self, plan: Aggregate) -> exp.Select:
        """The references of the things that an aggregate keeps as groups."""
        raise NotImplementedError

    def related(self, where: Related, alias: str) -> exp.Expr:
        """The thing's ref is among those that have enough edges into the target set."""
        if where.op is Op.GE and where.count == 1:
            connected = exp.column("ref", alias).isin(query=self._connected(where), copy=False)
            if where.hops is not None or not names_things(where.to.where):
                return connected
            # in a cycle a thing leads back to itself, which nobody asks for by "what breaks if it fails"
            same = exp.column("ref", alias).isin(query=self.refs(where.to), copy=False)
            return exp.and_(connected, exp.not_(same, copy=False), copy=False)
        counted = self._counted(where)
        count: exp.Expr = exp.column("n")
        subquery = (
            exp.select(count)
            .from_(counted.subquery("c"))
            .where(exp.column("near", "c").eq(exp.column("ref", alias)))
        )
        number = exp.Coalesce(this=subquery.subquery(), expressions=[exp.Literal.number(0)])
        return COMPARISONS[where.op](number, exp.Literal.number(where.count))

    def _connected(self, where: Related) -> exp.Select:
        """Refs at the near end of the relation, for some member of the target set at the far end."""
        near, far, name = self.columns(where.relation)
        targets = self.refs(where.to, where.relation)
        if where.hops == 1:
            alias = self.alias()
            ends_ = exp.column(near, alias), exp.column(far, alias)
            return rows_of(
                "edges",
                alias,
                [ends_[0]],
                equal(exp.column("relation", alias), name),
                exp.column(far, alias).isin(query=targets, copy=False),
                *(self._owned_apart(*ends_) if where.apart else ()),
            )
        if where.apart:
            raise InvalidPlan("another owner can be asked of one step only, not of a whole chain")
        return self._reached(near, far, name, targets, where.hops)

    def _owned_apart(self, near: exp.Column, far: exp.Column) -> tuple[exp.Expr, exp.Expr]:
        """The far end has an owner, and none that the near end has."""
        thing, owner, name = self.columns("ownedBy")
        e, f, g = self.alias(), self.alias(), self.alias()
        owned = rows_of(
            "edges",
            e,
            [exp.Literal.number(1)],
            equal(exp.column("relation", e), name),
            equal(exp.column(thing, e), far.copy()),
        )
        shared = (
            exp.select(exp.Literal.number(1))
            .from_(table_node("edges", f))
            .join(
                table_node("edges", g),
                on=exp.and_(
                    exp.column(owner, f).eq(exp.column(owner, g)),
                    exp.column("relation", g).eq(name.copy()),
                ),
            )
            .where(
                exp.column("relation", f).eq(name.copy()),
                exp.column(thing, f).eq(near.copy()),
                exp.column(thing, g).eq(far.copy()),
            )
        )
        return exp.Exists(this=owned), exp.not_(exp.Exists(this=shared))

    def _reached(
        self, near: str, far: str, name: exp.Expr, targets: exp.Select, hops: int | None
    ) -> exp.Select:
        """Refs from which a target is reached within so many steps; UNION makes cycles end."""
        walk, e, w = self.alias("walk"), self.alias(), self.alias()
        first = rows_of(
            "edges",
            e,
            [exp.alias_(exp.column(near, e), "ref"), exp.alias_(exp.Literal.number(1), "hop")],
            equal(exp.column("relation", e), name),
            exp.column(far, e).isin(query=targets, copy=False),
        )
        e2 = self.alias()
        step = (
            exp.select(exp.column(near, e2), exp.column("hop", w) + 1)
            .from_(table_node(walk, w))
            .join(
                table_node("edges", e2),
                on=exp.and_(
                    exp.column(far, e2).eq(exp.column("ref", w)),
                    exp.column("relation", e2).eq(name),
                ),
            )
            .where(exp.column("hop", w) < (hops or MAX_HOPS))
        )
        body = exp.union(first, step, distinct=True, copy=False)
        return exp.select(exp.column("ref")).from_(walk).with_(walk, as_=body, recursive=True)

    def _counted(self, where: Related) -> exp.Select:
        near, far, name = self.columns(where.relation)
        alias = self.alias()
        number = exp.Count(this=exp.Distinct(expressions=[exp.column(far, alias)]))
        return rows_of(
            "edges",
            alias,
            [exp.alias_(exp.column(near, alias), "near"), exp.alias_(number, "n")],
            equal(exp.column("relation", alias), name),
            exp.column(far, alias).isin(query=self.refs(where.to, where.relation), copy=False),
        ).group_by(exp.column(near, alias), copy=False)

    def refs(self, select: Select, relation: str | None = None) -> exp.Select:
        """The refs of a set; without kinds, of whatever stands at that end of the relation."""
        several = dict.fromkeys(table_of(kind) for kind in select.kinds)
        if len(several) > 1 and select.where is None:
            parts = [
                self.refs(Select(kinds=tuple(x for x in select.kinds if table_of(x) is table)))
                for table in several
            ]
            together = self.alias()
            union = exp.union(*parts, distinct=False)
            return exp.select(exp.column("ref", together)).from_(union.subquery(together))
        table = self.table(select)
        if relation is not None and not select.kinds and not names_things(select.where):
            tables = {table_of(kind) for kind in ends(relation)[1]}
            if len(tables) == 1:
                table = tables.pop()
        alias = self.alias()
        query = rows_of(
            table.value, alias, [exp.column("ref", alias)], self.where(select, table, alias)
        )
        if select.place is not None:
            ranked = query.select(*self.standings(select, table, alias))
            return self.placed(ranked, select, table, alias, "ref")
        if select.limit is not None:
            for key in select.order:
                row = self.field(table, key.field)
                by = exp.Ordered(
                    this=self.value(row, alias), desc=key.descending, nulls_first=False
                )
                query = query.order_by(by, copy=False)
            query = query.limit(select.limit, copy=False)
        return query

    def standings(self, select: Select, table: Table, alias: str) -> tuple[exp.Expr, exp.Expr]:
        """The places of a set's rows by the first key of its order.

        Raises:
            InvalidPlan: a place is asked for, and nothing says in what order.
        """
        if not select.order:
            raise InvalidPlan("a place needs an order")
        key = select.order[0]
        value = self.value(self.field(table, key.field), alias)
        return standings(value, descending=key.descending)

    def placed(
        self, query: exp.Select, select: Select, table: Table, alias: str, *columns: str
    ) -> exp.Select:
        """The rows of a query that stand at the set's place; what has no value stands nowhere."""
        assert select.place is not None
        value = self.value(self.field(table, select.order[0].field), alias)
        held = query.where(exp.not_(value.is_(exp.null())))
        return at_place(held, select.place, self.alias("p"), *columns)

    def columns(self, side: str) -> tuple[str, str, exp.Expr]:
        """(near column, far column, stored name) of a relation's side in `edges`."""
        if side not in RELATION_BY_SIDE:
            raise unknown("no relation is called", side, RELATION_BY_SIDE)
        relation, inverse = RELATION_BY_SIDE[side]
        near, far = ("target", "source") if inverse else ("source", "target")
        return near, far, exp.Literal.string(relation.forward.name)
