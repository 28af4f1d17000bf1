"""Pronouns that stand for nothing: "is it healthy" out of the blue asks of one thing, and is no question for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from search.understand import words
from search.understand.semantics import SetOf
from search.understand.spans import Mention, Word

POINTING = frozenset("it its them they their he she him".split())
"""Pronouns that need somebody or something named before them."""

_SHOWING = frozenset("that this those these".split())
"""Words that do so only as the last of a question, behind a preposition: "who do I call about that"."""

REFERRING = POINTING | _SHOWING
"""All of them: what a question is said to name when one stands for nothing."""

_PREPOSITIONS = frozenset("of for on in with to from by about at under behind".split())

_OF_NOTHING = frozenset(
    """take takes took taken possible true ok okay allowed normal mean make makes worth safe necessary time like work works all be being been going team
    department rains""".split()
)
"""Beside "it": words with which it stands for nothing in particular: "how long does it take", "is it true that"."""


def dangling(text: str, read: Sequence[Word], mentions: Sequence[Mention]) -> int | None:
    """Position of a pronoun that nothing before it in the question can be meant by; None when there is none.

    Args:
        text: the question as typed: "IT" is a department.
        read: its words.
        mentions: what its spans may mean.
    """
    for i, word in enumerate(read):
        said = text[word.token.start : word.token.end]
        pointing = word.text in POINTING and not (said.isupper() and len(said) > 1)
        if not (pointing or _shown_last(read, i)) or _of_nothing(read, i):
            continue
        if not any(_stands_for(m, read, i) for m in mentions):
            return i
    return None


def _shown_last(read: Sequence[Word], i: int) -> bool:
    last = all(w.text in words.POLITE for w in read[i + 1 :])
    return read[i].text in _SHOWING and i > 0 and last and read[i - 1].text in _PREPOSITIONS


def _of_nothing(read: Sequence[Word], i: int) -> bool:
    beside = {w.text for w in read[i + 1 : i + 2]}
    return not beside.isdisjoint(_OF_NOTHING)


def _stands_for(mention: Mention, read: Sequence[Word], i: int) -> bool:
    """Whether a pronoun may mean what a mention before it speaks of, or is itself part of a name or phrase."""
    if mention.start <= i < mention.end:
        return mention.end - mention.start > 1 or any(_named(x.meaning) for x in mention.items)
    if mention.end > i:
        return False
    owning = read[i].text in ("its", "their", "his")  # "services with their owners"
    governs = mention.end == i - 1 and read[i - 1].text in _PREPOSITIONS and not owning
    return any(
        isinstance(x.meaning, SetOf) and (x.meaning.named or (x.meaning.kinds and not governs))
        for x in mention.items
    )


def _named(meaning: object) -> bool:
    return isinstance(meaning, SetOf) and meaning.named
