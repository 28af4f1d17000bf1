"""The conditions of a reading as chips: what each says, the words it came from, and the plan without it."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answer import Chip, Unused
from assistant.editing import place_of
from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.measures import MEASURE_BY_NAME
from catalog_store.model.time_window import TimeWindow
from search.explain import Explainer
from search.explain_measures import said_window
from search.plan import (
    Aggregate,
    Check,
    Compare,
    Comparison,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Review,
    Select,
    Traverse,
    conjoin,
    conjuncts,
)
from search.quality import anchors_of
from search.result import SearchResult
from search.sql import as_select
from search.understand.semantics import SetOf
from search.understand.understanding import Understanding


def chips_of(result: SearchResult, explainer: Explainer) -> tuple[Chip, ...]:
    """One chip a condition, in the order of the plan."""
    plan = result.plan
    if plan is None or isinstance(plan, Path | Comparison):
        return ()
    if isinstance(plan, Retrieve):
        return tuple(_page_chips(plan))
    if isinstance(plan, Review):
        return tuple(_review_chips(plan, result, explainer))
    things = plan.of if isinstance(plan, Aggregate | Check) else plan
    chips = list(_set_chips(things, plan, result, explainer))
    if isinstance(plan, Aggregate):
        chips = [*_measure_chips(plan, result), *chips, *_group_chips(plan, result, explainer)]
    apart = (
        plan.part
        if isinstance(plan, Aggregate)
        else plan.holds
        if isinstance(plan, Check)
        else None
    )
    chips += _apart_chips(apart, things, result, explainer)
    return tuple(chips)


def _apart_chips(
    apart: Predicate | None, things: Select | Traverse, result: SearchResult, explainer: Explainer
) -> Iterator[Chip]:
    """What a share counts, or what must hold of the last one: the question is nothing without it."""
    for part in conjuncts(apart):
        field, op, value = _said(part)
        yield Chip(
            field=field,
            op=op,
            value=value,
            label=explainer.predicate(
                part,
                table_of(as_select(things).kinds[0]) if as_select(things).kinds else Table.ENTITIES,
            ),
            span=_span(result, part),
        )


def _measure_chips(plan: Aggregate, result: SearchResult) -> Iterator[Chip]:
    """What is measured; it cannot be dropped."""
    if plan.metric is not None:
        row = MEASURE_BY_NAME.get(plan.metric)
        label = row.label if row else "delivery measures"
        yield Chip(
            field="measure",
            op="eq",
            value=plan.metric,
            label=label,
            span=_span(result, plan.metric),
            at="/metric" if row else None,
        )


def _group_chips(plan: Aggregate, result: SearchResult, explainer: Explainer) -> Iterator[Chip]:
    """By what, which values and when; without its groups a plan is one number, without its window it is over all time."""
    if plan.group_by is not None:
        label = explainer.noun(plan.group_to) if plan.group_to else plan.group_by.replace("_", " ")
        remove = _without_first(plan)
        yield Chip(
            field="group_by",
            op="per",
            value=plan.group_by,
            label=f"per {label}",
            remove=remove,
            at="/group_by",
        )
    if plan.every is not None:
        yield Chip(
            field="every",
            op="per",
            value=plan.every,
            label=f"per {plan.every}",
            remove=_without_first(plan),
            at="/every",
        )
    if plan.then is not None:
        to, field = plan.then.group_to, plan.then.group_by
        said = explainer.noun(to) if to else (field or plan.then.every or "").replace("_", " ")
        yield Chip(
            field="then",
            op="per",
            value=field or plan.then.every,
            label=f"per {said}",
            remove=_without(plan, then=None),
        )
    if plan.having is not None:
        value = f"{plan.having.value:g}"
        label = f"{plan.having.op.value} {value}"
        words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
        yield Chip(
            field="having",
            op=plan.having.op.value,
            value=plan.having.value,
            label=label.replace(
                plan.having.op.value, words.get(plan.having.op.value, plan.having.op.value)
            ),
            remove=_without(plan, having=None),
        )
    if plan.window is not None:
        yield Chip(
            field="window",
            op="between",
            value=[plan.window.start, plan.window.end],
            label=said_window(plan.window),
            span=next(
                (
                    s
                    for x, _ in _evidence(result)
                    if isinstance(x, TimeWindow) and (s := _span(result, x))
                ),
                None,
            ),
            remove=_without(plan, window=None),
            at="/window",
        )


def _without_first(plan: Aggregate) -> dict[str, object]:
    """Without what it is grouped by: the second grouping takes its place, or there is one number."""
    if plan.then is not None:
        return _without(plan, **dict(plan.then), then=None)
    if plan.every is not None:
        return _without(plan, every=None)
    return _without(
        plan, group_by=None, group_to=None, having=None, descending=None, limit=None, place=None
    )


def _without(plan: Aggregate, **parts: object) -> dict[str, object]:
    return plan.model_copy(update=parts).model_dump(mode="json")


def _evidence(result: SearchResult) -> tuple[tuple[object, int], ...]:
    return result.reading.evidence if result.reading is not None else ()


def _review_chips(plan: Review, result: SearchResult, explainer: Explainer) -> Iterator[Chip]:
    if plan.scope is None:
        return
    anchors = anchors_of(plan.scope)
    yield Chip(
        field="scope",
        op="in" if len(anchors) > 1 else "eq",
        value=list(anchors) if len(anchors) > 1 else next(iter(anchors), None),
        label=explainer.noun(plan.scope),
        span=_span(result, plan.scope.where),
        remove=plan.model_copy(update={"scope": None}).model_dump(mode="json"),
    )


def _page_chips(plan: Retrieve) -> Iterator[Chip]:
    for kind in plan.kinds if set(plan.kinds) != {k.DOC, k.RUNBOOK} else ():
        without = plan.model_copy(update={"kinds": tuple(x for x in plan.kinds if x != kind)})
        yield Chip(
            field="kind",
            op="eq",
            value=kind,
            label=f"{kind.lower()}s only",
            remove=without.model_dump(mode="json"),
        )
    if plan.exact is not None:
        yield Chip(field="alert", op="eq", value=plan.exact, label=f"alert {plan.exact}")


def _set_chips(
    things: Select | Traverse, plan: Plan, result: SearchResult, explainer: Explainer
) -> Iterator[Chip]:
    select = as_select(things)
    shown = things.to if isinstance(things, Traverse) else things
    typed = next(
        (p for p in conjuncts(shown.where) if isinstance(p, Compare) and p.field == "type"), None
    )
    if shown.kinds:
        yield Chip(
            field="kind",
            op="in" if len(shown.kinds) > 1 else "eq",
            value=list(shown.kinds) if len(shown.kinds) > 1 else shown.kinds[0],
            label=explainer.noun(Select(kinds=shown.kinds, where=typed)),
            span=_span(result, typed) or _span(result, shown.kinds),
            at=_kind_at(plan, things, typed),
        )
    table = table_of(select.kinds[0]) if select.kinds else Table.ENTITIES
    for part in conjuncts(select.where):
        if part is typed:
            continue  # said by the noun
        removable = isinstance(things, Select) and not (
            isinstance(part, Compare) and part.field == "ref"
        )
        rest = tuple(p for p in conjuncts(select.where) if p is not part)
        without = _with_where(plan, conjoin(*rest)) if removable else None
        field, op, value = _said(part)
        yield Chip(
            field=field,
            op=op,
            value=value,
            label=explainer.predicate(part, table),
            span=_span(result, part),
            remove=without.model_dump(mode="json") if without is not None else None,
            at=place_of(plan, part),
        )


def _kind_at(plan: Plan, things: Select | Traverse, typed: Compare | None) -> str | None:
    """Where the noun lies: the type it names, else the kinds."""
    if typed is not None:
        return place_of(plan, typed)
    head = "/of" if isinstance(plan, Aggregate | Check) else ""
    return f"{head}/to/kinds" if isinstance(things, Traverse) else f"{head}/kinds"


def _with_where(plan: Plan, where: Predicate | None) -> Plan:
    if isinstance(plan, Aggregate | Check):
        assert isinstance(plan.of, Select)
        return plan.model_copy(update={"of": plan.of.model_copy(update={"where": where})})
    return plan.model_copy(update={"where": where})


_FIELD_OF = {
    "ownedBy": "owner",
    "ownedWithin": "owner",
    "ownerOf": "owns",
    "within": "part_of",
    "uses": "depends_on",
    "usedBy": "used_by",
    "hasDeployment": "deployed",
    "memberOf": "member_of",
}


def _said(part: Predicate) -> tuple[str, str, object]:
    """(field, operator, value) of a condition, as clients filter by it."""
    if isinstance(part, Compare):
        value: object = list(part.value) if isinstance(part.value, tuple) else part.value
        return part.field, part.op.value, value
    if isinstance(part, Related):
        field = _FIELD_OF.get(part.relation, part.relation)
        where = part.to.where
        if isinstance(where, Compare) and where.field == "ref" and not part.to.kinds:
            return (
                field,
                where.op.value,
                list(where.value) if isinstance(where.value, tuple) else where.value,
            )
        return field, "exists", None
    if part.node == "not":
        field, op, value = _said(part.of)
        return field, f"not_{op}", value
    return part.node, part.node, None


def _span(result: SearchResult, atom: object) -> tuple[int, int] | None:
    """Offsets of the words a condition came from."""
    if result.reading is None or result.understanding is None:
        return None
    mask = next((m for found, m in reversed(result.reading.evidence) if found == atom), None)
    if mask is None and isinstance(atom, Related):
        return next((s for part in conjuncts(atom.to.where) if (s := _span(result, part))), None)
    if mask is None and isinstance(atom, Compare) and atom.field == "ref":
        wanted = set(atom.value) if isinstance(atom.value, tuple) else {atom.value}
        mask = next(
            (
                m
                for found, m in result.reading.evidence
                if isinstance(found, SetOf) and wanted & {c.ref for c in found.names}
            ),
            None,
        )
    if mask is None:
        return None
    tokens = [t for i, t in enumerate(result.understanding.tokens) if mask >> i & 1]
    return (tokens[0].start, tokens[-1].end) if tokens else None


def unused_of(understanding: Understanding | None, mask: int, text: str) -> tuple[Unused, ...]:
    """Content words that did not change the answer, with their exact place."""
    if understanding is None:
        return ()
    left = [understanding.tokens[i] for i in understanding.left_over(mask)]
    return tuple(Unused(text=text[t.start : t.end], span=(t.start, t.end)) for t in left)
