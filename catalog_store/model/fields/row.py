"""What a row of the field table says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table


class FieldType(StrEnum):
    """The closed set of value types; each has one DuckDB type, in `derive.py`."""

    KEYWORD = "keyword"
    """Short text out of a modest number of values: compared whole, its values are words of the lexicon."""
    TEXT = "text"
    """Prose: shown and searched, never compared whole."""
    LIST = "list"
    """Several keywords."""
    URL = "url"
    REF = "ref"
    """A typed reference to another thing."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    """A moment in UTC."""


class Polarity(StrEnum):
    """Which end of a number is the good one: what "best" and "worst" mean."""

    HIGHER = "higher-is-better"
    LOWER = "lower-is-better"


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about one table of things.

    Attributes:
        name: the column; unique within its table.
        type: see `FieldType`.
        doc: what it means to a person on call.
        words: nouns people use for it, most usual first.
        table: the table it is a column of.
        kinds: kinds that may hold it; empty means every kind of the table.
        paths: where the value stands in a raw entity, first match wins; dots separate keys, `*` matches one
            annotation or label prefix ("metadata.annotations.*/tier").
        value_words: phrase → value, for values people call by another name ("live" → "production").
        unit: "days", "percent", "usd", …; None for a bare value.
        more: superlative adjectives that mean the largest value ("newest"); less: the smallest.
        polarity: which end is good, for "best" and "worst"; None where neither is.
        derived: computed from other tables at query time; the compiler holds its SQL under this name.
        needs: tables that must hold something for the fact to exist at all; else the answer is `no_such_fact`.
        relation: a REF field that is also an edge: the canonical relation of `relations.py`.
        discovered: added by a snapshot, not declared here.
        refined: a declared row with what a snapshot's settings add to it; it stands in for the declared one.
        searchable: part of the text that is indexed for search.
        rank: position of the column in a result table; None hides it unless asked for.
        examples: questions that use it, for the docs.
    """

    name: str
    type: FieldType
    doc: str
    words: tuple[str, ...] = ()
    table: Table = Table.ENTITIES
    kinds: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    value_words: Mapping[str, str | int | float | bool] = field(default_factory=dict, hash=False)
    unit: str | None = None
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    polarity: Polarity | None = None
    derived: bool = False
    needs: tuple[Table, ...] = ()
    relation: str | None = None
    discovered: bool = False
    refined: bool = False
    searchable: bool = False
    rank: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name as shown to people.

        >>> Field("last_deployed_at", FieldType.TIMESTAMP, "").label
        'last deployed at'
        """
        return self.words[0] if self.words else self.name.replace("_", " ")

    def holds(self, kind: str) -> bool:
        """Whether things of this kind may hold the field."""
        return k.table_of(kind) is self.table and (not self.kinds or kind in self.kinds)
