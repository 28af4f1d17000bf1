"""What could stand in a condition's place: its operators, and its values with how many things each would leave."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from assistant.editing import (
    NEGATED,
    Json,
    is_own,
    leaf_of,
    look_up,
    operators,
    table_at,
    without,
)
from catalog_store.errors import BadRequest, InvalidPlan
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import ENTITY_KINDS, KINDS, Table, table_of
from catalog_store.model.measures import MEASURES
from catalog_store.model.relations import RELATION_BY_SIDE, ends, opposite
from search.engine import SearchEngine
from search.plan import Aggregate, Function, Plan, Select, Traverse, read_plan
from search.result import Outcome

MOST_LISTED = 1000
"""Values looked through; what is typed narrows them down."""

_SAID = {
    "eq": "is",
    "ne": "is not",
    "in": "is one of",
    "lt": "below",
    "le": "at most",
    "ge": "at least",
    "gt": "above",
    "has": "includes",
    "matches": "mentions",
    "between": "between",
    "exists": "holds",
    "missing": "is missing",
}
_SAID_OF_TIME = {"lt": "before", "ge": "since", "between": "between"}


class Operator(BaseModel):
    """One way to compare."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str


class Choice(BaseModel):
    """One value that could stand there.

    Attributes:
        count: things the answer would be over with it, all else unchanged; None where that was not counted.
    """

    model_config = ConfigDict(frozen=True)

    value: bool | int | float | str
    label: str
    count: int | None = None


class Choices(BaseModel):
    """The body of `POST /v1/choices`.

    Attributes:
        type: of the values: a field type, "thing" for things of the catalog, or "part" for parts of the plan.
        op, value: what stands there now.
        values: the most fitting first; empty for moments and free text.
        total: values in all, of which `values` are one page.
    """

    model_config = ConfigDict(frozen=True)

    at: str
    field: str
    label: str
    type: str
    unit: str | None = None
    op: str | None = None
    value: Any = None
    operators: tuple[Operator, ...] = ()
    values: tuple[Choice, ...] = ()
    total: int = 0
    next_cursor: str | None = None


def choices(
    engine: SearchEngine, plan: dict[str, Any], at: str, *, text: str, now: datetime
) -> Choices:
    """What could stand in the place of one condition.

    Args:
        engine: finds the values, so nobody is offered what they may not see.
        plan: a reading, as an answer's `interpretation.plan`.
        at: the condition's place: a chip's `at`.
        text: what was typed to narrow the values down; may be empty.
        now: the moment to count for.

    Raises:
        InvalidPlan: the plan is not one.
        BadRequest: nothing lies at that place.
    """
    read = read_plan(plan)
    data: Json = json.loads(read.model_dump_json())
    node = look_up(data, at)
    if isinstance(node, dict) and node.get("node") in ("compare", "related", "not", "any", "all"):
        found = _of_condition(engine, read, data, at, now)
    else:
        found = _of_part(engine, data, at)
    typed = text.strip().lower()
    values = tuple(
        c for c in found.values if typed in c.label.lower() or typed in str(c.value).lower()
    )
    return found.model_copy(update={"values": values, "total": len(values)})


def _of_condition(engine: SearchEngine, plan: Plan, data: Json, at: str, now: datetime) -> Choices:
    leaf_at, negated = leaf_of(data, at, engine.snapshot.fields)
    leaf, node = look_up(data, leaf_at), look_up(data, at)
    inner = node
    while inner.get("node") == "not":
        inner = inner["of"]
    whole = [
        Operator(name="exists", label="is so"),
        Operator(name="not_exists", label="is not so"),
    ]
    if leaf["node"] != "compare":
        op = "not_exists" if negated else "exists"
        return Choices(
            at=at,
            field=str(inner.get("relation", "")),
            label="",
            type="part",
            op=op,
            operators=tuple(whole),
        )
    if leaf["field"] == "ref":
        return _of_things(engine, plan, data, at, (leaf_at, inner, negated), now)
    table, kinds = table_at(data, leaf_at)
    row = engine.snapshot.fields.get(table, leaf["field"])
    if row is None:
        raise BadRequest(f"nothing is known of the field {leaf['field']!r}")
    values: tuple[Choice, ...] = ()
    if row.type in (FieldType.KEYWORD, FieldType.LIST, FieldType.BOOLEAN, FieldType.INTEGER):
        select = (
            without(data, at)
            if is_own(at) and at == leaf_at
            else {"node": "select", "kinds": kinds}
        )
        values = _counted(engine, select, row.name, None, now)
    ops = whole if at != leaf_at and inner["node"] == "related" else _operators(row, leaf["op"])
    shown = leaf["op"] if ops is not whole else "exists"
    return Choices(
        at=at,
        field=row.name,
        label=row.label,
        type=row.type.value,
        unit=row.unit,
        op=f"{NEGATED}{shown}" if negated else shown,
        value=leaf["value"],
        operators=tuple(ops),
        values=values,
    )


def _operators(row: Field, current: str) -> list[Operator]:
    said = _SAID | (_SAID_OF_TIME if row.type is FieldType.TIMESTAMP else {})
    names = operators(row.type)
    plain = [Operator(name=n, label=said[n]) for n in dict.fromkeys((*names, current))]
    turned = "eq" not in names and row.type is not FieldType.TIMESTAMP
    return plain + [Operator(name=f"not_{n}", label=f"not {said[n]}") for n in names if turned]


def _of_things(
    engine: SearchEngine,
    plan: Plan,
    data: Json,
    at: str,
    leaf: tuple[str, Json, bool],
    now: datetime,
) -> Choices:
    """Things of the catalog: those that leave something, with how much; else all of the kinds that fit."""
    leaf_at, inner, negated = leaf
    relation = inner.get("relation") if inner.get("node") == "related" else None
    nearest = look_up(data, leaf_at.removesuffix("/to/where")) if "/to/where" in leaf_at else {}
    direct = nearest is inner
    kinds = table_at(data, leaf_at)[1]
    if not kinds and nearest.get("relation") in RELATION_BY_SIDE:
        kinds = ends(nearest["relation"])[1]
    if not kinds and isinstance(plan, Traverse):
        kinds = ends(opposite(plan.relation))[1]
    values: tuple[Choice, ...] = ()
    if direct and is_own(at) and inner.get("hops") == 1 and not isinstance(plan, Traverse):
        values = _counted(engine, without(data, at), str(relation), kinds, now)
    values = values or _things(engine, kinds, now)
    value = look_up(data, leaf_at)["value"]
    op = "in" if isinstance(value, list) else "eq"
    turned = relation is not None and is_own(at)
    names = ("eq", "not_eq") if turned else ("eq",)
    return Choices(
        at=at,
        field=relation or "ref",
        label=RELATION_BY_SIDE[relation][0].forward.phrase
        if relation in RELATION_BY_SIDE
        else "name",
        type="thing",
        op=f"{NEGATED}{op}" if negated else op,
        value=value,
        operators=tuple(Operator(name=n, label="is not" if n == "not_eq" else "is") for n in names),
        values=values,
    )


def _counted(
    engine: SearchEngine, of: Json, group_by: str, kinds: tuple[str, ...] | None, now: datetime
) -> tuple[Choice, ...]:
    """The values that the things of a set hold, the most frequent first."""
    things = Select.model_validate(of)
    target = Select(kinds=kinds) if kinds else None
    plan = Aggregate(
        function=Function.COUNT, of=things, group_by=group_by, group_to=target, descending=True
    )
    try:
        result = engine.run(plan, now=now, limit=MOST_LISTED)
    except InvalidPlan:
        return ()
    if result.outcome is not Outcome.ROWS:
        return ()
    return tuple(
        Choice(
            value=row["key"],
            label=_label(engine, row["key"]),
            count=int(row["value"]),
        )
        for row in result.rows
        if row["key"] is not None and row["value"]
    )


def _things(engine: SearchEngine, kinds: tuple[str, ...], now: datetime) -> tuple[Choice, ...]:
    table = table_of(kinds[0]) if kinds else Table.ENTITIES
    fitting = tuple(kind for kind in kinds if table_of(kind) is table)
    result = engine.run(Select(kinds=fitting), now=now, limit=MOST_LISTED)
    found = [Choice(value=row["ref"], label=_label(engine, row["ref"])) for row in result.rows]
    return tuple(sorted(found, key=lambda c: (c.label.lower(), str(c.value))))


def _label(engine: SearchEngine, key: object) -> str:
    if isinstance(key, bool):
        return "yes" if key else "no"
    return engine.title(key)


def _of_part(engine: SearchEngine, data: Json, at: str) -> Choices:
    """Kinds, groups, calendar units, measures and windows."""
    name, node = at.rpartition("/")[2], look_up(data, at)
    if name == "window" and isinstance(node, dict):
        return Choices(
            at=at,
            field=name,
            label="time",
            type="timestamp",
            op="between",
            value=[node["start"], node["end"]],
            operators=(Operator(name="between", label="between"),),
        )
    match name:
        case "kinds" if isinstance(node, list):
            known = _kinds(engine, node)
        case "group_by" if at == "/group_by":
            known = _groups(engine, data)
        case "metric" if at == "/metric":
            known = _measures(data)
        case "every":
            known = tuple((unit, unit) for unit in ("day", "week", "month", "quarter", "year"))
        case _:
            raise BadRequest(f"the plan has no condition at {at!r}; send a chip's `at` as it is")
    return Choices(
        at=at,
        field=name,
        label=name.replace("_", " "),
        type="part",
        op="in" if isinstance(node, list) else "eq",
        value=node,
        operators=(Operator(name="eq", label="is"),),
        values=tuple(Choice(value=value, label=label) for value, label in known),
    )


def _kinds(engine: SearchEngine, current: list[str]) -> tuple[tuple[str, str], ...]:
    table = table_of(current[0]) if current else Table.ENTITIES
    held = engine.held.held_kinds
    return tuple((k.name, k.words[0]) for k in KINDS if k.table is table and k.name in held)


def _groups(engine: SearchEngine, data: Json) -> tuple[tuple[str, str], ...]:
    kinds = data.get("of", {}).get("kinds") or ["Component"]
    owned = [("ownedBy", "owner"), ("within", "system")] if kinds[0] in ENTITY_KINDS else []
    rows = engine.snapshot.fields.of_kind(kinds[0])
    fields = [
        (row.name, row.label)
        for row in rows
        if row.type in (FieldType.KEYWORD, FieldType.LIST, FieldType.BOOLEAN, FieldType.INTEGER)
        and row.rank is not None
        and not row.derived
        and engine.held.holds_field(row)
    ]
    current = str(data.get("group_by"))
    known = [value for value, _ in (*owned, *fields)]
    first = [] if current in known else [(current, current.replace("_", " "))]
    return (*first, *owned, *fields)


def _measures(data: Json) -> tuple[tuple[str, str], ...]:
    kind = next((m.kind for m in MEASURES if m.name == data.get("metric")), None)
    return tuple((m.name, m.label) for m in MEASURES if m.kind == kind and m.lacks is None)
