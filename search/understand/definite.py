"""The queue, the redis: a noun with "the" at the end of a question, or before its verb, is one thing, though it names a sort of things.

Several of that sort make the question ambiguous where their answers differ; they are never listed as though all were meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog_store.model import kinds as k
from search.plan import Compare
from search.understand import words
from search.understand.lexicon import Lexicon
from search.understand.semantics import Condition, Item, SetOf, Skip
from search.understand.spans import Mention, Word, item_of, mention_of
from search.understand.value_lexicon import LABELS

MAX_MEANT = 24
"""Things of a sort up to which one of them is meant; beyond, the noun only describes."""

SURE = 0.95
"""Worth of a word of such a noun: what a name is worth that is exact."""

_FOR_LABELS = ("tag", "label")
"""Nouns for labels: "the golden-path tag" is that tag, and no thing that bears it."""

_ANY_SORT = ("service",)
"""Types that are said of everything."""

_VERBS = frozenset(
    """last depend depends depending use uses call calls deployed released shipped updated down healthy unhealthy owned maintained run runs break breaks
    fail fails go goes written doing ok okay up is was has need needs consume consumes talk talks provide provides expose exposes cost costs belong belongs
    rely relies""".split()
)
"""Words after which such a noun is the one thing spoken of: "what does the model depend on"."""


def definite(found: Sequence[Mention], read: Sequence[Word], lexicon: Lexicon) -> list[Mention]:
    """The mentions, those of a definite noun that ends the question or stands before its verb replaced by the things it may be."""
    end = len(read)
    while end and read[end - 1].token.text in words.POLITE:
        end -= 1
    meant = {
        mention: things
        for mention in found
        if (mention.end == end or (mention.end < end and read[mention.end].text in _VERBS))
        and mention.start
        and read[mention.start - 1].text == "the"
        and not any(w.text in _FOR_LABELS for w in read[mention.start : end])
        and (things := _things(mention.items, lexicon)) is not None
    }
    return [
        mention_of(m.start, m.end, [item_of(meant[m], m.start, m.end, SURE)], read)
        if m in meant
        else m
        for m in found
    ]


def _things(items: Sequence[Item], lexicon: Lexicon) -> SetOf | None:
    """What a singular noun may be; None where it is a name already, is said of anything, or nothing is such a thing."""
    meanings = [item.meaning for item in items]
    if any(isinstance(x, SetOf) and x.names for x in meanings):
        return None
    labels = [x for x in meanings if is_label(x)]
    if labels and any(not (is_label(x) or isinstance(x, Skip)) for x in meanings):
        return None  # "off the golden path": the words mean more than a label
    refs: list[str] = []
    for x in meanings:
        if (isinstance(x, SetOf) and not x.plural and k.GROUP not in x.kinds) or (
            isinstance(x, Condition) and is_label(x)
        ):
            refs += _members(x.where, x.kinds, lexicon)
    found = [lexicon.candidates[ref] for ref in dict.fromkeys(refs) if ref in lexicon.candidates]
    return SetOf(names=tuple(found)) if 0 < len(found) <= MAX_MEANT else None


def is_label(meaning: object) -> bool:
    """Whether a meaning is that things bear a label."""
    where = meaning.where if isinstance(meaning, Condition) else None
    return isinstance(where, Compare) and where.field == LABELS


def _members(where: object, kinds: tuple[str, ...], lexicon: Lexicon) -> list[str]:
    if not isinstance(where, Compare) or where.field not in ("type", LABELS):
        return []
    values = list(where.value) if isinstance(where.value, tuple) else [where.value]
    if set(values) & set(_ANY_SORT):
        return []
    if where.field == "type":
        members = lexicon.candidates.values()
        return sorted(c.ref for c in members if c.type in values and c.kind in kinds)
    rows = lexicon.store.fetch(
        "SELECT ref FROM entities WHERE list_contains(tags, ?) AND kind IN ('Component', 'Resource') ORDER BY ref",
        [str(values[0])],
    )
    return [str(row["ref"]) for row in rows]
