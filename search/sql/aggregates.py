"""One number over a set, or one per group: groups are values of a field, things at the end of a relation, or stretches of time."""

from __future__ import annotations

from typing import assert_never

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, Table, table_of
from catalog_store.model.measures import DELIVERY, MEASURES, Measure
from catalog_store.model.relations import RELATION_BY_SIDE, ends
from catalog_store.model.time_window import stretches
from search.plan import (
    Aggregate,
    Compare,
    Comparison,
    Function,
    Op,
    Predicate,
    Related,
    Select,
    conjoin,
    conjuncts,
)
from search.sql.measures import COLUMNS, elapsed, measure_of, measured, span_of, trunc
from search.sql.places import at_place, standings
from search.sql.sets import MOMENTS, Sets
from search.sql.terms import COMPARISONS, HARD_LIMIT, as_select, equal, rows_of, table_node

OF_COMPONENT: dict[Table, str] = {
    Table.DEPLOYMENTS: "deploymentOf",
    Table.CHANGES: "changeOf",
    Table.INCIDENTS: "incidentOn",
    Table.ALERTS: "alertOn",
    Table.FINDINGS: "findingIn",
    Table.SLOS: "sloOf",
}
"""How records hang on the component whose fields and owners they are grouped by."""

_OF_NUMBERS = (Function.SUM, Function.AVERAGE, Function.MEDIAN)
"""What only numbers have."""

_BUCKET_KEYS = {
    "day": "%Y-%m-%d",
    "week": "%Y-%m-%d",
    "month": "%Y-%m",
    "quarter": "%Y-Q",
    "year": "%Y",
}
"""Calendar unit → how its key is written: weeks by their Monday, quarters as 2026-Q4."""


def aggregate(sets: Sets, plan: Aggregate, limit: int | None) -> str:
    """The statement of an aggregate.

    Raises:
        InvalidPlan: an unknown field, relation or measure, or a grouping that leads nowhere.
    """
    return sets.sql(_statement(sets, plan, limit))


def compared(sets: Sets, plan: Comparison) -> str:
    """The statement of two numbers, a row each in the order of the plan: key, value.

    Raises:
        InvalidPlan: a side is no single number.
    """
    rows = []
    for number, side in enumerate(plan.sides):
        if side.of.group_by or side.of.every or side.of.metric == DELIVERY:
            raise InvalidPlan("each side of a comparison is one number")
        value = exp.select("value").from_(_statement(sets, side.of, None).subquery(sets.alias("v")))
        rows.append(
            exp.select(
                exp.alias_(exp.Literal.number(number), "place"),
                exp.alias_(exp.Literal.string(side.key), "key"),
                exp.alias_(value.subquery(), "value"),
            )
        )
    together = exp.union(*rows, distinct=False)
    return sets.sql(
        exp.select("key", "value")
        .from_(together.subquery("g"))
        .order_by(exp.Ordered(this=exp.column("place"), desc=False, nulls_first=False))
    )


def kept_groups(sets: Sets, plan: Aggregate) -> exp.Select:
    """The keys of an aggregate's groups.

    Raises:
        InvalidPlan: they are values or stretches of time, and no things.
    """
    if plan.group_by not in RELATION_BY_SIDE or plan.then is not None:
        raise InvalidPlan("only things can be among the groups of an aggregate")
    return exp.select("key").from_(_statement(sets, plan, None).subquery(sets.alias("k")))


def _statement(sets: Sets, plan: Aggregate, limit: int | None) -> exp.Select:
    if plan.metric == DELIVERY:
        return _delivery(sets, plan)
    if plan.then is not None:
        return _twofold(sets, plan, limit)
    if plan.metric is not None:
        query = _measure(sets, plan, measure_of(plan))
        if plan.group_by is None and plan.every is None:
            return exp.select("value").from_(query.subquery("g"))
        return _ordered_groups(plan, query, limit)
    rate = plan.function is Function.RATE and plan.group_by is None
    if not rate and (plan.group_by is not None or plan.every is not None):
        return _groups(sets, plan, limit)
    select = as_select(plan.of)
    table, alias = sets.table(select), sets.alias()
    value = _named(_function(sets, plan, table, alias), "value")
    return rows_of(table.value, alias, [value], sets.where(select, table, alias))


def _groups(sets: Sets, plan: Aggregate, limit: int | None) -> exp.Select:
    """Key and value of each group, in order."""
    select = as_select(plan.of)
    table, alias = sets.table(select), sets.alias()
    source = rows_of(table.value, alias, (), sets.where(select, table, alias))
    value = _named(_function(sets, plan, table, alias), "value")
    key, source = _key(sets, plan, table, alias, source)
    query = source.select(_named(key, "key"), value, copy=False)
    query = query.group_by(exp.Literal.number(1), copy=False)
    to = plan.group_to
    listed = to is not None and bool(_kinds_of_names(to.where))  # compared by name: all are shown
    if (
        plan.function is Function.COUNT
        and to is not None
        and plan.having is None
        and (listed or plan.descending is False)
    ):
        return _ordered_groups(plan, _with_none(sets, to, query), limit)
    return _ordered_groups(plan, query, limit)


def _twofold(sets: Sets, plan: Aggregate, limit: int | None) -> exp.Select:
    """Each group with its own value, a row for each of the groups within it: key, value, then_key, then_value.

    Raises:
        InvalidPlan: a measure, or groups by nothing.
    """
    if plan.metric is not None or plan.then is None:
        raise InvalidPlan("only counts and sums are grouped by two things at once")
    select = as_select(plan.of)
    table, alias = sets.table(select), sets.alias()
    source = (
        exp.select().from_(table_node(table.value, alias)).where(sets.where(select, table, alias))
    )
    value = _named(_function(sets, plan, table, alias), "then_value")
    key, source = _key(sets, plan, table, alias, source)
    second = plan.model_copy(update=dict(plan.then))
    then_key, source = _key(sets, second, table, alias, source)
    each = source.select(_named(key, "key"), _named(then_key, "then_key"), value)
    cells = each.group_by(exp.Literal.number(1), exp.Literal.number(2))
    groups = _groups(sets, plan.model_copy(update={"then": None}), limit)
    whole, within = exp.column("key", "whole"), exp.column("key", "within")
    joined = (
        exp.select(
            whole,
            exp.column("value", "whole"),
            exp.column("total", "whole"),
            exp.column("then_key", "within"),
            exp.column("then_value", "within"),
        )
        .from_(groups.subquery("whole"))
        .join(cells.subquery("within"), on=whole.copy().eq(within), join_type="left")
    )
    if plan.descending is not None:
        order = exp.column("value", "whole")
        joined = joined.order_by(exp.Ordered(this=order, desc=plan.descending, nulls_first=False))
    for column in (whole.copy(), exp.column("then_key", "within")):
        joined = joined.order_by(exp.Ordered(this=column, desc=False, nulls_first=False))
    return joined


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


def _measure(sets: Sets, plan: Aggregate, measure: Measure) -> exp.Select:
    """Key and value of a measure; without groups, one row whose key is null, or none when there is nothing to measure."""
    select = _records(as_select(plan.of), measure)
    table = sets.table(select)
    alias = sets.alias()
    source = rows_of(table.value, alias, (), sets.where(select, table, alias))
    key: exp.Expr = exp.cast(exp.null(), "VARCHAR")
    if plan.group_by is not None or plan.every is not None:
        key, source = _key(sets, plan, table, alias, source)
    rows = source.select(
        _named(key, "key"),
        exp.column("ref", alias),
        *(exp.column(name, alias) for name in COLUMNS[measure.name]),
    )
    return measured(sets, measure, rows, span_of(plan.window, sets.now), bucketed=plan.every)


def _records(select: Select, measure: Measure) -> Select:
    """The records of a measure in a set: the set itself, or those that hang on the things of it."""
    table = table_of(measure.kind)
    if select.kinds and {table_of(kind) for kind in select.kinds} == {table}:
        return select
    place = (
        Compare(field="environment", op=Op.EQ, value=measure.environment)
        if measure.environment
        else None
    )
    everything = select.where is None and set(select.kinds) <= {k.COMPONENT}
    scope = None if everything else Related(relation=OF_COMPONENT[table], to=select)
    return Select(kinds=(measure.kind,), where=conjoin(place, scope))


def _delivery(sets: Sets, plan: Aggregate) -> exp.Select:
    """The key measures of one set, a row each, in the order they are declared; those with nothing to measure have no value."""
    rows = []
    for number, measure in enumerate(m for m in MEASURES if m.key):
        one = plan.model_copy(update={"metric": measure.name, "group_by": None, "every": None})
        value = exp.select("value").from_(_measure(sets, one, measure).subquery(sets.alias("d")))
        rows.append(
            exp.select(
                exp.alias_(exp.Literal.number(number), "place"),
                exp.alias_(exp.Literal.string(measure.name), "key"),
                exp.alias_(value.subquery(), "value"),
            )
        )
    together = exp.union(*rows, distinct=False)
    return (
        exp.select("key", "value", exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "total"))
        .from_(together.subquery("g"))
        .order_by(exp.Ordered(this=exp.column("place"), desc=False, nulls_first=False))
    )


# ── groups ───────────────────────────────────────────────────────────────────────────────────────


def _key(
    sets: Sets, plan: Aggregate, table: Table, alias: str, source: exp.Select
) -> tuple[exp.Expr, exp.Select]:
    """What a row is grouped by, and the rows joined to where it lies."""
    if plan.every is not None and plan.function is not Function.RATE:
        return _bucket(plan.every, table, alias), source
    assert plan.group_by is not None
    if plan.group_by in RELATION_BY_SIDE:
        return _far_end(sets, plan, alias, source)
    row = sets.fields.get(table, plan.group_by)
    if row is None and table in OF_COMPONENT:
        row = sets.fields.get(Table.ENTITIES, plan.group_by)
        if row is not None:  # "incidents by tier": the tier is the component's
            joined = sets.alias()
            edge, source = _step(sets, OF_COMPONENT[table], exp.column("ref", alias), source)
            source = source.join(
                table_node(Table.ENTITIES.value, joined), on=exp.column("ref", joined).eq(edge)
            )
            alias = joined
    return _field_key(sets, row or sets.field(table, plan.group_by), alias, source)


def _named(value: exp.Expr, name: str) -> exp.Alias:
    """A column under a name; `exp.alias_` would name the inside of a sub-select."""
    return exp.Alias(this=value, alias=exp.to_identifier(name))


def _field_key(
    sets: Sets, row: Field, alias: str, source: exp.Select
) -> tuple[exp.Expr, exp.Select]:
    if row.type is FieldType.LIST:  # grouping by its items needs them in a column first
        each, items = sets.alias(), sets.alias("u")
        item = exp.Alias(
            this=exp.Unnest(expressions=[sets.value(row, each)]), alias=exp.to_identifier("item")
        )
        inner = exp.select(exp.column("ref", each), item).from_(table_node(row.table.value, each))
        source = source.join(
            inner.subquery(items), on=exp.column("ref", items).eq(exp.column("ref", alias))
        )
        return exp.column("item", items), source
    key = sets.value(row, alias)
    return key, source.where(exp.not_(key.copy().is_(exp.null())))


def _bucket(every: str, table: Table, alias: str) -> exp.Expr:
    """The calendar unit a record lies in, as text that sorts by time."""
    if table not in MOMENTS:
        raise InvalidPlan(f"{table.value} do not happen at a moment; they cannot be put by {every}")
    moment = exp.column(MOMENTS[table], alias)
    text: exp.Expr = exp.Anonymous(
        this="strftime",
        expressions=[trunc(every, moment), exp.Literal.string(_BUCKET_KEYS[every])],
    )
    if every == "quarter":
        number = exp.cast(exp.Quarter(this=moment.copy()), "VARCHAR")
        return exp.DPipe(this=text, expression=number)
    return text


def _step(sets: Sets, side: str, key: exp.Expr, query: exp.Select) -> tuple[exp.Expr, exp.Select]:
    """One relation further from a key."""
    near, far, name = sets.columns(side)
    e = sets.alias()
    here = equal(exp.column(near, e), key.copy())
    on = exp.and_(here, equal(exp.column("relation", e), name), copy=False)
    joined = query.join(table_node("edges", e), on=on, copy=False)
    return exp.column(far, e), joined


def _far_end(
    sets: Sets, plan: Aggregate, alias: str, source: exp.Select
) -> tuple[exp.Expr, exp.Select]:
    """The thing at the relation's far end, through components where the plan's set needs it."""
    assert plan.group_by is not None
    key, query = _step(sets, plan.group_by, exp.column("ref", alias), source)
    target = plan.group_to
    if target is None:
        return key, query
    kinds = target.kinds or tuple(_kinds_of_names(target.where))
    if kinds and not set(kinds) & set(ends(plan.group_by)[1]):
        key, query = _step(sets, _second_side(kinds, target), key, query)
    inside = key.copy().isin(query=sets.refs(target), copy=False)
    return key, query.where(inside, copy=False)


def _second_side(kinds: tuple[str, ...], target: Select) -> str:
    """How groups are reached from components when records are grouped by team, system or domain."""
    if set(kinds) & {k.GROUP, k.USER}:
        return owning_side(target)
    if set(kinds) & set(ends("within")[1]):
        return "within"
    raise InvalidPlan(f"no relation leads to {', '.join(kinds)}")


TEAM_TYPES = frozenset(("team", "squad", "crew"))
"""Types of groups that own things themselves; what is owned below a department counts as the department's."""


def owning_side(target: Select) -> str:
    """Direct ownership for teams in general; with what lies below them for groups by name or of a higher type."""
    if any(True for _ in _kinds_of_names(target.where)):
        return "ownedWithin"
    typed = {
        str(value)
        for part in conjuncts(target.where)
        if isinstance(part, Compare) and part.field == "type"
        for value in (part.value if isinstance(part.value, tuple) else (part.value,))
    }
    return "ownedWithin" if typed and not typed & TEAM_TYPES else "ownedBy"


def _kinds_of_names(where: Predicate | None) -> list[str]:
    """The kinds of things a set names, by their references."""
    by_prefix = {name.lower(): name for name in KIND_BY_NAME}
    found: list[str] = []
    for part in conjuncts(where):
        if isinstance(part, Compare) and part.field == "ref" and part.op in (Op.EQ, Op.IN):
            refs = part.value if isinstance(part.value, tuple) else (part.value,)
            prefixes = (str(ref).partition(":")[0] for ref in refs)
            found += [by_prefix[prefix] for prefix in prefixes if prefix in by_prefix]
    return list(dict.fromkeys(found))


def _with_none(sets: Sets, ends: Select, query: exp.Select) -> exp.Union:
    """The groups with those that have no members at all, which have the fewest."""
    counted = (
        exp.select("key")
        .from_(query.copy().subquery("counted"))
        .where(exp.not_(exp.column("key").is_(exp.null())))
    )
    ref = exp.column("ref", "every_end")
    none = (
        exp.select(exp.alias_(ref, "key"), exp.alias_(exp.Literal.number(0), "value"))
        .from_(sets.refs(ends).subquery("every_end"))
        .where(exp.not_(ref.copy().isin(query=counted)))
    )
    return exp.union(query, none, distinct=False)


def _ordered_groups(
    plan: Aggregate, query: exp.Select | exp.Union, limit: int | None
) -> exp.Select:
    """Groups with a value, in the plan's order; groups of equal value by their key."""
    columns: list[exp.Expr] = [exp.column("key"), exp.column("value")]
    if plan.descending is not None and (plan.limit is not None or plan.place is not None):
        columns += standings(exp.column("value"), descending=plan.descending)
    columns.append(exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "total", copy=False))
    outer = (
        exp.select(*columns, copy=False)
        .from_(query.subquery("g", copy=False), copy=False)
        .where(
            exp.not_(exp.column("key").is_(exp.null()), copy=False),
            exp.not_(exp.column("value").is_(exp.null()), copy=False),
            copy=False,
        )
    )
    if plan.having is not None:
        wanted = exp.Literal.number(plan.having.value)
        outer = outer.where(COMPARISONS[plan.having.op](exp.column("value"), wanted))
    if plan.place is not None:
        if plan.descending is None:
            raise InvalidPlan("a place needs an order: say whether the groups are `descending`")
        return at_place(outer, plan.place, "p").order_by(exp.column("key"))
    if plan.descending is not None:
        first = exp.Ordered(this=exp.column("value"), desc=plan.descending, nulls_first=False)
        outer = outer.order_by(first, copy=False)
    last = exp.Ordered(this=exp.column("key"), desc=False, nulls_first=False)
    bound = min(x for x in (plan.limit, limit, HARD_LIMIT) if x is not None)
    return outer.order_by(last, copy=False).limit(bound, copy=False)


def _function(sets: Sets, plan: Aggregate, table: Table, alias: str) -> exp.Expr:
    if plan.function is Function.COUNT:
        return exp.Count(this=exp.Distinct(expressions=[exp.column("ref", alias)]))
    if plan.function is Function.SHARE:
        return _share(sets, plan, table, alias)
    if plan.function is Function.RATE:
        return _rate(sets, plan, table, alias)
    if plan.function is Function.MEASURE:
        raise InvalidPlan("a measure needs its name in `metric`")
    if plan.field is None:
        raise InvalidPlan(f"{plan.function.value} needs a field")
    row = sets.field(table, plan.field)
    if plan.function in _OF_NUMBERS and row.type not in (FieldType.INTEGER, FieldType.NUMBER):
        raise InvalidPlan(
            f"{plan.function.value} needs a number; {plan.field!r} is a {row.type.value}"
        )
    value = sets.value(row, alias)
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


def _rate(sets: Sets, plan: Aggregate, table: Table, alias: str) -> exp.Expr:
    """Records of the window by how many stretches it has."""
    window = elapsed(plan.window, sets.now)
    if plan.every is None or window is None or table not in MOMENTS:
        raise InvalidPlan(
            "a rate is of records that happen, in `every`, over a `window` with a start"
        )
    assert window.start is not None
    assert window.end is not None
    inside = span_of(plan.window, sets.now).holds(exp.column(MOMENTS[table], alias))
    refs = exp.Case().when(inside, exp.column("ref", alias))
    count = exp.cast(exp.Count(this=exp.Distinct(expressions=[refs])), "DOUBLE")
    length = stretches(window.start, window.end, plan.every)
    return exp.Div(this=count, expression=exp.Literal.number(length))


def _share(sets: Sets, plan: Aggregate, table: Table, alias: str) -> exp.Expr:
    """How many of a hundred satisfy the part."""
    if plan.part is None:
        raise InvalidPlan("a share needs to know of what, in `part`")
    satisfied = sets.predicate(plan.part, table, alias)
    hundred, none = exp.Literal.number("100.0"), exp.Literal.number("0.0")
    return exp.Avg(this=exp.Case().when(satisfied, hundred).else_(none))
