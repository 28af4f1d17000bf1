"""What was made of one question, and which of its words may not be left out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_store.analyzer import Token
from search.plan import Retrieve
from search.understand import words
from search.understand.calendar_words import UNITS, number_of
from search.understand.frame import Frame
from search.understand.reading import Reading
from search.understand.semantics import Candidate


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was made of a question.

    Attributes:
        tokens: its words, with offsets.
        frame: the sort of question.
        readings: structured readings, best first, with what they left over counted in.
        retrieve: the same question put to the pages.
        about: things named in the question, most certain first.
        named: of these, the things it calls by their whole name.
        corrected: misspelt word → what it was taken for.
        spelled: the words as read, one a token.
        unknown_words: positions of words nothing knows.
        aside: small talk before the question, as typed; its words are in none of the above.
        leans: it opens like a continuation of what was asked before.
        pointed_at: things that its pronouns stand for, by name.
        written: positions of words written as one strange name: "Tramway Scheduler".
    """

    tokens: tuple[Token, ...]
    frame: Frame
    readings: tuple[Reading, ...]
    retrieve: Retrieve
    about: tuple[str, ...]
    named: tuple[str, ...]
    corrected: tuple[tuple[str, str], ...]
    spelled: tuple[str, ...]
    unknown_words: frozenset[int]
    aside: str = ""
    leans: bool = False
    pointed_at: tuple[Candidate, ...] = ()
    written: frozenset[int] = frozenset()

    def in_compound(self, i: int) -> bool:
        """Whether a word is part of a hyphenated one."""
        return self.tokens[i].joined or (i + 1 < len(self.tokens) and self.tokens[i + 1].joined)

    def left_over(self, mask: int) -> list[int]:
        """Positions of content words that a reading with this mask does not use."""
        return left_over(self.tokens, self.frame, mask)


_HOUR = re.compile(r"\d{1,2}(?:am|pm)")
""" "It's 3am and …": when it is asked, not what."""


_BEFORE_HOURS = frozenset("since after before until till from between by".split())


def is_content(token: Token) -> bool:
    """Whether leaving the word out may change what was asked."""
    return not (
        _HOUR.fullmatch(token.text)
        or token.text in words.POLITE
        or token.text in words.WH
        or token.text in words.DOWN
        or token.text in ("and", "but", "or", "by", "per", "each", "now", "also")
    )


def content_at(tokens: Sequence[Token], i: int) -> bool:
    """Whether leaving out the word at `i` may change what was asked; "fail to deploy" denies, "if it fails" does not."""
    denies = (
        tokens[i].text.startswith("fail") and i + 1 < len(tokens) and tokens[i + 1].text == "to"
    )
    counts = tokens[i].text == "times" and i > 0 and number_of(tokens[i - 1].text) is not None
    aged = tokens[i].text == "old" and i > 0 and tokens[i - 1].text in UNITS
    timed = (
        i > 0
        and tokens[i - 1].text in _BEFORE_HOURS
        and _HOUR.fullmatch(tokens[i].text) is not None
    )  # "since 9am"
    called = (
        tokens[i].text == "a" and i + 1 == len(tokens) and i > 0
    )  # "team a": a name of one letter
    return denies or called or timed or (is_content(tokens[i]) and not counts and not aged)


def left_over(tokens: Sequence[Token], frame: Frame, mask: int) -> list[int]:
    """Positions of content words that neither the frame nor a reading with this mask uses."""
    return [
        i
        for i in range(len(tokens))
        if not mask >> i & 1
        and i not in frame.taken
        and (i in frame.weighty or content_at(tokens, i))
    ]
