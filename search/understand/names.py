"""The names of a catalog: whole, in part, or nearly; however they are cut into words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from catalog_store.analyzer import stem, words_of
from catalog_store.model import kinds as k
from catalog_store.reader import Row
from search.understand import words
from search.understand.semantics import Candidate
from search.understand.type_words import TYPE_CLASSES

DERIVED_PENALTY = 0.3
"""Taken off a name met only through its stem: another form of the word may well mean something else."""

NUMBER_PENALTY = 0.25
"""Taken off a name met in the other number: "kafka topics" are topics before they are the template Kafka topic."""

ALIAS_QUALITY = 0.97
"""A nickname names a thing a little less surely than its name does."""

PART_QUALITY, UNSAID_COST = 0.85, 0.35
"""Quality of a part of a name, and how fast it falls with each word left unsaid."""

GENERIC_COST = 0.35
"""How much of a word a generic one counts for when it is left unsaid."""

_GENERIC = frozenset(
    stem(w)
    for w in "service api app component system team group database db cache core platform engine server worker web job the".split()
)
"""Words so common in names that alone they name nothing."""

_BUILT = (k.COMPONENT, k.API, k.SYSTEM, k.DOMAIN, k.TEMPLATE)
_NOUN_OF: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    stem(word): (kinds, types)
    for word, kinds, types in (
        ("database", (k.RESOURCE,), (*TYPE_CLASSES["database"], "sql")),
        ("cache", (k.RESOURCE,), TYPE_CLASSES["cache"]),
        ("team", (k.GROUP,), ()),
        ("group", (k.GROUP,), ()),
        ("system", (k.SYSTEM, k.DOMAIN, k.COMPONENT), ()),
        *(
            (word, _BUILT, ())
            for word in ("service", "api", "app", "component", "server", "worker")
        ),
    )
}
"""A generic word's stem → the kinds, and parts of the types, of what bears it without its name saying so.

"ledger-db" is no other name of the team Ledger, nor of its service: whose name lacks the word must be such a thing.
"""

REORDERED_QUALITY = 0.98
"""A name met with its words in another order: "old meter registry" for Meter Registry (old)."""

SPELT_QUALITY = 0.95
"""A name met with its digits as words, or its abbreviation written out."""

MISSPELT_QUALITY = 0.93
"""A whole name met with one slip of spelling; each further slip takes `SLIP_COST`."""

SLIP_COST = 0.02

LETTERS_A_SLIP = 5
"""Letters of a name for each slip in it; "web" and "wed" are two names."""

_AGED = frozenset(map(stem, "old legacy previous former classic v0 v1".split()))
"""Words of a name that tell the old one of several."""

_NUMERALS = re.compile(r"\d+")

_DIGITS = {str(number): word for word, number in words.NUMBERS.items() if number < 10}

_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_CAMEL_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Name:
    """One form of one thing's name: its stems, its words joined, and these with abbreviations of the trade written out."""

    candidate: Candidate
    stems: tuple[str, ...]
    joined: str
    full: str


@dataclass(frozen=True, slots=True)
class _Bearers:
    """The names that hold a stem, by their identity: those with the fewest further words first, those of one weight by reference."""

    names: dict[int, tuple[float, _Name]]
    ids: frozenset[int]

    def with_all(self, others: Sequence[_Bearers]) -> Iterable[tuple[float, _Name]]:
        """Those that hold the others' stems as well."""
        if not others:
            return self.names.values()
        common = self.ids.intersection(*(other.ids for other in others))
        return sorted((self.names[i] for i in common), key=_shortest_first)


def _shortest_first(weighed: tuple[float, _Name]) -> tuple[float, str]:
    return weighed[0], weighed[1].candidate.ref


def key(text: str) -> tuple[str, ...]:
    """The stems of a phrase, abbreviations of the trade written out.

    >>> key("Data-Pipelines") == key("data pipeline")
    True
    """
    return tuple(map(word_stem, words_of(text)))


@lru_cache(maxsize=100_000)
def word_stem(word: str) -> str:
    """The stem of one word, abbreviations of the trade written out.

    >>> word_stem("svcs") == word_stem("service")
    True
    """
    if len(word) == 3 and word[1].isdigit() and word[2] == "s":
        word = word[:2]  # p1s, t2s
    return stem(words.SPACE_WORDS.get(word, word))


class NameIndex:
    """Look-ups cost the same however many names there are."""

    def __init__(self) -> None:
        """Empty; `add` fills it."""
        self.candidates: dict[str, Candidate] = {}
        self.words: set[str] = set()
        self._whole: dict[str, list[_Name]] = defaultdict(list)
        self._aged: dict[str, list[_Name]] = defaultdict(list)
        self._by_stem: dict[str, list[_Name]] = defaultdict(list)
        self._bearers: dict[str, _Bearers] = {}
        self._bags: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
        self._titles: dict[str, list[Candidate]] = defaultdict(list)

    @property
    def stems(self) -> set[str]:
        """Every stem that is part of some name."""
        return set(self._by_stem)

    def add(self, entity: Row) -> None:
        """Take in an entity's name, title and aliases."""
        name, title = entity["name"], entity["title"] or entity["name"]
        base = Candidate(entity["ref"], entity["kind"], entity["type"], title, 1.0)
        self.candidates[base.ref] = base
        for shown in {title.lower(), name.lower()}:
            self._titles[shown].append(base)
        forms = [
            (name, 1.0),
            (title, 1.0),
            *((alias, ALIAS_QUALITY) for alias in entity["aliases"] or ()),
        ]
        known: set[tuple[tuple[str, ...], str]] = set()
        for text, quality in forms:
            self._add_form(base, text, quality, known)

    def add_alias(self, ref: str, alias: str) -> None:
        """Call a known thing by another name."""
        self._add_form(self.candidates[ref], alias, ALIAS_QUALITY, set())

    def _add_form(
        self, base: Candidate, text: str, quality: float, known: set[tuple[tuple[str, ...], str]]
    ) -> None:
        """Take in one form, unless its words are those of a better one: a title mostly is the name once more."""
        text = _ARTICLE.sub("", text)
        said = words_of(text)
        apart = _CAMEL_EDGE.sub(" ", text)
        in_one_piece = tuple(map(word_stem, said))
        stems = in_one_piece if apart == text else key(apart)
        joined = "".join(said)
        if not stems or (stems, joined) in known:
            return
        known.add((stems, joined))
        full = "".join(words.SPACE_WORDS.get(word, word) for word in said)
        name = _Name(_rated(base, quality), stems, joined, full)
        for spelling in {"".join(stems), "".join(in_one_piece), joined}:
            self._whole[spelling].append(name)
        ageless = tuple(s for s in stems if s not in _AGED)
        if ageless and ageless != stems:
            self._aged["".join(ageless)].append(name)
        if len(stems) > 1:
            self._bags[tuple(sorted(stems))].append(name)
        for part in _spoken(stems):
            self._by_stem[part].append(name)
            self._bearers.pop(part, None)
        self.words.update(said)

    def whole(self, stems: tuple[str, ...], texts: tuple[str, ...]) -> list[Candidate]:
        """Things whose whole name, title or alias the words spell, best first.

        A name met only by its stem ("recommend" for Recommendations) is worth less than one met as it is written.
        """
        said = "".join(texts)
        if said not in self._whole and "".join(stems) not in self._whole:
            other = _spelt_out(texts)
            if other is not None and other in self._whole:
                return _best_of_each(
                    _rated(n.candidate, n.candidate.quality * SPELT_QUALITY)
                    for n in self._whole[other]
                    if n.joined == other
                )
        spelled = any(text in words.SPACE_WORDS for text in texts)
        found = []
        for name in (*self._whole.get("".join(stems), ()), *self._whole.get(said, ())):
            penalty = 0.0
            if said not in (name.joined, name.full) and not spelled:
                other_number = name.joined == f"{said}s" or said == f"{name.joined}s"
                penalty = NUMBER_PENALTY if other_number else DERIVED_PENALTY
            found.append(_rated(name.candidate, name.candidate.quality - penalty))
        found += [
            _rated(name.candidate, name.candidate.quality * REORDERED_QUALITY)
            for name in self._bags.get(tuple(sorted(stems)), ())
            if name.stems != stems
        ]
        return _best_of_each(found)

    def aged(self, stems: tuple[str, ...]) -> list[Candidate]:
        """Things that are the old one of a name: "the old login api" for Login API v1, and for Login (legacy) API."""
        ageless = "".join(s for s in stems if s not in _AGED)
        return _best_of_each(n.candidate for n in self._aged.get(ageless, ()))

    def like(self, texts: Sequence[str]) -> list[Candidate]:
        """Things whose whole name the words nearly spell: slips in several words, or inside a hyphenated one; nearest only.

        The first letter and all digits hold: `auth-v3` is no slip for `auth-v2`.
        """
        said = "".join(texts)
        most = min(3, len(said) // LETTERS_A_SLIP)
        if most == 0:
            return []
        found = process.extract(
            said, self._spellings, scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=8
        )
        near = [
            (spelling, int(slips))
            for spelling, slips, _ in found
            if spelling[0] == said[0]
            and slips <= len(spelling) // LETTERS_A_SLIP
            and _NUMERALS.findall(spelling) == _NUMERALS.findall(said)
        ]
        fewest = min((slips for _, slips in near), default=0)
        return _best_of_each(
            _rated(n.candidate, n.candidate.quality * MISSPELT_QUALITY - SLIP_COST * (fewest - 1))
            for spelling, slips in near
            if slips == fewest
            for n in self._whole[spelling]
            if n.joined == spelling
        )

    @cached_property
    def _spellings(self) -> tuple[str, ...]:
        """Every whole name, its words joined."""
        return tuple(sorted({n.joined for names in self._whole.values() for n in names}))

    def part(self, stems: tuple[str, ...], *, spread: float, at_most: int) -> list[Candidate]:
        """Things whose name contains all the stems, generic words aside, best first; sources of the catalog are none.

        However many names share a word, only the shortest of them are looked at.

        Args:
            stems: as said.
            spread: how much less than the best of them the last may be worth; quality falls with what is left unsaid.
            at_most: how many.
        """
        content = [s for s in stems if s not in _GENERIC]
        if not content:
            if len(stems) != 1:
                return []
            content = list(stems)
        bearers = [self._bearers_of(s) for s in content]
        qualities: dict[str, float] = {}
        found: dict[str, Candidate] = {}
        for weight, name in bearers[0].with_all(bearers[1:]):
            bound = round(_worth(weight - len(content)), 4)
            enough = len(found) >= at_most and sorted(qualities.values())[-at_most] >= bound
            if enough or bound < max(qualities.values(), default=0.0) - spread:
                break
            ref = name.candidate.ref
            unnamed = [s for s in stems if s not in name.stems]
            if not all(_is_such(name.candidate, s) for s in unnamed):
                continue
            rest = [s for s in name.stems if s not in content and _agentless(s) not in content]
            quality = round(_worth(sum(map(_weight, rest))) - 0.05 * len(unnamed), 4)
            if quality > qualities.get(ref, 0.0):
                qualities[ref], found[ref] = quality, name.candidate
        best = max(qualities.values(), default=0.0)
        near = [_rated(c, qualities[ref]) for ref, c in found.items()]
        return [c for c in _best_of_each(near) if c.quality >= best - spread][:at_most]

    def _bearers_of(self, stem_: str) -> _Bearers:
        """The names that hold a stem; sorted when it is first asked for."""
        known = self._bearers.get(stem_)
        if known is None:
            names = [n for n in self._by_stem.get(stem_, ()) if n.candidate.kind != k.LOCATION]
            weighed = sorted(((_weight_of(n.stems), n) for n in names), key=_shortest_first)
            by_id = {id(name): (weight, name) for weight, name in weighed}
            known = self._bearers[stem_] = _Bearers(by_id, frozenset(by_id))
        return known

    def nearest(self, text: str, limit: int = 5, *, kinds: Collection[str] = ()) -> list[Candidate]:
        """Things whose names look most like a text, for "did you mean"; those of `kinds` where there are any."""
        titles = [t for t, named in self._titles.items() if any(c.kind in kinds for c in named)]
        found = process.extract(
            text.lower(),
            titles or list(self._titles),
            scorer=fuzz.WRatio,
            limit=limit * 2,
            score_cutoff=30 if titles else 55,
        )
        near = {c.ref: c for title, _, _ in found for c in self._titles[title]}
        of_kind = [c for c in near.values() if c.kind in kinds]
        return (of_kind or list(near.values()))[:limit]


def _weight(word: str) -> float:
    """How much it takes from a name to leave one of its words unsaid."""
    return GENERIC_COST if word in _GENERIC else 1.0


@lru_cache(maxsize=100_000)
def _weight_of(stems: tuple[str, ...]) -> float:
    """How much it would take to leave all of them unsaid; a doer and what it does are said together."""
    return sum(map(_weight, {_agentless(word) for word in stems}))


def _worth(unsaid: float) -> float:
    """Quality of a part of a name, with words of so much weight left unsaid."""
    return PART_QUALITY / (1 + UNSAID_COST * max(0.0, unsaid))


def _is_such(candidate: Candidate, noun: str) -> bool:
    """Whether a thing may be called by a generic noun that its name leaves out."""
    kinds, types = _NOUN_OF.get(noun, ((), ()))
    if kinds and candidate.kind not in kinds:
        return False
    type_ = (candidate.type or "").lower()
    return not types or any(part in type_ for part in types)


def _spelt_out(texts: tuple[str, ...]) -> str | None:
    """The words joined, digits as words, and a single letter with the initial of the word it abbreviates with.

    >>> _spelt_out(("3", "d", "secure", "server")), _spelt_out(("web", "2", "gateway"))
    ('threedsserver', 'webtwogateway')
    """
    out = []
    i = 0
    while i < len(texts):
        text = texts[i]
        if len(text) == 1 and text.isalpha() and i + 1 < len(texts) - 1:
            out.append(text + texts[i + 1][0])
            i += 2
            continue
        out.append(_DIGITS.get(text, text))
        i += 1
    other = "".join(out)
    return other if other != "".join(texts) else None


def _rated(candidate: Candidate, quality: float) -> Candidate:
    if candidate.quality == quality:
        return candidate
    return Candidate(
        candidate.ref, candidate.kind, candidate.type, candidate.title, round(quality, 4)
    )


def _best_of_each(found: Iterable[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for candidate in found:
        known = best.get(candidate.ref)
        if known is None or candidate.quality > known.quality:
            best[candidate.ref] = candidate
    return sorted(best.values(), key=lambda c: (-c.quality, c.ref))


@lru_cache(maxsize=100_000)
def _spoken(stems: tuple[str, ...]) -> frozenset[str]:
    """The words that a name is found by: its own, and what its doers do."""
    return frozenset((*stems, *map(_agentless, stems)))


@lru_cache(maxsize=100_000)
def _agentless(word: str) -> str:
    """Printer → print, scheduler → schedul: what does something is called after what it does."""
    return stem(word[:-2]) if len(word) > 5 and word.endswith(("er", "or")) else word
