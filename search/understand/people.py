"""Who is in a team, who owns a thing, where somebody works: what "who" and "where" ask of things that are only named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog_store.model import kinds as k
from search.plan import Select, Traverse
from search.understand.frame import Frame
from search.understand.grammar.joins import related
from search.understand.reading import Reading
from search.understand.selecting import select_of
from search.understand.semantics import SetOf


def of_people(things: SetOf, frame: Frame, base: Reading) -> Sequence[Reading] | None:
    """What is asked of bare names by "who" or "where": readings, none of them when that cannot be; None when it is neither."""
    if frame.inside and not things.names and things.kinds == (k.GROUP,) and things.where:
        inside = related("memberOf", things)  # "who is in the team with the most services"
        return [replace(base, plan=Select(kinds=(k.USER,), where=inside))]
    if not things.names or things.where is not None:
        return None
    if frame.wh == "where" and _all(things, k.USER):  # "where does jane work?"
        return [_going(things, "memberOf", base)]
    ranked = bool(things.order)  # "whose coverage is worse, cart or checkout?"
    if frame.wh != "who" or ranked:
        return None
    teams = _all(things, k.GROUP)
    if things.mine:
        # "who is in my team?" asks for the people beside the asker, none of a department above
        return [_going(things.own, "hasMember", base)] if teams and not frame.whose else None
    if _all(things, k.USER):
        return [replace(base, plan=select_of(things))]  # "who is jane?" asks for her
    # "whose is checkout?" asks for its owner, "who is in payments?" for its members
    if teams and frame.whose:
        return []
    if _all(things, k.USER):  # "who is jane?": herself, whom nobody owns
        return [] if frame.whose else [replace(base, plan=select_of(things))]
    return [_going(things, "hasMember" if teams else "ownedBy", base)]


def _all(things: SetOf, kind: str) -> bool:
    return all(c.kind == kind for c in things.names)


def _going(things: SetOf, relation: str, base: Reading) -> Reading:
    return replace(base, plan=Traverse(start=select_of(things), relation=relation))
