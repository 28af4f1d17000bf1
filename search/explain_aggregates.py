"""A number over a set, or one a group, → English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.relations import RELATION_BY_SIDE
from search.explain_measures import said_measure, said_window, singular
from search.explain_nouns import ordinal, plural, said_number
from search.plan import Aggregate, All, Among, By, Compare, Comparison, Function, Op, Select

if TYPE_CHECKING:
    from search.explain import Explainer

OPS = {
    Op.EQ: "",
    Op.NE: "other than ",
    Op.LT: "below ",
    Op.LE: "at most ",
    Op.GT: "above ",
    Op.GE: "at least ",
}
"""A comparison with a value, in words."""

_FUNCTIONS = {
    Function.COUNT: "number of",
    Function.DISTINCT: "number of different",
    Function.SUM: "total",
    Function.AVERAGE: "average",
    Function.MEDIAN: "median",
    Function.MIN: "lowest",
    Function.MAX: "highest",
    Function.SHARE: "share of",
    Function.MEASURE: "measure of",
    Function.RATE: "average number of",
}


DEPLOYED = Select(
    kinds=(k.DEPLOYMENT,),
    where=All(
        of=(
            Compare(field="environment", op=Op.EQ, value="production"),
            Compare(field="outcome", op=Op.EQ, value="success"),
        )
    ),
)
"""What "deployed" means by itself."""


def said_aggregate(plan: Aggregate, explainer: Explainer) -> str:
    """The plan as one phrase."""
    if plan.metric is not None:
        return said_measure(plan, explainer.noun)
    kinds = plan.of.kinds if isinstance(plan.of, Select) else ()
    table = table_of(kinds[0]) if kinds else Table.ENTITIES
    of = _role(plan) or explainer.explain(plan.of)
    text = f"{_FUNCTIONS[plan.function]} {of}"
    if plan.field:
        text = f"{_FUNCTIONS[plan.function]} {explainer.label(table, plan.field)} of {of}"
    if plan.part is not None:
        text += f" that are {explainer.predicate(plan.part, table)}".replace(
            "that are with ", "that have "
        )
    by = By(group_by=plan.group_by, group_to=plan.group_to, every=plan.every)
    groups = [_by(one, table, explainer) for one in (by, plan.then) if one is not None]
    text += "".join(f" {'and ' if n else ''}per {said}" for n, said in enumerate(groups) if said)
    if plan.function is Function.RATE:
        text += f", {said_window(plan.window)}"
    if plan.having is not None:
        row = explainer.fields.get(table, plan.field) if plan.field else None
        unit = f" {row.unit}" if row is not None and row.unit not in (None, "count") else ""
        text += f", {OPS[plan.having.op] or 'exactly '}{plan.having.value:g}{unit}"
    end = "highest" if plan.descending else "lowest"
    if plan.place is not None:
        text += f", the {ordinal(plan.place)} {end}"
    if plan.limit:
        text += f", the {end} {said_number(plan.limit)}"
    return text


def said_first(firsts: Sequence[Among], noun: str) -> str:
    """The noun of things that come first in a ranking: "the service", "the 3 services"; as it is without one."""
    cut = [p.of for p in firsts if isinstance(p.of, Aggregate) and p.of.having is None]
    if not cut:
        return noun
    number = cut[0].limit or 1
    return f"the {singular(noun)}" if number == 1 else f"the {number} {noun}"


def said_among(where: Among, explainer: Explainer) -> str:
    """What a thing must be first in, as it follows the noun: "with the most incidents"."""
    plan = where.of
    if isinstance(plan, Select):
        return f"among {explainer.noun(plan)}"
    kinds = plan.of.kinds if isinstance(plan.of, Select) else ()
    table = table_of(kinds[0]) if kinds else Table.ENTITIES
    of = _role(plan) or _counted(plan, explainer)
    end = "highest" if plan.descending else "lowest"
    if plan.field is not None:
        of = f"{_FUNCTIONS[plan.function]} {explainer.label(table, plan.field)} of {of}"
    if plan.having is not None and plan.field is None:
        return f"with {_THAN[plan.having.op]} {plan.having.value:g} {of}".replace("less", "fewer")
    if plan.having is not None:
        return f"with {of} {OPS[plan.having.op]}{plan.having.value:g}"
    if plan.field is None:
        end = "most" if plan.descending else "fewest"
    return f"with the {end} {of}"


def _counted(plan: Aggregate, explainer: Explainer) -> str:
    """What is counted; deployments are those to production that succeeded without saying so."""
    if plan.of == DEPLOYED:
        return "deployments"
    return explainer.explain(plan.of)


_THAN = {
    Op.GT: "more than",
    Op.GE: "at least",
    Op.LT: "less than",
    Op.LE: "at most",
    Op.EQ: "the same as",
    Op.NE: "not the same as",
}


def said_comparison(plan: Comparison, explainer: Explainer) -> str:
    """Both sides, and which way they have to lie: "whether … is more than …"."""
    first, second = (_said_side(side.of, explainer) for side in plan.sides)
    if plan.op is None:
        return f"{first} against {second}"
    later = plan.op is Op.GT and (plan.sides[0].of.field or "").endswith("_at")
    return f"whether {first} is {'later than' if later else _THAN[plan.op]} {second}"


def _said_side(of: Aggregate, explainer: Explainer) -> str:
    """A side; the one value of one thing goes by the name of its field."""
    if of.function is not Function.MAX or of.field is None:
        return said_aggregate(of, explainer)
    kinds = of.of.kinds if isinstance(of.of, Select) else ()
    table = table_of(kinds[0]) if kinds else Table.ENTITIES
    return f"{explainer.label(table, of.field)} of {explainer.explain(of.of)}"


def _by(by: By, table: Table, explainer: Explainer) -> str:
    """What one grouping is by; empty when it is by nothing."""
    if by.group_by is not None:
        return singular(
            explainer.noun(by.group_to) if by.group_to else explainer.label(table, by.group_by)
        )
    return by.every or ""


def _role(plan: Aggregate) -> str | None:
    """What things are to what they are counted by ("dependents"), where their kinds alone do not say it."""
    if plan.group_by not in RELATION_BY_SIDE or not isinstance(plan.of, Select):
        return None
    kinds = plan.of.kinds
    if plan.of.where is not None or (len(kinds) == 1 and kinds[0] != k.COMPONENT):
        return None
    relation, inverse = RELATION_BY_SIDE[plan.group_by]
    back = relation.forward if inverse else relation.inverse
    same = plan.group_to is not None and set(kinds) & set(plan.group_to.kinds)
    return plural(back.nouns[0]) if back.nouns and (same or len(kinds) > 1) else None
