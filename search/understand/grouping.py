"""A composed set with what it is grouped by → the plan: one number a group, ranked, cut, or within each group once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog_store.model import kinds as k
from search.plan import Aggregate, By, Function, Having, Predicate, Related, Select, conjuncts
from search.sql.aggregates import owning_side
from search.understand.grammar.joins import direct_side
from search.understand.reading import Reading
from search.understand.selecting import select_of
from search.understand.semantics import Grouped, Grouping

_THROUGH_COMPONENTS = frozenset((k.GROUP, k.USER, k.SYSTEM, k.DOMAIN))
"""What records are grouped by through the component they hang on."""


def grouped_plans(grouped: Grouped, base: Reading) -> Iterator[Reading]:
    """The plan of a grouped set; none when no relation leads to what it is grouped by."""
    by = grouped.by
    row = grouped.summary.row if grouped.summary else None
    plan = Aggregate(
        function=grouped.summary.function if grouped.summary else Function.COUNT,
        of=select_of(grouped.of),
        field=row.name if row else None,
        limit=grouped.most.limit if grouped.most else None,
        having=Having(op=grouped.having[0], value=grouped.having[1]) if grouped.having else None,  # type: ignore[arg-type]
        descending=_descending(grouped),
    )
    if by is None or by == Grouping():
        yield replace(base, plan=plan)
        return
    said = by_of(grouped.of.kinds, by, grouped.side)
    then = by_of(grouped.of.kinds, by.then, None) if by.then is not None else None
    if said is None or (then is None and by.then is not None):
        return
    if any(_of_all_owners(part) for part in conjuncts(grouped.of.where)):
        return  # "services by team by language by tier": a third grouping is none of them
    changes = {name: getattr(said, name) for name in By.model_fields}
    yield replace(base, plan=plan.model_copy(update={**changes, "then": then}))


def _of_all_owners(part: Predicate) -> bool:
    """ "Owned by teams", "in systems": restricts next to nothing, and stood where one groups."""
    return (
        isinstance(part, Related)
        and part.relation in ("ownedBy", "ownedWithin", "within")
        and part.to.where is None
    )


def _descending(grouped: Grouped) -> bool | None:
    """The order of the groups: as ranked, else the largest first; stretches of time in their own."""
    by = grouped.by
    if by is not None and by.every is not None:
        return None
    if grouped.most is not None:
        return grouped.most.descending
    return True if by is not None and (by.row is not None or by.by is not None) else None


def by_of(kinds: tuple[str, ...], grouping: Grouping, side: str | None) -> By | None:
    """What members of these kinds are grouped by; None when nothing leads there."""
    if grouping.every is not None:
        return By(every=grouping.every)  # type: ignore[arg-type]
    if grouping.row is not None:
        return By(group_by=grouping.row.name)
    if grouping.by is None:
        return None
    to = select_of(grouping.by)
    ends = to.kinds or tuple({c.kind for c in grouping.by.names})
    side = side or _group_side(kinds, ends, to)
    return By(group_by=side, group_to=to) if side is not None else None


def _group_side(of: tuple[str, ...], by: tuple[str, ...], to: Select) -> str | None:
    """The relation that leads from members to their groups: directly, or to the component they hang on."""
    for kind in of or (k.COMPONENT,):
        for target in by:
            side = direct_side(kind, target)
            if side is None and target in _THROUGH_COMPONENTS:
                side = direct_side(kind, k.COMPONENT)
            if side == "ownedWithin":
                return owning_side(to)
            if side is not None:
                return side
    return None
