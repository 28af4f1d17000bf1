"""Words put where the grammar looks for them: what is left out behind what it is left out of, a preposition after its verb."""

from __future__ import annotations

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
        if texts[i + 1] not in _ASKING:
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
