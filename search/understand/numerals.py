"""Signs and number words that stand for one word each: "seventy-five" is 75, "deploys/week" per week, a "%" percent."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from catalog_store.analyzer import Token, stem
from search.understand.words import IN_OTHER_WORDS, NUMBERS, PERIODS

_PERCENT = re.compile(r"(?<![\d\s])\s+%(?=\s)|^\s*%(?=\s)")
""" "What % of": a word of its own; after a number, its unit."""

_TENS = range(20, 100, 10)
_BUILDING = {"hundred": 100, "thousand": 1000}

_GROUPS = frozenset(
    "team squad service component tier language domain department system group owner person".split()
)
"""What follows a slash to say of what each number is: "incidents/team"."""


def said_in_full(text: str, tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The words of a text, with its signs and compound numbers as the words they are read as.

    >>> from catalog_store.analyzer import tokenize
    >>> text = "coverage below seventy-five percent, deploys/week"
    >>> [t.text for t in said_in_full(text, tokenize(text))]
    ['coverage', 'below', '75', 'percent', 'deploys', 'per', 'week']
    """
    signs = [match.end() - 1 for match in _PERCENT.finditer(text)]
    said = [Token("percent", stem("percent"), at, at + 1) for at in signs]
    said += _slashes(text, tokens)
    whole = tuple(sorted((*tokens, *said), key=lambda token: token.start))
    return tuple(_numbers(whole))


def in_other_words(tokens: Iterable[Token], known: Callable[[str, str], bool]) -> Iterator[Token]:
    """The words, one that stands for several ("headcount") as those, all in its place, unless the catalog knows it itself."""
    for token in tokens:
        others = () if known(token.text, token.stem) else IN_OTHER_WORDS.get(token.text, ())
        for said in others or (token.text,):
            yield token if said == token.text else replace(token, text=said, stem=stem(said))


def _slashes(text: str, tokens: Sequence[Token]) -> Iterator[Token]:
    for before, after in itertools.pairwise(tokens):
        if text[before.end : after.start].strip() != "/":
            continue
        counted = before.text.endswith("s") and after.text in _GROUPS
        if (after.text in PERIODS and before.text not in PERIODS) or counted:
            yield Token("per", stem("per"), before.end, after.start)


def _numbers(tokens: Sequence[Token]) -> Iterator[Token]:
    i = 0
    while i < len(tokens):
        end, value = _number_at(tokens, i)
        if end > i + 1:
            text = str(value)
            yield replace(tokens[i], text=text, stem=text, end=tokens[end - 1].end)
        else:
            yield tokens[i]
        i = max(end, i + 1)


def _number_at(tokens: Sequence[Token], i: int) -> tuple[int, int]:
    """The position after a number of several words, and the number: "forty-five", "two hundred"."""
    value = NUMBERS.get(tokens[i].text, 0)
    end = i + 1
    following = tokens[end].text if end < len(tokens) else ""
    if value in _TENS and 0 < NUMBERS.get(following, 0) < 10:
        return end + 1, value + NUMBERS[following]
    if 0 < value < 100 and following in _BUILDING:
        return end + 1, value * _BUILDING[following]
    return end, value
