"""Words ↔ meanings for one snapshot: built from the field table, the relations, the kinds and the catalog's own values.

Cost of a look-up does not grow with the catalog: every table is a dictionary keyed by the stems of a phrase.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from catalog_store.analyzer import tokenize
from catalog_store.model import kinds as k
from catalog_store.model.fields import Field, FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, KINDS, Table
from catalog_store.model.relations import RELATIONS
from catalog_store.reader import CatalogReader, Row
from search.plan import Compare, Op
from search.understand import words
from search.understand.families import families
from search.understand.finding_words import BESIDE, MAX_NAMES, NAMING, makers, phrases, spellings
from search.understand.forms import inflected, near, plural, severities
from search.understand.function_words import function_words, trend_phrases
from search.understand.measure_words import measure_phrases
from search.understand.names import NameIndex, key, word_stem
from search.understand.quality_words import quality_words
from search.understand.record_names import RecordNames
from search.understand.relating_words import BREAKING
from search.understand.semantics import (
    Candidate,
    Condition,
    FieldWord,
    Meaning,
    OnCall,
    RelationNoun,
    RelationWord,
    SetOf,
    Superlative,
)
from search.understand.type_words import one_of, type_words

MAX_PHRASE = 6
"""Longest phrase of the lexicon, in words."""

MAX_VALUES = 400
"""A field with more distinct values than this is not enumerable: its values are not words."""

SHORT_VALUE = 3
"""Letters of a value up to which its inflections are other words."""

LABELS = "tags"
"""The field of free labels, which are anybody's words: read as such only where nothing else fits."""

DOUBTFUL = 0.3
"""Worth of a label that is also another word of the catalog."""

_NO_WORDS = frozenset(
    """ref name namespace kind type email repository slack_channel slack_user slack_group path actor version links aliases
    parameters alerts resource file""".split()
)
"""Fields whose values name single things: no adjectives."""
_LETTERS_DIGITS = re.compile(r"(?<=[a-z])(?=\d)", re.IGNORECASE)
"""Between python and 3.11 in "python3.11": people write them apart."""

VERSION_WORDS = frozenset(("version", "runtime"))
_KIND_WORDS = frozenset(word for kind in KINDS for word in kind.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a phrase, with how sure the words alone make it (0..1)."""

    meaning: Meaning
    weight: float
    plural: bool = False


class Lexicon:
    """Every word and name one snapshot knows."""

    def __init__(self, store: CatalogReader) -> None:
        """Read the words of the field table and the names and values of the catalog."""
        self.fields: FieldTable = store.fields
        self.store = store
        self._phrases: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
        self._surface: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
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
        self.doubtful: set[str] = set()
        self.families: dict[Condition, str] = {}
        self.labels: dict[tuple[str, ...], Condition] = {}
        self.values: dict[str, tuple[str, ...]] = {}
        self._add_function_words()
        self._add_kinds()
        self._add_fields()
        self._add_relations()
        for phrase, meaning, weight in measure_phrases():
            self._say(phrase, meaning, weight, surface=True)
        self._add_quality()
        entities = store.fetch(
            "SELECT ref, kind, name, title, type, aliases, namespace, email FROM entities ORDER BY ref"
        )
        self._add_types(entities)
        self._add_values()
        for row in entities:
            if row["kind"] != k.LOCATION:
                self.names.add(row)
            if row["kind"] == k.USER and row["email"]:
                self.names.add_alias(row["ref"], str(row["email"]))
        self._add_robots()
        self._add_alerts()
        self._add_synonyms()
        vocabulary = {
            part for phrase in (*self._phrases, *self._surface) for part in phrase
        } | self.names.stems
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
        return tuple(str(value["v"]) for value in self.store.fetch(_distinct(0, row)))

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
        yield from self._surface.get(texts, ())
        yield from self._phrases.get(stems, ())

    def is_word(self, text: str, stemmed: str) -> bool:
        """Whether a word means something of its own, besides being part of names."""
        return (stemmed,) in self._phrases or (text,) in self._surface

    def knows(self, text: str) -> bool:
        """Whether the word occurs in any phrase or name."""
        return (
            word_stem(text) in self._vocabulary
            or text in words.POLITE
            or text in self._spoken_words
        )

    def spelled_like(self, text: str) -> list[tuple[str, int]]:
        """Known words a misspelling may stand for, nearest first, with the edit distance.

        One edit for words of four letters or more, two from nine on; the first letter holds.
        """
        alone = self._said_alone
        return sorted(
            near(text, self._spelling), key=lambda found: (found[1], found[0] not in alone)
        )

    # ── building ─────────────────────────────────────────────────────────────────────────────────

    _spoken: list[str]

    def _say(
        self, phrase: str, meaning: Meaning, weight: float = 1.0, *, surface: bool = False
    ) -> None:
        """Register a phrase: by its stems, or exactly as typed when the inflection carries the meaning."""
        if surface:
            texts = tuple(t.text for t in tokenize(phrase))
            if texts:
                self._surface[texts].append(Reading(meaning, weight))
        else:
            stems = key(phrase)
            if stems and len(stems) <= MAX_PHRASE:
                known = self._phrases[stems]
                if all(r.meaning != meaning for r in known):
                    known.append(Reading(meaning, weight))
        self._spoken.append(phrase)
        if not surface and isinstance(meaning, SetOf | RelationWord | RelationNoun | FieldWord):
            self._spoken.append(inflected(phrase, verb=isinstance(meaning, RelationWord)))

    def _add_function_words(self) -> None:
        self._spoken = []
        for phrase, meaning, weight in function_words(self.fields):
            self._say(phrase, meaning, weight, surface=True)

    def _add_kinds(self) -> None:
        running = Compare(field="active", op=Op.EQ, value=True)  # "the shift" is the one now
        for kind in KINDS:
            where = running if kind.name == k.SHIFT else None
            for word in kind.words:
                # by the words themselves: "product" and "production" have one stem
                short = (a for a, full in words.SPACE_WORDS.items() if full in (word, plural(word)))
                for form in dict.fromkeys((word, plural(word), *short)):
                    self._say(form, SetOf(kinds=(kind.name,), where=where), 0.95, surface=True)
        service = Compare(field="type", op=Op.EQ, value="service")
        for word in ("service", "microservice", "backend service"):
            self._say(word, SetOf(kinds=(k.COMPONENT,), where=service), 1.0)
        for phrase, level in words.WHO_TO_CALL.items():
            self._say(phrase, OnCall(level), 1.0, surface=True)
        for phrase in BREAKING:
            self._say(phrase, SetOf(kinds=(k.INCIDENT,)), 0.95, surface=True)
        for phrase in words.NEXT_ON_CALL:
            self._say(phrase, OnCall(upcoming=True), 1.0, surface=True)
        ends_at = self.fields.get(Table.SHIFTS, "ends_at")
        assert ends_at is not None
        for phrase in words.UNTIL_WHEN:
            self._say(phrase, FieldWord((ends_at,)), 0.9, surface=True)
        for word in ("entity", "everything", "anything", "something", "whatever"):
            self._say(word, SetOf(), 0.9)
        self._say("instances", SetOf(kinds=(k.RESOURCE,)), 0.9, surface=True)
        for phrase, meaning, weight in phrases(held=self._findings):
            self._say(phrase, meaning, weight, surface=True)

    def _add_fields(self) -> None:
        by_word: dict[str, list[Field]] = defaultdict(list)
        for row in self.fields:
            if row.table is Table.FINDINGS and row.name in self._unspoken:
                continue
            for word in row.words:
                if row.type is not FieldType.REF or word not in _KIND_WORDS:
                    by_word[word].append(row)
            for phrase in row.more:
                self._say(phrase, Superlative(descending=True, row=row), 0.9, surface=True)
            for phrase in row.less:
                self._say(phrase, Superlative(descending=False, row=row), 0.9, surface=True)
            for phrase, value in row.value_words.items():
                self._say(
                    phrase, self._value(row, value), 0.9, surface=row.type is FieldType.BOOLEAN
                )
            self._add_trend(row)
        deploying = {word_stem(word) for word in words.DEPLOYED if " " not in word}
        for word, rows in by_word.items():
            meaning = FieldWord(tuple(dict.fromkeys(rows)))
            if word not in words.DEPLOYED and word_stem(word) in deploying:
                # by the word itself: "deployer" and "deployed" have one stem
                for form in (word, plural(word)):
                    self._say(form, meaning, 0.9, surface=True)
            else:
                self._say(word, meaning, 0.9)

    def _add_trend(self, row: Field) -> None:
        """Growing fastest, fastest falling: of a field that says how another one changes."""
        numeric = row.type in (FieldType.INTEGER, FieldType.NUMBER)
        if not numeric or words.TREND_HEADS.isdisjoint(row.name.split("_")):
            return
        for phrase, up in trend_phrases():
            meaning = Superlative(descending=up, row=row, trend=True)
            self._say(phrase, meaning, 0.9, surface=True)

    def _value(self, row: Field, value: str | int | float | bool) -> Condition:
        op = Op.HAS if row.type is FieldType.LIST else Op.EQ
        return Condition(Compare(field=row.name, op=op, value=value), kinds_of(row))

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
            self._say(verb, RelationWord(tuple(sides)), 0.95)
        for noun, sides in nouns.items():
            # by the words themselves: "dependency" and "dependent" have one stem
            self._say(noun, RelationNoun(tuple(sides)), 0.95, surface=True)
            self._say(plural(noun), RelationNoun(tuple(sides), plural=True), 0.95, surface=True)
            # "services whose owner is …": what follows is the owner, as after a verb
            self._say(f"whose {noun}", RelationWord(tuple(sides)), 1.0, surface=True)
        for word in KIND_BY_NAME[k.GROUP].words:
            self._say(f"whose {word}", RelationWord(("ownedBy",)), 1.0, surface=True)

    def _add_quality(self) -> None:
        for phrase, meaning in quality_words():
            forms = (phrase, plural(phrase)) if isinstance(meaning, SetOf) else (phrase,)
            for form in dict.fromkeys(forms):
                self._say(form, meaning, 0.95, surface=True)

    def _add_types(self, entities: list[Row]) -> None:
        """Values of `spec.type` are nouns: "databases", "ml models", "squads"."""
        for row in entities:
            if row["type"]:
                self.types[row["kind"]].add(row["type"])
        for phrase, meaning, weight in type_words(self.types):
            self._say(phrase, meaning, weight)

    def _add_values(self) -> None:
        """Values of enumerable fields are adjectives: "kotlin", "deprecated", "staging"."""
        rows = [
            row
            for row in self.fields
            if not row.derived
            and row.name not in _NO_WORDS
            and row.type in (FieldType.KEYWORD, FieldType.LIST)
        ]
        found: dict[int, list[str]] = defaultdict(list)
        # one statement for all fields: a round trip for each would be most of a cold start
        distinct = " UNION ALL ".join(_distinct(number, row) for number, row in enumerate(rows))
        for value in self.store.fetch(distinct):
            found[value["f"]].append(str(value["v"]))
        policies = {
            text.lower()
            for number, row in enumerate(rows)
            if row.name == "policy"
            for text in found[number]
        }
        for number, values in found.items():
            row = rows[number]
            if row.table is Table.ENTITIES:
                self.values[row.name] = tuple(values)
            if row.name in NAMING and len(values) <= MAX_NAMES:
                for text in values:
                    # a policy of one rule names it like itself; then the policy is meant
                    if row.name == "policy" or text.lower() not in policies:
                        self._add_name(row, text)
            elif len(values) <= MAX_VALUES:
                for text in values:
                    self._add_value(row, text)
                if row.type is FieldType.KEYWORD:
                    self._add_families(row, values)
            if row.name == "tool":
                for maker, tools in makers(values).items():
                    self._say(maker, Condition(one_of(row.name, tools), kinds_of(row)), 0.9)

    def _add_value(self, row: Field, value: str) -> None:
        for form in severities(value) if row.name == "priority" else ():
            meaning = self._value(row, value)
            self._say(form, meaning, 0.95, surface=True)
            if len(kinds_of(row)) == 1 and " " not in form:  # "the P1s of last week"
                these = SetOf(kinds=kinds_of(row), where=meaning.where)
                self._say(f"{form}s", these, 0.95, surface=True)
        if row.name == LABELS:
            self.labels[tuple(t.text for t in tokenize(value))] = self._value(row, value)
        weight = 0.75 if row.type is FieldType.LIST else 0.8 if row.discovered else 0.95
        spoken = value.replace("_", " ")
        if row.name == LABELS and self._means_more(spoken):
            self.doubtful.add(spoken.lower())
            weight = DOUBTFUL
        if len(value) == 1 or spoken.lower() in words.STANDALONE or row.name in BESIDE:
            # "a" is an article before it is a grade: such a value needs its field beside it
            self._add_beside(row, spoken, self._value(row, value), weight)
        else:
            # a short value is only itself, or several of it: "going" is no language
            apart = _LETTERS_DIGITS.sub(" ", spoken) if row.discovered else spoken
            if row.name == LABELS:
                # as it is written: "scoring" says that something scores, not that it is labelled so
                self._say(spoken.lower(), self._value(row, value), weight, surface=True)
                self._add_beside(row, spoken.lower(), self._value(row, value), weight)
                return
            if len(spoken) > SHORT_VALUE:
                for form in dict.fromkeys((spoken, apart)):
                    self._say(form, self._value(row, value), weight)
                return
            for form in dict.fromkeys((spoken.lower(), f"{spoken.lower()}s", apart.lower())):
                self._say(form, self._value(row, value), weight, surface=True)

    def _add_families(self, row: Field, values: list[str]) -> None:
        """ "gpl" is every version of it: said as an assumption, since one of them may have been meant."""
        for head, members in families(values).items():
            if not self.is_word(head, word_stem(head)) and head not in words.ALL_WORDS:
                meaning = Condition(one_of(row.name, members), kinds_of(row))
                self.families[meaning] = f"“{head}” is read as {' or '.join(members)}"
                self._say(head, meaning, 0.8, surface=True)

    def _means_more(self, label: str) -> bool:
        """Whether a label is a form of a field's word, a verb, a role or a noun of the catalog."""
        stems = key(label)
        texts = tuple(t.text for t in tokenize(label))
        known = (*self._phrases.get(stems, ()), *self._surface.get(texts, ()))
        return any(not isinstance(r.meaning, Condition) for r in known) or (
            len(stems) == 1 and stems[0] in self._part_of_words
        )

    @cached_property
    def _part_of_words(self) -> frozenset[str]:
        """Stems of the words of fields and roles, those of several words too: "alert rule" knows "rules"."""
        return frozenset(
            word
            for phrase, readings in self._phrases.items()
            if any(isinstance(r.meaning, FieldWord | RelationWord) for r in readings)
            for word in phrase
        )

    def _add_beside(self, row: Field, spoken: str, meaning: Condition, weight: float) -> None:
        for word in row.words:
            self._say(f"{word} {spoken}", meaning, weight, surface=True)
            if row.name in NAMING | BESIDE:
                self._say(f"{spoken} {word}", meaning, weight, surface=True)

    def _add_name(self, row: Field, value: str) -> None:
        meaning = self._value(row, value)
        for text, ordinary in spellings(value):
            if ordinary or text.lower() in _KIND_WORDS:
                self._add_beside(row, text.lower(), meaning, 0.95)
            else:
                self._say(text, meaning, 0.95)

    def _add_robots(self) -> None:
        """Who made deployments and is no user of the catalog: pipelines, robots, people who left."""
        row = self.fields.get(Table.DEPLOYMENTS, "actor")
        assert row is not None
        rows = self.store.fetch(
            "SELECT DISTINCT actor FROM deployments WHERE actor IS NOT NULL AND ref NOT IN "
            f"(SELECT source FROM edges WHERE relation = 'deployedBy') LIMIT {MAX_VALUES + 1}"
        )
        for actor in (str(r["actor"]) for r in rows if len(rows) <= MAX_VALUES):
            if len(actor) > SHORT_VALUE and not self.is_word(
                actor.lower(), word_stem(actor.lower())
            ):
                self._say(actor.replace("_", " "), self._value(row, actor), 0.8)

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
            texts = tuple(t.text for t in tokenize(phrase))
            if not texts or len(texts) > MAX_PHRASE:
                continue
            meant_texts = tuple(t.text for t in tokenize(meant))
            self._phrases[key(phrase)] += self._phrases.get(key(meant), ())
            self._surface[texts] += self._surface.get(meant_texts, ())
            for candidate in self.names.whole(key(meant), meant_texts):
                self.names.add_alias(candidate.ref, phrase)
            self._spoken.append(phrase)

    @cached_property
    def _spoken_words(self) -> frozenset[str]:
        """Every word of every phrase; only a word that is not in the vocabulary asks for it."""
        return (
            frozenset(t.text for phrase in self._spoken for t in tokenize(phrase)) | words.ALL_WORDS
        )

    @cached_property
    def _said_alone(self) -> frozenset[str]:
        """Words that mean something by themselves; "related" only does with "to" after it."""
        return frozenset(phrase for phrase in self._spoken if " " not in phrase) | self.names.words

    @cached_property
    def _spelling(self) -> list[str]:
        """Words that misspellings are compared with."""
        return sorted(self._spoken_words | self.names.words | words.POLITE)


def _distinct(number: int, row: Field) -> str:
    """SQL for the different values of a field, one more than is read of any."""
    source = f'unnest("{row.name}")' if row.type is FieldType.LIST else f'"{row.name}"'
    return (
        f'(SELECT DISTINCT {number} AS f, v FROM (SELECT {source} AS v FROM "{row.table.value}") '
        f"WHERE v IS NOT NULL LIMIT {(MAX_NAMES if row.name in NAMING else MAX_VALUES) + 1})"
    )


def kinds_of(row: Field) -> tuple[str, ...]:
    """The kinds that may hold a field."""
    return row.kinds or tuple(kind.name for kind in KINDS if kind.table is row.table)
