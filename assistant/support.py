"""Whether a sentence says no more than the text it cites: checked word by word, without any model.

A sentence is supported by a stretch of a few neighbouring sentences that holds every number, name, command and almost every other
content word of it, in nearly the same order, and that denies, demands and limits in the same way. That lets a sentence be shorter
and smoother than its source, and nothing else: what is merely plausible is dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_store.analyzer import STOP_WORDS, Token, tokenize
from search.retrieve.answer_spans import AnswerSpan, pieces

NEIGHBOURS = 2
"""Sentences or steps in a row that one sentence may sum up."""

HELD = 0.9
"""Share of the content words that must stand in the source; the others may be no number, name or command."""

IN_ORDER = 0.75
"""Share of the shared words that must stand in the same order: "A pages B" does not support "B pages A"."""

FEWEST_WORDS = 3
"""Content words below which a sentence says too little to be checked."""

_EXACT = re.compile(
    r"`[^`]+`|https?://\S+|\"[^\"]+\"|“[^”]+”|[#@][\w-]+|\b\w*\d[\w.,:%-]*|\b\w+(?:[-_./]\w+)+\b|\b[a-z]+[A-Z]\w*|\B--?\w[\w-]*"
)
"""What must be met letter by letter: `commands`, addresses, quotes, #channels, numbers, file-names, camelCase, --options."""

_POLARITY: tuple[frozenset[str], ...] = (
    frozenset(
        "not no never none neither nor without cannot don't doesn't isn't aren't won't can't shouldn't mustn't unless except nobody "
        "nothing".split()
    ),
    frozenset("only just solely exclusively".split()),
    frozenset("must have required mandatory shall".split()),
    frozenset("may might could optional optionally can should".split()),
    frozenset("before until prior".split()),
    frozenset("after once afterwards since".split()),
    frozenset("always every all each any".split()),
    frozenset("above over more greater exceeds least".split()),
    frozenset("below under less fewer most".split()),
)
"""Words that turn a statement round or narrow it; a sentence uses a class of them when, and only when, its source does."""

_STRICT = 2
"""The first classes count in both directions; of the others the sentence may leave some out, never add."""

_MARK = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Support:
    """Where a sentence is said: lines of the file the text was cut from, counted from 1."""

    first: int
    last: int


def support_of(sentence: str, text: str, *, first_line: int = 1) -> Support | None:
    """The lines that support a sentence; None when nothing does.

    Args:
        sentence: one sentence, with or without [n] marks.
        text: the passage it cites, Markdown as written.
        first_line: line of the file the passage starts on.

    >>> source = "Keys are rotated every 90 days. The old key is removed after the switch."
    >>> support_of("The old key is removed after the switch.", source)
    Support(first=1, last=1)
    >>> support_of("Keys are rotated every 30 days.", source) is None
    True
    """
    said = _MARK.sub("", sentence).strip()
    wanted = _content(said)
    if len(wanted) < FEWEST_WORDS:
        return None
    parts = pieces(text, first_line)
    for size in range(1, NEIGHBOURS + 1):
        for start in range(len(parts) - size + 1):
            run = parts[start : start + size]
            if _supports(said, wanted, run):
                return Support(run[0].first, run[-1].last)
    return None


def _supports(said: str, wanted: Sequence[str], run: Sequence[AnswerSpan]) -> bool:
    source = " ".join(part.text for part in run)
    lowered = source.lower()
    if any(exact.strip(".,:;").lower() not in lowered for exact in _EXACT.findall(said)):
        return False
    place: dict[str, list[int]] = {}
    for number, term in enumerate(_content(source)):
        place.setdefault(term, []).append(number)
    shared = [term for term in wanted if term in place]
    if len(shared) < HELD * len(wanted):
        return False
    return _same_polarity(said, source) and _in_order(shared, place)


def _in_order(shared: Sequence[str], place: dict[str, list[int]]) -> bool:
    """Whether most shared words follow each other as in the source: the longest run that does, against all of them."""
    tails: list[int] = []
    for term in shared:
        # the first occurrence that goes on with the run, else the first of all
        last = tails[-1] if tails else -1
        at = next((n for n in place[term] if n > last), place[term][0])
        spot = bisect_left(tails, at)
        tails[spot : spot + 1] = [at]
    return len(tails) >= IN_ORDER * len(shared)


def _same_polarity(said: str, source: str) -> bool:
    ours = {t.text for t in tokenize(said)}
    theirs = {t.text for t in tokenize(source)}
    for number, words in enumerate(_POLARITY):
        used, stated = bool(ours & words), bool(theirs & words)
        if used and not stated:
            return False
        if stated and not used and number < _STRICT:
            return False
    return True


def _content(text: str) -> list[str]:
    """Stems of the words that carry what is said, in order."""
    return [token.stem for token in tokenize(text) if _carries(token)]


def _carries(token: Token) -> bool:
    return token.text not in STOP_WORDS
