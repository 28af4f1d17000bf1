"""Looking into plans: what they name, which sets and fields they use, and a name in them replaced."""

from __future__ import annotations

from typing import Any

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from search.plan import (
    Aggregate,
    All,
    Among,
    AnyOf,
    By,
    Check,
    Compare,
    Comparison,
    Not,
    Op,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Review,
    Select,
    Side,
    Traverse,
    conjuncts,
)
from search.quality import anchors_of
from search.sql import as_select
from search.turns import stretch_of


def listed_names(plan: Plan | None) -> list[set[str]]:
    """Reference lists in a plan: names that stand for several things."""
    found: list[set[str]] = []
    for select in selects(plan):
        parts = select.where.of if isinstance(select.where, All) else (select.where,)
        named = (p.value for p in parts if isinstance(p, Compare) and p.field == "ref")
        found += [{str(v) for v in value} for value in named if isinstance(value, tuple)]
    return found


def subject(plan: Plan | None) -> str | None:
    """The one thing a plan asks something about, by reference; None for lists and numbers."""
    if isinstance(plan, Review):
        anchors = anchors_of(plan.scope) if plan.scope is not None else ()
        return anchors[0] if len(anchors) == 1 else None
    select = (
        plan.start if isinstance(plan, Traverse) else plan.of if isinstance(plan, Check) else plan
    )
    if not isinstance(select, Select) or (isinstance(plan, Select) and not plan.fields):
        return None
    parts = select.where.of if isinstance(select.where, All) else (select.where,)
    named = [
        p.value for p in parts if isinstance(p, Compare) and p.field == "ref" and p.op is Op.EQ
    ]
    return str(named[0]) if named else None


def named_refs(things: Select | Traverse) -> tuple[str, ...]:
    """The references a set names itself."""
    if not isinstance(things, Select):
        return ()
    parts = things.where.of if isinstance(things.where, All) else (things.where,)
    for part in parts:
        if isinstance(part, Compare) and part.field == "ref":
            values = part.value if isinstance(part.value, tuple) else (part.value,)
            return tuple(str(value) for value in values)
    return ()


def asks_for_an_owner(things: Select | Traverse) -> bool:
    """Whether a set is one of things that somebody owns."""
    return any(
        isinstance(part, Related) and part.relation in ("ownedBy", "ownedWithin")
        for part in conjuncts(as_select(things).where)
    )


def same_question(left: Plan | None, right: Plan | None) -> bool:
    """Whether two plans ask the same of different things: one name that fits several."""
    a, b = subject(left), subject(right)
    if (
        left is None
        or right is None
        or a is None
        or b is None
        or a == b
        or type(left) is not type(right)
    ):
        return False
    if isinstance(left, Traverse) and isinstance(right, Traverse):
        return left.relation == right.relation
    if isinstance(left, Select) and isinstance(right, Select):
        return left.fields == right.fields
    return True


def is_list(plan: Plan | None) -> bool:
    """Whether a plan asks for things by condition or for a number, rather than about a thing by name."""
    if isinstance(plan, Aggregate | Comparison | Review):
        return True
    if not isinstance(plan, Select | Traverse):
        return False
    return (
        isinstance(plan, Select) and bool(plan.kinds) and not set(plan.kinds) & {k.DOC, k.RUNBOOK}
    )


def with_name(node: Any, ref: str) -> Any:
    """The plan with a name that may mean several things replaced by one of them."""
    if (
        isinstance(node, Compare)
        and node.field == "ref"
        and node.op is Op.IN
        and isinstance(node.value, tuple)
        and ref in node.value
    ):
        return Compare(field="ref", op=Op.EQ, value=ref)
    if isinstance(node, All | AnyOf):
        return node.model_copy(update={"of": tuple(with_name(p, ref) for p in node.of)})
    if isinstance(node, Not | Check):
        changed = {"of": with_name(node.of, ref)}
        if isinstance(node, Check):
            changed["holds"] = with_name(node.holds, ref)
        return node.model_copy(update=changed)
    if isinstance(node, Related):
        return node.model_copy(update={"to": with_name(node.to, ref)})
    if isinstance(node, Among):
        return node.model_copy(update={"of": with_name(node.of, ref)})
    if isinstance(node, Select):
        return (
            node
            if node.where is None
            else node.model_copy(update={"where": with_name(node.where, ref)})
        )
    if isinstance(node, Traverse):
        return node.model_copy(
            update={"start": with_name(node.start, ref), "to": with_name(node.to, ref)}
        )
    if isinstance(node, Path):
        return node.model_copy(
            update={"start": with_name(node.start, ref), "end": with_name(node.end, ref)}
        )
    if isinstance(node, Aggregate):
        changed = {
            name: with_name(part, ref)
            for name, part in (
                ("of", node.of),
                ("part", node.part),
                ("group_to", node.group_to),
                ("then", node.then),
            )
            if part is not None
        }
        return node.model_copy(update=changed)
    if isinstance(node, Comparison):
        return node.model_copy(update={"sides": tuple(with_name(s, ref) for s in node.sides)})
    if isinstance(node, Side):
        return node.model_copy(update={"of": with_name(node.of, ref)})
    if isinstance(node, By) and node.group_to is not None:
        return node.model_copy(update={"group_to": with_name(node.group_to, ref)})
    if isinstance(node, Review) and node.scope is not None:
        return node.model_copy(update={"scope": with_name(node.scope, ref)})
    return node


def selects(node: Any) -> list[Select]:
    """Every set inside a plan."""
    if isinstance(node, Select):
        return [node, *selects(node.where)]
    if isinstance(node, Traverse):
        return [*selects(as_select(node)), *selects(node.start)]
    if isinstance(node, All | AnyOf):
        return [s for part in node.of for s in selects(part)]
    if isinstance(node, Check):
        return [*selects(node.of), *selects(node.holds)]
    if isinstance(node, Not | Among):
        return selects(node.of)
    if isinstance(node, Related):
        return selects(node.to)
    if isinstance(node, Aggregate):
        inner = (node.of, node.part, node.group_to, node.then and node.then.group_to)
        return [s for part in inner if part is not None for s in selects(part)]
    if isinstance(node, Comparison):
        return [s for side in node.sides for s in selects(side.of)]
    if isinstance(node, Path):
        return [*selects(node.start), *selects(node.end)]
    if isinstance(node, Retrieve | Review):
        return selects(node.scope) if node.scope else []
    return []


def relations_of(plan: Plan) -> set[str]:
    """Names of every relation, from either side, that a plan follows.

    >>> relations_of(Select(where=Not(of=Related(relation="ownedBy", to=Select()))))
    {'ownedBy'}
    """
    found: set[str] = set()

    def walk(where: Predicate | None) -> None:
        if isinstance(where, All | AnyOf):
            for part in where.of:
                walk(part)
        elif isinstance(where, Not):
            walk(where.of)
        elif isinstance(where, Related):
            found.add(where.relation)
        elif isinstance(where, Among) and isinstance(where.of, Aggregate) and where.of.group_by:
            found.add(where.of.group_by)

    if isinstance(plan, Traverse):
        found.add(plan.relation)
    for select in selects(plan):
        walk(select.where)
    return found


def turns(plan: Plan) -> list[tuple[str, str]]:
    """The stretches of time, as (start, end), in which somebody is to be on call."""
    parts: list[Predicate] = []
    for select in selects(plan):
        if table(select) is Table.SHIFTS and select.where is not None:
            parts += select.where.of if isinstance(select.where, All) else (select.where,)
    return [found for part in parts if (found := stretch_of(part)) is not None]


def table(select: Select) -> Table:
    """The table a set's things lie in."""
    return table_of(select.kinds[0]) if select.kinds else Table.ENTITIES


def tables(plan: Plan) -> list[Table]:
    """The table of every set inside a plan."""
    return [table(select) for select in selects(plan)]


def fields_of(plan: Plan) -> list[tuple[Table, str]]:
    """Every field a plan compares, asks for, sorts by or sums up, with its table."""
    found: list[tuple[Table, str]] = []

    def walk(where: Predicate | None, own: Table) -> None:
        if isinstance(where, All | AnyOf):
            for part in where.of:
                walk(part, own)
        elif isinstance(where, Not):
            walk(where.of, own)
        elif isinstance(where, Compare):
            found.append((own, where.field))

    for select in selects(plan):
        own = table(select)
        found += [(own, name) for name in select.fields]
        found += [(own, key.field) for key in select.order]
        walk(select.where, own)
    if isinstance(plan, Comparison):
        return [named for side in plan.sides for named in fields_of(side.of)]
    if isinstance(plan, Check):
        walk(plan.holds, table(as_select(plan.of)))
    if isinstance(plan, Aggregate):
        own = table(as_select(plan.of))
        walk(plan.part, own)
        if plan.field is not None:
            found.append((own, plan.field))
    return found


def absent_facts(where: Predicate | None) -> list[tuple[Compare | Related, ...]]:
    """What a condition wants to be missing, or just there: for each part, the facts that would say so.

    When none of a part's facts is held by any source, nothing can be said about what lacks them.
    """
    match where:
        case All():
            return [facts for part in where.of for facts in absent_facts(part)]
        case Compare() if where.op in (Op.MISSING, Op.EXISTS):
            return [(where,)]
        case Not():
            inner = where.of.of if isinstance(where.of, All | AnyOf) else (where.of,)
            facts = tuple(part for part in inner if isinstance(part, Compare | Related))
            return [facts] if len(facts) == len(inner) else []
        case _:
            return []
