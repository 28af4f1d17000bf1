"""Whether a word is ordinary English, so that no real word is bent into a name of the catalog."""

from __future__ import annotations

import importlib.resources
from functools import cache

DICTIONARY = "frequency_dictionary_en_82_765.txt"
"""The frequency dictionary that ships with symspellpy (MIT): SCOWL words with their counts in Google Books n-grams."""


# fmt: off
LANGUAGES: frozenset[str] = frozenset(
    """ada bash clojure cobol cpp c++ csharp c# dart delphi elixir elm erlang f# fortran fsharp go golang groovy haskell java javascript
    julia kotlin lua ocaml perl php prolog python r ruby rust scala scheme smalltalk swift typescript zig""".split()
)
"""Programming languages people ask for by name."""
# fmt: on


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
