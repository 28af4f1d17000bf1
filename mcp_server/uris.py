"""Addresses of resources: one for each entity and each page, and back."""

from __future__ import annotations

from urllib.parse import quote, unquote

from catalog_store.model.entity import EntityRef

SCHEME = "callboard://"

ENTITY_TEMPLATE = f"{SCHEME}entity/{{kind}}/{{namespace}}/{{name}}"
PAGE_TEMPLATE = f"{SCHEME}page/{{+path}}"

PAGES = ("doc", "runbook")
"""What a page's reference begins with."""


def uri_of(ref: str) -> str | None:
    """The address of a thing; None for records, which have no page of their own.

    >>> uri_of("component:default/checkout"), uri_of("runbook:runbooks/ledger lag.md")
    ('callboard://entity/component/default/checkout', 'callboard://page/runbooks/ledger%20lag.md')
    """
    kind, _, rest = ref.partition(":")
    if kind in PAGES:
        return f"{SCHEME}page/{quote(rest)}"
    namespace, slash, name = rest.partition("/")
    if not slash:
        return None
    return f"{SCHEME}entity/{quote(kind)}/{quote(namespace)}/{quote(name, safe='')}"


def ref_of(uri: str) -> tuple[str, str] | None:
    """("entity", reference) or ("page", path) of an address; None when it is none of ours.

    >>> ref_of("callboard://entity/Component/default/checkout"), ref_of("callboard://page/docs/a%20b.md")
    (('entity', 'component:default/checkout'), ('page', 'docs/a b.md'))
    """
    if not uri.startswith(SCHEME):
        return None
    sort, _, rest = uri.removeprefix(SCHEME).partition("/")
    if sort == "page" and rest:
        return "page", unquote(rest)
    parts = [unquote(part) for part in rest.split("/")]
    if sort == "entity" and len(parts) == 3 and all(parts):
        return "entity", str(EntityRef(*(part.lower() for part in parts)))
    return None
