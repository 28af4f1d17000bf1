"""The structured sections of `callboard.yaml`: checked key by key, so that a mistake names its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from catalog_store.errors import UserError
from catalog_store.model.fields import FieldType, Polarity
from catalog_store.model.kinds import ENTITY_KINDS
from catalog_store.model.refinements import FieldRefinement, Refinements, TableRefinement

_Choice = TypeVar("_Choice", bound=StrEnum)

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
            for name, value in _mapping(written.get("fields"), where, "fields").items()
        ),
        tables=tuple(
            _table(value, where, f"facts[{number}]")
            for number, value in enumerate(_list(written.get("facts"), where, "facts"))
        ),
        synonyms={
            _phrase(phrase, where, "synonyms"): _phrase(meaning, where, f"synonyms.{phrase}")
            for phrase, meaning in _mapping(written.get("synonyms"), where, "synonyms").items()
        },
    )


_FIELD_KEYS = ("label", "words", "synonyms", "unit", "polarity", "doc", "type", "kinds", "values")
_TABLE_KEYS = ("path", "key", "kinds")


def _field(name: str, value: object, where: str) -> FieldRefinement:
    key = f"fields.{name}"
    said = _mapping(value, where, key)
    _known(said, _FIELD_KEYS, where, key)
    words = [*_phrases(said, "words", where, key), *_phrases(said, "synonyms", where, key)]
    return FieldRefinement(
        name=name,
        label=_optional(said, "label", where, key),
        words=tuple(words),
        unit=_optional(said, "unit", where, key),
        polarity=_choice(said, "polarity", Polarity, where, key),
        doc=_optional(said, "doc", where, key),
        type=_choice(said, "type", FieldType, where, key),
        kinds=_kinds(said, where, key),
        values=_values(said.get("values"), where, f"{key}.values"),
    )


def _table(value: object, where: str, key: str) -> TableRefinement:
    said = _mapping(value, where, key)
    _known(said, _TABLE_KEYS, where, key)
    if "path" not in said:
        raise _wrong(where, f"{key}.path", None, "a glob such as facts/*.csv")
    return TableRefinement(
        path=_text(said["path"], where, f"{key}.path"),
        key=_optional(said, "key", where, key),
        kinds=_kinds(said, where, key),
    )


def _wrong(where: str, key: str, value: object, expected: str) -> UserError:
    shown = "missing" if value is None else repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    return UserError(f"{key!r} in {where} is {shown}; expected {expected}")


def _mapping(value: object, where: str, key: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(where, key, value, "`name: value` lines")
    return {str(name): inner for name, inner in value.items()}


def _list(value: object, where: str, key: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(where, key, value, "a list: `- …` lines")
    return value


def _known(said: Mapping[str, object], keys: tuple[str, ...], where: str, key: str) -> None:
    for name in said:
        if name not in keys:
            near = difflib.get_close_matches(name, keys, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(keys)
            raise UserError(f"unknown key '{key}.{name}' in {where}; {hint}")


def _text(value: object, where: str, key: str) -> str:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or not str(value).strip()
    ):
        raise _wrong(where, key, value, "some text")
    return str(value).strip()


def _phrase(value: object, where: str, key: str) -> str:
    return " ".join(_text(value, where, key).lower().split())


def _optional(said: Mapping[str, object], name: str, where: str, key: str) -> str | None:
    return _text(said[name], where, f"{key}.{name}") if said.get(name) is not None else None


def _phrases(said: Mapping[str, object], name: str, where: str, key: str) -> list[str]:
    value = said.get(name)
    items = [value] if isinstance(value, str) else _list(value, where, f"{key}.{name}")
    return [_phrase(item, where, f"{key}.{name}") for item in items]


def _choice(
    said: Mapping[str, object], name: str, choices: type[_Choice], where: str, key: str
) -> _Choice | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        return choices(str(value).strip().lower())
    except ValueError:
        listed = ", ".join(str(choice.value) for choice in choices)
        raise _wrong(where, f"{key}.{name}", value, f"one of {listed}") from None


def _kinds(said: Mapping[str, object], where: str, key: str) -> tuple[str, ...]:
    by_name = {kind.lower(): kind for kind in ENTITY_KINDS}
    value = said.get("kinds")
    items = [value] if isinstance(value, str) else _list(value, where, f"{key}.kinds")
    for item in items:
        if not isinstance(item, str):
            raise _wrong(where, f"{key}.kinds", item, f"kinds such as {ENTITY_KINDS[0]}")
    return tuple(by_name.get(item.strip().lower(), item.strip()) for item in items)


def _values(value: object, where: str, key: str) -> dict[str, str | int | float | bool]:
    found: dict[str, str | int | float | bool] = {}
    for phrase, meaning in _mapping(value, where, key).items():
        if not isinstance(meaning, str | int | float | bool):
            raise _wrong(where, f"{key}.{phrase}", meaning, "the value it stands for")
        found[_phrase(phrase, where, key)] = meaning
    return found
