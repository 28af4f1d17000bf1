"""Cursors of the portal's entity queries: base64 of JSON, because its client looks inside to see which request to make next."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog_store.errors import BadRequest

MAX_CURSOR = 100_000
"""Characters of the longest cursor that is read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A query, and a place in what it finds.

    Attributes:
        order: fields with "asc" or "desc", the first counts most.
        filters: as `filter` parameters have them; any of them may hold.
        query: a JSON predicate in their place; None when there is none.
        term, term_fields: a text, and the fields of which one holds it.
        ref: the entity at the edge of the page before; None for the first page.
        is_previous: the page ends before that entity rather than starting after it.
    """

    order: tuple[tuple[str, str], ...] = ()
    filters: tuple[str, ...] = ()
    query: Any = None
    term: str = ""
    term_fields: tuple[str, ...] = ()
    ref: str | None = None
    is_previous: bool = False

    def at(self, ref: str) -> str:
        """The cursor of the page after an entity."""
        return replace(self, ref=ref, is_previous=False)._encoded()

    def before(self, ref: str) -> str:
        """The cursor of the page before an entity."""
        return replace(self, ref=ref, is_previous=True)._encoded()

    def _encoded(self) -> str:
        said: dict[str, Any] = {
            "orderFields": [{"field": name, "order": order} for name, order in self.order],
            "orderFieldValues": [self.ref],
            "isPrevious": self.is_previous,
        }
        if self.term:
            said["fullTextFilter"] = {"term": self.term, "fields": list(self.term_fields)}
        if self.query is not None:
            said["query"] = self.query
        else:
            said["filter"] = list(self.filters)
        return base64.b64encode(json.dumps(said).encode()).decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor a page gave.

        Raises:
            BadRequest: it is none of ours.

        >>> Cursor.read(Cursor(filters=("kind=api",)).at("api:default/a")).ref
        'api:default/a'
        """
        if len(text) > MAX_CURSOR:
            raise BadRequest("malformed cursor: it is too long; start again without one")
        try:
            said = json.loads(base64.b64decode(text, validate=True))
            full = said.get("fullTextFilter") or {}
            cursor = cls(
                order=order_of(said["orderFields"]),
                filters=tuple(_strings(said.get("filter") or [])),
                query=said.get("query"),
                term=str(full.get("term") or ""),
                term_fields=tuple(_strings(full.get("fields") or [])),
                ref=_strings(said["orderFieldValues"])[0],
                is_previous=said["isPrevious"] is True,
            )
        except (
            binascii.Error,
            ValueError,
            KeyError,
            IndexError,
            TypeError,
            AttributeError,
            RecursionError,
        ):
            raise BadRequest(
                "malformed cursor, could not be parsed; start again without one"
            ) from None
        return cursor


def order_of(said: object) -> tuple[tuple[str, str], ...]:
    """`[{"field", "order"}]` as pairs.

    Raises:
        BadRequest: an order is neither asc nor desc, or a field is missing.
    """
    found = []
    for one in said if isinstance(said, list) else [said]:
        name = one.get("field") if isinstance(one, dict) else None
        direction = one.get("order", "asc") if isinstance(one, dict) else None
        if not isinstance(name, str) or not name or direction not in ("asc", "desc"):
            raise BadRequest("invalid order, expected a field and asc or desc")
        found.append((name, direction))
    return tuple(found)


def _strings(items: Sequence[Any]) -> list[str]:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    return items
