"""The closed plan algebra: what a question asks, exactly, with nothing left to interpretation.

Nodes are few and everyone must understand them, so they form static unions: the type checker proves that each is
compiled, explained and resolved. A plan serialises to JSON (`plan.model_dump`) and is validated on the way back
(`read_plan`), so page two and edited readings carry the plan, never the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from catalog_store.errors import InvalidPlan

Scalar: TypeAlias = bool | int | float | str
"""A value in a plan; timestamps are ISO 8601 text in UTC."""

MAX_DEPTH = 12
"""Deepest nesting a plan may have; questions people ask stay below five."""


class Op(StrEnum):
    """How a field is compared. `has` is for lists; `missing` takes no value."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"
    """Half-open: first value <= field < second value."""
    HAS = "has"
    MATCHES = "matches"
    """The text contains the words, whatever their case."""
    EXISTS = "exists"
    MISSING = "missing"


_REMEMBERED = ("_hash", "_rank", "_depth")
"""What a node keeps about itself besides its fields."""


class _Node(BaseModel):
    """Immutable, and hashed once: the parser compares plans by the thousand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = hash(
                (type(self), *(v for n, v in self.__dict__.items() if n not in _REMEMBERED))
            )
            self.__dict__["_hash"] = known
        return known

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or hash(self) != hash(other):
            return False
        ours, theirs = self.__dict__, other.__dict__
        return ours == theirs or all(  # one of them may remember more than the other
            theirs[name] == value for name, value in ours.items() if name not in _REMEMBERED
        )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        for name in _REMEMBERED:
            copied.__dict__.pop(name, None)
        return copied


# ── predicates ───────────────────────────────────────────────────────────────────────────────────


class Compare(_Node):
    """A field of the thing itself, compared. A missing value satisfies only `missing` and `ne`."""

    node: Literal["compare"] = "compare"
    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None


class All(_Node):
    """Every part holds."""

    node: Literal["all"] = "all"
    of: tuple[Predicate, ...]


class AnyOf(_Node):
    """At least one part holds."""

    node: Literal["any"] = "any"
    of: tuple[Predicate, ...]


class Not(_Node):
    """The part does not hold."""

    node: Literal["not"] = "not"
    of: Predicate


class Related(_Node):
    """The thing stands in a relation to enough members of a set.

    Attributes:
        relation: a side's name in `relations.py`, read from the thing outwards.
        to: the set at the other end; every thing of the fitting kinds when its parts are empty.
        hops: how many steps the relation may be followed; None means all the way.
        op, count: how many members; the default says "at least one".
        apart: the member has an owner, and shares none with the thing; for one hop only.
    """

    node: Literal["related"] = "related"
    relation: str
    to: Select
    hops: int | None = Field(default=1, ge=1)
    op: Literal[Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE] = Op.GE
    count: int = Field(default=1, ge=0)
    apart: bool = False


class Among(_Node):
    """The thing is one of those that a ranking keeps: of a set its first, of a grouping the groups it is cut to.

    Attributes:
        of: a set with an order and a limit or place; or an aggregate whose groups are things, with a place, limit or `having`.
    """

    node: Literal["among"] = "among"
    of: Annotated[Select | Aggregate, Field(discriminator="node")]


Predicate: TypeAlias = Annotated[
    Compare | All | AnyOf | Not | Related | Among, Field(discriminator="node")
]


# ── sets ─────────────────────────────────────────────────────────────────────────────────────────


class Order(_Node):
    """One sort key; rows without a value come last, or first when missing counts as least (`nulls`)."""

    field: str
    descending: bool = False
    nulls: Literal["first", "last"] = "last"


class Select(_Node):
    """Things of some kinds that satisfy a predicate; records (deployments, incidents, …) are things too.

    Attributes:
        kinds: kinds of one table; empty means any catalog entity.
        where: None means all of them.
        fields: what is asked of each; empty means the usual columns.
        place: of the order, the n-th alone, with all that stand level with it; what has no value has no place.
    """

    node: Literal["select"] = "select"
    kinds: tuple[str, ...] = ()
    where: Predicate | None = None
    fields: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = Field(default=None, ge=1)
    place: int | None = Field(default=None, ge=1)


class Traverse(_Node):
    """What is reached from a set along a relation.

    Attributes:
        start: where to start.
        relation: a side's name, read from the start outwards.
        hops: steps; None means all the way.
        to: which of the things met are wanted, and how.
    """

    node: Literal["traverse"] = "traverse"
    start: Select
    relation: str
    hops: int | None = Field(default=1, ge=1)
    to: Select = Field(default_factory=Select)


class Path(_Node):
    """The shortest chain of dependencies from one thing to another."""

    node: Literal["path"] = "path"
    start: Select
    end: Select
    relation: str = "uses"


ThingSet: TypeAlias = Annotated[Select | Traverse, Field(discriminator="node")]


class Function(StrEnum):
    """How a set is summed up."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    SHARE = "share"
    """The percentage of the set that also satisfies `part`."""
    RATE = "rate"
    """How many a stretch of the calendar: `every` says which, `window` over what."""
    MEASURE = "measure"
    """As the measure in `metric` is defined, over `window`."""


class Window(_Node):
    """[start, end) as ISO 8601 text in UTC; None leaves the side open."""

    start: str | None = None
    end: str | None = None


class Having(_Node):
    """Keeps groups whose value compares so."""

    op: Literal[Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE]
    value: float = Field(allow_inf_nan=False)


Unit: TypeAlias = Literal["day", "week", "month", "quarter", "year"]
"""A stretch of the calendar to group by."""


class By(_Node):
    """A second thing to group by, as an aggregate's `group_by`, `group_to` and `every` say the first."""

    group_by: str | None = None
    group_to: Select | None = None
    every: Unit | None = None


class Aggregate(_Node):
    """One number over a set, or one per group.

    Attributes:
        function: how; with a measure and `having`, a count is of the groups that are kept.
        of: over what.
        field: which field; None for counts.
        part: for a share: what those that are counted satisfy.
        metric: a measure of `catalog_store/model/measures.py` instead of a field; the set is then records of its kind, or
            the things they hang on.
        group_by: a field of the things, or a relation's side: one row per thing at its other end.
        group_to: which of those ends count; its kinds also decide that ends without members show with 0.
        every: groups by the stretch of the calendar a record lies in, instead of `group_by`; for a rate, its unit.
        window: for measures and rates; None is everything so far, which has no rate.
        descending, limit: order of groups by value and how many; order None keeps the groups' own order.
        place: of that order, the n-th group alone, with all that stand level with it.
        then: within each group, the same once more by something else: two groupings at once.
    """

    node: Literal["aggregate"] = "aggregate"
    function: Function
    of: ThingSet
    field: str | None = None
    part: Predicate | None = None
    metric: str | None = None
    group_by: str | None = None
    group_to: Select | None = None
    every: Unit | None = None
    window: Window | None = None
    having: Having | None = None
    descending: bool | None = None
    limit: int | None = Field(default=None, ge=1)
    place: int | None = Field(default=None, ge=1)
    then: By | None = None


class Retrieve(_Node):
    """Passages that answer a text, within a scope.

    Attributes:
        text: what to look for.
        scope: things whose pages are looked at; None means every page.
        kinds: "Doc", "Runbook" or an entity kind such as "Template"; empty means every page.
        about: refs of things the text speaks of: their pages come first, others stay possible.
        exact: names that must be met exactly (an alert's name).
    """

    node: Literal["retrieve"] = "retrieve"
    text: str
    scope: Select | None = None
    kinds: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    exact: str | None = None


class Check(_Node):
    """Yes when the set holds anything, else no.

    Attributes:
        of: the set.
        holds: what the things of the set, cut to its limit, must satisfy: "was the last deployment rolled back" is asked of
            the last one, not of those that were rolled back.
        every: yes only when all things of the set satisfy `holds`; an empty set is no yes.
    """

    node: Literal["check"] = "check"
    of: ThingSet
    holds: Predicate | None = None
    every: bool = False


class Side(_Node):
    """One side of a comparison: a number, under the reference or the ISO 8601 interval that tells it from the other."""

    key: str
    of: Aggregate


class Comparison(_Node):
    """Two numbers set against each other.

    Attributes:
        sides: the two, as they were said.
        op: how the first has to compare with the second for a yes; None when both are only to be shown.
    """

    node: Literal["comparison"] = "comparison"
    sides: tuple[Side, Side]
    op: Literal[Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE] | None = None


class Review(_Node):
    """How well the catalog is kept: one row per quality check, with how many things fail it.

    Attributes:
        scope: what is looked at, by name: a team, a system, a domain or one thing; None means everything.
        checks: names of checks in `catalog_store/model/quality.py`; empty means all of them.
    """

    node: Literal["review"] = "review"
    scope: Select | None = None
    checks: tuple[str, ...] = ()


Plan: TypeAlias = Annotated[
    Select | Traverse | Path | Aggregate | Comparison | Retrieve | Check | Review,
    Field(discriminator="node"),
]

for _model in _Node.__subclasses__():
    _model.model_rebuild()

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


def read_plan(data: object) -> Plan:
    """A plan from JSON-compatible data, for edited readings.

    >>> read_plan({"node": "select", "kinds": ["Component"]}).kinds
    ('Component',)

    Raises:
        InvalidPlan: the data is not a plan, or nests deeper than `MAX_DEPTH`; says where.
    """
    if _depth(data) > MAX_DEPTH * 3:
        raise InvalidPlan(f"the plan nests too deeply; at most {MAX_DEPTH} levels are read")
    try:
        return _PLAN.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "plan"
        raise InvalidPlan(f"the plan is not valid at {where}: {first['msg']}") from error


def plan_schema() -> dict[str, Any]:
    """JSON Schema of a plan, its definitions under `$defs`: for callers that write plans themselves.

    >>> sorted(plan_schema()["discriminator"]["mapping"])[:3]
    ['aggregate', 'check', 'comparison']
    """
    return _PLAN.json_schema()


def _depth(data: object) -> int:
    deepest, stack = 0, [(data, 1)]
    while stack:
        item, depth = stack.pop()
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH * 4:
            break
        children = (
            item.values()
            if isinstance(item, dict)
            else item
            if isinstance(item, list | tuple)
            else ()
        )
        stack.extend((child, depth + 1) for child in children)
    return deepest


def conjuncts(where: Predicate | None) -> tuple[Predicate, ...]:
    """The parts that all hold.

    >>> conjuncts(None)
    ()
    """
    if where is None:
        return ()
    return where.of if isinstance(where, All) else (where,)


def conjoin(*parts: Predicate | None) -> Predicate | None:
    """All of the given parts, flat and in one order; None when there are none.

    >>> conjoin(None, None) is None
    True
    """
    flat: list[Predicate] = []
    for part in parts:
        if part is None:
            continue
        flat.extend(p for p in (part.of if isinstance(part, All) else (part,)) if p not in flat)
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else All(of=tuple(sorted(flat, key=_rank)))


def depth(part: Predicate | Select | None) -> int:
    """Levels of a condition or set; None has none.

    >>> depth(Select(where=Not(of=Compare(field="owner", op=Op.MISSING))))
    3
    """
    if part is None:
        return 0
    known: int | None = part.__dict__.get("_depth")
    if known is None:
        known = part.__dict__["_depth"] = 1 + max(map(depth, _parts(part)), default=0)
    return known


def _parts(part: Predicate | Select) -> tuple[Predicate | Select, ...]:
    match part:
        case Compare():
            return ()
        case All() | AnyOf():
            return part.of
        case Not():
            return (part.of,)
        case Related():
            return (part.to,)
        case Among():
            return (as_set(part.of),)
        case Select():
            return () if part.where is None else (part.where,)


def as_set(ranked: Select | Aggregate) -> Select:
    """The set that a ranking is of: itself, or what an aggregate is taken over."""
    of = ranked.of if isinstance(ranked, Aggregate) else ranked
    return of if isinstance(of, Select) else of.start


def _rank(part: Predicate | Select | None) -> str:
    """One order for the parts of a conjunction, so that readings that differ only in it are one; as long as the part is large."""
    if part is None:
        return ""
    known: str | None = part.__dict__.get("_rank")
    if known is None:
        known = part.__dict__["_rank"] = _rank_of(part)
    return known


def _rank_of(part: Predicate | Select) -> str:
    match part:
        case Compare():
            return f"0\0{part.field}\0{part.op.value}\0{part.value}"
        case Related():
            return f"1\0{part.relation}\0{_rank(part.to)}"
        case Not():
            return f"2\0{_rank(part.of)}"
        case Among():
            return f"4\0{part.of.model_dump_json()}"
        case AnyOf() | All():
            return "3\0" + "\1".join(map(_rank, part.of))
        case Select():
            return "\0".join((*part.kinds, _rank(part.where)))
