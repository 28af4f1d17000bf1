"""A question that leans on the one before: "only tier 1", "which of those", "is it healthy", "what about checkout".

What is carried is the plan, never the text: its set of answers, and the thing it was about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_store.analyzer import Token
from catalog_store.model import kinds as k
from catalog_store.model.relations import RELATION_BY_SIDE
from catalog_store.model.time_window import TimeWindow
from search.plan import (
    Aggregate,
    All,
    Among,
    AnyOf,
    Check,
    Compare,
    Comparison,
    Function,
    Not,
    Op,
    Path,
    Plan,
    Predicate,
    Related,
    Retrieve,
    Review,
    Select,
    Traverse,
    Window,
    conjoin,
    conjuncts,
)
from search.sql import as_select
from search.understand import words
from search.understand.grammar.events import MOMENT_OF, in_window, iso
from search.understand.grammar.filters import overlap
from search.understand.lexicon import Lexicon
from search.understand.semantics import Candidate, Condition, FieldWord, Item, SetOf, Skip
from search.understand.spans import Mention, Word

_ONE = frozenset("it its that this he she him her".split())
_MANY = frozenset("those these them they their theirs ones".split())
_OPENERS = frozenset(
    "only just and but also without except excluding those these them now sort sorted order plus minus".split()
)
_AUXILIARIES = frozenset("would could will might does did".split())
"""Verbs behind which "that" mostly stands by itself: "which services would that affect"."""
_SUBSTITUTES = (
    ("what", "about"),
    ("how", "about"),
    ("and", "what", "about"),
    ("and", "how", "about"),
    ("same", "for"),
    ("and", "for"),
)

CARRIED = 0.9
"""Worth of the set carried over: less than a name said, more than no set at all."""

OPENER_BONUS = 1.0
"""Added when the question opens like a continuation ("only …", "and …")."""

BEFORE_THAT = 0.5
"""How much less likely a question without a subject is about what the one before was asked of than about its answer."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the plan before leaves to the next question.

    Attributes:
        plan: the plan itself.
        answers: the set it asked for.
        subject: the things it was about, by name; None when it named none.
    """

    plan: Plan
    answers: SetOf | None
    subject: SetOf | None


def carry(plan: Plan, lexicon: Lexicon) -> Carried:
    """What a plan leaves to the next question."""
    return Carried(plan, _answers(plan, lexicon), _subject(plan, lexicon))


def _answers(plan: Plan, lexicon: Lexicon) -> SetOf | None:
    match plan:
        case Select() | Traverse():
            select = as_select(plan)
        case Aggregate() if plan.metric is not None:
            if plan.group_to is None:
                return (
                    None  # a number leaves no set; the records it was taken over were not asked for
                )
            select = plan.group_to
        case Aggregate() if plan.group_by in RELATION_BY_SIDE and plan.limit is not None:
            if plan.group_to is None or plan.then is not None:
                return None
            cut = {"limit": None, "place": 1} if plan.limit == 1 else {}
            first = Among(of=plan.model_copy(update=cut))  # "which team has the most": that team
            kinds = plan.group_to.kinds
            return SetOf(kinds=kinds, where=first, plural=plan.limit > 1, pronoun=True)
        case Aggregate() | Check():
            select = as_select(plan.of)
        case Path() | Comparison() | Retrieve() | Review():
            return None
    refs = _named(select.where)
    if refs:
        return _set_of_names(refs, lexicon)
    where = select.where
    if select.order and (select.limit is not None or select.place is not None):
        where = Among(of=select.model_copy(update={"fields": ()}))  # the first, and no others
    return SetOf(kinds=select.kinds, where=where, plural=select.limit != 1, pronoun=True)


def _subject(plan: Plan, lexicon: Lexicon) -> SetOf | None:
    match plan:
        case Traverse():
            refs = _named(plan.start.where)
        case Select():
            refs = _named(plan.where) or _inner_names(plan.where)
        case Aggregate() | Check():
            inner = as_select(plan.of)
            refs = _named(inner.where) or _inner_names(inner.where)
        case Review():
            refs = _named(plan.scope.where) if plan.scope is not None else ()
        case Retrieve():
            refs = plan.about[:1]
        case Path():
            refs = _named(plan.start.where)
        case Comparison():
            refs = ()
    return _set_of_names(refs, lexicon) if refs else None


def counted(carried: Carried, read: Sequence[Word]) -> Plan | None:
    """ "How many is that?": the number of what the plan before listed; None when more is asked."""
    said = {w.text for w in read} - words.POLITE - frozenset(words.WH)
    if said - {"how", "many"} - _ONE - _MANY or "many" not in said:
        return None
    plan = carried.plan
    if isinstance(plan, Aggregate) and plan.metric is None:
        plan = plan.of
    return (
        Aggregate(function=Function.COUNT, of=plan) if isinstance(plan, Select | Traverse) else None
    )


_THANKS = frozenset(
    "thanks thank thx ty cheers great cool perfect nice ok okay you awesome brilliant super got it".split()
)


def thanks(read: Sequence[Word]) -> bool:
    """Whether the question is none: "thanks", "ok cool"."""
    return bool(read) and all(w.text in _THANKS for w in read)


_BY_WHOM = frozenset(
    (
        "by whom",
        "by who",
        "who by",
        "who did",
        "who did it",
        "who did that",
        "who was it",
        "who was that",
    )
)


def asks_by_whom(read: Sequence[Word]) -> bool:
    """Whether the question is nothing but "by whom?"."""
    return " ".join(w.text for w in read if w.text not in ("and", "so")) in _BY_WHOM


def by_whom(carried: Carried) -> Plan | None:
    """Who did what the answer before speaks of; None when it speaks of nothing that anybody did."""
    plan = carried.plan
    select = as_select(plan) if isinstance(plan, Select | Traverse) else None
    if select is None:
        return None
    if select.kinds == (k.DEPLOYMENT,):
        return select.model_copy(update={"fields": ("actor", "at", "component")})
    if _DEPLOYED_FIELDS.isdisjoint(select.fields):
        return None
    return select.model_copy(update={"fields": ("last_deployed_by", "last_deployed_at")})


_DEPLOYED_FIELDS = frozenset(
    ("last_deployed_at", "days_since_deployed", "version", "last_deployment_outcome")
)


def _named(where: Predicate | None) -> tuple[str, ...]:
    for part in conjuncts(where):
        if isinstance(part, Compare) and part.field == "ref":
            return (
                tuple(str(v) for v in part.value)
                if isinstance(part.value, tuple)
                else (str(part.value),)
            )
    return ()


def _inner_names(where: Predicate | None) -> tuple[str, ...]:
    """Names inside a relation: "services of payments" is also about payments."""
    for part in conjuncts(where):
        if isinstance(part, Related):
            found = _named(part.to.where) or _inner_names(part.to.where)
            if found:
                return found
    return ()


def _set_of_names(refs: Sequence[str], lexicon: Lexicon) -> SetOf | None:
    names = tuple(
        lexicon.candidates.get(ref) or Candidate(ref, ref.split(":", 1)[0].title(), None, ref, 1.0)
        for ref in refs
    )
    return SetOf(names=names, plural=len(names) > 1, pronoun=True) if names else None


def pronoun_mentions(read: Sequence[Word], carried: Carried | None) -> list[Mention]:
    """Mentions of what the answer before was, or was about."""
    if carried is None:
        return []
    out: list[Mention] = []
    left_out = _leaves_out(read)
    for i, word in enumerate(read):
        meaning = None
        if left_out and word.text in _MANY:
            out.append(Mention(i, i + 1, (Item(Skip(), 1 << i, 0.0),), CARRIED))
            continue
        pointing = word.text in ("that", "this") and i + 1 < len(read)  # "that team" is no pronoun
        if word.text in _ONE and not (pointing and not (i and read[i - 1].text in _AUXILIARIES)):
            meaning = carried.subject or carried.answers
        elif word.text in _MANY:
            meaning = carried.answers
        if meaning is not None:
            item = Item(meaning, 1 << i, CARRIED)
            skipped = Item(Skip(), 0, -1.0 if word.text in _MANY else -0.3)  # "it" may mean nothing
            out.append(Mention(i, i + 1, (item, skipped), CARRIED))
    return out


def pointed_at(read: Sequence[Word], carried: Carried | None) -> tuple[Candidate, ...]:
    """The things by name that a pronoun of the question stands for; empty when it has none."""
    if carried is None or not any(w.text in _ONE | _MANY for w in read):
        return ()
    meant = carried.subject or carried.answers
    return meant.names if meant is not None else ()


def prefix(
    read: Sequence[Word], carried: Carried | None, mentions: Sequence[Mention]
) -> Mention | None:
    """The set carried over, as if it stood before the question; None when the question needs none."""
    if carried is None or carried.answers is None or _points_back(read):
        return None
    bonus = OPENER_BONUS if opens(read) else 0.0
    meant = [Item(carried.answers, 0, CARRIED + bonus)]
    if carried.subject is not None and carried.subject.names and _only_a_field(mentions):
        # "who owns checkout", "and its code?": teams have none, so what was asked of is asked again
        meant.append(Item(carried.subject, 0, CARRIED + bonus - BEFORE_THAT))
    return Mention(0, 0, tuple(meant), 0.0)


def _only_a_field(mentions: Sequence[Mention]) -> bool:
    """Whether nothing but a field is asked: neither a thing nor a kind of thing stands in the question."""
    meanings = [item.meaning for mention in mentions for item in mention.items]
    things = any(isinstance(m, SetOf) and (m.names or m.kinds) and not m.pronoun for m in meanings)
    return not things and any(isinstance(m, FieldWord) for m in meanings)


_LEAVING_OUT = frozenset("without except excluding minus not no drop skip".split())


def _leaves_out(read: Sequence[Word]) -> bool:
    """Whether the question only takes some away: in "without the ones in sunset", "the ones" are no set of their own."""
    first = next((w.text for w in read if w.text not in ("and", "but", "now", "just")), "")
    return first in _LEAVING_OUT


def _points_back(read: Sequence[Word]) -> bool:
    return any(
        w.text in {"it", "its"} | (frozenset() if _leaves_out(read) else _MANY) for w in read
    )


def opens(read: Sequence[Word]) -> bool:
    """Whether the question opens like a continuation, or is too short to be anything else."""
    return bool(read) and (read[0].text in _OPENERS or len(read) <= 2)


def substitutes(read: Sequence[Word]) -> bool:
    """Whether the question puts another thing in the place of the one before: "what about checkout"."""
    texts = tuple(w.text for w in read)
    return any(texts[: len(lead)] == lead for lead in _SUBSTITUTES)


_PUTTING_RIGHT = re.compile(
    r"(?:(?:no|nope|nah|sorry|oops|ups|wait|hm+|ah|oh|my bad|actually|rather) )*(?:(?:i|we) (?:actually |really )?(?:meant|mean)|make that|rather) "
    r"|(?:(?:no|nope|sorry|oops|wait|actually) )+(?=the )"
)
"""Takes back what was said: "no, I meant the team", "sorry, the ledger"."""


def corrected(tokens: Sequence[Token]) -> int:
    """How many words at the start only take back what was asked before."""
    said = " ".join(t.text for t in tokens) + " "
    match = _PUTTING_RIGHT.match(said)
    taken = match.group().count(" ") if match is not None else 0
    return taken if taken < len(tokens) else 0


def another_name(carried: Carried, read: Sequence[Word]) -> str | None:
    """Words nothing knows in the place of another name: "and billing?" after "who owns the ledger"; None when that is not so."""
    lead = next(
        (lead for lead in _SUBSTITUTES if tuple(w.text for w in read)[: len(lead)] == lead), ()
    )
    start = len(lead) or (1 if read and read[0].text == "and" else 0)
    rest = [w for w in read[start:] if w.text not in words.POLITE]
    if carried.subject is None or not start or not 1 <= len(rest) <= 3:
        return None
    return " ".join(w.token.text for w in rest) if not any(w.known for w in rest) else None


def substituted(carried: Carried, names: Sequence[Candidate]) -> Plan | None:
    """The plan before, asked of other things; None when it was about nothing by name."""
    if carried.subject is None or not names:
        return None
    old = {c.ref for c in carried.subject.names}
    kinds = {c.kind for c in carried.subject.names}
    fitting = [c for c in names if c.kind in kinds] or list(names)
    best = fitting[0].quality
    refs = tuple(c.ref for c in fitting if c.quality >= best)
    new = (
        Compare(field="ref", op=Op.EQ, value=refs[0])
        if len(refs) == 1
        else Compare(field="ref", op=Op.IN, value=refs)
    )
    plan: Plan = _replace(carried.plan, old, new)
    return plan


def rewindowed(plan: Plan, window: TimeWindow, now: datetime) -> Plan | None:
    """The plan before, at another time: "and last quarter?". None when nothing of it is of a time."""
    if isinstance(plan, Aggregate) and plan.metric is not None:
        start = iso(window.start) if window.start is not None else None
        return plan.model_copy(update={"window": Window(start=start, end=iso(window.end or now))})
    moments = tuple(in_window(field, window) for field in dict.fromkeys(MOMENT_OF.values()))
    changed: Plan = plan
    for moment in moments:
        if isinstance(moment, Compare):
            changed = _restate(changed, moment, ())
    return changed if changed != plan else None


def restated(plan: Plan, condition: Condition) -> Plan | None:
    """The plan before with another value of a field it has a condition on; a count or grouping of it takes a new one too.

    None when the plan is a list without a condition on the field: what is said then narrows the list.
    """
    where = condition.where
    if not isinstance(where, Compare):
        return None
    changed: Plan = _restate(plan, where, condition.kinds)
    if changed != plan:
        return changed
    if isinstance(plan, Aggregate) and plan.metric is None and isinstance(plan.of, Select):
        of = plan.of
        if _says_so(of.where, where) or overlap(of.kinds, condition.kinds) is None:
            return None
        narrowed = of.model_copy(update={"where": conjoin(of.where, where)})
        return plan.model_copy(update={"of": narrowed})
    return None


def _says_so(node: Any, said: Compare) -> bool:
    return any(part == said for part in conjuncts(node))


def _restate(node: Any, said: Compare, kinds: tuple[str, ...]) -> Any:
    """The node with the conditions on a field of these kinds, or of any, replaced by what is said now."""
    if isinstance(node, Select):
        fits = not kinds or not node.kinds or overlap(node.kinds, kinds) is not None
        parts = []
        for part in conjuncts(node.where):
            bare = part.of if isinstance(part, Not) else part
            if fits and isinstance(bare, Compare) and bare.field == said.field:
                if said not in parts:
                    parts.append(said)
            else:
                parts.append(_restate(part, said, kinds))
        return node.model_copy(update={"where": conjoin(*parts)}) if parts else node
    if isinstance(node, Not | Check | Aggregate | Among):
        return node.model_copy(update={"of": _restate(node.of, said, kinds)})
    if isinstance(node, Related):
        return node.model_copy(update={"to": _restate(node.to, said, kinds)})
    if isinstance(node, Traverse):
        updates = {"start": _restate(node.start, said, kinds), "to": _restate(node.to, said, kinds)}
        return node.model_copy(update=updates)
    return node


def _replace(node: Any, old: set[str], new: Compare) -> Any:
    if isinstance(node, Compare) and node.field == "ref":
        values = set(node.value) if isinstance(node.value, tuple) else {node.value}
        return new if values & old else node
    if isinstance(node, All):
        return conjoin(*(_replace(p, old, new) for p in node.of))
    if isinstance(node, AnyOf):
        return AnyOf(of=tuple(_replace(p, old, new) for p in node.of))
    updates: dict[str, Any] = {}
    if isinstance(node, Not | Check | Aggregate | Among):
        updates["of"] = _replace(node.of, old, new)
        if isinstance(node, Aggregate) and node.group_to is not None:
            updates["group_to"] = _replace(node.group_to, old, new)
    elif isinstance(node, Related):
        updates["to"] = _replace(node.to, old, new)
    elif isinstance(node, Select) and node.where is not None:
        updates["where"] = _replace(node.where, old, new)
    elif isinstance(node, Traverse):
        updates.update(start=_replace(node.start, old, new), to=_replace(node.to, old, new))
    elif isinstance(node, Path):
        updates.update(start=_replace(node.start, old, new), end=_replace(node.end, old, new))
    return node.model_copy(update=updates) if updates else node
