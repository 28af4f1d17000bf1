"""Attach a value to its field, a number to its comparison, a condition to the things it restricts."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import ENTITY_KINDS, Table, table_of
from search.plan import AnyOf, Compare, Not, Op, Predicate, conjoin, conjuncts
from search.understand.amounts import Amount, Comparator, Number
from search.understand.english import LANGUAGES
from search.understand.finding_words import NAMING
from search.understand.grammar.base import Made, rule
from search.understand.semantics import Condition, FieldWord, SetOf, YesNo, kinds_of

_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)


def overlap(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...] | None:
    """Kinds that satisfy both; () stands for any entity; None when nothing does.

    >>> overlap(("Component",), ()), overlap(("Component",), ("Incident",)) is None
    (('Component',), True)
    """
    if not left or not right:
        some = left or right
        if (
            some
            and not set(some) & set(ENTITY_KINDS)
            and all(table_of(x) is not Table.ENTITIES for x in some)
        ):
            return None
        return some
    both = tuple(kind for kind in left if kind in right)
    return both or None


def attach(things: SetOf, condition: Condition) -> SetOf | None:
    """The things that also satisfy the condition; None when they cannot hold it."""
    if things.unknown is not None:
        return None
    if any(exclusive(part, condition.where) for part in conjuncts(things.where)):
        return None  # "python/typescript services" are one or the other
    if things.names:
        names = tuple(c for c in things.names if not condition.kinds or c.kind in condition.kinds)
        return (
            things.but(names=names, where=conjoin(things.where, condition.where), checked=True)
            if names
            else None
        )
    kinds = overlap(things.kinds, condition.kinds)
    if kinds is None or {table_of(x) for x in things.kinds} > {table_of(x) for x in kinds}:
        return None  # of "alerts and deployments" the deployments would be lost
    return things.but(kinds=kinds, where=conjoin(things.where, condition.where))


def either(left: Predicate, right: Predicate) -> Predicate:
    """One or the other; values of one field become one list.

    >>> either(Compare(field="language", op=Op.EQ, value="go"), Compare(field="language", op=Op.EQ, value="java")).value
    ('go', 'java')
    >>> either(Compare(field="open", op=Op.EQ, value=True), Compare(field="open", op=Op.EQ, value=False)).op
    <Op.EXISTS: 'exists'>
    """
    if isinstance(left, Compare) and isinstance(right, Compare) and left.field == right.field:
        values = _values(left) + _values(right)
        if set(map(repr, values)) == {"True", "False"}:
            return Compare(field=left.field, op=Op.EXISTS)
        if left.op in (Op.EQ, Op.IN) and right.op in (Op.EQ, Op.IN):
            return Compare(field=left.field, op=Op.IN, value=tuple(dict.fromkeys(values)))
    parts = (left.of if isinstance(left, AnyOf) else (left,)) + (
        right.of if isinstance(right, AnyOf) else (right,)
    )
    return AnyOf(of=parts)


def _values(where: Compare) -> tuple[bool | int | float | str, ...]:
    if where.value is None:
        return ()
    return where.value if isinstance(where.value, tuple) else (where.value,)


_APART = (
    (
        Compare(field="open", op=Op.EQ, value=True),
        Compare(field="status", op=Op.EQ, value="resolved"),
    ),
)
"""Conditions on two fields that cannot both hold."""


def exclusive(left: Predicate, right: Predicate) -> bool:
    """Both cannot hold of one thing, so that the two list alternatives: "java and kotlin services"."""
    last = left.of[-1] if isinstance(left, AnyOf) else left
    if (last, right) in _APART or (right, last) in _APART:
        return True
    if not isinstance(last, Compare) or not isinstance(right, Compare) or last.field != right.field:
        return False
    if last.op is Op.HAS and right.op is Op.HAS:
        return {last.value, right.value} <= LANGUAGES
    return last.op in (Op.EQ, Op.IN) and right.op is Op.EQ and right.value not in _values(last)


@rule(Condition, SetOf)
def condition_before(condition: Condition, things: SetOf) -> Iterator[Made]:
    """Deprecated apis."""
    made = attach(things, condition)
    if made is not None:
        yield Made(made, -0.6 if things.names else 0.1)


@rule(SetOf, Condition)
def condition_after(things: SetOf, condition: Condition) -> Iterator[Made]:
    """Services [that are deprecated]."""
    made = attach(things, condition)
    if made is not None:
        yield Made(made, -0.25 if things.names else 0.05)


@rule(Condition, Condition)
def both_conditions(left: Condition, right: Condition) -> Iterator[Made]:
    """Deprecated kotlin (services)."""
    kinds = overlap(left.kinds, right.kinds)
    if kinds is not None:
        if exclusive(left.where, right.where):
            yield Made(Condition(either(left.where, right.where), kinds), -0.05)
            return  # "python/typescript services"
        where = conjoin(left.where, right.where)
        assert where is not None
        yield Made(Condition(where, kinds), -0.05)


@rule(SetOf, SetOf)
def same_things_twice(left: SetOf, right: SetOf) -> Iterator[Made]:
    """Grpc apis · python services · team with type squad: two nouns for the same things."""
    if left.named or right.named or left.anyone or right.anyone:
        return
    kinds = overlap(left.kinds, right.kinds)
    typed = not left.kinds and not left.pronoun and _of_a_type(right)  # "entities of type library"
    if (not left.kinds and not typed) or not right.kinds or kinds is None:
        return
    where = conjoin(left.where, right.where)
    if left.where != right.where and types_clash(left, right):
        return
    # "which of those are databases", "apis with broken references"
    bonus = 0.45 if left.pronoun or right.pronoun or left.gap or right.gap else 0.05
    both = right.but(kinds=kinds, where=where, plural=left.plural or right.plural, gap=False)
    yield Made(both, bonus)


def _of_a_type(things: SetOf) -> bool:
    return isinstance(things.where, Compare) and things.where.field == "type"


def types_clash(left: SetOf, right: SetOf) -> bool:
    """Whether the two are of types that nothing can have at once."""

    def types(things: SetOf) -> set[object]:
        for where in conjuncts(things.where):
            if isinstance(where, Compare) and where.field == "type":
                return set(where.value) if isinstance(where.value, tuple) else {where.value}
        return set()

    a, b = types(left), types(right)
    return bool(a and b and not a & b)


@rule(Comparator, Number)
def comparator_before(comparator: Comparator, number: Number) -> Iterator[Made]:
    """More than 3."""
    if not comparator.after and len(number.values) == 1:
        yield Made(Amount(comparator.op, number.values, number.unit), 0.2)


@rule(Number, Comparator)
def comparator_after(number: Number, comparator: Comparator) -> Iterator[Made]:
    """3 or more."""
    if comparator.after and len(number.values) == 1:
        yield Made(Amount(comparator.op, number.values, number.unit), 0.25)


def compare(row: Field, op: Op, values: tuple[float, ...]) -> Predicate | None:
    """The comparison of a numeric field, or None when the type cannot be compared so."""
    if row.type not in _NUMERIC:
        if row.type is FieldType.KEYWORD and op is Op.EQ:
            texts = tuple(str(int(v)) if v == int(v) else str(v) for v in values)
            return Compare(field=row.name, op=Op.IN, value=texts)
        return None
    typed = tuple(int(v) if v == int(v) else v for v in values)
    if op is Op.BETWEEN:
        return Compare(field=row.name, op=op, value=typed)
    if len(typed) == 1:
        return Compare(field=row.name, op=op, value=typed[0])
    return Compare(field=row.name, op=Op.IN, value=typed)


def _field_amount(
    word: FieldWord, op: Op, values: tuple[float, ...], unit: str | None, delta: float
) -> Iterator[Made]:
    for row in word.rows:
        typed = in_unit(row, values, unit)
        where = compare(row, op, typed) if typed is not None else None
        if where is not None:
            held = row if row.discovered and op is not Op.EQ else None
            yield Made(Condition(where, kinds_of(row), row=held), delta, atoms=(where,))


_DAYS = {
    "milliseconds": 1 / 86_400_000,
    "seconds": 1 / 86_400,
    "minutes": 1 / 1440,
    "hours": 1 / 24,
    "days": 1.0,
    "weeks": 7.0,
    "months": 30.0,
    "years": 365.0,
}
"""Units of time → days."""


def in_unit(row: Field, values: tuple[float, ...], unit: str | None) -> tuple[float, ...] | None:
    """The numbers in the unit a field is kept in; None when they are of another sort.

    A field kept as a ratio takes percentages, and so it takes bare numbers above 1.
    """
    if row.unit == "ratio" and (unit == "percent" or (unit is None and any(v > 1 for v in values))):
        return tuple(v / 100 for v in values)
    if unit in _DAYS and row.unit in _DAYS and unit != row.unit:
        return tuple(round(v * _DAYS[unit] / _DAYS[row.unit], 6) for v in values)
    return values if unit in (None, row.unit) or row.unit is None else None


@rule(FieldWord, Amount)
def field_then_amount(word: FieldWord, amount: Amount) -> Iterator[Made]:
    """Coverage below 60%."""
    yield from _field_amount(word, amount.op, amount.values, amount.unit, 0.4)


@rule(Amount, FieldWord)
def amount_then_field(amount: Amount, word: FieldWord) -> Iterator[Made]:
    """Below 60% coverage."""
    yield from _field_amount(word, amount.op, amount.values, amount.unit, 0.25)


@rule(FieldWord, Number)
def field_then_number(word: FieldWord, number: Number) -> Iterator[Made]:
    """Tier 1 · tier 1 or 2."""
    yield from _field_amount(word, Op.EQ, number.values, number.unit, 0.5)


def _is_value_of(word: FieldWord, condition: Condition) -> bool:
    """Whether the condition is about the field; "rule" and "policy" are said for one another."""
    where = condition.where.of if isinstance(condition.where, Not) else condition.where
    if not isinstance(where, Compare):
        return False
    names = {row.name for row in word.rows if overlap(kinds_of(row), condition.kinds)}
    return where.field in (names | NAMING if names & NAMING else names)


@rule(FieldWord, Condition)
def field_then_value(word: FieldWord, condition: Condition) -> Iterator[Made]:
    """Language java · lifecycle deprecated."""
    if _is_value_of(word, condition):
        yield Made(condition, 0.4, atoms=(condition.where,))


@rule(Condition, FieldWord)
def value_then_field(condition: Condition, word: FieldWord) -> Iterator[Made]:
    """Deprecated lifecycle."""
    if _is_value_of(word, condition):
        yield Made(condition, 0.35, atoms=(condition.where,))


@rule(FieldWord, SetOf)
def field_then_name(word: FieldWord, things: SetOf) -> Iterator[Made]:
    """(whose) data steward is jane."""
    if not things.names or things.where is not None:
        return
    for row in word.rows:
        if row.type is FieldType.REF and row.discovered:
            refs = tuple(c.ref for c in things.names if c.kind in (k.GROUP, k.USER))
            if refs:
                where = Compare(field=row.name, op=Op.IN, value=refs)
                yield Made(Condition(where, kinds_of(row)), 0.25, atoms=(where,))


@rule(Amount, SetOf)
def how_many_of(amount: Amount, things: SetOf) -> Iterator[Made]:
    """More than 3 incidents: as a count of the things."""
    if (
        not things.named
        and things.count is None
        and amount.unit is None
        and len(amount.values) == 1
        and amount.values[0] == int(amount.values[0])
    ):
        yield Made(things.but(count=(amount.op, int(amount.values[0]))), 0.3)


@rule(Number, SetOf)
def so_many(number: Number, things: SetOf) -> Iterator[Made]:
    """Six services (or more)."""
    if (
        not things.named
        and things.count is None
        and number.unit is None
        and len(number.values) == 1
        and number.values[0] == int(number.values[0])
    ):
        if things.order:  # "five services with the lowest coverage" are those five
            yield Made(things.but(limit=int(number.values[0]), plural=True), 0.0)
        else:
            yield Made(things.but(count=(Op.EQ, int(number.values[0])), plural=True), -0.2)


@rule(SetOf, Comparator)
def so_many_or_more(things: SetOf, comparator: Comparator) -> Iterator[Made]:
    """Six services or more."""
    if comparator.after and things.count is not None and things.count[0] is Op.EQ:
        yield Made(things.but(count=(comparator.op, things.count[1])), 0.6)


@rule(SetOf, Amount)
def how_many_of_after(things: SetOf, amount: Amount) -> Iterator[Made]:
    """(with) services, 6 or more."""
    if (
        not things.named
        and things.count is None
        and amount.unit is None
        and len(amount.values) == 1
        and amount.values[0] == int(amount.values[0])
    ):
        yield Made(things.but(count=(amount.op, int(amount.values[0]))), -0.2)


@rule(FieldWord, YesNo)
def flag_value(word: FieldWord, said: YesNo) -> Iterator[Made]:
    """PCI scope yes · golden path: no · pci_scope=true."""
    for row in word.rows:
        if row.type is FieldType.BOOLEAN:
            where = Compare(field=row.name, op=Op.EQ, value=said.value)
            yield Made(Condition(where, kinds_of(row)), 0.7, atoms=(where,))


@rule(FieldWord, SetOf)
def type_before(word: FieldWord, things: SetOf) -> Iterator[Made]:
    """(resources) of type redis: the noun is a value of the field."""
    typed = things.where
    if isinstance(typed, Compare) and typed.field in {row.name for row in word.rows}:
        yield Made(things.but(gap=True), 0.4, atoms=(typed,))


@rule(FieldWord, SetOf)
def flag_before(word: FieldWord, things: SetOf) -> Iterator[Made]:
    """Pci scope services: a yes/no field beside several things restricts them to the yes."""
    if not word.of:
        yield from _flagged(word, things)


@rule(SetOf, FieldWord)
def flag_after(things: SetOf, word: FieldWord) -> Iterator[Made]:
    """Services in PCI scope."""
    yield from _flagged(word, things)


def _flagged(word: FieldWord, things: SetOf) -> Iterator[Made]:
    if things.names and not things.mine:
        return
    for row in word.rows:
        if row.type is FieldType.BOOLEAN:
            where = Compare(field=row.name, op=Op.EQ, value=True)
            made = attach(things, Condition(where, kinds_of(row)))
            if made is not None:
                yield Made(made, 0.4, atoms=(where,))
