"""Which entities are wanted: the `filter` parameters of the portal's catalog API, and its JSON predicates.

Both come down to sets of row numbers, looked up in an index of values, so a filter costs what it finds and not what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from assistant.portal.flatten import pairs
from catalog_store.errors import BadRequest

MAX_DEPTH = 50
"""How deep predicates may nest."""

Rows = frozenset[int]


class ValueIndex:
    """Which rows hold which values. Keys and values are compared in lower case."""

    def __init__(self, entities: Iterable[Mapping[str, Any]]) -> None:
        """Rows are numbered in the order of the entities."""
        self._held: dict[str, dict[str | None, set[int]]] = {}
        self._written: dict[str, list[tuple[int, str]]] = {}
        count = 0
        for count, entity in enumerate(entities, start=1):
            for key, value in set(pairs(entity)):
                values = self._held.setdefault(key, {})
                values.setdefault(value.lower() if value is not None else None, set()).add(
                    count - 1
                )
                if value is not None:
                    self._written.setdefault(key, []).append((count - 1, value))
        self.all: Rows = frozenset(range(count))

    def equal(self, key: str, values: Iterable[str]) -> Rows:
        """Rows that hold one of some values under a key."""
        held = self._held.get(key.lower(), {})
        return frozenset().union(*(held.get(value.lower(), ()) for value in values))

    def exists(self, key: str) -> Rows:
        """Rows that hold anything under a key."""
        return frozenset().union(*self._held.get(key.lower(), {}).values())

    def below(self, key: str) -> Rows:
        """Rows that hold anything inside of what stands under a key."""
        start = f"{key.lower()}."
        return frozenset().union(*(self.exists(one) for one in self._held if one.startswith(start)))

    def starts(self, key: str, prefix: str) -> Rows:
        """Rows that hold a value that begins so."""
        start = prefix.lower()
        found = (
            rows for v, rows in self._held.get(key.lower(), {}).items() if v and v.startswith(start)
        )
        return frozenset().union(*found)

    def contains(self, key: str, text: str) -> Rows:
        """Rows that hold a value with a text anywhere in it."""
        part = text.lower()
        found = (rows for v, rows in self._held.get(key.lower(), {}).items() if v and part in v)
        return frozenset().union(*found)

    def counts(self, key: str, rows: Rows) -> dict[str, int]:
        """Value as written → how many of some rows hold it."""
        found: dict[str, int] = {}
        for row, value in self._written.get(key.lower(), ()):
            if row in rows:
                found[value] = found.get(value, 0) + 1
        return found

    def first(self, key: str) -> dict[int, str]:
        """Row → the least value it holds under a key, in lower case: what rows are ordered by."""
        found: dict[int, str] = {}
        for value, rows in self._held.get(key.lower(), {}).items():
            if value is not None:
                for row in rows:
                    found[row] = min(value, found.get(row, value))
        return found


def by_filters(index: ValueIndex, filters: Sequence[str]) -> Rows:
    """Rows that pass any of some `filter` parameters.

    Within one, conditions joined by commas must all hold; a key that comes twice may hold either value; a key alone must exist.

    Raises:
        BadRequest: one has a condition without a key.
    """
    if not filters:
        return index.all
    return frozenset().union(*(_passing(index, text) for text in filters))


def _passing(index: ValueIndex, text: str) -> Rows:
    wanted: dict[str, list[str]] = {}
    for statement in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = statement.partition("=")
        if not key.strip():
            raise BadRequest(
                f"invalid filter, {statement!r} is not a valid statement (expected a string on the form a=b or a= or a)"
            )
        values = wanted.setdefault(key.strip(), [])
        if equals:
            values.append(value.strip())
    rows = index.all
    for key, values in wanted.items():
        rows &= index.equal(key, values) if values else index.exists(key)
    return rows


def by_predicate(
    index: ValueIndex, predicate: object, entity: Callable[[int], Mapping[str, Any]]
) -> Rows:
    """Rows that a JSON predicate lets through.

    Args:
        index: of all rows.
        predicate: `$all`, `$any`, `$not`, or conditions by key.
        entity: the entity of a row, for what only the entity itself can tell.

    Raises:
        BadRequest: it is no predicate; says which part.
    """
    return _Predicates(index, entity).rows(predicate, 0)


class _Predicates:
    def __init__(self, index: ValueIndex, entity: Callable[[int], Mapping[str, Any]]) -> None:
        self._index, self._entity = index, entity

    def rows(self, predicate: object, depth: int) -> Rows:
        if not isinstance(predicate, dict):
            raise BadRequest(f"invalid filter predicate: {_shown(predicate)} is no object")
        if depth > MAX_DEPTH:
            raise BadRequest(f"invalid filter predicate: nested more than {MAX_DEPTH} deep")
        operator = next((name for name in ("$all", "$any", "$not") if name in predicate), None)
        if operator is None:
            return self._fields(predicate, depth)
        if len(predicate) != 1:
            raise BadRequest(
                f"invalid filter predicate: {operator} must be the only key, wrap in $all"
            )
        within = predicate[operator]
        if operator == "$not":
            return self._index.all - self.rows(within, depth + 1)
        if not isinstance(within, list):
            raise BadRequest(f"invalid filter predicate: {operator} takes a list")
        parts = [self.rows(part, depth + 1) for part in within]
        if operator == "$any":
            return frozenset().union(*parts)
        return self._index.all.intersection(*parts)

    def _fields(self, predicate: Mapping[str, object], depth: int) -> Rows:
        rows = self._index.all
        for key, wanted in predicate.items():
            if key.startswith("$"):
                raise BadRequest(f"invalid filter predicate: unknown operator {key!r}")
            rows &= self._value(key, wanted, depth)
        return rows

    def _value(self, key: str, wanted: object, depth: int) -> Rows:
        if _is_primitive(wanted):
            return self._index.equal(key, [_text(wanted)])
        if not isinstance(wanted, dict) or len(wanted) != 1:
            raise BadRequest(f"invalid filter predicate: {key!r} is {_shown(wanted)}")
        ((operator, value),) = wanted.items()
        if operator == "$exists" and isinstance(value, bool):
            return self._index.exists(key) if value else self._index.all - self._index.exists(key)
        if operator == "$in" and isinstance(value, list) and all(map(_is_primitive, value)):
            return self._index.equal(key, map(_text, value))
        if operator == "$hasPrefix" and isinstance(value, str):
            return self._index.starts(key, value)
        if operator == "$contains":
            return self._containing(key, value, depth)
        raise BadRequest(f"invalid filter predicate: {key!r} is {_shown(wanted)}")

    def _containing(self, key: str, value: object, depth: int) -> Rows:
        """Rows with a list under a key of which an item fits; what is related to what is in the index itself."""
        if depth > MAX_DEPTH:
            raise BadRequest(f"invalid filter predicate: nested more than {MAX_DEPTH} deep")
        if _is_primitive(value):
            return self._index.equal(key, [_text(value)])
        if not isinstance(value, dict):
            raise BadRequest(
                f"invalid filter predicate: $contains takes a value or a predicate, not {_shown(value)}"
            )
        related = self._related(value, depth + 1) if key == "relations" else None
        if related is not None:
            return related
        found = set()
        for row in self._index.all if key == "relations" else self._index.below(key):
            items = _at(self._entity(row), key)
            if isinstance(items, list) and items:
                inner = ValueIndex(item if isinstance(item, dict) else {"": item} for item in items)
                if _Predicates(inner, items.__getitem__).rows(value, depth + 1):
                    found.add(row)
        return frozenset(found)

    def _related(self, value: Mapping[str, object], depth: int) -> Rows | None:
        """The usual question after a relation, by its type and target: the index knows; None for any other."""
        kind, target = value.get("type"), value.get("targetRef")
        if not isinstance(kind, str) or len(value) != 1 + ("targetRef" in value):
            return None
        key = f"relations.{kind}"
        return self._index.exists(key) if target is None else self._value(key, target, depth)


def _at(value: Any, path: str) -> Any:
    """The value under a dotted path, whose keys may hold dots themselves."""
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    found = (
        _at(inner, path[len(key) + 1 :])
        for key, inner in value.items()
        if path.startswith(f"{key}.")
    )
    return next((one for one in found if one is not None), None)


def _is_primitive(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
