"""Names by how they are written: two capitals in the middle of a sentence, around a word nothing knows, are one strange name."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_store.model.kinds import KINDS
from search.understand.forms import plural
from search.understand.spans import Word

_NOUNS = frozenset(form for kind in KINDS for word in kind.words for form in (word, plural(word))) | {"service", "services"}  # fmt: skip
"""What stands beside a name and is no part of it, whatever its case."""

TITLED = 0.6
"""Share of capitals from which a whole question is written in title case, and none of them marks a name."""


def strange_names(read: Sequence[Word]) -> tuple[tuple[int, int], ...]:
    """Positions of names of several capitalised words, one of which at least nothing knows: "Tramway Scheduler"."""
    if sum(w.capital for w in read) > TITLED * (len(read) - 1):
        return ()
    out, i = [], 0
    while i < len(read):
        end = i
        while end < len(read) and read[end].capital and (end == i or _together(read, end)):
            end += 1
        start, last = i, end
        while start < last and read[start].text in _NOUNS:
            start += 1
        while last > start and read[last - 1].text in _NOUNS:
            last -= 1
        if last - start > 1 and any(not w.known for w in read[start:last]):
            out.append((start, last))
        i = max(end, i + 1)
    return tuple(out)


def _together(read: Sequence[Word], i: int) -> bool:
    """Whether a word follows the one before with nothing but a space between."""
    return read[i].token.start - read[i - 1].token.end == 1
