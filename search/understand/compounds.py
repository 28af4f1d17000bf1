"""Hyphenated words: one name as a whole, or ordinary words that only stand together."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_store.analyzer import Token
from search.understand import words
from search.understand.lexicon import Lexicon
from search.understand.semantics import Absent, Condition, FieldWord, SetOf
from search.understand.spans import Mention, Word

_ONE_OF_MANY = frozenset(
    ("a", "an", "any", "which", "what", "each", "every", "no", "some", "other")
)
"""Words before a description of any such thing; a name takes "the" or nothing."""


def compound_at(read: Sequence[Word], i: int) -> tuple[int, int]:
    """The hyphenated word that starts at `i`, as positions."""
    end = i + 1
    while end < len(read) and read[end].token.joined:
        end += 1
    return i, end


def in_compound(tokens: Sequence[Token], i: int) -> bool:
    """A part of a hyphenated word is a name's part: a wrong name is said to be unknown rather than bent to another."""
    joined = tokens[i].joined or (i + 1 < len(tokens) and tokens[i + 1].joined)
    return joined and len(tokens[i].text) < 6


def foreign_compounds(
    found: Sequence[Mention], read: Sequence[Word], lexicon: Lexicon
) -> frozenset[int]:
    """Starts of hyphenated words that name nothing as a whole, though parts of them may.

    `ship-detector-v2` is not `ship-detector`: a wrong name is said to be unknown, never bent to a near one. Words that
    only join ordinary ones ("tier-1", "payments-owned") may be cut, but `broken-service` after no "a" or "which" is
    how one thing is called, not what it is like.
    """
    whole = {(m.start, m.end) for m in found}
    exact = {
        (m.start, m.end)
        for m in found
        for i in m.items
        if isinstance(i.meaning, SetOf) and any(c.quality >= 1.0 for c in i.meaning.names)
    }
    foreign = set()
    i = 0
    while i < len(read):
        start, end = compound_at(read, i)
        i = end
        if end - start < 2 or any(a <= start and end <= b for a, b in whole):
            continue
        parts = [
            w.text.isdigit() or lexicon.is_word(w.text, w.stem) or w.text in words.POLITE
            for w in read[start:end]
        ]
        named = any(
            (start, cut) in exact and all(parts[cut - start :]) for cut in range(start + 1, end)
        )
        if named:
            if _one_thing(found, read, end - 1, end):
                foreign.add(start)  # "ledger-db" is a name of its own, "payments-owned" is not
        elif not all(parts) or _called(found, read, start, end):
            foreign.add(start)
    return frozenset(foreign)


def _called(found: Sequence[Mention], read: Sequence[Word], start: int, end: int) -> bool:
    """Whether a hyphenated word says what one thing is like and of which kind, where such a thing would need an article."""
    if start == 0 or read[start - 1].text in _ONE_OF_MANY:
        return False

    return _one_thing(found, read, end - 1, end) and any(
        (m.start, m.end) == (start, end - 1)
        and isinstance(i.meaning, Condition | Absent | FieldWord)
        for m in found
        for i in m.items
    )


def _one_thing(found: Sequence[Mention], read: Sequence[Word], start: int, end: int) -> bool:
    """Whether the words are a noun for one thing of a kind: "service", "db"."""
    return any(
        (m.start, m.end) == (start, end)
        and isinstance(i.meaning, SetOf)
        and i.meaning.kinds
        and not i.meaning.plural
        and not read[end - 1].text.endswith("s")
        for m in found
        for i in m.items
    )
