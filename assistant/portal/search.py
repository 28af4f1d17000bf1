"""The portal's search over one snapshot: entities as `software-catalog` documents, pages as `techdocs` ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from assistant.search_box import DEPTH, SearchHit, SearchPage, SearchQuery
from catalog_store.errors import BadRequest
from catalog_store.model.kinds import Table
from catalog_store.reader import CatalogReader, Row

CATALOG, TECHDOCS = "software-catalog", "techdocs"
TYPES = (CATALOG, TECHDOCS)

PRE_TAG, POST_TAG = "<mark-6f3c1b8e>", "</mark-6f3c1b8e>"
"""Around what matched; the portal cuts texts at these, so they must not occur in one."""


@dataclass(frozen=True, slots=True)
class PortalQuery:
    """One request of the portal's search page.

    Attributes:
        term: the words.
        types: document types wanted; empty for all.
        filters: field → values, of which a document must hold one.
        limit: results on a page, >= 1.
        page: counted from 0.
    """

    term: str = ""
    types: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] | None = None
    limit: int = 25
    page: int = 0


@dataclass(frozen=True, slots=True)
class PortalResults:
    """One page of results, and whether there is one after it."""

    results: list[dict[str, Any]]
    total: int
    more: bool


class PortalSearch:
    """Searches one snapshot. Safe to share between threads."""

    def __init__(self, store: CatalogReader, search: Callable[[SearchQuery], SearchPage]) -> None:
        """Reads what documents say of things when first asked.

        Args:
            store: the catalog.
            search: ranks; the search box of the same snapshot.
        """
        self._store, self._search = store, search

    def query(self, wanted: PortalQuery) -> PortalResults:
        """One page of results, best first.

        Raises:
            BadRequest: a type there is not.
        """
        for type_ in wanted.types:
            if type_ not in TYPES:
                raise BadRequest(f"unknown document type {type_!r}; known are {', '.join(TYPES)}")
        filters = wanted.filters or {}
        within = None
        if wanted.types or filters:
            within = frozenset(
                ref
                for ref, document in self._documents.items()
                if _passes(document, wanted.types, filters)
            )
        start = wanted.page * wanted.limit
        end = min(start + wanted.limit, DEPTH)
        if end <= start:
            return PortalResults([], 0, more=False)
        found = self._search(SearchQuery(text=wanted.term, within=within, limit=end))
        results = [
            self._result(hit, rank) for rank, hit in enumerate(found.hits[start:], start=start + 1)
        ]
        return PortalResults(results, found.total, more=end < min(found.total, DEPTH))

    def _result(self, hit: SearchHit, rank: int) -> dict[str, Any]:
        document = dict(self._documents[hit.ref])
        type_ = document.pop("")
        result = {"type": type_, "document": {**document, "text": hit.text}, "rank": rank}
        if hit.highlights:
            fields = {"text": _marked(hit)}
            result["highlight"] = {"preTag": PRE_TAG, "postTag": POST_TAG, "fields": fields}
        return result

    @cached_property
    def _documents(self) -> dict[str, dict[str, Any]]:
        """Reference → the document without its text; its type stands under the empty name."""
        names = ("ref", "kind", "name", "namespace", "title", "type", "lifecycle", "owner")
        entities = {row["ref"]: row for row in self._store.things(Table.ENTITIES, names)}
        about = {
            row["source"]: row["target"]
            for row in reversed(
                self._store.fetch(
                    "SELECT source, target FROM edges WHERE relation IN ('documents', 'runbookFor')"
                )
            )
            if row["target"] in entities
        }
        found = {ref: _entity_document(row) for ref, row in entities.items()}
        for page in self._store.things(Table.DOCUMENTS, ("ref", "kind", "title", "path", "owner")):
            found[page["ref"]] = _page_document(page, entities.get(about.get(page["ref"], "")))
        return found


def _entity_document(row: Row) -> dict[str, Any]:
    kind, namespace, name = _parts(row["ref"])
    return {
        "": CATALOG,
        "title": row["title"] or row["name"],
        "location": f"/catalog/{namespace}/{kind}/{quote(name)}",
        "kind": row["kind"],
        "type": row["type"] or "other",
        "componentType": row["type"] or "other",
        "lifecycle": row["lifecycle"] or "",
        "namespace": namespace,
        "owner": row["owner"] or "",
    }


def _page_document(page: Row, entity: Row | None) -> dict[str, Any]:
    """A page is shown under the entity it is about; one about nothing is shown by us."""
    document = {
        "": TECHDOCS,
        "title": page["title"] or page["path"],
        "location": f"/v1/pages?ref={quote(page['ref'], safe='')}",
        "path": page["path"],
        "kind": page["kind"],
        "owner": page["owner"] or "",
        "namespace": "default",
        "lifecycle": "",
    }
    if entity is not None:
        kind, namespace, name = _parts(entity["ref"])
        document |= {
            "location": f"/catalog/{namespace}/{kind}/{quote(name)}/docs",
            "kind": entity["kind"],
            "namespace": namespace,
            "name": name,
            "entityTitle": entity["title"] or entity["name"],
            "type": entity["type"] or "other",
            "componentType": entity["type"] or "other",
            "lifecycle": entity["lifecycle"] or "",
            "owner": entity["owner"] or "",
        }
    return document


def _parts(ref: str) -> tuple[str, str, str]:
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return kind, namespace, name


def _passes(
    document: Mapping[str, Any], types: Sequence[str], filters: Mapping[str, tuple[str, ...]]
) -> bool:
    if types and document[""] not in types:
        return False
    return all(
        str(document.get(name, "")).lower() in {value.lower() for value in values}
        for name, values in filters.items()
    )


def _marked(hit: SearchHit) -> str:
    parts, at = [], 0
    for mark in hit.highlights:
        parts += [hit.text[at : mark.start], PRE_TAG, hit.text[mark.start : mark.end], POST_TAG]
        at = mark.end
    return "".join([*parts, hit.text[at:]])
