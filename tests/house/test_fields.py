"""The field table is whole: every row can be asked with, is explained, and fits the other tables."""

from __future__ import annotations

import pytest

from catalog_store.model.fields import CORE_FIELDS, Field, FieldTable, FieldType
from catalog_store.model.kinds import KIND_BY_NAME, KINDS, Kind
from catalog_store.model.measures import DELIVERY_WORDS, MEASURES, Measure
from catalog_store.model.relations import RELATION_BY_SIDE, RELATIONS
from search.explain_measures import UNITS
from search.sql.derived import DERIVED
from search.sql.measures import COLUMNS
from search.sql.sets import MOMENTS

WORDLESS = {
    "entities.ref": "things are asked for by their names, never by this word",
}
"""Fields without words → why."""


def _name(row: Field) -> str:
    return f"{row.table.value}.{row.name}"


@pytest.mark.parametrize("row", CORE_FIELDS, ids=_name)
def test_a_field(row: Field) -> None:
    assert row.words or _name(row) in WORDLESS, "give it words, or say in WORDLESS why it has none"
    assert row.doc.endswith("."), "its doc is a sentence"
    assert len(row.doc) > 4
    assert all(word == word.lower() and word.strip() == word for word in row.words)
    assert all(phrase == phrase.lower() for phrase in row.value_words)
    assert all(KIND_BY_NAME[kind].table is row.table for kind in row.kinds)
    if row.relation is not None:
        assert row.type is FieldType.REF
        assert row.relation in RELATION_BY_SIDE
    if row.derived:
        assert (row.table, row.name) in DERIVED, "a computed field needs its SQL"
        assert not row.paths, "a computed field is not read from files"
    if row.more or row.less:
        assert row.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.TIMESTAMP)


def test_wordless_fields_are_still_wordless() -> None:
    assert {_name(row) for row in CORE_FIELDS if not row.words} == set(WORDLESS)


def test_declared_rows_make_a_table() -> None:
    assert len(list(FieldTable())) == len(CORE_FIELDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_words_a_doc_and_fields(kind: Kind) -> None:
    assert kind.words
    assert kind.doc.endswith(".")
    assert list(FieldTable().of_kind(kind.name))


def test_relations_join_known_kinds_and_their_sides_have_names_of_their_own() -> None:
    sides = [side.name for row in RELATIONS for side in (row.forward, row.inverse)]
    assert len(sides) == len(set(sides))
    assert {kind for row in RELATIONS for kind in (*row.sources, *row.targets)} <= set(KIND_BY_NAME)
    assert all(side.phrase for row in RELATIONS for side in (row.forward, row.inverse))


@pytest.mark.parametrize("row", MEASURES, ids=lambda row: row.name)
def test_a_measure(row: Measure) -> None:
    assert KIND_BY_NAME[row.kind].table in MOMENTS, "it is taken over records with a moment"
    assert row.words
    assert all(word == word.lower().strip() for word in row.words)
    assert row.examples
    assert row.unit in UNITS, "its unit can be said"
    assert ("{place}" in row.definition) <= (row.environment is not None)
    assert (row.name in COLUMNS) is (row.lacks is None), "it has SQL, or says what it lacks"


def test_no_word_names_two_measures() -> None:
    words = [word for row in MEASURES for word in row.words] + list(DELIVERY_WORDS)
    assert len(words) == len(set(words))
