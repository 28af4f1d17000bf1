"""Values of the catalog as words: "kotlin", "deprecated", "staging", the labels, tools and policies of this organisation."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from catalog_store.analyzer import tokenize
from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import KINDS, Table
from catalog_store.reader import CatalogReader
from search.plan import Compare, Op
from search.understand import words
from search.understand.families import families
from search.understand.finding_words import BESIDE, MAX_NAMES, NAMING, makers, spellings
from search.understand.forms import severities
from search.understand.names import key, word_stem
from search.understand.phrase_book import PhraseBook
from search.understand.semantics import (
    Condition,
    FieldWord,
    RelationWord,
    SetOf,
    kinds_of,
)
from search.understand.type_words import one_of

MAX_VALUES = 400
"""A field with more distinct values than this is not enumerable: its values are not words."""

SHORT_VALUE = 3
"""Letters of a value up to which its inflections are other words."""

LABELS = "tags"
"""The field of free labels, which are anybody's words: read as such only where nothing else fits."""

DOUBTFUL = 0.3
"""Worth of a label that is also another word of the catalog."""

KIND_WORDS = frozenset(word for kind in KINDS for word in kind.words)

_NO_WORDS = frozenset(
    """ref name namespace kind type email repository slack_channel slack_user slack_group path actor version links aliases
    parameters alerts resource file""".split()
)
"""Fields whose values name single things: no adjectives."""
_LETTERS_DIGITS = re.compile(r"(?<=[a-z])(?=\d)", re.IGNORECASE)
"""Between python and 3.11 in "python3.11": people write them apart."""


class ValueLexicon:
    """Registers the values of enumerable fields in a book of phrases, and remembers what is special about some.

    Attributes:
        values: the distinct values of each such field of entities.
        labels: what each free label stands for, by its words as typed.
        doubtful: free labels that are other words of the catalog too, in lower case.
        families: what a head word common to several values stands for → the assumption to be said.
    """

    def __init__(self, book: PhraseBook, store: CatalogReader) -> None:
        """Register the values of a store; the words of fields, relations and kinds must be in the book."""
        self._book = book
        self.values: dict[str, tuple[str, ...]] = {}
        self.labels: dict[tuple[str, ...], Condition] = {}
        self.doubtful: set[str] = set()
        self.families: dict[Condition, str] = {}
        self._add_values(store)
        self._add_robots(store)

    def _add_values(self, store: CatalogReader) -> None:
        """Values of enumerable fields are adjectives: "kotlin", "deprecated", "staging"."""
        rows = [
            row
            for row in store.fields
            if not row.derived
            and row.name not in _NO_WORDS
            and row.type in (FieldType.KEYWORD, FieldType.LIST)
        ]
        found: dict[int, list[str]] = defaultdict(list)
        # one statement for all fields: a round trip for each would be most of a cold start
        distinct = " UNION ALL ".join(
            distinct_values(number, row) for number, row in enumerate(rows)
        )
        for value in store.fetch(distinct):
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
                    self._book.say(maker, Condition(one_of(row.name, tools), kinds_of(row)), 0.9)

    def _add_value(self, row: Field, value: str) -> None:
        for form in severities(value) if row.name == "priority" else ():
            meaning = equals(row, value)
            self._book.say(form, meaning, 0.95, surface=True)
            if len(kinds_of(row)) == 1 and " " not in form:  # "the P1s of last week"
                these = SetOf(kinds=kinds_of(row), where=meaning.where)
                self._book.say(f"{form}s", these, 0.95, surface=True)
        if row.name == LABELS:
            self.labels[tuple(t.text for t in tokenize(value))] = equals(row, value)
        weight = 0.75 if row.type is FieldType.LIST else 0.8 if row.discovered else 0.95
        spoken = value.replace("_", " ")
        if row.name == LABELS and self._means_more(spoken):
            self.doubtful.add(spoken.lower())
            weight = DOUBTFUL
        if len(value) == 1 or spoken.lower() in words.STANDALONE or row.name in BESIDE:
            # "a" is an article before it is a grade: such a value needs its field beside it
            self._add_beside(row, spoken, equals(row, value), weight)
        else:
            # a short value is only itself, or several of it: "going" is no language
            apart = _LETTERS_DIGITS.sub(" ", spoken) if row.discovered else spoken
            if row.name == LABELS:
                # as it is written: "scoring" says that something scores, not that it is labelled so
                self._book.say(spoken.lower(), equals(row, value), weight, surface=True)
                self._add_beside(row, spoken.lower(), equals(row, value), weight)
                return
            if len(spoken) > SHORT_VALUE:
                for form in dict.fromkeys((spoken, apart)):
                    self._book.say(form, equals(row, value), weight)
                return
            for form in dict.fromkeys((spoken.lower(), f"{spoken.lower()}s", apart.lower())):
                self._book.say(form, equals(row, value), weight, surface=True)

    def _add_families(self, row: Field, values: list[str]) -> None:
        """ "gpl" is every version of it: said as an assumption, since one of them may have been meant."""
        for head, members in families(values).items():
            if not self._book.is_word(head, word_stem(head)) and head not in words.ALL_WORDS:
                meaning = Condition(one_of(row.name, members), kinds_of(row))
                self.families[meaning] = f"“{head}” is read as {' or '.join(members)}"
                self._book.say(head, meaning, 0.8, surface=True)

    def _means_more(self, label: str) -> bool:
        """Whether a label is a form of a field's word, a verb, a role or a noun of the catalog."""
        stems = key(label)
        texts = tuple(t.text for t in tokenize(label))
        known = tuple(self._book.readings(texts, stems))
        return any(not isinstance(r.meaning, Condition) for r in known) or (
            len(stems) == 1 and stems[0] in self._part_of_words
        )

    @cached_property
    def _part_of_words(self) -> frozenset[str]:
        """Stems of the words of fields and roles, those of several words too: "alert rule" knows "rules"."""
        return self._book.stems_of(FieldWord, RelationWord)

    def _add_beside(self, row: Field, spoken: str, meaning: Condition, weight: float) -> None:
        for word in row.words:
            self._book.say(f"{word} {spoken}", meaning, weight, surface=True)
            if row.name in NAMING | BESIDE:
                self._book.say(f"{spoken} {word}", meaning, weight, surface=True)

    def _add_name(self, row: Field, value: str) -> None:
        meaning = equals(row, value)
        for text, ordinary in spellings(value):
            if ordinary or text.lower() in KIND_WORDS:
                self._add_beside(row, text.lower(), meaning, 0.95)
            else:
                self._book.say(text, meaning, 0.95)

    def _add_robots(self, store: CatalogReader) -> None:
        """Who made deployments and is no user of the catalog: pipelines, robots, people who left."""
        row = store.fields.get(Table.DEPLOYMENTS, "actor")
        assert row is not None
        rows = store.fetch(
            "SELECT DISTINCT actor FROM deployments WHERE actor IS NOT NULL AND ref NOT IN "
            f"(SELECT source FROM edges WHERE relation = 'deployedBy') LIMIT {MAX_VALUES + 1}"
        )
        for actor in (str(r["actor"]) for r in rows if len(rows) <= MAX_VALUES):
            if len(actor) > SHORT_VALUE and not self._book.is_word(
                actor.lower(), word_stem(actor.lower())
            ):
                self._book.say(actor.replace("_", " "), equals(row, actor), 0.8)


def equals(row: Field, value: str | int | float | bool) -> Condition:
    """That a field holds a value, as a condition on the kinds that may."""
    op = Op.HAS if row.type is FieldType.LIST else Op.EQ
    return Condition(Compare(field=row.name, op=op, value=value), kinds_of(row))


def distinct_values(number: int, row: Field) -> str:
    """SQL for the different values of a field, one more than is read of any."""
    source = f'unnest("{row.name}")' if row.type is FieldType.LIST else f'"{row.name}"'
    return (
        f'(SELECT DISTINCT {number} AS f, v FROM (SELECT {source} AS v FROM "{row.table.value}") '
        f"WHERE v IS NOT NULL LIMIT {(MAX_NAMES if row.name in NAMING else MAX_VALUES) + 1})"
    )
