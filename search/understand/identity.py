""" "my", "our", "I": the asker's groups and the asker, as names in the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_store.model import kinds as k
from search.understand import words
from search.understand.semantics import Candidate, Item, SetOf, Skip
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
    """

    ref: str
    groups: tuple[str, ...]


def mine_mentions(read: Sequence[Word], asker: Asker | None) -> list[Mention]:
    """Mentions of the asker. Without an asker, "my" names nobody, and is said to."""
    out: list[Mention] = []
    for i, word in enumerate(read):
        ours = word.text in ("our", "ours") and not (
            i + 1 < len(read) and read[i + 1].text in _TEAM
        )
        if ours:
            continue  # "our most expensive service" speaks of the organisation
        if word.text in words.MINE:
            out.append(_mention(i, k.GROUP, asker.groups if asker else (), "your teams"))
        elif asker and (
            word.text in ("i", "i'm", "im", "myself")
            or (word.text == "me" and i and read[i - 1].text not in _DATIVE)
        ):
            said = [w.text for w in read[i + 1 : i + 4]]
            owning = not words.RESPONSIBLE.isdisjoint(said) or said[:2] == ["look", "after"]
            personally = any(w.text in ("myself", "personally", "directly") for w in read)
            if owning and not personally:  # what my teams own is mine as well
                out.append(_mention(i, k.GROUP, (asker.ref, *asker.groups), "you"))
            else:
                out.append(_mention(i, k.USER, (asker.ref,), "you"))
    return out


def stranger(read: Sequence[Word], asker: Asker | None) -> int | None:
    """Where "I" stands for a person in particular ("what did I deploy") whom nobody knows; None when that is not so."""
    if asker is not None:
        return None
    acts = words.RESPONSIBLE | words.HAPPENED
    for i, word in enumerate(read):
        did = i > 0 and read[i - 1].text in ("did", "have")
        following = {w.text for w in read[i + 1 : i + 4]}
        done = acts | {"deploy", "ship", "release"} if did else acts
        if word.text == "i" and not done.isdisjoint(following):
            return i
    return None


def _mention(i: int, kind: str, refs: tuple[str, ...], label: str) -> Mention:
    if refs:
        names = tuple(
            Candidate(ref, kind, "team" if kind == k.GROUP else None, label, 1.0) for ref in refs
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
