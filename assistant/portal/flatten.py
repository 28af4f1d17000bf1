"""What filters, facets and orders see of an entity: every value under its dotted path, as the portal's backend indexes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_LENGTH = 200
"""Characters of a key or value beyond which it is not indexed: such a value exists, but equals nothing."""

_SET_ASIDE = frozenset({"attachments", "relations", "status"})

Pair = tuple[str, str | None]
"""A dotted path in lower case, and a value as written; None where nothing can equal it."""


def pairs(entity: Mapping[str, Any]) -> Iterator[Pair]:
    """Every path of an entity with its value; a relation stands under `relations.<type>`.

    >>> sorted(pairs({"kind": "API", "metadata": {"name": "a", "tags": ["Go"]}}))
    [('kind', 'API'), ('metadata.name', 'a'), ('metadata.namespace', 'default'), ('metadata.tags', 'Go'), ('metadata.tags.go', 'true')]
    """
    for path, value in _visit("", entity):
        if len(path) <= MAX_LENGTH:
            yield path.lower(), value if value is None or len(value) <= MAX_LENGTH else None
    metadata = entity.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("namespace"):
        yield "metadata.namespace", "default"
    for relation in entity.get("relations") or ():
        yield f"relations.{relation['type']}".lower(), relation["targetRef"]


def _visit(path: str, value: Any) -> Iterator[Pair]:
    if path in _SET_ASIDE:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _visit(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list):
        for item in value:
            yield from _visit(path, item)
        # so that one can ask for several tags at once
        for text in dict.fromkeys(item for item in value if isinstance(item, str)):
            yield f"{path}.{text}", "true"
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    else:
        yield path, None if value is None else str(value)
