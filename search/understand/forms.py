"""Inflected forms of English words, and the words a misspelling may stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from search.understand.english import is_english


def inflected(phrase: str, *, verb: bool) -> str:
    """The other forms of a phrase's first (verb) or last (noun) word, so that their misspellings are found too."""
    parts = phrase.split()
    word = parts[0] if verb else parts[-1]
    root = word[:-1] if word.endswith("e") else word
    if verb:
        return f"{word}s {root}ed {root}ing"
    return plural(word)


def plural(phrase: str) -> str:
    """Owner → owners, dependency → dependencies; words that are plural already stay."""
    if phrase.endswith(("s", "people", "everyone", "everybody", "staff")):
        return phrase
    vowel = phrase[-2:-1] in tuple("aeiou")
    return phrase[:-1] + "ies" if phrase.endswith("y") and not vowel else f"{phrase}s"


def near(text: str, words: Sequence[str]) -> list[tuple[str, int]]:
    """Words a misspelling may stand for, nearest first, with the edit distance; none for an ordinary English word.

    One edit for words of four letters or more, two from nine on; the first letter holds: of eight letters, six alike are still many words.
    """
    if len(text) < 4 or not text.isalpha() or is_english(text):
        return []
    limit = 2 if len(text) >= 9 else 1
    found = process.extract(
        text, words, scorer=DamerauLevenshtein.distance, score_cutoff=limit, limit=6
    )
    return [
        (word, int(distance)) for word, distance, _ in found if word[0] == text[0] and len(word) > 2
    ][:3]


_SEVERITY = re.compile(r"(?:p|sev)[- ]?(\d)", re.IGNORECASE)


def severities(value: str) -> tuple[str, ...]:
    """The other names of a numbered severity: tools say P1 or SEV1 of the same.

    >>> severities("P1")
    ('p1', 'p 1', 'sev1', 'sev 1', 'priority 1', 'severity 1')
    """
    numbered = _SEVERITY.fullmatch(value)
    if numbered is None:
        return ()
    number = numbered[1]
    short = (
        form for prefix in ("p", "sev") for form in (f"{prefix}{number}", f"{prefix} {number}")
    )
    return (*short, f"priority {number}", f"severity {number}")
