""" "my", "our", "I": the asker's groups and the asker, as names in the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_store.model import kinds as k
from search.understand import event_words, words
from search.understand.semantics import Candidate, FieldWord, Item, SetOf, Skip, kinds_of
from search.understand.spans import Mention, Word

STRANGER = frozenset(("your teams", "you"))
"""What is said to be unknown when nobody knows who asks."""

_TEAM = frozenset("team teams squad squads group groups department crew tribe".split())

_DATIVE = frozenset(
    ["show", "tell", "give", "get", "find", "let", "help", "list", "send", "bring", "fetch"]
)
""" "show me …" is not about the asker."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        ref: the user.
        groups: groups the user is a member of, and their parents.
        own: of these, the groups the user is a member of.
    """

    ref: str
    groups: tuple[str, ...]
    own: tuple[str, ...]


def mine_mentions(
    read: Sequence[Word], asker: Asker | None, found: Sequence[Mention] = ()
) -> list[Mention]:
    """Mentions of the asker. Without an asker, "my" names nobody, and is said to.

    Args:
        read: the words.
        asker: who asks.
        found: what the words may mean to anybody.
    """
    out: list[Mention] = []
    for i, word in enumerate(read):
        ours = word.text in ("our", "ours") and not (
            i + 1 < len(read) and (read[i + 1].text in _TEAM or _of_a_team(found, i + 1))
        )
        if ours:
            continue  # "our most expensive service" speaks of the organisation
        if word.text in words.MINE:
            groups = asker.groups if asker else ()
            own = asker.own if asker else ()
            out.append(_mention(i, k.GROUP, groups, "your teams", own=own))
        elif asker and (
            word.text in ("i", "i'm", "im", "myself")
            or (word.text == "me" and i and read[i - 1].text not in _DATIVE)
        ):
            said = [w.text for w in read[i + 1 : i + 4]]
            owning = not words.RESPONSIBLE.isdisjoint(said) or said[:2] == ["look", "after"]
            personally = any(w.text in ("myself", "personally", "directly") for w in read)
            if owning and not personally:  # what my teams own is mine as well
                refs = (asker.ref, *asker.groups)
                out.append(_mention(i, k.GROUP, refs, "you", own=refs))
            else:
                out.append(_mention(i, k.USER, (asker.ref,), "you"))
    return out


def stranger(read: Sequence[Word], asker: Asker | None) -> int | None:
    """Where "I" stands for a person in particular ("what did I deploy") whom nobody knows; None when that is not so."""
    if asker is not None:
        return None
    member = asking_of_oneself(read)
    if member:
        return min(member)
    acts = words.RESPONSIBLE | event_words.HAPPENED
    for i, word in enumerate(read):
        did = i > 0 and read[i - 1].text in ("did", "have")
        following = {w.text for w in read[i + 1 : i + 4]}
        done = acts | {"deploy", "ship", "release"} if did else acts
        if word.text == "i" and not done.isdisjoint(following):
            return i
    return None


def _of_a_team(found: Sequence[Mention], at: int) -> bool:
    """Whether a fact follows that teams have and organisations have not: "our slack channel"; nothing else is named."""
    facts = [
        m
        for m in found
        if m.start == at
        and any(
            isinstance(i.meaning, FieldWord)
            and any(set(kinds_of(row)) & {k.GROUP} for row in i.meaning.rows)
            for i in m.items
        )
    ]
    named = any(isinstance(i.meaning, SetOf) and i.meaning.names for m in found for i in m.items)
    return bool(facts) and not named


_BELONGING = frozenset("in on at with part of belong".split())


def asking_of_oneself(read: Sequence[Word]) -> frozenset[int]:
    """Positions of the "I" of "which teams am I in": left out, it would be every team."""
    texts = [w.text for w in read]
    if _TEAM.isdisjoint(texts):
        return frozenset()
    found = set()
    for i, text in enumerate(texts):
        am = text in ("i'm", "im") or (text == "i" and "am" in texts[max(0, i - 1) : i + 2])
        belongs = text == "i" and "belong" in texts[i + 1 : i + 3]
        after = [t for t in texts[i + 1 : i + 3] if t != "am"]
        if belongs or (am and (not after or after[0] in _BELONGING)):
            found.add(i)
    return frozenset(found)


OWN, THROUGH_A_PARENT = 1.0, 0.95
"""How sure it is that one of the asker's groups is meant: those above are theirs as well, and come second."""


def _mention(
    i: int, kind: str, refs: tuple[str, ...], label: str, own: tuple[str, ...] | None = None
) -> Mention:
    if refs:
        names = tuple(
            Candidate(
                ref,
                kind,
                "team" if kind == k.GROUP else None,
                label,
                OWN if own is None or ref in own else THROUGH_A_PARENT,
            )
            for ref in refs
        )
        meaning = SetOf(names=names, mine=True, plural=kind == k.GROUP)
    else:
        meaning = SetOf(unknown=label, mine=True)
    item = Item(meaning, 1 << i, 0.9)
    return Mention(
        i,
        i + 1,
        (item, Item(Skip(), 0, -0.4 if kind == k.USER else -1.0)),
        0.9 if kind == k.GROUP else 0.2,
    )
