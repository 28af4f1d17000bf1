"""Facts of the parts, asked of the whole: "most expensive systems", "cost of payments", "teams with the lowest average coverage".

Costs and counts are summed up over the components of a system, domain or team that holds no such fact itself; rates,
scores and lengths of time are averaged. The answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import KIND_BY_NAME
from search.plan import Compare, Function, Op
from search.understand.grammar.aggregates import directed, things_per
from search.understand.grammar.base import Made, rule
from search.understand.grammar.joins import joins
from search.understand.semantics import (
    Asked,
    Condition,
    FieldWord,
    Grouped,
    Grouping,
    MostOf,
    SetOf,
    Summary,
    Superlative,
    kinds_of,
)

_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)

WHOLES = (k.SYSTEM, k.DOMAIN, k.GROUP, k.USER)
"""Kinds that components belong to."""

_AVERAGED_UNITS = frozenset(
    (
        "percent",
        "ratio",
        "milliseconds",
        "seconds",
        "minutes",
        "hours",
        "days",
        "weeks",
        "months",
        "years",
    )
)
_AVERAGED_WORDS = frozenset(
    "score rating rate grade satisfaction maturity index average mean median level age".split()
)


def usual_function(row: Field) -> Function:
    """How a fact of several things becomes one number when nobody says how."""
    scored = _AVERAGED_WORDS & set(row.name.split("_"))
    return Function.AVERAGE if row.unit in _AVERAGED_UNITS or scored else Function.SUM


def members(things: SetOf, row: Field) -> SetOf | None:
    """The components of a whole that hold the fact; None when the whole holds it itself, or has no components."""
    own = {c.kind for c in things.names} or set(things.kinds)
    if (
        row.type not in _NUMERIC
        or not row.discovered
        or not own
        or not own <= set(WHOLES)
        or own & set(kinds_of(row))
        or k.COMPONENT not in kinds_of(row)
        or things.unknown is not None
        or things.order
    ):
        return None
    return SetOf(kinds=(k.COMPONENT,), plural=True)


def _note(row: Field, function: Function, things: SetOf) -> str:
    held = "no " + row.label
    how = "the average over" if function is Function.AVERAGE else "the sum over"
    kinds = sorted(
        KIND_BY_NAME[kind].words[0] for kind in {c.kind for c in things.names} or set(things.kinds)
    )
    return f"a {' or a '.join(kinds)} holds {held} of its own; it is {how} its components"


@rule(Superlative, SetOf)
def wholes_by_parts(superlative: Superlative, things: SetOf) -> Iterator[Made]:
    """Most expensive systems."""
    yield from _ranked(things, superlative, 0.3)


@rule(SetOf, Superlative)
def wholes_with_parts(things: SetOf, superlative: Superlative) -> Iterator[Made]:
    """Team with the worst coverage."""
    yield from _ranked(things, superlative, 0.3)


def _ranked(things: SetOf, superlative: Superlative, delta: float) -> Iterator[Made]:
    row = superlative.row
    of = members(things, row) if row is not None and not things.named else None
    if row is None or of is None:
        return
    function = superlative.function or usual_function(row)
    limit = superlative.limit or (10 if things.plural else 1)
    most = MostOf(of, superlative.descending, limit)
    notes = () if superlative.function else (_note(row, function, things),)
    grouped = Grouped(of, Grouping(by=things), Summary(function, row), most)
    yield Made(grouped, delta, notes=notes)


@rule(Superlative, Summary)
def superlative_of_summary(superlative: Superlative, summary: Summary) -> Iterator[Made]:
    """Lowest average coverage."""
    if summary.row is not None and superlative.row is None:
        ranked = directed(superlative, summary.row)
        if ranked is not None:
            yield Made(replace(ranked, function=summary.function), 0.35)


@rule(FieldWord, SetOf)
def part_fact_of_whole(word: FieldWord, things: SetOf) -> Iterator[Made]:
    """Cost of the payments team."""
    yield from _of_whole(word, things, 0.3)


@rule(SetOf, FieldWord)
def whole_and_part_fact(things: SetOf, word: FieldWord) -> Iterator[Made]:
    """(how much does) payments cost."""
    yield from _of_whole(word, things, 0.2)


def _of_whole(word: FieldWord, things: SetOf, delta: float) -> Iterator[Made]:
    for row in word.rows:
        yield from _summed(things, row, None, delta)


@rule(Summary, SetOf)
def summary_of_whole(summary: Summary, things: SetOf) -> Iterator[Made]:
    """Total cost of payments."""
    if summary.row is not None:
        yield from _summed(things, summary.row, summary.function, 0.3)


@rule(SetOf, Summary)
def whole_with_summary(things: SetOf, summary: Summary) -> Iterator[Made]:
    """Payments total cost."""
    if summary.row is not None:
        yield from _summed(things, summary.row, summary.function, 0.2)


def _summed(things: SetOf, row: Field, function: Function | None, delta: float) -> Iterator[Made]:
    of = members(things, row) if things.names or things.mine else None
    if of is None:
        return
    for join in joins(of, things):
        over = of.but(where=join.where)
        said = function or usual_function(row)
        notes = (_note(row, said, things),)
        yield Made(
            Grouped(over, summary=Summary(said, row)), delta + join.delta, (join.where,), notes
        )


@rule(FieldWord, Grouping)
def fact_per_whole(word: FieldWord, grouping: Grouping) -> Iterator[Made]:
    """Cost per team · coverage by domain."""
    if grouping.by is None or grouping.by.named:
        return
    for row in word.rows:
        yield from _per_whole(grouping.by, row, 0.1)


@rule(Grouping, FieldWord)
def each_whole_has(grouping: Grouping, word: FieldWord) -> Iterator[Made]:
    """(what does) each system cost."""
    yield from fact_per_whole(word, grouping)


@rule(Asked, Grouping)
def asked_per(asked: Asked, grouping: Grouping) -> Iterator[Made]:
    """Monthly cost of services by team: a number of each group, not of each thing."""
    if len(asked.rows) != 1 or asked.rows[0].type not in _NUMERIC or not asked.rows[0].discovered:
        return
    row = asked.rows[0]
    function = usual_function(row)
    how = "averaged" if function is Function.AVERAGE else "summed up"
    note = f"the {row.label} of several things is {how}"
    for made in things_per(asked.of, grouping):
        if isinstance(made.meaning, Grouped):
            grouped = replace(made.meaning, summary=Summary(function, row))
            yield Made(grouped, 0.4, made.atoms, (note,))


@rule(SetOf, Grouping)
def wholes_by_fact(things: SetOf, grouping: Grouping) -> Iterator[Made]:
    """Teams by cost."""
    if grouping.row is not None and not things.named:
        yield from _per_whole(things, grouping.row, 0.3)


def _per_whole(things: SetOf, row: Field, delta: float) -> Iterator[Made]:
    of = members(things, row)
    if of is not None:
        function = usual_function(row)
        grouped = Grouped(of, Grouping(by=things), Summary(function, row))
        yield Made(grouped, delta, notes=(_note(row, function, things),))


@rule(SetOf, Condition)
def wholes_whose_parts(things: SetOf, condition: Condition) -> Iterator[Made]:
    """Systems costing more than 6000 dollars: compared as a whole, not part by part."""
    where = condition.where
    row = condition.row
    if row is None or things.named or not isinstance(where, Compare) or where.op not in _BOUNDS:
        return
    of = members(things, row)
    if of is None or isinstance(where.value, bool) or not isinstance(where.value, int | float):
        return
    function = usual_function(row)
    grouped = Grouped(
        of,
        Grouping(by=things),
        Summary(function, row),
        having=(where.op, float(where.value)),
    )
    yield Made(grouped, 0.25, (where,), (_note(row, function, things),))


_BOUNDS = frozenset((Op.LT, Op.LE, Op.GT, Op.GE))
