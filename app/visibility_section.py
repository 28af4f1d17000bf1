"""The section `visibility` of `callboard.yaml`: what only some people see."""

from __future__ import annotations

from collections.abc import Mapping

from app.shape import (
    kinds_of,
    listed,
    mapping,
    only_known,
    optional,
    refs_of,
    some_text,
    texts,
    wrong,
)
from catalog_store.model.visibility import OWNERS, VisibilityRule

ACCESS_SECTIONS = ("access", "visibility")
"""Keys of the file that say who may do what."""

_ABOUT = ("kind", "path", "annotation", "label", "tag")
_SEEN_BY = ("groups", "users", "roles", "owners")


def read_visibility(written: object, where: str) -> tuple[VisibilityRule, ...]:
    """The rules of a settings file.

    Args:
        written: what stands under `visibility`.
        where: the file, for messages.

    Raises:
        UserError: a rule is not as expected; names the file, the key, what it is and what was expected.
    """
    return tuple(
        _rule(rule, where, f"visibility[{number}]")
        for number, rule in enumerate(listed(written, where, "visibility"))
    )


def _rule(value: object, where: str, key: str) -> VisibilityRule:
    said = mapping(value, where, key)
    only_known(said, (*_ABOUT, *_SEEN_BY), where, key)
    if not any(said.get(name) for name in _ABOUT):
        raise wrong(where, key, value, f"what it is about: one of {', '.join(_ABOUT)}")
    if not any(name in said for name in _SEEN_BY):
        raise wrong(where, key, value, f"who sees it: one of {', '.join(_SEEN_BY)}")
    return VisibilityRule(
        kinds=kinds_of({"kinds": said.get("kind")}, where, key),
        path=optional(said, "path", where, key),
        annotations=_keys(said.get("annotation"), where, f"{key}.annotation"),
        labels=_keys(said.get("label"), where, f"{key}.label"),
        tags=texts(said.get("tag"), where, f"{key}.tag"),
        seen_by=_seen_by(said, where, key),
    )


def _seen_by(said: Mapping[str, object], where: str, key: str) -> tuple[str, ...]:
    owners = said.get("owners")
    if owners is not None and not isinstance(owners, bool):
        raise wrong(where, f"{key}.owners", owners, "yes or no")
    return (
        *(refs_of(said.get("groups"), "group", where, f"{key}.groups")),
        *(refs_of(said.get("users"), "user", where, f"{key}.users")),
        *(f"role:{role}" for role in texts(said.get("roles"), where, f"{key}.roles")),
        *((OWNERS,) if owners else ()),
    )


def _keys(value: object, where: str, key: str) -> dict[str, tuple[str, ...]]:
    """A key alone, or keys with the value or values they must hold."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {some_text(value, where, key): ()}
    found = mapping(value, where, key)
    return {
        name: ()
        if wanted is True and not isinstance(wanted, str)
        else texts(wanted, where, f"{key}.{name}")
        for name, wanted in found.items()
    }
