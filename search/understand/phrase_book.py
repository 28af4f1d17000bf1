"""Phrases ↔ meanings: two dictionaries, one by the stems of a phrase and one by exactly what is typed.

Cost of a look-up does not grow with the book.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog_store.analyzer import words_of
from search.understand.forms import inflected
from search.understand.names import key
from search.understand.semantics import FieldWord, Meaning, RelationNoun, RelationWord, SetOf

MAX_PHRASE = 6
"""Longest phrase of the book, in words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a phrase, with how sure the words alone make it (0..1)."""

    meaning: Meaning
    weight: float
    plural: bool = False


class PhraseBook:
    """What phrases mean, and which words were ever said in one."""

    def __init__(self) -> None:
        """An empty book."""
        self._phrases: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
        self._surface: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
        self.spoken: list[str] = []
        """Every phrase registered, in the forms people use, in order; phrases may occur twice."""

    def say(
        self, phrase: str, meaning: Meaning, weight: float = 1.0, *, surface: bool = False
    ) -> None:
        """Register a phrase: by its stems, or exactly as typed when the inflection carries the meaning."""
        if surface:
            texts = words_of(phrase)
            if texts:
                self._surface[texts].append(Reading(meaning, weight))
        else:
            stems = key(phrase)
            if stems and len(stems) <= MAX_PHRASE:
                known = self._phrases[stems]
                if all(r.meaning != meaning for r in known):
                    known.append(Reading(meaning, weight))
        self.spoken.append(phrase)
        if not surface and isinstance(meaning, SetOf | RelationWord | RelationNoun | FieldWord):
            self.spoken.append(inflected(phrase, verb=isinstance(meaning, RelationWord)))

    def say_all(self, said: Iterable[tuple[str, Meaning, float]]) -> None:
        """Register phrases exactly as typed; there are thousands, and neighbours that mean the same share one reading."""
        reading: Reading | None = None
        for phrase, meaning, weight in said:
            if reading is None or reading.meaning is not meaning or reading.weight != weight:
                reading = Reading(meaning, weight)
            texts = words_of(phrase)
            if texts:
                self._surface[texts].append(reading)
            self.spoken.append(phrase)

    def say_also(self, phrase: str, meant: str) -> None:
        """Let a phrase mean all that another one means so far."""
        texts = words_of(phrase)
        self._phrases[key(phrase)] += self._phrases.get(key(meant), ())
        self._surface[texts] += self._surface.get(words_of(meant), ())
        self.spoken.append(phrase)

    def readings(self, texts: tuple[str, ...], stems: tuple[str, ...]) -> Iterator[Reading]:
        """Meanings of a phrase, as typed and by its stems."""
        yield from self._surface.get(texts, ())
        yield from self._phrases.get(stems, ())

    def is_word(self, text: str, stemmed: str) -> bool:
        """Whether one word means something by itself."""
        return (stemmed,) in self._phrases or (text,) in self._surface

    def parts(self) -> Iterator[str]:
        """The words and stems that phrases are made of; may occur twice."""
        for phrase in (*self._phrases, *self._surface):
            yield from phrase

    def stems_of(self, *kinds: type[Meaning]) -> frozenset[str]:
        """Stems of every phrase with a meaning of one of these kinds."""
        return frozenset(
            word
            for phrase, readings in self._phrases.items()
            if any(isinstance(r.meaning, kinds) for r in readings)
            for word in phrase
        )
