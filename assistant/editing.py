"""Change one condition of a reading: where it lies in the plan, and the plan with another operator or value in its place.

Places are JSON pointers (RFC 6901) into `interpretation.plan`, so a client needs no knowledge of plans: it sends back the
`at` of a chip with what it should say instead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from catalog_store.errors import BadRequest
from catalog_store.model.fields import FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, Table, table_of
from search.plan import Op, Plan, Related, Traverse, read_plan

Json = dict[str, Any]

MOST_VALUES = 100
"""Values that one condition may name; more is a list nobody reads."""

NEGATED = "not_"
"""Before an operator: the condition does not hold."""

Value = bool | int | float | str


class Edit(BaseModel):
    """What a condition should say instead."""

    model_config = ConfigDict(extra="forbid")

    at: str = Field(max_length=300, description="The condition's place: a chip's `at`.")
    op: str | None = Field(
        default=None,
        max_length=20,
        description="One of the operators that `POST /v1/choices` names.",
    )
    value: Value | list[Value] | None = Field(
        default=None, description="A value that `POST /v1/choices` names; several mean any of them."
    )


def place_of(plan: Plan, part: object) -> str | None:
    """Where a condition lies in a plan, as a JSON pointer; None when it is no part of it.

    >>> from search.plan import Compare, Select
    >>> where = Compare(field="tier", op=Op.EQ, value=1)
    >>> place_of(Select(kinds=("Component",), where=where), where)
    '/where'
    """
    found = _seek(plan, part, "")
    if found is None and isinstance(part, Related) and isinstance(plan, Traverse):
        return "/start/where" if part.to.where == plan.start.where else None
    return found


def _seek(node: object, part: object, at: str) -> str | None:
    if node is part or (isinstance(node, BaseModel) and node == part):
        return at
    children: list[tuple[str, object]] = []
    if isinstance(node, BaseModel):
        children = [(name, value) for name, value in node if isinstance(value, BaseModel | tuple)]
    elif isinstance(node, tuple):
        children = [(str(i), item) for i, item in enumerate(node) if isinstance(item, BaseModel)]
    return next(
        (found for name, child in children if (found := _seek(child, part, f"{at}/{name}"))), None
    )


def look_up(data: object, at: str) -> Any:
    """What lies at a JSON pointer.

    Raises:
        BadRequest: nothing does.
    """
    steps = at.split("/")[1:]
    for step in steps:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            raise BadRequest(f"the plan has no condition at {at!r}; send a chip's `at` as it is")
    return data


def put(data: Json, at: str, value: object) -> None:
    """Replace what lies at a JSON pointer."""
    parent, _, name = at.rpartition("/")
    holder = look_up(data, parent)
    holder[int(name) if isinstance(holder, list) else name] = value


def table_at(data: Json, at: str) -> tuple[Table, tuple[str, ...]]:
    """The table and kinds of the set whose condition lies at a pointer."""
    kinds: tuple[str, ...] = ()
    node: object = data
    for step in ["", *at.split("/")[1:]]:
        if step:
            node = look_up(node, f"/{step}")
        if isinstance(node, dict) and node.get("node") == "select":
            kinds = tuple(node["kinds"])
    known = [kind for kind in kinds if kind in KIND_BY_NAME]
    return (table_of(known[0]) if known else Table.ENTITIES), tuple(known)


def leaf_of(data: Json, at: str, fields: FieldTable) -> tuple[str, bool]:
    """The comparison that a condition turns on, and whether the condition is negated.

    Of several comparisons inside, the thing named goes first, then a moment: what people mean when they want another one.
    """
    node, negated = look_up(data, at), False
    while isinstance(node, dict) and node.get("node") == "not":
        at, negated, node = f"{at}/of", not negated, node["of"]
    leaves = list(_leaves(node, at))
    if not leaves:
        return at, negated

    def order(item: tuple[str, Json]) -> int:
        place, leaf = item
        row = fields.get(table_at(data, place)[0], leaf["field"])
        if leaf["field"] == "ref":
            return 0
        return 1 if row is not None and row.type is FieldType.TIMESTAMP else 2

    return min(leaves, key=order)[0], negated


def _leaves(node: object, at: str) -> list[tuple[str, Json]]:
    if not isinstance(node, dict):
        return []
    match node.get("node"):
        case "compare":
            return [(at, node)]
        case "related":
            return _leaves(node["to"].get("where"), f"{at}/to/where")
        case "all" | "any":
            return [
                leaf for i, part in enumerate(node["of"]) for leaf in _leaves(part, f"{at}/of/{i}")
            ]
        case _:
            return []


def edited(plan: Plan, edit: Edit, fields: FieldTable) -> Plan:
    """The plan with one condition changed.

    Raises:
        BadRequest: the place is no condition of the plan, or the operator or value does not fit there.
        InvalidPlan: what came out is no plan.
    """
    data: Json = json.loads(plan.model_dump_json())
    node = look_up(data, edit.at)
    name = edit.at.rpartition("/")[2]
    if not isinstance(node, dict) or "node" not in node or name == "window":
        _set_part(data, edit, name)
        return read_plan(data)
    leaf_at, negated = leaf_of(data, edit.at, fields)
    if edit.op is not None:
        wanted = edit.op.startswith(NEGATED)
        _set_op(data, leaf_at, edit.op.removeprefix(NEGATED), fields)
        if wanted != negated:
            node = look_up(data, edit.at)
            put(data, edit.at, {"node": "not", "of": node} if wanted else node["of"])
            leaf_at, _ = leaf_of(data, edit.at, fields)
    if edit.value is not None:
        _set_value(data, leaf_at, edit.value)
    return read_plan(data)


def _set_part(data: Json, edit: Edit, name: str) -> None:
    """Kinds, groups, the calendar unit, the measure or the window: parts of a plan that are no predicates."""
    value = edit.value
    match name:
        case "kinds" if value is not None:
            put(data, edit.at, value if isinstance(value, list) else [value])
        case "group_by" if isinstance(value, str):
            data |= {"group_by": value, "group_to": None, "every": None}
        case "every" | "metric" if isinstance(value, str):
            put(data, edit.at, value)
        case "window" if isinstance(value, list) and len(value) == 2:
            put(data, edit.at, {"start": value[0], "end": value[1]})
        case _:
            raise BadRequest(f"{edit.value!r} cannot stand at {edit.at!r} of the plan")


def _set_op(data: Json, at: str, op: str, fields: FieldTable) -> None:
    leaf = look_up(data, at)
    if op == "exists" and leaf.get("op") != "exists":
        return  # the condition as a whole holds or does not; the comparison inside stays
    if leaf.get("node") != "compare" or op not in {o.value for o in Op}:
        raise BadRequest(f"{op!r} is no operator here; `POST /v1/choices` names those that are")
    row = fields.get(table_at(data, at)[0], leaf["field"])
    if row is not None and op not in operators(row.type) and op != leaf["op"]:
        raise BadRequest(
            f"{row.label} cannot be compared with {op!r}; `POST /v1/choices` names how"
        )
    if leaf["op"] == Op.BETWEEN.value and op != leaf["op"] and isinstance(leaf["value"], list):
        leaf["value"] = leaf["value"][0]
    leaf["op"] = op


def _set_value(data: Json, at: str, value: Value | list[Value]) -> None:
    leaf = look_up(data, at)
    if leaf.get("node") != "compare":
        raise BadRequest(
            "this condition compares nothing; it can only be taken away or turned round"
        )
    if isinstance(value, list) and leaf["op"] != Op.BETWEEN.value:
        if not value or len(value) > MOST_VALUES:
            raise BadRequest(f"name between 1 and {MOST_VALUES} values, not {len(value)}")
        leaf["op"], leaf["value"] = (Op.IN.value, value) if len(value) > 1 else ("eq", value[0])
        return
    if leaf["op"] == Op.IN.value:
        leaf["op"] = Op.EQ.value
    leaf["value"] = value


def operators(type_: FieldType) -> tuple[str, ...]:
    """How values of a type are compared, most usual first."""
    match type_:
        case FieldType.INTEGER | FieldType.NUMBER:
            return ("eq", "le", "ge", "lt", "gt")
        case FieldType.TIMESTAMP:
            return ("ge", "lt")
        case FieldType.LIST:
            return ("has",)
        case FieldType.TEXT:
            return ("matches",)
        case FieldType.BOOLEAN | FieldType.REF | FieldType.URL:
            return ("eq",)
        case FieldType.KEYWORD:
            return ("eq", "ne")


def without(data: Json, at: str) -> Json:
    """The set that holds a condition, without it; the condition is one of its own, not one inside another."""
    head, _, tail = at.rpartition("/where")
    select: Json = json.loads(json.dumps(look_up(data, head) if head else data))
    if not tail:
        return select | {"where": None}
    rest: Sequence[Json] = [
        part for i, part in enumerate(select["where"]["of"]) if f"/of/{i}" != tail
    ]
    return select | {"where": rest[0] if len(rest) == 1 else {"node": "all", "of": rest}}


def is_own(at: str) -> bool:
    """Whether a condition stands by itself in its set: not within an either-or, a negation, or another condition.

    >>> is_own("/of/where/of/2"), is_own("/where/of/1/to/where")
    (True, False)
    """
    return at.removeprefix("/of").removeprefix("/where").removeprefix("/of").lstrip(
        "/"
    ).isdigit() or at in (
        "/where",
        "/of/where",
    )
