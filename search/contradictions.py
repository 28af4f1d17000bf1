"""Conditions of one set that no thing can meet together: nothing would match, and say nothing about the question.

"Incidents in april and june" read as both at once is no question anybody asks; it is refused, and never answered with "none".
"""

from __future__ import annotations

from itertools import combinations

from search.plan import Compare, Op, Plan, Select, conjuncts
from search.plan_parts import selects

_OPEN = (None, None)


def contradiction(plan: Plan) -> str | None:
    """What a set of the plan would have to be at once, in words; None when its conditions can hold together."""
    for select in selects(plan):
        said = _of(select)
        if said is not None:
            return said
    return None


def _of(select: Select) -> str | None:
    by_field: dict[str, list[Compare]] = {}
    for part in conjuncts(select.where):
        if isinstance(part, Compare) and part.field != "ref":
            by_field.setdefault(part.field, []).append(part)
    for field, parts in by_field.items():
        for one, other in combinations(parts, 2):
            if _moments(one) and _moments(other) and _apart(one, other):
                return "what lies in two separate stretches of time at once"
            if one.op is other.op is Op.EQ and one.value != other.value:
                return f"what has two values of {field.replace('_', ' ')} at once"
    return None


def _apart(one: Compare, other: Compare) -> bool:
    """Whether two stretches of time have no moment in common; both are half-open ISO text."""
    (first, last), (start, end) = _stretch(one), _stretch(other)
    return (last is not None and start is not None and last <= start) or (
        end is not None and first is not None and end <= first
    )


def _stretch(part: Compare) -> tuple[str | None, str | None]:
    if part.op is Op.BETWEEN and isinstance(part.value, tuple):
        return str(part.value[0]), str(part.value[1])
    if part.op in (Op.GE, Op.GT):
        return str(part.value), None
    return (None, str(part.value)) if part.op in (Op.LT, Op.LE) else _OPEN


def _moments(part: Compare) -> bool:
    """Whether the field is compared with moments."""
    values = part.value if isinstance(part.value, tuple) else (part.value,)
    return all(isinstance(v, str) and v[:4].isdigit() and v[4:5] == "-" for v in values)
