"""What an organisation says about its own facts, beyond what can be inferred: names, words, units, which end is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog_store.model.fields import FieldType, Polarity


@dataclass(frozen=True, slots=True)
class FieldRefinement:
    """What is said about one field, declared or discovered; None and empty leave it as it is.

    Attributes:
        name: the field's name, or the column, annotation or label it is discovered in.
        label: how it is called in answers, and the first word for it.
        words: further nouns people use for it.
        values: phrase → value, for values people call by another name.
        type, unit, kinds: stand in for what would be inferred; discovered fields only.
    """

    name: str
    label: str | None = None
    words: tuple[str, ...] = ()
    unit: str | None = None
    polarity: Polarity | None = None
    doc: str | None = None
    type: FieldType | None = None
    kinds: tuple[str, ...] = ()
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRefinement:
    """Which files are tables of facts, and of what.

    Attributes:
        path: a glob over paths as citations write them; `*` stays within a folder, `**` does not.
        key: the column that names the entities; None leaves it to be found.
        kinds: kinds the names may mean, likeliest first; empty for the usual ones.
    """

    path: str
    key: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refinements:
    """Everything the settings say about facts.

    Attributes:
        synonyms: phrase → the phrase it stands for: a field's word, a kind, a value or a name.
    """

    fields: tuple[FieldRefinement, ...] = ()
    tables: tuple[TableRefinement, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
