"""Whether a word is ordinary English, so that no real word is bent into a name of the catalog."""

from __future__ import annotations

import importlib.resources
from functools import cache

DICTIONARY = "frequency_dictionary_en_82_765.txt"
"""The frequency dictionary that ships with symspellpy (MIT): SCOWL words with their counts in Google Books n-grams."""


@cache
def _words() -> frozenset[str]:
    text = (
        importlib.resources.files("symspellpy").joinpath(DICTIONARY).read_text(encoding="utf-8-sig")
    )
    return frozenset(line.split(" ", 1)[0] for line in text.splitlines())


def is_english(word: str) -> bool:
    """Whether a lower-case word is in the dictionary. The first call reads it, some 30 ms.

    >>> is_english("shopping"), is_english("chekcout")
    (True, False)
    """
    return word in _words()
