"""The structured sections of `callboard.yaml`: checked key by key, so that a mistake names its place."""

from __future__ import annotations

from collections.abc import Mapping

from app.shape import (
    choice,
    kinds_of,
    listed,
    mapping,
    only_known,
    optional,
    phrases,
    some_text,
    words_of,
    wrong,
)
from catalog_store.model.fields import FieldType, Polarity
from catalog_store.model.refinements import FieldRefinement, Refinements, TableRefinement

SECTIONS = ("fields", "facts", "synonyms")
"""Keys of the file that hold more than one value."""


def read_sections(written: Mapping[str, object], where: str) -> Refinements:
    """What the sections of a settings file say.

    Args:
        written: the whole file, parsed; other keys are passed over.
        where: the file, for messages.

    Raises:
        UserError: something in a section is not as expected; names the file, the key, what it is and what was expected.
    """
    return Refinements(
        fields=tuple(
            _field(name, value, where)
            for name, value in mapping(written.get("fields"), where, "fields").items()
        ),
        tables=tuple(
            _table(value, where, f"facts[{number}]")
            for number, value in enumerate(listed(written.get("facts"), where, "facts"))
        ),
        synonyms={
            words_of(phrase, where, "synonyms"): words_of(meaning, where, f"synonyms.{phrase}")
            for phrase, meaning in mapping(written.get("synonyms"), where, "synonyms").items()
        },
    )


_FIELD_KEYS = ("label", "words", "synonyms", "unit", "polarity", "doc", "type", "kinds", "values")
_TABLE_KEYS = ("path", "key", "kinds")


def _field(name: str, value: object, where: str) -> FieldRefinement:
    key = f"fields.{name}"
    said = mapping(value, where, key)
    only_known(said, _FIELD_KEYS, where, key)
    words = [*phrases(said, "words", where, key), *phrases(said, "synonyms", where, key)]
    return FieldRefinement(
        name=name,
        label=optional(said, "label", where, key),
        words=tuple(words),
        unit=optional(said, "unit", where, key),
        polarity=choice(said, "polarity", Polarity, where, key),
        doc=optional(said, "doc", where, key),
        type=choice(said, "type", FieldType, where, key),
        kinds=kinds_of(said, where, key),
        values=_values(said.get("values"), where, f"{key}.values"),
    )


def _table(value: object, where: str, key: str) -> TableRefinement:
    said = mapping(value, where, key)
    only_known(said, _TABLE_KEYS, where, key)
    if "path" not in said:
        raise wrong(where, f"{key}.path", None, "a glob such as facts/*.csv")
    return TableRefinement(
        path=some_text(said["path"], where, f"{key}.path"),
        key=optional(said, "key", where, key),
        kinds=kinds_of(said, where, key),
    )


def _values(value: object, where: str, key: str) -> dict[str, str | int | float | bool]:
    found: dict[str, str | int | float | bool] = {}
    for phrase, meaning in mapping(value, where, key).items():
        if not isinstance(meaning, str | int | float | bool):
            raise wrong(where, f"{key}.{phrase}", meaning, "the value it stands for")
        found[words_of(phrase, where, key)] = meaning
    return found
