"""What a part of `callboard.yaml` must look like: each check names the place, what stands there, and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from catalog_store.errors import InvalidRef, UserError
from catalog_store.model.entity import EntityRef
from catalog_store.model.kinds import ENTITY_KINDS

_Choice = TypeVar("_Choice", bound=StrEnum)


def wrong(where: str, key: str, value: object, expected: str) -> UserError:
    """What to raise about a value that is not as expected; None counts as missing."""
    shown = "missing" if value is None else repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    return UserError(f"{key!r} in {where} is {shown}; expected {expected}")


def mapping(value: object, where: str, key: str) -> dict[str, Any]:
    """A mapping by name; nothing written is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(where, key, value, "`name: value` lines")
    return {str(name): inner for name, inner in value.items()}


def listed(value: object, where: str, key: str) -> list[Any]:
    """A list; nothing written is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(where, key, value, "a list: `- …` lines")
    return value


def only_known(said: Mapping[str, object], keys: tuple[str, ...], where: str, key: str) -> None:
    """Refuse names that mean nothing here; the nearest one that does is offered."""
    for name in said:
        if name not in keys:
            near = difflib.get_close_matches(name, keys, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(keys)
            raise UserError(f"unknown key '{key}.{name}' in {where}; {hint}")


def some_text(value: object, where: str, key: str) -> str:
    """A text or a number that is not empty."""
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or not str(value).strip()
    ):
        raise wrong(where, key, value, "some text")
    return str(value).strip()


def words_of(value: object, where: str, key: str) -> str:
    """Words in lower case, one space apart."""
    return " ".join(some_text(value, where, key).lower().split())


def optional(said: Mapping[str, object], name: str, where: str, key: str) -> str | None:
    """The text under a name; None when it is not there."""
    return some_text(said[name], where, f"{key}.{name}") if said.get(name) is not None else None


def phrases(said: Mapping[str, object], name: str, where: str, key: str) -> list[str]:
    """One phrase or a list of them."""
    value = said.get(name)
    items = [value] if isinstance(value, str) else listed(value, where, f"{key}.{name}")
    return [words_of(item, where, f"{key}.{name}") for item in items]


def choice(
    said: Mapping[str, object], name: str, choices: type[_Choice], where: str, key: str
) -> _Choice | None:
    """One of an enumeration's values; None when the name is not there."""
    value = said.get(name)
    if value is None:
        return None
    try:
        return choices(str(value).strip().lower())
    except ValueError:
        listed = ", ".join(str(choice.value) for choice in choices)
        raise wrong(where, f"{key}.{name}", value, f"one of {listed}") from None


def kinds_of(said: Mapping[str, object], where: str, key: str) -> tuple[str, ...]:
    """Kinds of entities, spelt as the model spells them; kinds nobody declared are kept as they are."""
    by_name = {kind.lower(): kind for kind in ENTITY_KINDS}
    value = said.get("kinds")
    items = [value] if isinstance(value, str) else listed(value, where, f"{key}.kinds")
    for item in items:
        if not isinstance(item, str):
            raise wrong(where, f"{key}.kinds", item, f"kinds such as {ENTITY_KINDS[0]}")
    return tuple(by_name.get(item.strip().lower(), item.strip()) for item in items)


def texts(value: object, where: str, key: str) -> tuple[str, ...]:
    """One text or a list of them; nothing written is none."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(some_text(item, where, key) for item in items)


def refs_of(value: object, kind: str, where: str, key: str) -> tuple[str, ...]:
    """One reference or a list of them, canonical; of the given kind where they name none."""
    found = []
    for text in texts(value, where, key):
        try:
            found.append(str(EntityRef.parse(text, default_kind=kind)))
        except InvalidRef:
            raise wrong(where, key, text, f"a {kind} such as {kind}:default/name") from None
    return tuple(found)
