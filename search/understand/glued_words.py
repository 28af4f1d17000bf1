"""A field and its number written as one word: "tier1", "sev2"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog_store.model.fields import FieldType
from search.plan import Compare, Op
from search.understand.lexicon import Lexicon
from search.understand.names import word_stem
from search.understand.semantics import Condition, FieldWord, kinds_of
from search.understand.spans import Word

_GLUED = re.compile(r"([a-z]{3,})(\d{1,3})")


def glued(word: Word, lexicon: Lexicon) -> Iterator[Condition]:
    """What a word that nothing else knows means as a field with its number."""
    parts = _GLUED.fullmatch(word.token.text)
    if parts is None or lexicon.knows(word.token.text):
        return
    name, number = parts.groups()
    for reading in lexicon.readings((name,), (word_stem(name),)):
        rows = reading.meaning.rows if isinstance(reading.meaning, FieldWord) else ()
        for row in rows:
            if row.type in (FieldType.INTEGER, FieldType.NUMBER):
                where = Compare(field=row.name, op=Op.EQ, value=int(number))
                yield Condition(where, kinds_of(row))
