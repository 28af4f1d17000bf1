"""Plans of every kind → their statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model.fields import Field
from catalog_store.model.kinds import ENTITY_KINDS, Table
from search.plan import (
    Aggregate,
    Check,
    Comparison,
    Not,
    Path,
    Plan,
    Predicate,
    Retrieve,
    Review,
    Select,
    ThingSet,
    Traverse,
    conjoin,
)
from search.sql.aggregates import aggregate, compared, kept_groups
from search.sql.paths import path
from search.sql.reviews import review
from search.sql.sets import Sets
from search.sql.terms import HARD_LIMIT, as_select, rows_of

PLACE = ("path", "first_line", "last_line")
"""Every row says where it was declared, for its citation."""


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


class Compiler(Sets):
    """Compiles plans for one snapshot's fields, at one moment."""

    def compile(self, plan: Plan, *, limit: int | None = None) -> Compiled:
        """The statement for a plan's rows.

        Args:
            plan: any plan but `Retrieve`.
            limit: rows returned at most, when the plan itself does not say fewer. Every row carries `total`, the
                number there would be without it.

        Raises:
            InvalidPlan: an unknown field, relation, measure or kind, or kinds of several tables in one set.
        """
        match plan:
            case Select() | Traverse():
                return self._rows(plan, limit)
            case Check() if plan.every and plan.holds is not None:
                of = as_select(plan.of)  # its rows are those that do not
                others = conjoin(of.where, Not(of=plan.holds))
                return self._rows(of.model_copy(update={"where": others}), limit)
            case Check():
                return self._rows(plan.of, limit, holds=plan.holds)
            case Aggregate():
                return Compiled(aggregate(self, plan, limit), self.table(as_select(plan.of)))
            case Comparison():
                return Compiled(compared(self, plan), None)
            case Path():
                return Compiled(path(self, plan), None)
            case Review():
                return Compiled(review(self, plan), None)
            case Retrieve():
                raise InvalidPlan("a retrieval has no SQL; its scope compiles as a set")
            case _:
                assert_never(plan)

    def groups(self, plan: Aggregate) -> exp.Select:
        """The references of the things that an aggregate keeps as groups.

        Raises:
            InvalidPlan: its groups are no things.
        """
        return kept_groups(self, plan)

    def _rows(
        self, things: ThingSet, limit: int | None, *, holds: Predicate | None = None
    ) -> Compiled:
        select = as_select(things)
        table = self.table(select)
        alias = self.alias()
        asked = self._asked(select, table)
        columns: list[exp.Expr] = [exp.column("ref", alias), exp.column("kind", alias)]
        columns += [
            exp.alias_(self.value(row, alias), row.name, quoted=True, copy=False)
            for row in asked
            if row.name != "kind"
        ]
        asked_names = {row.name for row in asked}
        columns += [exp.column(name, alias) for name in PLACE if name not in asked_names]
        if select.order and (select.limit is not None or select.place is not None):
            columns += self.standings(select, table, alias)
        columns.append(exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "total", copy=False))
        query = rows_of(table.value, alias, columns, self.where(select, table, alias))
        if select.place is not None:
            query = self.placed(query, select, table, alias)
        for key in select.order if select.place is None else ():
            row = self.field(table, key.field)
            by = exp.Ordered(
                this=self.value(row, alias), desc=key.descending, nulls_first=key.nulls == "first"
            )
            query = query.order_by(by, copy=False)
        by_name = exp.column("ref", alias) if select.place is None else exp.column("ref")
        last = exp.Ordered(this=by_name, desc=False, nulls_first=False)
        query = query.order_by(last, copy=False)
        bound = min(x for x in (select.limit, limit, HARD_LIMIT) if x is not None)
        query = query.limit(bound, copy=False)
        if holds is not None:
            good = self.refs(Select(kinds=select.kinds, where=holds))
            cut = query.subquery("cut", copy=False)
            query = exp.select("*").from_(cut).where(exp.column("ref", "cut").isin(query=good))
        return Compiled(self.sql(query), table, tuple(asked))

    def _asked(self, select: Select, table: Table) -> list[Field]:
        if select.fields:
            return [self.field(table, name) for name in select.fields]
        usual = [f for f in self.fields.of_table(table) if f.rank is not None and f.name != "ref"]
        if table is Table.ENTITIES:
            usual.append(self.field(table, "title"))
            kinds = select.kinds or ENTITY_KINDS
            usual = [f for f in usual if any(f.holds(kind) for kind in kinds)]
        return sorted(usual, key=lambda f: 99 if f.rank is None else f.rank)
