"""The noun that says what things a question wants: "services" of "which tier 1 services have firing alerts"."""

from __future__ import annotations

from collections.abc import Sequence

from search.plan import Aggregate, Check, Compare, Plan, Predicate, Related, Select, conjuncts
from search.understand import words
from search.understand.amounts import Amount, Number
from search.understand.frame import Frame
from search.understand.reading import Reading
from search.understand.semantics import Condition, Measured, SetOf, Skip, Superlative
from search.understand.spans import Mention, Word

BESIDE_THE_HEAD = 0.7
"""Charged when "which services have a CVE" would list the findings."""

_NEEDING = frozenset(("uses", "usedBy", "consumesApi", "dependsOn"))
"""Relations of which next to everything has some: an object without a condition says nothing."""

_BEFORE_A_NOUN = (Condition, Number, Amount, Superlative)
"""What may stand between the question word and the noun without being what is asked for."""


def head_of(read: Sequence[Word], mentions: Sequence[Mention], frame: Frame) -> int | None:
    """Position of the noun that follows "which", "how many" or at the start, adjectives passed over; None without one."""
    if frame.yes_no or frame.wh not in (None, "which", "what", "how") or frame.compare:
        return None
    i = 0
    while i < len(read):
        if read[i].text in words.MINE:
            return None  # "my team's queues"
        here = [m for m in mentions if m.start == i]
        meanings = [(m, item.meaning) for m in here for item in m.items]
        nouns = [m for m, x in meanings if isinstance(x, SetOf) and x.kinds and not x.named]
        if nouns:
            end = max(m.end for m in nouns)
            possessed = end < len(read) and read[end].text in ("of", "'s", "s")
            kinds = {x.kinds for _, x in meanings if isinstance(x, SetOf) and not x.named}
            return None if possessed or _names(mentions, end, kinds) else i
        described = [m.end for m, x in meanings if isinstance(x, _BEFORE_A_NOUN) or _share(x)]
        if described:
            i = max(described)
        elif (
            read[i].text in words.POLITE
            or read[i].text in words.WH
            or i in frame.taken
            or all(isinstance(x, Skip) for _, x in meanings)
        ):
            i += 1
        else:
            return None
    return None


_DOES = frozenset(("do", "does", "did"))


def lacked(read: Sequence[Word], head: int | None) -> bool:
    """Whether a clause with "does" follows the leading noun, which is what its verb lacks: "which queue does billing write to"."""
    return head is not None and any(w.text in _DOES for w in read[head + 1 : head + 4])


def _names(mentions: Sequence[Mention], at: int, kinds: set[tuple[str, ...]]) -> bool:
    """Whether a name of such a thing follows its noun: "team Payments" names one, and asks for none."""
    wanted = {kind for some in kinds for kind in some}
    return any(
        m.start == at
        and isinstance(i.meaning, SetOf)
        and any(c.kind in wanted and c.quality >= 0.9 for c in i.meaning.names)
        for m in mentions
        for i in m.items
    )


def beside_the_head(kinds: tuple[str, ...], frame: Frame, base: Reading) -> bool:
    """Whether the things of a reading are others than the noun that leads the question says."""
    if frame.head is None:
        return False
    said = [x for x, mask in base.evidence if isinstance(x, tuple) and mask >> frame.head & 1]
    return bool(said) and all(set(kinds).isdisjoint(x) for x in said)


def head_inside(frame: Frame, base: Reading) -> bool:
    """Whether the leading noun went into the condition: "apis still called" are not things that apis call."""
    if frame.head is None or (frame.wh is not None and not frame.asked):
        return False
    return any(isinstance(x, tuple) and mask >> frame.head & 1 for x, mask in base.evidence)


def named_after(things: SetOf, position: int, base: Reading) -> bool:
    """Whether the noun for the things stands only after a position."""
    said = [mask for kinds, mask in base.evidence if kinds == things.kinds]
    return bool(said) and all(mask >> position << position == mask for mask in said)


def _share(meaning: object) -> bool:
    """ "What percentage of"."""
    return isinstance(meaning, Measured) and meaning.measure is None and meaning.unit == "percent"


def bare_object(plan: Plan, frame: Frame, base: Reading) -> bool:
    """Whether what stands behind an object restricts the subject and leaves the object bare.

    "Services that depend on something | that is deprecated": it is the something that is, unless an "and" stands between.
    """
    of = plan.of if isinstance(plan, Aggregate | Check) else plan
    return any(
        _leaves_bare(select, frame, base) for select in ([of] if isinstance(of, Select) else [])
    ) or any(
        isinstance(part, Related) and _leaves_bare(part.to, frame, base)
        for part in conjuncts(of.where if isinstance(of, Select) else None)
    )


def _leaves_bare(select: Select, frame: Frame, base: Reading) -> bool:
    parts = conjuncts(select.where)
    bare = [p for p in parts if _ends_bare(p)]
    for part in bare:
        end = _words(part, base).bit_length()
        for other in parts:
            own = _words(other, base) & ~((1 << end) - 1)
            begins = (own & -own).bit_length() - 1
            between = frame.links & frozenset(range(end, max(begins, end)))
            if other != part and end and own == _words(other, base) and own and not between:
                return True
    return False


def _ends_bare(part: Predicate) -> bool:
    """Whether a relation, and whatever relation its object stands in, leads to an object that nothing restricts."""
    if not isinstance(part, Related) or part.relation not in _NEEDING:
        return False
    of = [p for p in conjuncts(part.to.where) if not _sort(p)]
    return not of or (len(of) == 1 and part.to.where is not None and _ends_bare(of[0]))


def _sort(part: Predicate) -> bool:
    return isinstance(part, Compare) and part.field == "type"


def _words(part: Predicate, base: Reading) -> int:
    return min((m for x, m in base.evidence if x == part), key=int.bit_count, default=0)
