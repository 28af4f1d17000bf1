"""Shares: "what percentage of our services have a runbook" → which part of a set satisfies a condition.

What is said of the things before their noun, or before the verb, makes the whole; what the verb or the last condition says, the part.
"""

from __future__ import annotations

from catalog_store.model.kinds import ENTITY_KINDS
from search.plan import Aggregate, Check, Compare, Function, Not, Predicate, conjoin, conjuncts
from search.understand.frame import Frame
from search.understand.reading import Reading
from search.understand.selecting import select_of
from search.understand.semantics import SetOf


def share_plan(
    things: SetOf, frame: Frame, base: Reading, *, one: bool = False
) -> Aggregate | None:
    """The share that is asked for; None when nothing tells the part from the whole.

    Args:
        things: the whole with the part.
        frame: where the verb stands.
        base: which words said what.
        one: a single condition is the part, the last, where no noun or verb parts them.
    """
    parts = conjuncts(things.where)
    if not parts or things.named or things.mine or things.pronoun or things.count is not None:
        return None
    noun = _position(things.kinds, base)
    begins = _beginnings(parts, noun, base)
    after = [p for p in parts if noun is not None and begins[p] > noun]
    said = [p for p in after if frame.verb is not None and begins[p] > frame.verb]
    if not said:
        # "services with a runbook": the last that is said; "critical services": all but what the noun says itself
        known = [p for p in parts if begins[p] >= 0]
        some = after or (known if one else [])
        said = [max(some, key=begins.__getitem__)] if some else known
    if not said:
        return None
    whole = conjoin(*(p for p in parts if p not in said))
    part = conjoin(*said)
    return Aggregate(
        function=Function.SHARE, of=select_of(things.but(where=whole, plural=True)), part=part
    )


def all_so(things: SetOf, frame: Frame, base: Reading) -> Check | None:
    """Whether all of the things are so, or none of them; None when that is not asked, or not told apart.

    "Are the services of payments healthy" asks it of all of them; what things have is asked of all only where "all" is said.
    """
    definite = frame.definite and things.plural and set(things.kinds) <= set(ENTITY_KINDS)
    if (frame.every is None and not definite) or not leads(things, base):
        return None
    plan = share_plan(things, frame, base, one=True)
    part = plan.part if plan is not None else None
    if plan is None or part is None:
        return None
    if frame.every is None and not isinstance(part.of if isinstance(part, Not) else part, Compare):
        return None
    return Check(of=plan.of, holds=Not(of=part) if frame.every == "none" else part, every=True)


def leads(things: SetOf, base: Reading) -> bool:
    """Whether no noun stands before the one for the things: "do all | services | have a runbook" is not asked of runbooks."""
    own = _position(things.kinds, base)
    nouns = [m.bit_length() - 1 for x, m in base.evidence if isinstance(x, tuple)]
    return own is None or own == min(nouns)


def _position(kinds: tuple[str, ...], base: Reading) -> int | None:
    """Where the noun of the things stands."""
    masks = [m for x, m in base.evidence if isinstance(x, tuple) and x == kinds]
    return max((m.bit_length() - 1 for m in masks), default=None)


def _beginnings(
    parts: tuple[Predicate, ...], noun: int | None, base: Reading
) -> dict[Predicate, int]:
    """Where the words of each condition begin; -1 for what the noun says itself.

    A rule counts the words of both its sides as a condition's: those that others explain, and the noun, are not its own.
    """
    masks = {p: _smallest(p, base) for p in parts}
    taken = 1 << noun if noun is not None else 0
    begins = {}
    for part in sorted(parts, key=lambda p: masks[p].bit_count()):
        own = masks[part] & ~taken
        begins[part] = (own & -own).bit_length() - 1
        taken |= masks[part]
    return begins


def _smallest(part: Predicate, base: Reading) -> int:
    return min((m for x, m in base.evidence if x == part), key=int.bit_count, default=0)
