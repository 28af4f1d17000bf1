"""Relative clauses that say something of what belongs to a thing: "teams whose services …", "systems all of whose components are …".

What stands behind "whose" is read by itself, so that nothing in it is taken to be said of the things before it. It ends with the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.relations import ends, implied
from search.plan import All, Compare, Not, Op, Predicate, Related, Select, conjoin, conjuncts
from search.plan_parts import named_refs
from search.understand.cuts import cuts
from search.understand.frame import Frame
from search.understand.grammar.events import deployed
from search.understand.grammar.filters import overlap
from search.understand.grammar.joins import joins
from search.understand.parser import Chart, compose
from search.understand.semantics import (
    Condition,
    EventWord,
    Item,
    Meaning,
    RelationNoun,
    RelationWord,
    SetOf,
)
from search.understand.spans import Mention, Word, mention_of

QUANTIFIED = 2.5
"""Added when it speaks of all or none of them: whatever reads the words otherwise has lost just that."""

CLAUSE = 0.8
"""Added to what a clause is worth by itself: its words belong together before they go with any others."""

_ANY = (Op.GE, 1)
_HAVING = frozenset("have has had with having own owns owning keep keeps are".split())
_ONLY = frozenset(("only", "exclusively", "solely"))
_NOWHERE = frozenset(("nowhere",))
"""Of "nowhere but": the words after it are the one place."""
_EACH = frozenset(("all", "each", "both"))
_COPULAS = frozenset(("is", "are", "was", "were"))
_SOME, _EVERY, _NONE = "some", "every", "none"
_QUANTIFIERS = {
    "all": _EVERY,
    "each": _EVERY,
    "every": _EVERY,
    "none": _NONE,
    "any": _SOME,
    "some": _SOME,
}


def clauses(read: Sequence[Word], mentions: Sequence[Mention], frame: Frame) -> Iterator[Mention]:
    """A mention for each clause that opens with "whose", "all of whose", "where every"."""
    for at, word in enumerate(read):
        opened = _opening(read, at) if word.text in ("whose", "where") else None
        if opened is None:
            continue
        start, noun_at, how = opened
        heads = {
            item.meaning.kinds
            for m in mentions
            if m.end == start
            for item in m.items
            if isinstance(item.meaning, SetOf) and item.meaning.kinds and not item.meaning.named
        }
        inner = [m for m in mentions if m.start >= noun_at]
        items = [
            item
            for noun in _nouns(inner, noun_at)
            for whole in _wholes(read, inner, noun, frame)
            for head in heads
            for item in _conditions(head, whole, noun, _how(how, noun, read), start)
        ]
        best = sorted(items, key=lambda item: -item.score)[:4]
        if best:
            yield mention_of(start, len(read), best, read)


def only(read: Sequence[Word], mentions: Sequence[Mention], frame: Frame) -> Iterator[Mention]:
    """ "(teams that) only own services": some of what they own are, and nothing else of that sort is."""
    for at in only_at(read, mentions):
        if read[at].text not in _ONLY | _NOWHERE:
            continue
        chart = Chart()
        items = []
        # "deployed only to staging": the verb went before
        verbs = [m for m in mentions if m.end == at and _is_event(m)]
        start = min((m.start for m in verbs), default=at)
        inner = [*verbs, *(m for m in mentions if m.start > at)]
        for cut in cuts(inner, read, frame):
            for item in compose(cut.mentions, chart):
                meaning = item.meaning
                if isinstance(meaning, EventWord):
                    meaning = deployed(meaning)
                if isinstance(meaning, Condition) and (where := _nothing_else(meaning.where)):
                    mask = item.mask | 1 << at
                    made = Condition(where, meaning.kinds)
                    evidence = (*item.evidence, (where, mask))
                    items.append(Item(made, mask, item.score + QUANTIFIED, evidence, item.notes))
        if items:
            yield mention_of(start, len(read), sorted(items, key=lambda i: -i.score)[:3], read)


def _is_event(mention: Mention) -> bool:
    return any(isinstance(item.meaning, EventWord) for item in mention.items)


def only_at(read: Sequence[Word], mentions: Sequence[Mention]) -> frozenset[int]:
    """Positions of words that speak of all there is, never passed over: "only" beside a verb, the "all" of "have all their"."""
    verbs = [
        (m.start, m.end)
        for m in mentions
        if any(isinstance(item.meaning, RelationWord | EventWord) for item in m.items)
    ]
    return frozenset(
        i
        for i, word in enumerate(read)
        if i and word.text in _ONLY | _NOWHERE
        if any(_verb_after(read, i) == start or end == i for start, end in verbs)
    ) | frozenset(
        i
        for i, word in enumerate(read)
        if word.text == "all"
        and read[i - 1].text in _HAVING
        and [w.text for w in read[i + 1 : i + 3] if w.text != "of"][:1] in (["their"], ["its"])
    )


def _verb_after(read: Sequence[Word], i: int) -> int:
    """Where the word after an "only" stands, those passed over that say no more than that it ever was."""
    i += 1
    while i < len(read) and read[i].text in ("ever", "been", "being", "be", "get", "got"):
        i += 1
    return i


def _nothing_else(where: Predicate) -> Predicate | None:
    """The relation, and that it leads to nothing else: to no other things of those kinds, or no other dependency."""
    if not isinstance(where, Related) or where.to.where is None or (where.op, where.count) != _ANY:
        return None
    to = where.to
    assert to.where is not None
    if where.relation == "hasDeployment":
        return _nowhere_else(where)
    other, kinds = Not(of=to.where), to.kinds
    if where.relation == "uses":
        if k.API in kinds or any(ref.startswith("api:") for ref in named_refs(to)):
            return None  # what uses an API depends on its provider as well
        sort = Compare(field="kind", op=Op.IN, value=to.kinds) if to.kinds else None
        kind = conjoin(sort, to.where)
        assert kind is not None
        other, kinds = Not(of=kind), (k.COMPONENT, k.RESOURCE)
    exception = where.model_copy(update={"to": Select(kinds=kinds, where=other)})
    return All(of=(where, Not(of=exception)))


def _nowhere_else(where: Related) -> Predicate | None:
    """Deployed to one place, and never to another; of deployments in general nothing is left out."""
    parts = conjuncts(where.to.where)
    place = next((p for p in parts if isinstance(p, Compare) and p.field == "environment"), None)
    if place is None:
        return None
    rest = [p for p in parts if isinstance(p, Compare) and p.field == "outcome"]
    elsewhere = conjoin(place.model_copy(update={"op": Op.NE}), *rest)
    exception = where.model_copy(update={"to": where.to.model_copy(update={"where": elsewhere})})
    return All(of=(where, Not(of=exception)))


def _opening(read: Sequence[Word], at: int) -> tuple[int, int, str] | None:
    """(where the clause begins, where its noun stands, of how many it speaks); None when it is no such clause."""
    before = [w.text for w in read[:at]]
    if read[at].text == "where":
        following = read[at + 1].text if at + 1 < len(read) else ""
        how = _QUANTIFIERS.get(following)
        return (at, at + 2, how) if how is not None and before else None
    if len(before) >= 2 and before[-1] == "of":
        how = _QUANTIFIERS.get(before[-2])
        return (at - 2, at + 1, how) if how is not None and len(before) > 2 else None
    return (at, at + 1, _SOME) if before else None


@dataclass(frozen=True, slots=True)
class _Noun:
    """What belongs to the things before the clause: the words for it, the set, and the relation where the noun itself is one."""

    start: int
    end: int
    of: SetOf
    side: str | None = None


def _nouns(inner: Sequence[Mention], at: int) -> Iterator[_Noun]:
    for m in inner:
        for item in m.items if m.start == at else ():
            meaning = item.meaning
            if isinstance(meaning, SetOf) and meaning.kinds and not meaning.named:
                yield _Noun(m.start, m.end, meaning)
            elif isinstance(meaning, RelationNoun) and meaning.plural:
                for side in meaning.sides:
                    of = SetOf(kinds=implied(ends(side)[1]), plural=True)
                    yield _Noun(m.start, m.end, of, side)


def _wholes(
    read: Sequence[Word], inner: Sequence[Mention], noun: _Noun, frame: Frame
) -> Iterator[Item]:
    """What the clause says, as the set of those of which it is so."""
    if noun.side is None:
        chart = Chart()
        for cut in cuts(inner, read, frame):
            for item in compose(cut.mentions, chart):
                covers = item.mask >> noun.start & 1
                if (
                    covers
                    and isinstance(item.meaning, SetOf)
                    and item.meaning.kinds == noun.of.kinds
                ):
                    yield item
    own = (1 << noun.end) - (1 << noun.start)
    after = noun.end
    while after < len(read) and read[after].text in _COPULAS | _EACH:
        after += 1
    rest, chart = [m for m in inner if m.start >= after], Chart()
    for cut in cuts(rest, read, frame):
        for said in compose(cut.mentions, chart):
            made = _restricted(noun.of, said.meaning, copula=after > noun.end)
            if made is not None:
                yield Item(made, said.mask | own, said.score + 1.2, said.evidence, said.notes)


def _restricted(noun: SetOf, said: Meaning, *, copula: bool) -> SetOf | None:
    """The noun with what is said of it: a condition, the sort of things they are, or what they had."""
    sort = copula and isinstance(said, SetOf) and not said.named and not said.order
    if isinstance(said, Condition) or sort:
        assert isinstance(said, Condition | SetOf)
        if said.where is None:
            return None
        if overlap(noun.kinds, said.kinds) is not None:
            return noun.but(where=conjoin(noun.where, said.where))
    if not isinstance(said, SetOf) or said.named or said.order or not _records(said):
        return None
    tie = next(joins(noun, said), None)  # "whose dependencies had incidents", "were rolled back"
    return noun.but(where=conjoin(noun.where, tie.where)) if tie is not None else None


def _records(said: SetOf) -> bool:
    """Whether a set is of what happens to things, or hangs on them."""
    return bool(said.kinds) and all(table_of(kind) is not Table.ENTITIES for kind in said.kinds)


def _how(how: str, noun: _Noun, read: Sequence[Word]) -> str:
    """Of how many it is said, with what stands behind the noun: "whose services are all …"."""
    told = {w.text for w in read[noun.end : noun.end + 2]} & _EACH
    return _EVERY if told and how == _SOME else how


def _conditions(
    head: tuple[str, ...], item: Item, noun: _Noun, how: str, start: int
) -> Iterator[Item]:
    whole = item.meaning
    assert isinstance(whole, SetOf)
    own = conjuncts(noun.of.where)
    said = conjoin(*(part for part in conjuncts(whole.where) if part not in own))
    if said is None or whole.named or whole.order or whole.count is not None or whole.limit:
        return
    mask = item.mask | ((1 << noun.end) - (1 << start))
    several = how == _SOME and whole.plural
    notes = ("“whose” is read as at least one of them",) if several else ()
    score = item.score + (CLAUSE if how == _SOME else QUANTIFIED)
    for some, kinds, delta in _ties(head, whole, noun):
        where = _quantified(some, noun.of.where, said, how)
        if where is not None:
            evidence = (*item.evidence, (where, mask))
            made = Condition(where, kinds)
            yield Item(made, mask, score + delta, evidence, (*item.notes, *notes))


def _ties(
    head: tuple[str, ...], whole: SetOf, noun: _Noun
) -> Iterator[tuple[Predicate, tuple[str, ...], float]]:
    """How the things before the clause relate to those it speaks of."""
    if noun.side is None:
        for join in joins(SetOf(kinds=head), whole.but(plural=True)):
            yield join.where, join.kinds, join.delta
        return
    kinds = overlap(head, ends(noun.side)[0])
    if kinds:
        to = Select(kinds=whole.kinds, where=whole.where)
        yield Related(relation=noun.side, to=to), kinds, 0.0


def _quantified(
    some: Predicate, noun: Predicate | None, said: Predicate, how: str
) -> Predicate | None:
    """Of some, all or none of what belongs to the thing; of all and of none only where there is any."""
    if how == _SOME:
        return some
    if not isinstance(some, Related):
        return None
    inner = some.to
    if (
        isinstance(inner.where, Related)
        and some.relation != inner.where.relation
        and not _of(inner, said)
    ):
        return None  # records hang on something in between: which of them are meant is not said
    bare = some.model_copy(update={"to": inner.model_copy(update={"where": noun})})
    against = said if how == _NONE else Not(of=said)
    exception = some.model_copy(
        update={"to": inner.model_copy(update={"where": conjoin(noun, against)})}
    )
    return All(of=(bare, Not(of=exception)))


def _of(inner: Select, said: Predicate) -> bool:
    """Whether what the clause says is said of the set right at the other end."""
    return set(conjuncts(said)) <= set(conjuncts(inner.where))
