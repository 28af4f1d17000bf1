"""Whether a word is ordinary English, so that no real word is bent into a name of the catalog."""

from __future__ import annotations

import importlib.resources
from functools import cache
from itertools import count

DICTIONARY = "frequency_dictionary_en_82_765.txt"
"""The frequency dictionary that ships with symspellpy (MIT): SCOWL words with their counts in Google Books n-grams."""


# fmt: off
LANGUAGES: frozenset[str] = frozenset(
    """ada bash clojure cobol cpp c++ csharp c# dart delphi elixir elm erlang f# fortran fsharp go golang groovy haskell java javascript
    julia kotlin lua ocaml perl php prolog python r ruby rust scala scheme smalltalk swift typescript zig""".split()
)
"""Programming languages people ask for by name."""
# fmt: on


FEW = 16
"""Words looked for in the text as it is; who asks about more gets a set of all words, which takes as long to make as so many looks."""

_asked = count()


@cache
def _text() -> str:
    file = importlib.resources.files("symspellpy").joinpath(DICTIONARY)
    return "\n" + file.read_text(encoding="utf-8-sig")


@cache
def _words() -> frozenset[str]:
    return frozenset(line.split(" ", 1)[0] for line in _text().splitlines())


def is_english(word: str) -> bool:
    """Whether a lower-case word is in the dictionary.

    >>> is_english("shopping"), is_english("chekcout")
    (True, False)
    """
    if next(_asked) < FEW:
        return f"\n{word} " in _text()
    return word in _words()
