"""The small terms of a statement: comparisons, literals, tables."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlglot import exp

from catalog_store.errors import InvalidPlan
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.relations import RELATION_BY_SIDE, ends, implied, opposite
from search.plan import (
    All,
    Compare,
    Op,
    Predicate,
    Related,
    Scalar,
    Select,
    ThingSet,
    conjoin,
)

_LARGEST = 2**53
"""Whole numbers beyond it are no longer told apart by what reads JSON."""

HARD_LIMIT = 100_000
"""Most rows any statement returns."""

COMPARISONS: dict[Op, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    Op.EQ: lambda a, b: exp.EQ(this=a, expression=b),
    Op.NE: lambda a, b: exp.NEQ(this=a, expression=b),
    Op.LT: lambda a, b: exp.LT(this=a, expression=b),
    Op.LE: lambda a, b: exp.LTE(this=a, expression=b),
    Op.GT: lambda a, b: exp.GT(this=a, expression=b),
    Op.GE: lambda a, b: exp.GTE(this=a, expression=b),
}


_EQUAL = frozenset({Op.EQ, Op.NE, Op.IN})
_ANY_OP = frozenset(Op) - {Op.HAS, Op.MATCHES}
_TEXT_OP = frozenset(Op) - {Op.HAS}
_FITTING: dict[FieldType, frozenset[Op]] = {
    FieldType.KEYWORD: _TEXT_OP,
    FieldType.TEXT: _TEXT_OP,
    FieldType.URL: _TEXT_OP,
    FieldType.REF: _TEXT_OP,
    FieldType.LIST: frozenset({Op.HAS, Op.EXISTS, Op.MISSING}),
    FieldType.BOOLEAN: _EQUAL,
}
"""How values of a type may be compared; numbers and moments in every way that is not for texts or lists."""


def comparison(
    row: Field, value: exp.Expr, op: Op, wanted: Scalar | tuple[Scalar, ...]
) -> exp.Expr:
    """A field compared with what is wanted; keywords whatever their case.

    Raises:
        InvalidPlan: the wanted value does not fit the field or the comparison.
    """
    if op not in _FITTING.get(row.type, _ANY_OP):
        raise InvalidPlan(f"{row.name!r} is a {row.type.value}, which {op.value} does not compare")
    folded = row.type is FieldType.KEYWORD and row.name != "ref"
    left = exp.Lower(this=value) if folded else value
    many = [
        literal(row, item, fold=folded)
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
                copy=False,
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
            return COMPARISONS[op](left, many[0])


def literal(row: Field, value: Scalar, *, fold: bool = False) -> exp.Expr:
    """A value as a literal of the field's type."""
    if row.type is FieldType.TIMESTAMP:
        return _moment(row, value)
    if row.type is FieldType.BOOLEAN:
        if not isinstance(value, bool):
            raise InvalidPlan(f"{row.name!r} is true or false, got {value!r}")
        return exp.true() if value else exp.false()
    if row.type in (FieldType.INTEGER, FieldType.NUMBER):
        return exp.Literal.number(_number(row, value))
    # no text of the catalog holds NUL; DuckDB ends a literal there
    text = str(value).replace("\x00", "")
    return exp.Literal.string(text.lower() if fold or row.type is FieldType.TEXT else text)


def _number(row: Field, value: Scalar) -> int | float:
    """A number, also where a caller wrote it as text."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= _LARGEST:
        raise InvalidPlan(f"{row.name!r} is a number of at most 2^53, got {value!r}")
    return int(number) if number.is_integer() else number


def unknown(what: str, name: str | None, known: Iterable[str]) -> InvalidPlan:
    """The error for a name that a plan should not hold: the nearest names first, then all of them.

    >>> str(unknown("entities have no field", "teir", ["owner", "tier"]))
    "entities have no field 'teir'; did you mean 'tier'? Known: owner, tier"
    """
    by_case = {item.lower(): item for item in sorted(known)}
    near = difflib.get_close_matches(str(name).lower(), list(by_case), n=3)
    meant = " or ".join(repr(by_case[item]) for item in near)
    hint = f"did you mean {meant}? Known: " if meant else "known: "
    return InvalidPlan(f"{what} {name!r}; {hint}{', '.join(by_case.values())}")


def _moment(row: Field, value: Scalar) -> exp.Expr:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidPlan(
            f"{row.name!r} is a moment such as 2026-11-20T12:00:00Z, got {value!r}"
        ) from error
    return timestamp(moment.astimezone(UTC) if moment.tzinfo is not None else moment)


def timestamp(moment: datetime) -> exp.Expr:
    """A moment as a literal, to the microsecond: an event of this very second has happened."""
    text = moment.strftime("%Y-%m-%d %H:%M:%S.%f" if moment.microsecond else "%Y-%m-%d %H:%M:%S")
    return exp.cast(exp.Literal.string(text), "TIMESTAMP")


def table_node(name: str, alias: str) -> exp.Expr:
    """A table under an alias."""
    return exp.Table(
        this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(alias))
    )


def rows_of(
    table: str, alias: str, columns: Iterable[exp.Expr], *conditions: exp.Expr
) -> exp.Select:
    """Columns of those rows of a table that meet every condition.

    Nothing is copied, where sqlglot copies a statement with each of its parts: hand in what is made for it.
    """
    query = exp.select(*columns, copy=False).from_(table_node(table, alias), copy=False)
    return query.where(*conditions, copy=False)


def equal(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Both are the same. Neither is copied, as `left.eq(right)` would."""
    return exp.EQ(this=left, expression=right)


def names_things(where: Predicate | None) -> bool:
    """Whether a condition says which things by their references."""
    parts = where.of if isinstance(where, All) else (where,)
    return any(isinstance(p, Compare) and p.field == "ref" for p in parts)


def as_select(things: ThingSet) -> Select:
    """A set as a selection: what is reached from a start stands in the opposite relation to it.

    >>> from search.plan import Traverse
    >>> as_select(Traverse(start=Select(kinds=("System",)), relation="contains")).where.relation
    'within'
    """
    if isinstance(things, Select):
        return things
    if things.relation not in RELATION_BY_SIDE:
        raise unknown("no relation is called", things.relation, RELATION_BY_SIDE)
    back = Related(relation=opposite(things.relation), to=things.start, hops=things.hops)
    kinds = things.to.kinds or implied(ends(things.relation)[1])
    return things.to.model_copy(update={"kinds": kinds, "where": conjoin(back, things.to.where)})
