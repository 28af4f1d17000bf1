"""Names by what somebody has typed of them: from the start, from a later word, from the middle of one, or with a slip.

Built once a snapshot; a keystroke costs a few binary searches, however many names there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

INFIX_LETTERS, SLIP_LETTERS = 3, 4
"""Letters from which the middle of a word, and a word with a slip, are looked for: fewer fit everything."""

LONG_WORD = 8
"""Letters from which two slips are forgiven instead of one."""

_SPLIT = re.compile(r"[\s\-_./:]+")
_LAST = "\U0010ffff"


class NameIndex:
    """Finds the numbers of names. Safe to share between threads.

    >>> index = NameIndex([["payment-service"], ["edge-payments"]])
    >>> index.starting("pay"), index.starting("pay", inside=True), index.slipped("paymnet")
    ([0], [0, 1], [0, 1])
    """

    def __init__(self, names: Sequence[Iterable[str]]) -> None:
        """`names` are the names of each thing, by its number; case and what joins words do not matter."""
        self._whole: dict[str, set[int]] = {}
        tails: set[tuple[str, int, bool]] = set()
        words: dict[str, set[int]] = {}
        for number, own in enumerate(names):
            for name in own:
                parts = _parts(name)
                self._whole.setdefault(" ".join(parts), set()).add(number)
                for at, word in enumerate(parts):
                    tails.add((" ".join(parts[at:]), number, at > 0))
                    words.setdefault(word, set()).add(number)
        self._tails = sorted(tails)
        self._texts = [text for text, _, _ in self._tails]
        self._words = sorted(words)
        self._of_word = words
        self._joined = "\n".join(self._words)
        self._offsets = _offsets(self._words)

    def whole(self, typed: str) -> list[int]:
        """Things that are called so, ascending."""
        return sorted(self._whole.get(_spaced(typed), ()))

    def starting(self, typed: str, *, inside: bool = False) -> list[int]:
        """Things a name of which starts so, ascending; with `inside`, also those in which a later word does."""
        key = _spaced(typed)
        if not key:
            return []
        low, high = bisect_left(self._texts, key), bisect_left(self._texts, key + _LAST)
        return sorted({n for _, n, later in self._tails[low:high] if inside or not later})

    def containing(self, typed: str) -> list[int]:
        """Things one word of whose names holds the letters anywhere, ascending; none for fewer than `INFIX_LETTERS`."""
        key = typed.lower().strip()
        found: set[int] = set()
        at = self._joined.find(key) if len(key) >= INFIX_LETTERS and "\n" not in key else -1
        while at >= 0:
            number = bisect_left(self._offsets, at + 1) - 1
            found |= self._of_word[self._words[number]]
            following = number + 1
            if following >= len(self._offsets):
                break
            at = self._joined.find(key, self._offsets[following])
        return sorted(found)

    def slipped(self, typed: str) -> list[int]:
        """Things with a word that starts nearly so: a letter too many, too few, another one, or two changed about."""
        key = typed.lower().strip()
        if len(key) < SLIP_LETTERS:
            return []
        most = 2 if len(key) >= LONG_WORD else 1
        low, high = bisect_left(self._words, key[0]), bisect_left(self._words, key[0] + _LAST)
        found: set[int] = set()
        for word in self._words[low:high]:
            near = min(
                OSA.distance(key, word[: len(key) + more], score_cutoff=most) for more in (-1, 0, 1)
            )
            if near <= most:
                found |= self._of_word[word]
        return sorted(found)


def _spaced(typed: str) -> str:
    return " ".join(_parts(typed))


def _parts(name: str) -> list[str]:
    return [part for part in _SPLIT.split(name.lower()) if part]


def _offsets(words: Sequence[str]) -> list[int]:
    """Where each word starts in the joined text."""
    found, at = [], 0
    for word in words:
        found.append(at)
        at += len(word) + 1
    return found
