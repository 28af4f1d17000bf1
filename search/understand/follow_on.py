"""Follow-ups that take the answer before apart again, or ask the same of something else: "count by team", "and on login gate?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from catalog_store.analyzer import Token, stem
from catalog_store.model.relations import RELATION_BY_SIDE, ends
from search.plan import (
    Aggregate,
    All,
    AnyOf,
    Compare,
    Function,
    Not,
    Plan,
    Related,
    Select,
    Traverse,
)
from search.sql import as_select
from search.understand import words
from search.understand.follow_up import Carried, substituted
from search.understand.grouping import by_of
from search.understand.semantics import Candidate, Every, Grouping, Meaning
from search.understand.spans import Word

POINTED = "it"
"""What a question for one of those that were listed is rewritten to ask about."""

_BY = frozenset("by per each every".split())
_LEADING = (
    words.POLITE.difference(
        "sort sorted order ordered rank ranked ranking compare compared".split()
    )
    | frozenset(words.WH)
    | frozenset(
        """and now then instead again but count counts counted counting number numbers many group grouped split break broken breakdown cut divide
        divided down up sum tally chart plot total totals those them these it that this they result results answer grouping""".split()
    )
)
"""Words before "by team" that ask for nothing but the grouping."""


def regroups_at(read: Sequence[Word]) -> int | None:
    """Where "by team" begins in a question that only groups what the answer before listed; None for any other.

    "Group those by lifecycle" and "count by team" do, "sort those by cost" and "services by team" do not.
    """
    at = next((i for i, w in enumerate(read) if w.text in _BY), None)
    if at is None or at + 1 == len(read) or any(w.text not in _LEADING for w in read[:at]):
        return None
    return at - 1 if at and read[at - 1].text in ("for", "in") else at


def regrouped(plan: Plan, by: Meaning) -> Plan | None:
    """What the plan before listed, counted or measured, by group; None when nothing leads to such groups."""
    grouping = Grouping(every=by.unit) if isinstance(by, Every) else by
    if not isinstance(grouping, Grouping) or grouping == Grouping():
        return None
    if isinstance(plan, Aggregate):
        of = as_select(plan.of)
        whole = plan
    elif isinstance(plan, Select | Traverse):
        of = as_select(plan)
        bare = of.model_copy(update={"fields": (), "order": (), "limit": None, "place": None})
        whole = Aggregate(function=Function.COUNT, of=bare)
    else:
        return None
    said = by_of(of.kinds, grouping, None)
    then = by_of(of.kinds, grouping.then, None) if grouping.then is not None else None
    if said is None or (grouping.then is not None and then is None):
        return None
    return whole.model_copy(
        update={
            "group_by": said.group_by,
            "group_to": said.group_to,
            "every": said.every,
            "then": then,
            "having": None,
            "limit": None,
            "place": None,
            "descending": None if said.every is not None else True,
        }
    )


_ANEW = frozenset("and or also then plus same".split())


def says_anew(read: Sequence[Word]) -> bool:
    """Whether a name after it is asked what was asked before: "and login gate?", "same for the ledger"."""
    return bool(read) and read[0].text in _ANEW


def asked_of(carried: Carried, names: Sequence[Candidate]) -> Plan | None:
    """What was asked before, of other things: of one kind with those it was asked of, else of any that it can be asked of."""
    if carried.subject is None:
        return None
    kinds = {c.kind for c in carried.subject.names}
    alike = [c for c in names if c.kind in kinds]
    if alike:
        return substituted(carried, alike)
    refs = {c.ref for c in carried.subject.names}
    for kind in dict.fromkeys(c.kind for c in names):
        if _may_be_asked(carried.plan, refs, kind):
            return substituted(carried, [c for c in names if c.kind == kind])
    return None


def _may_be_asked(node: Any, refs: set[str], kind: str) -> bool:
    """Whether each relation of the plan that leads from or to those things may lead from or to a kind as well."""
    if isinstance(node, Traverse):
        side = ends(node.relation)[0] if node.relation in RELATION_BY_SIDE else ()
        return _names(node.start.where, refs) and kind in side
    if isinstance(node, Related) and node.relation in RELATION_BY_SIDE:
        if _names(node.to.where, refs):
            return kind in ends(node.relation)[1] and (not node.to.kinds or kind in node.to.kinds)
        return _may_be_asked(node.to, refs, kind)
    if isinstance(node, Aggregate | Not):
        return _may_be_asked(node.of, refs, kind)
    if isinstance(node, All | AnyOf):
        return any(_may_be_asked(part, refs, kind) for part in node.of)
    return isinstance(node, Select) and _may_be_asked(node.where, refs, kind)


def _names(where: object, refs: set[str]) -> bool:
    if not isinstance(where, Compare) or where.field != "ref":
        return False
    values = set(where.value) if isinstance(where.value, tuple) else {where.value}
    return bool(values & refs)


# ── one of those that were listed ────────────────────────────────────────────────────────────────

_PLACES = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_ONE_OF = re.compile(
    rf"\b(?:the )?(?:(?P<word>{'|'.join(_PLACES)})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th))(?: one| of (?:those|them|these|the list)| (?:in|on) (?:the|that) list)\b"
    r"|\bnumber (?P<number>\d{1,2}|one|two|three|four|five)\b(?= *[?.!]*$)",
    re.IGNORECASE,
)


def one_of(text: str) -> tuple[int, int, int] | None:
    """The place in the list before that a question points at, from 1, and where it says so; None when it points at none.

    >>> one_of("who owns the second one?")
    (2, 9, 23)
    >>> one_of("the second most deployed one") is None
    True
    """
    match = _ONE_OF.search(text)
    if match is None:
        return None
    said = match["word"] or match["digits"] or match["number"]
    if said.isdigit():
        place = int(said)
    else:
        place = _PLACES.index(said.lower()) + 1 if match["word"] else words.NUMBERS[said.lower()]
    return place, match.start(), match.end()


_SHOWS = re.compile(
    rf"\W*(?:(?:and|ok|show|me|give|open|what about|what is|tell me about|the)\b\W*)*{POINTED}\W*"
)


def shows(text: str) -> bool:
    """Whether a rewritten question asks for nothing but that one itself."""
    return _SHOWS.fullmatch(text.lower()) is not None


_BACK = re.compile(
    r"(?:(?:no|ok|okay|please|pls|sorry|wait|actually|can you|can we|let's|hm+)[,.! ]+)*(?:undo(?: (?:that|this|it|the last (?:one|step|filter)))?|(?:go|step) back(?: one)?"
    r"|back(?: please| one)?|(?:back|go back|return) to (?:the )?(?:one before|(?:previous|last|earlier|old|first) (?:list|answer|question|result|results|one))"
    r"|(?:the |show (?:me )?the )?previous (?:list|answer|result|results)(?: again)?)(?:[,.! ]+(?:please|pls|thanks))*[.!? ]*",
    re.IGNORECASE,
)


_DROPS = frozenset(
    "drop remove exclude hide skip ignore omit filter leave throw kick take forget".split()
)
_NEED_OUT = frozenset("filter leave throw kick take".split())


def dropping(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """A follow-up that takes some away, its verb as "without": "drop the deprecated ones", "leave out the java ones"."""
    lead = next((i for i, t in enumerate(tokens) if t.text not in _BEFORE_DROPS), len(tokens))
    if lead + 1 >= len(tokens) or tokens[lead].text not in _DROPS:
        return tuple(tokens)
    verb = tokens[lead]
    if verb.text in _NEED_OUT and tokens[lead + 1].text != "out":
        return tuple(tokens)
    without = replace(verb, text="without", stem=stem("without"))
    return (*tokens[:lead], without, *tokens[lead + 1 :])


_BEFORE_DROPS = frozenset(
    "and now then but please pls ok just also can could you we let's lets".split()
)


def goes_back(text: str) -> bool:
    """Whether nothing is asked but the answer before the last one: "undo", "go back"."""
    return _BACK.fullmatch(text.strip()) is not None
