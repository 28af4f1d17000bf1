"""What a set is called: the noun for its kinds and types, and the order and number in which its members are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog_store.model import kinds as k
from catalog_store.model.fields import FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, Table
from search.plan import Compare, Op, Predicate, Scalar, Select

ANYTHING = "anything"
"""A set of no kind in particular, as the reader reads it back."""

DATED_BY: Mapping[Table, tuple[str, ...]] = {
    Table.DEPLOYMENTS: ("at",),
    Table.CHANGES: ("at",),
    Table.INCIDENTS: ("created_at",),
}
"""The moment a record belongs to, which goes without its name."""


def kind_noun(select: Select, parts: list[Predicate]) -> tuple[str, list[Predicate]]:
    """ "services", "resources of type redis": the type is part of the noun; with the conditions it does not say."""
    kinds = [
        plural(KIND_BY_NAME[kind].words[0] if kind in KIND_BY_NAME else kind.lower())
        for kind in select.kinds
    ]
    typed = next(
        (
            p
            for p in parts
            if isinstance(p, Compare) and p.field == "type" and p.op in (Op.EQ, Op.IN)
        ),
        None,
    )
    noun = " or ".join(kinds) or ANYTHING
    if set(select.kinds) >= {k.COMPONENT, k.API, k.RESOURCE} or len(select.kinds) > 3:
        noun = ANYTHING
    if typed is None or not select.kinds:
        return noun, parts
    rest = [p for p in parts if p is not typed]
    said = [str(v) for v in values_of(typed.value)]
    if select.kinds == (k.COMPONENT,) and said == ["service"]:
        return "services", rest
    one = KIND_BY_NAME.get(select.kinds[0]) if len(select.kinds) == 1 else None
    if one is not None and said[0] in one.words:
        return " or ".join(plural(v) for v in said), rest
    return f"{noun} of type {' or '.join(said)}", rest


def said_order(
    select: Select, table: Table, fields: FieldTable, label: Callable[[Table, str], str]
) -> str:
    """ ", highest monthly cost first", ", the 10 with the lowest test coverage", ", the latest one"; empty where neither is said."""
    if not select.order:
        return "" if select.limit is None else f", the first {select.limit}"
    text = ""
    for key in select.order:
        row = fields.get(table, key.field)
        timed = row is not None and row.type is FieldType.TIMESTAMP
        high, low = ("latest", "earliest") if timed else ("highest", "lowest")
        end = high if key.descending else low
        what = "" if key.field in DATED_BY.get(table, ()) else label(table, key.field)
        if select.place is not None:
            said = f"the {ordinal(select.place)} {end} {what}"
        elif select.limit is None:
            said = " ".join((end, *what.split(), "first"))
        elif what:
            said = f"the {said_number(select.limit)} with the {end} {what}"
        else:
            said = f"the {end} {said_number(select.limit)}"
        text += f", {said.strip()}"
    return text


def said_number(limit: int) -> str:
    """How many are wanted: "one", "10"."""
    return "one" if limit == 1 else str(limit)


def values_of(value: Scalar | tuple[Scalar, ...] | None) -> tuple[Scalar, ...]:
    """The values of a comparison, as a tuple."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def plural(noun: str) -> str:
    """The plural of a kind's noun.

    >>> plural("component"), plural("api"), plural("library"), plural("person")
    ('components', 'APIs', 'libraries', 'people')
    """
    special = {"api": "APIs", "person": "people", "slo": "SLOs", "staff": "staff"}
    if noun in special:
        return special[noun]
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def article(label: str) -> str:
    """A field's label with its article."""
    return f"{'an' if label[:1] in 'aeio' else 'a'} {label}"


def ordinal(place: int) -> str:
    """A place in an order.

    >>> ordinal(1), ordinal(2), ordinal(3), ordinal(11), ordinal(22)
    ('1st', '2nd', '3rd', '11th', '22nd')
    """
    teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"
