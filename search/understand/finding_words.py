"""How people speak of findings: names of rules and policies, makers of scanners, keeping and breaking a policy."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from catalog_store.model import kinds as k
from search.plan import Compare, Not, Op, Related, Select
from search.understand import words
from search.understand.english import is_english
from search.understand.semantics import Complying, Condition, Meaning, SetOf

MAX_NAMES = 5000
"""A field of names with more distinct values than this is not enumerable: its values are not words."""

NAMING = frozenset(("rule", "policy"))
"""Fields of findings whose values are names people gave; they are said for one another."""

NOUNS = frozenset(("policies", "constraints"))
"""What policies are called when several are asked for; "policy" may be anything's."""

BESIDE = frozenset(("category", "enforcement"))
"""Fields whose values are too ordinary to mean them alone: "best practices", "deny"."""

_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where the words of a name in camel case meet."""


def spellings(name: str) -> Iterator[tuple[str, bool]]:
    """A name as written, in words, and its last part; with whether it is one word that means something else as well.

    >>> [text for text, _ in spellings("K8sRequiredLabels")], list(spellings("quota"))
    (['K8sRequiredLabels', 'K8s Required Labels'], [('quota', True)])
    >>> [text for text, _ in spellings("python.lang.weak-hash")]
    ['python.lang.weak-hash', 'weak-hash']
    """
    last = name.rpartition(".")[2]
    for written in dict.fromkeys((name, last if len(last) > 3 else name)):
        for spoken in dict.fromkeys((written, _EDGE.sub(" ", written))):
            text = spoken.replace("_", " ")
            plain = text.lower()
            yield text, text.isalpha() and (is_english(plain) or plain in words.ALL_WORDS)


def makers(tools: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Tools by the first word of their names: "snyk" is every tool of Snyk's.

    >>> makers(["Snyk Code", "Snyk Open Source", "kyverno", "Black Duck"])
    {'snyk': ('Snyk Code', 'Snyk Open Source')}
    """
    made: dict[str, set[str]] = defaultdict(set)
    for tool in tools:
        first = next(iter(tool.split()), "").lower()
        if len(first) > 2 and not is_english(first):
            made[first].add(tool)
    return {maker: tuple(sorted(found)) for maker, found in made.items() if found != {maker}}


def phrases(*, held: bool) -> Iterator[tuple[str, Meaning, float]]:
    """Fixed ways of speaking, each with its meaning and how sure the words make it.

    Args:
        held: something was reported; until then "pass" and its like are ordinary words.
    """
    by_policy = Compare(field="policy", op=Op.EXISTS)
    breaking = Related(relation="hasFinding", to=Select(kinds=(k.FINDING,), where=by_policy))
    found = Related(relation="hasFinding", to=Select(kinds=(k.FINDING,)))
    kinds = (k.COMPONENT, k.RESOURCE, k.API)
    for phrase in words.COMPLYING if held else ():
        yield phrase, Complying(), 0.9
    for phrase in words.COMPLIANT:
        yield phrase, Condition(Not(of=breaking), kinds), 0.85
    for phrase in words.VIOLATING:
        yield phrase, Condition(breaking, kinds), 0.95
    for phrase in words.VULNERABLE:
        yield phrase, Condition(found, kinds), 0.9
    for phrase in words.POLICY_FINDING:
        for form in (phrase, f"{phrase[:-1]}ies" if phrase.endswith("y") else f"{phrase}s"):
            yield form, SetOf(kinds=(k.FINDING,), where=by_policy), 0.95
    whatever = Compare(field="open", op=Op.EXISTS)
    for phrase in words.ANY_STATE:
        yield phrase, Condition(whatever, (k.FINDING,)), 1.0
