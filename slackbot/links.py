"""Which thing of the catalog a link leads to: pages of Callboard itself, and of Backstage."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_OURS = re.compile(r"^/entity/([^/]+)/([^/]+)/([^/]+)$")
_OUR_PAGE = re.compile(r"^/page/(.+)$")
_BACKSTAGE = re.compile(r"/catalog/([^/]+)/([^/]+)/([^/]+)(?:/.*)?$")
_TECHDOCS = re.compile(r"/docs/([^/]+)/([^/]+)/([^/]+)(?:/.*)?$")


def ref_of(url: str) -> str | None:
    """The reference a link stands for; None when it leads somewhere else.

    >>> ref_of("https://portal.example/catalog/default/component/checkout/ci-cd")
    'component:default/checkout'
    >>> ref_of("https://callboard.example/#/page/runbook%3Arunbooks%2Flag.md")
    'runbook:runbooks/lag.md'
    """
    parts = urlsplit(url)
    if ours := _OURS.match(parts.fragment):
        kind, namespace, name = map(unquote, ours.groups())
    elif page := _OUR_PAGE.match(parts.fragment):
        return unquote(page[1])
    elif found := _BACKSTAGE.search(parts.path) or _TECHDOCS.search(parts.path):
        namespace, kind, name = map(unquote, found.groups())
    else:
        return None
    return f"{kind}:{namespace}/{name}".lower()
