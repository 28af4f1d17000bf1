"""Words ↔ meanings for one snapshot: built from the field table, the relations, the kinds and the catalog's own values.

Cost of a look-up does not grow with the catalog: every table is a dictionary keyed by the stems of a phrase.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from catalog_store.analyzer import words_of
from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, KINDS, Table
from catalog_store.model.relations import RELATIONS
from catalog_store.reader import CatalogReader, Row
from search.plan import Compare, Op
from search.understand import event_words, words
from search.understand.finding_words import BESIDE, NAMING, phrases
from search.understand.forms import near, plural
from search.understand.function_words import function_words, trend_phrases
from search.understand.measure_words import measure_phrases
from search.understand.names import ALIAS_QUALITY, NameIndex, key, word_stem
from search.understand.phrase_book import MAX_PHRASE, PhraseBook, Reading
from search.understand.quality_words import quality_words
from search.understand.record_names import RecordNames
from search.understand.relating_words import BREAKING
from search.understand.semantics import (
    Candidate,
    FieldWord,
    OnCall,
    RelationNoun,
    RelationWord,
    SetOf,
    Superlative,
)
from search.understand.type_words import type_words
from search.understand.value_lexicon import KIND_WORDS, ValueLexicon, distinct_values, equals

VERSION_WORDS = frozenset(("version", "runtime"))


class Lexicon:
    """Every word and name one snapshot knows."""

    def __init__(self, store: CatalogReader) -> None:
        """Read the words of the field table and the names and values of the catalog."""
        self.fields: FieldTable = store.fields
        self.store = store
        self._book = PhraseBook()
        self.names = NameIndex()
        self.records = RecordNames(store)
        self._held: tuple[int, frozenset[Table]] = (-1, frozenset())
        # "policy", "fail" and their like are ordinary words until someone reports on policies
        self._findings = Table.FINDINGS in self.held_tables
        reported = store.fetch("SELECT 1 FROM findings WHERE policy IS NOT NULL LIMIT 1")
        self.held_policies = bool(reported)
        unspoken = frozenset() if reported else NAMING | BESIDE
        self._unspoken = unspoken - {"rule"} if self._findings else unspoken
        self.types: dict[str, set[str]] = defaultdict(set)
        self._book.say_all(function_words(self.fields))
        self._add_kinds()
        self._add_fields()
        self._add_relations()
        self._book.say_all(measure_phrases())
        self._add_quality()
        entities = store.fetch(
            "SELECT ref, kind, name, title, type, aliases, namespace, email FROM entities ORDER BY ref"
        )
        self._add_types(entities)
        held = ValueLexicon(self._book, store)
        self.values, self.labels = held.values, held.labels
        self.doubtful, self.families = held.doubtful, held.families
        for row in entities:
            if row["kind"] != k.LOCATION:
                self.names.add(row)
            if row["kind"] == k.USER and row["email"]:
                self.names.add_alias(row["ref"], str(row["email"]))
        self._add_alerts()
        self._add_synonyms()
        vocabulary = set(self._book.parts()) | self.names.stems
        self._vocabulary = {w for w in vocabulary if len(w) > 2}

    @cached_property
    def language_version(self) -> Field | None:
        """The one field that holds versions of a language or runtime; None when there is none, or several."""
        rows = [
            row
            for row in self.fields.discovered
            if row.type is FieldType.KEYWORD and VERSION_WORDS & set(row.name.split("_"))
        ]
        return rows[0] if len(rows) == 1 else None

    @cached_property
    def language_versions(self) -> tuple[str, ...]:
        """The versions that field holds, none twice."""
        row = self.language_version
        if row is None:
            return ()
        return tuple(str(value["v"]) for value in self.store.fetch(distinct_values(0, row)))

    @property
    def held_tables(self) -> frozenset[Table]:
        """The tables that hold anything; events may add to them."""
        version, held = self._held
        if version != self.store.version:
            version, held = self.store.version, frozenset(map(Table, self.store.holds(Table)))
            self._held = version, held
        return held

    @property
    def candidates(self) -> Mapping[str, Candidate]:
        """Every thing that has a name, by reference."""
        return self.names.candidates

    # ── look-ups ─────────────────────────────────────────────────────────────────────────────────

    def readings(self, texts: tuple[str, ...], stems: tuple[str, ...]) -> Iterator[Reading]:
        """Meanings of a phrase other than names."""
        return self._book.readings(texts, stems)

    def is_word(self, text: str, stemmed: str) -> bool:
        """Whether a word means something of its own, besides being part of names."""
        return self._book.is_word(text, stemmed)

    def relates(self, verb: str, preposition: str) -> bool:
        """Whether a verb with its preposition is a word for a relation: "consumed" with "by"."""
        said = (verb, preposition)
        stems = (word_stem(verb), word_stem(preposition))
        return any(isinstance(r.meaning, RelationWord) for r in self.readings(said, stems))

    def names_field(self, noun: str, verb: str) -> bool:
        """Whether a noun and a verb are together a word for a field: "restore" with "tested"."""
        stems = (word_stem(noun), word_stem(verb))
        return any(isinstance(r.meaning, FieldWord) for r in self.readings((noun, verb), stems))

    def knows(self, text: str) -> bool:
        """Whether the word occurs in any phrase or name."""
        return (
            word_stem(text) in self._vocabulary
            or text in words.POLITE
            or text in self._spoken_words
        )

    def names_whole(self, text: str) -> bool:
        """Whether something is called so, by its whole name, its title or an alias."""
        texts = words_of(text)
        return any(c.quality >= ALIAS_QUALITY for c in self.names.whole(key(text), texts))

    def spelled_like(self, text: str) -> list[tuple[str, int]]:
        """Known words a misspelling may stand for, nearest first, with the edit distance.

        One edit for words of four letters or more, two from nine on; the first letter holds.
        """
        alone = self._said_alone
        return sorted(
            near(text, self._spelling), key=lambda found: (found[1], found[0] not in alone)
        )

    # ── building ─────────────────────────────────────────────────────────────────────────────────

    def _add_kinds(self) -> None:
        running = Compare(field="active", op=Op.EQ, value=True)  # "the shift" is the one now
        for kind in KINDS:
            where = running if kind.name == k.SHIFT else None
            for word in kind.words:
                # by the words themselves: "product" and "production" have one stem
                short = (a for a, full in words.SPACE_WORDS.items() if full in (word, plural(word)))
                for form in dict.fromkeys((word, plural(word), *short)):
                    self._book.say(form, SetOf(kinds=(kind.name,), where=where), 0.95, surface=True)
        service = Compare(field="type", op=Op.EQ, value="service")
        for word in ("service", "microservice", "backend service"):
            self._book.say(word, SetOf(kinds=(k.COMPONENT,), where=service), 1.0)
        for phrase, level in words.WHO_TO_CALL.items():
            self._book.say(phrase, OnCall(level), 1.0, surface=True)
        for phrase in BREAKING:
            self._book.say(phrase, SetOf(kinds=(k.INCIDENT,)), 0.95, surface=True)
        for phrase in words.NEXT_ON_CALL:
            self._book.say(phrase, OnCall(upcoming=True), 1.0, surface=True)
        ends_at = self.fields.get(Table.SHIFTS, "ends_at")
        assert ends_at is not None
        for phrase in words.UNTIL_WHEN:
            self._book.say(phrase, FieldWord((ends_at,)), 0.9, surface=True)
        for word in ("entity", "everything", "anything", "something", "whatever"):
            self._book.say(word, SetOf(), 0.9)
        self._book.say("instances", SetOf(kinds=(k.RESOURCE,)), 0.9, surface=True)
        self._book.say_all(phrases(held=self._findings))

    def _add_fields(self) -> None:
        by_word: dict[str, list[Field]] = defaultdict(list)
        for row in self.fields:
            if row.table is Table.FINDINGS and row.name in self._unspoken:
                continue
            for word in row.words:
                if row.type is not FieldType.REF or word not in KIND_WORDS:
                    by_word[word].append(row)
            for phrase in row.more:
                self._book.say(phrase, Superlative(descending=True, row=row), 0.9, surface=True)
            for phrase in row.less:
                self._book.say(phrase, Superlative(descending=False, row=row), 0.9, surface=True)
            for phrase, value in row.value_words.items():
                self._book.say(
                    phrase, equals(row, value), 0.9, surface=row.type is FieldType.BOOLEAN
                )
            self._add_trend(row)
        deploying = {word_stem(word) for word in event_words.DEPLOYED if " " not in word}
        for word, rows in by_word.items():
            meaning = FieldWord(tuple(dict.fromkeys(rows)))
            if word not in event_words.DEPLOYED and word_stem(word) in deploying:
                # by the word itself: "deployer" and "deployed" have one stem
                for form in (word, plural(word)):
                    self._book.say(form, meaning, 0.9, surface=True)
            else:
                self._book.say(word, meaning, 0.9)

    def _add_trend(self, row: Field) -> None:
        """Growing fastest, fastest falling: of a field that says how another one changes."""
        numeric = row.type in (FieldType.INTEGER, FieldType.NUMBER)
        if not numeric or words.TREND_HEADS.isdisjoint(row.name.split("_")):
            return
        for phrase, up in trend_phrases():
            meaning = Superlative(descending=up, row=row, trend=True)
            self._book.say(phrase, meaning, 0.9, surface=True)

    def _add_relations(self) -> None:
        verbs: dict[str, list[str]] = defaultdict(list)
        nouns: dict[str, list[str]] = defaultdict(list)
        for relation in RELATIONS:
            if relation.forward.name == "findingIn" and not self._findings:
                continue
            for side in (relation.forward, relation.inverse):
                for verb in side.verbs:
                    verbs[verb].append(side.name)
                if "directly" in side.phrase:
                    verbs[side.phrase].append(side.name)  # as the reading says it
                for noun in side.nouns:
                    nouns[noun].append(side.name)
        self.verbs = frozenset(verbs)
        for verb, sides in verbs.items():
            self._book.say(verb, RelationWord(tuple(sides)), 0.95)
        for noun, sides in nouns.items():
            # by the words themselves: "dependency" and "dependent" have one stem
            self._book.say(noun, RelationNoun(tuple(sides)), 0.95, surface=True)
            self._book.say(
                plural(noun), RelationNoun(tuple(sides), plural=True), 0.95, surface=True
            )
            # "services whose owner is …": what follows is the owner, as after a verb
            self._book.say(f"whose {noun}", RelationWord(tuple(sides)), 1.0, surface=True)
        for word in KIND_BY_NAME[k.GROUP].words:
            self._book.say(f"whose {word}", RelationWord(("ownedBy",)), 1.0, surface=True)

    def _add_quality(self) -> None:
        for phrase, meaning in quality_words():
            forms = (phrase, plural(phrase)) if isinstance(meaning, SetOf) else (phrase,)
            for form in dict.fromkeys(forms):
                self._book.say(form, meaning, 0.95, surface=True)

    def _add_types(self, entities: list[Row]) -> None:
        """Values of `spec.type` are nouns: "databases", "ml models", "squads"."""
        for row in entities:
            if row["type"]:
                self.types[row["kind"]].add(row["type"])
        for phrase, meaning, weight in type_words(self.types):
            self._book.say(phrase, meaning, weight)

    def _add_alerts(self) -> None:
        """Alert names, which runbooks answer: a name of its own kind."""
        rows = self.store.fetch("SELECT DISTINCT unnest(alerts) AS alert FROM documents")
        rows += self.store.fetch("SELECT DISTINCT name AS alert FROM alerts")
        self.alerts: dict[str, str] = {
            str(r["alert"]).lower(): str(r["alert"]) for r in rows if r["alert"]
        }
        for name in self.alerts.values():
            self.names.words.add(name.lower())

    def _add_synonyms(self) -> None:
        """What the organisation's settings say: a phrase means all that another one means, or names what it names."""
        for phrase, meant in self.fields.synonyms.items():
            texts = words_of(phrase)
            if not texts or len(texts) > MAX_PHRASE:
                continue
            meant_texts = words_of(meant)
            self._book.say_also(phrase, meant)
            for candidate in self.names.whole(key(meant), meant_texts):
                self.names.add_alias(candidate.ref, phrase)

    @cached_property
    def _spoken_words(self) -> frozenset[str]:
        """Every word of every phrase; only a word that is not in the vocabulary asks for it."""
        return (
            frozenset(text for phrase in self._book.spoken for text in words_of(phrase))
            | words.ALL_WORDS
        )

    @cached_property
    def _said_alone(self) -> frozenset[str]:
        """Words that mean something by themselves; "related" only does with "to" after it."""
        return (
            frozenset(phrase for phrase in self._book.spoken if " " not in phrase)
            | self.names.words
        )

    @cached_property
    def _spelling(self) -> list[str]:
        """Words that misspellings are compared with."""
        return sorted(self._spoken_words | self.names.words | words.POLITE)
