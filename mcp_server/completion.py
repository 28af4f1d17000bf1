"""Completion of what a person types into a resource template or a prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mcp_types as types

from assistant.search_box import SearchQuery
from catalog_store.model import kinds as k
from catalog_store.model.kinds import KINDS, Table
from mcp_server.call import Call
from mcp_server.uris import ENTITY_TEMPLATE, PAGE_TEMPLATE

MOST = 100
"""Values in one completion; the protocol allows no more."""

_ENTITY_KINDS = tuple(kind.name for kind in KINDS if kind.table is Table.ENTITIES)


def complete(call: Call, params: types.CompleteRequestParams) -> types.CompleteResult:
    """Values that begin with, or fit, what is typed; none where nothing can be completed."""
    typed, given = params.argument.value, (params.context and params.context.arguments) or {}
    target = (
        params.ref.uri
        if isinstance(params.ref, types.ResourceTemplateReference)
        else params.ref.name
    )
    found: Iterable[str] = ()
    match target, params.argument.name:
        case (str() as uri, "kind") if uri == ENTITY_TEMPLATE:
            found = (k.lower() for k in _ENTITY_KINDS if k.lower().startswith(typed.lower()))
        case (str() as uri, "namespace" | "name" as part) if uri == ENTITY_TEMPLATE:
            found = _entity_parts(call, part, typed, given)
        case (str() as uri, "path") if uri == PAGE_TEMPLATE:
            found = _pages(call, typed)
        case ("page_brief", "service"):
            found = _named(call, typed, k.COMPONENT)
        case ("hand_over", "team"):
            found = _named(call, typed, k.GROUP)
        case ("hand_over", "days"):
            found = (days for days in ("1", "3", "7", "14", "28") if days.startswith(typed))
    values = list(dict.fromkeys(found))
    return types.CompleteResult(
        completion=types.Completion(
            values=values[:MOST], total=len(values), has_more=len(values) > MOST
        )
    )


def _hits(call: Call, typed: str, **filters: Any) -> Iterable[str]:
    query = SearchQuery(text=typed, limit=MOST + 1, **filters)
    return (hit.ref for hit in call.seen.search(query).hits)


def _named(call: Call, typed: str, kind: str) -> Iterable[str]:
    """Names of one kind; whole references where the name alone would not do."""
    for ref in _hits(call, typed, only="entities", kind=kind):
        namespace, _, name = ref.partition(":")[2].partition("/")
        yield name if namespace == "default" else ref


def _entity_parts(call: Call, part: str, typed: str, given: dict[str, str]) -> Iterable[str]:
    """Namespaces or names of entities of the kind already chosen."""
    for ref in _hits(
        call, typed if part == "name" else "", only="entities", kind=given.get("kind")
    ):
        namespace, _, name = ref.partition(":")[2].partition("/")
        if part == "namespace" and namespace.startswith(typed.lower()):
            yield namespace
        if part == "name" and given.get("namespace", namespace).lower() == namespace:
            yield name


def _pages(call: Call, typed: str) -> Iterable[str]:
    """Paths of pages: those that begin so first, then those that fit the words."""
    paths = [ref.partition(":")[2] for ref in _hits(call, _words(typed), only="passages")]
    return sorted(paths, key=lambda path: not path.startswith(typed))


def _words(path: str) -> str:
    """A path as words to look for.

    >>> _words("runbooks/ledger-la")
    'runbooks ledger la'
    """
    return path.replace("/", " ").replace("-", " ").replace(".", " ").strip()
