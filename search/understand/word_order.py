"""Words put where the grammar looks for them: what is left out behind what it is left out of, a preposition after its verb."""

from __future__ import annotations

import re
from collections.abc import Callable

from catalog_store.analyzer import Token
from search.understand import words

_EXCLUDING = (
    "other than ",
    "except ",
    "apart from ",
    "aside from ",
    "besides ",
    "excluding ",
    "leaving aside ",
)

_ASKING = frozenset(("which", "what", "whom", "who", "whose"))
_AUXILIARIES = frozenset("is are was were does do did has have had can could will would".split())
_AFTER_THE_VERB = frozenset("directly indirectly currently now still today please right".split())
"""Words that may follow the verb that ends a question."""


def excluded_last(text: str, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """ "Other than checkout, what uses the ledger": what is left out goes behind what it is left out of."""
    comma = text.find(",")
    first = sum(1 for t in tokens if t.end <= comma)
    if not first or first == len(tokens) or not text.lower().lstrip().startswith(_EXCLUDING):
        return tokens
    return (*tokens[first:], *tokens[:first])


_HOPS = tuple(
    tuple(phrase.split())
    for phrase in sorted((*words.DIRECT, *words.ALL_HOPS), key=len, reverse=True)
)


def hops_after(tokens: tuple[Token, ...], relates: Callable[[str, str], bool]) -> tuple[Token, ...]:
    """ "Depends directly or indirectly on the ledger": "depends on, directly or indirectly, the ledger"."""
    texts = [t.text for t in tokens]
    for i in range(1, len(texts) - 2):
        said = next((h for h in _HOPS if tuple(texts[i : i + len(h)]) == h), ())
        at = i + len(said)
        if said and at < len(texts) and relates(texts[i - 1], texts[at]):
            return (*tokens[:i], tokens[at], *tokens[i:at], *tokens[at + 1 :])
    return tokens


_TOPIC = re.compile(r"\s*(?:,|:|\s[-–—]+\s)\s*")
_TELLING = frozenset(
    "is are was were am keeps keep got went has have had says broke died stopped failed fails and or of from in since with without by".split()
)
MOST_TOPIC = 5
"""Words of a topic that stands before its question."""


def topic_in_place(text: str, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """ "Checkout, who depends on it": "who depends on checkout"; what tells something is no topic."""
    mark = _TOPIC.search(text)
    first = sum(1 for t in tokens if mark is not None and t.end <= mark.start())
    topic, rest = tokens[:first], list(tokens[first:])
    if not 1 <= first <= MOST_TOPIC or not rest or rest[0].text not in _ASKING:
        return tokens
    if any(t.text in _TELLING or t.text in _ASKING for t in topic):
        return tokens
    end = len(rest)
    while end and rest[end - 1].text in _AFTER_THE_VERB:
        end -= 1
    if end < 3 or rest[end - 1].text != "it":
        return tokens
    return (*rest[: end - 1], *topic, *rest[end:])


def preposition_last(
    tokens: tuple[Token, ...], relates: Callable[[str, str], bool]
) -> tuple[Token, ...]:
    """ "By which services is checkout used": "is checkout used by which services".

    Args:
        tokens: the words of the question.
        relates: whether a verb and a preposition are one word for a relation.
    """
    texts = [t.text for t in tokens]
    for i in range(len(texts) - 3):
        if texts[i + 1] not in _ASKING or texts[i] == "in":  # "in which region" asks for the region
            continue
        verb = next((j for j in range(i + 2, len(texts)) if texts[j] in _AUXILIARIES), None)
        last = len(texts) - 1
        while last > i and texts[last] in _AFTER_THE_VERB:
            last -= 1
        if verb is not None and last > verb + 1 and relates(texts[last], texts[i]):
            moved = (*tokens[verb : last + 1], *tokens[i:verb])
            return (*tokens[:i], *moved, *tokens[last + 1 :])
    return tokens


def participle_beside(
    tokens: tuple[Token, ...], names_field: Callable[[str, str], bool]
) -> tuple[Token, ...]:
    """ "When was the restore of the beds database last tested": "last restore tested", which is how the field is called.

    Args:
        tokens: the words of the question.
        names_field: whether a noun and a verb are together a word for a field.
    """
    texts = [t.text for t in tokens]
    verb = len(texts) - 1
    if not texts or texts[0] != "when":
        return tokens
    for i in range(2, verb - 1):
        if names_field(texts[i], texts[verb]):
            last = 1 if texts[verb - 1] == "last" else 0
            between = tokens[i + 1 : verb - last]
            return (*tokens[:i], *tokens[verb - last : verb], tokens[i], tokens[verb], *between)
    return tokens
