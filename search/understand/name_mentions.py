"""Words that spell the name of a thing: wholly, nearly, or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog_store.model import kinds as k
from search.understand import words
from search.understand.english import is_english
from search.understand.finding_words import NOUNS
from search.understand.lexicon import Lexicon
from search.understand.names import ALIAS_QUALITY
from search.understand.semantics import Candidate, Item, SetOf
from search.understand.spans import Word, item_of

MOST_PARTIAL = 24
"""Things that a part of a name may mean."""

PART_SPREAD = 0.2
"""Things whose names fit a part this nearly as well as the best are all kept: which is meant is not guessed."""

WHOLE_NAME = 0.4
"""Added when several words spell one whole name: "ledger database" is that database before it is databases of the ledger."""

_ARTICLES = frozenset(("the", "a", "an"))

_BEFORE_NAMES = frozenset(
    "the a an this that our my of for about after on in to by with from at and or is does did has was are were via own owns uses use "
    "calls runs run call owner team system domain group service component who which what old new hows how's".split()
)
"""Words before which an ordinary English word may stand for a name."""

_KIND_PRIOR = {
    k.COMPONENT: 0.06,
    k.GROUP: 0.05,
    k.SYSTEM: 0.04,
    k.API: 0.03,
    k.DOMAIN: 0.02,
    k.RESOURCE: 0.02,
    k.USER: 0.02,
}

LONGEST_MISSPELT, LONG_WORD = 4, 8
"""Words of a misspelt name at most, and letters of one that is a single word: shorter ones are put right word by word."""

QUALIFIERS = frozenset(
    "old new legacy current previous former latest deprecated classic next main".split()
)
"""Words that tell one thing from another of its name, and name nothing by themselves."""

AGED = frozenset("old legacy previous former".split())
"""Of these, those that ask for the old one of a name, whatever its own name says it with: "(legacy)", "v1"."""


def name_items(read: Sequence[Word], i: int, j: int, lexicon: Lexicon) -> list[Item]:
    """Things whose name the words spell; parts of names only where no whole name fits. One item a kind: kinds differ in use."""
    words_ = read[i:j]
    if words_[0].text in _ARTICLES:
        return []  # names are kept without their article
    stems = tuple(w.stem for w in words_)
    texts = tuple(w.text for w in words_)
    if any(not w.known for w in words_[texts[0] in AGED :]):
        return _by_kind(lexicon.names.whole(stems, texts), i, j) or _misspelt(read, i, j, lexicon)
    if j - i == 1 and (words_[0].text in words.POLITE or words_[0].text in words.WH):
        return []
    exact = lexicon.names.whole(stems, texts)
    if not exact and texts[0] in AGED and j - i > 1:
        exact = lexicon.names.aged(stems[1:])
    if texts[0] in words.POLITE:  # "list services" asks for services, and names no Listing Service
        exact = [c for c in exact if c.quality >= ALIAS_QUALITY]
    if exact:
        return _by_kind(exact, i, j)
    if any(w.corrected for w in words_) and (slips := _misspelt(read, i, j, lexicon)):
        return slips
    if words_[0].token.text in words.POLITE or words_[-1].token.text in words.POLITE:
        return []
    if not _ARTICLES.isdisjoint(w.text for w in words_):
        return []  # "components the search team …": another name begins there
    if all(lexicon.is_word(w.text, w.stem) or w.text in words.STANDALONE for w in words_):
        return []  # words with a meaning of their own are not taken for parts of names
    if j - i == 1 and _no_part_of_a_name(read, i, lexicon):
        return []
    if (
        j - i == 1
        and i
        and not words_[0].capital
        and is_english(words_[0].text)
        and read[i - 1].text not in _BEFORE_NAMES
    ):
        return []  # "whose data is …": an ordinary word is part of a name only where a name is due
    return _by_kind(lexicon.names.part(stems, spread=PART_SPREAD, at_most=MOST_PARTIAL), i, j)


def _misspelt(read: Sequence[Word], i: int, j: int, lexicon: Lexicon) -> list[Item]:
    """Things whose whole name the words nearly spell: "edge-gatway", "journy planer"."""
    typed = [w.token.text for w in read[i:j]]
    cut = (i and read[i].token.joined) or (j < len(read) and read[j].token.joined)
    too_long = j - i > LONGEST_MISSPELT or (j - i == 1 and len(typed[0]) < LONG_WORD)
    if cut or too_long or not words.POLITE.isdisjoint((typed[0], typed[-1])):
        return []
    near = lexicon.names.like(typed)
    said = " ".join(typed)
    return [
        replace(item, notes=(f"read “{said}” as “{item.meaning.names[0].title}”",))
        for item in _by_kind(near, i, j)
        if isinstance(item.meaning, SetOf)
    ]


def _no_part_of_a_name(read: Sequence[Word], i: int, lexicon: Lexicon) -> bool:
    """Whether a word is a form or part of something else: "paged" names no Status Page, nor "at risk" a Risk Engine."""
    text = read[i].text
    if text in NOUNS or text in QUALIFIERS:
        return True  # policies that nobody reports are no Policy Checker, "the old api" is not every "(old)"
    inflected = text.endswith(("ed", "ing")) and text not in lexicon.names.words
    return inflected or (i > 0 and (read[i - 1].text, text) in words.IDIOMS)


def _by_kind(candidates: Sequence[Candidate], i: int, j: int) -> list[Item]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.kind, []).append(candidate)
    items = []
    for kind, members in groups.items():
        top = max(c.quality for c in members)
        same = tuple(c for c in members if c.quality >= top - (PART_SPREAD if top < 0.9 else 0.12))
        whole = WHOLE_NAME if j - i > 1 and top >= 0.97 else 0.0
        weight = top + (_KIND_PRIOR.get(kind, 0.0) + whole) / (j - i)
        items.append(item_of(SetOf(names=same), i, j, weight))
    return items
