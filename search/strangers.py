"""Whether words that nothing knows stand where a name is due, or are an adjective or a fact we do not hold."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_store.model import kinds as k
from catalog_store.model.kinds import KIND_BY_NAME
from search.understand import words
from search.understand.english import is_english
from search.understand.identity import STRANGER
from search.understand.reading import Reading
from search.understand.understanding import Understanding

_ADJECTIVE_ENDINGS = ("est", "ing", "ed", "ly")
"""Endings of words that describe a thing rather than name it: "cheapest service"."""

_GROUPING_KINDS = frozenset((k.GROUP, k.SYSTEM, k.DOMAIN))
_NAMED_KINDS = {
    word: (kind,)
    for kind in (k.GROUP, k.SYSTEM, k.DOMAIN, k.COMPONENT)
    for word in KIND_BY_NAME[kind].words
} | {"service": (k.COMPONENT,)}
"""Nouns, in the singular, beside which a name is due."""
_ASKING_WHICH = frozenset("which what whose any each every no another a that this one".split())
_AFTER_A_FACT = frozenset(("of", "for", "score", "per"))
_BEFORE_A_FACT = frozenset("most least more fewer less highest lowest much many".split())
_BEFORE_A_NAME = frozenset("the of in for by from at with and or does do is are to on".split())


def strange_name(u: Understanding, left: Sequence[int]) -> tuple[str, tuple[str, ...]] | None:
    """Words nothing knows where a name is due: "the insurance domain", "team astronauts"; with the kinds meant."""
    run = [i for i in left if i in u.unknown_words]
    if not run or run != list(range(run[0], run[-1] + 1)):
        return None
    kinds = _noun_beside(u, run[0], run[-1])
    if not kinds and u.frame.yes_no and run[0] == 1 and run[-1] < len(u.tokens) - 1:
        said = [u.tokens[i].text for i in run]
        if not any(is_english(text) for text in said):
            return " ".join(said), ()  # "is skirbax deprecated": what is asked about is a name
    return (" ".join(u.tokens[i].text for i in run), kinds) if kinds else None


def _noun_beside(u: Understanding, first: int, last: int) -> tuple[str, ...]:
    """The kinds of the noun that words stand beside as its name does: "the X team", "team X"; empty when there is none."""
    texts = u.spelled
    after = _NAMED_KINDS.get(texts[last + 1], ()) if last + 1 < len(texts) else ()
    if after and (first == 0 or texts[first - 1] in _BEFORE_A_NAME):
        return after
    if last + 1 < len(texts) and texts[last + 1] in _AFTER_A_FACT:
        return ()  # "team morale of checkout" names a fact
    if not first or (first > 1 and texts[first - 2] in _ASKING_WHICH):
        return ()  # "which team handles …": the noun is what is asked for
    return _NAMED_KINDS.get(texts[first - 1], ())


def hyphenated(u: Understanding, words: str) -> bool:
    """Whether the words stand in the question as one hyphenated word: a name, not a fact."""
    said = words.split()
    texts = [t.text for t in u.tokens]
    n = len(said)
    return n > 1 and any(
        texts[i : i + n] == said and all(t.joined for t in u.tokens[i + 1 : i + n])
        for i in range(len(texts) - n + 1)
    )


def ends_in_object(u: Understanding, best: Reading) -> bool:
    """Whether unknown words that end a question are what its verb is about: "who owns payments"."""
    texts = [t.text for t in u.tokens]
    while texts and texts[-1] in words.POLITE:
        texts.pop()
    said = str(best.unknown).split()
    first = len(texts) - len(said)
    if u.frame.wh != "who" or texts[first:] != said:
        return False
    before = first - 1
    while before > 0 and texts[before] in ("the", "our", "a", "an"):
        before -= 1
    return before > 0 and texts[before] not in words.POLITE and bool(best.mask >> before & 1)


def like_a_name(u: Understanding, best: Reading) -> bool:
    """Whether unknown words look like a name: beside a noun of a kind, hyphenated, or in no dictionary."""
    if best.unknown in STRANGER:
        return True
    said = set(str(best.unknown).split())
    unknown = [i for i, t in enumerate(u.tokens) if best.mask >> i & 1 and t.text in said]
    if unknown and u.written.issuperset(unknown):
        return True
    if unknown and set(_noun_beside(u, unknown[0], unknown[-1])) & _GROUPING_KINDS:
        return True  # "the marketing department"
    if unknown and unknown[0] and u.spelled[unknown[0] - 1] in _BEFORE_A_FACT:
        return False  # "the most carbon"
    if best.unknown_kinds:
        return not str(best.unknown).endswith(_ADJECTIVE_ENDINGS)
    return any(not is_english(u.tokens[i].text) or u.in_compound(i) for i in unknown)
