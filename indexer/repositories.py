"""Repositories and the components that live in them, whatever way a feed writes a repository."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.catalog import Catalog

_SLUGS = (
    "github.com/project-slug",
    "gitlab.com/project-slug",
    "bitbucket.org/project-slug",
    "dev.azure.com/project-repo",
)
_SOURCE = "backstage.io/source-location"
_SCHEME = re.compile(r"^(?:url:|git\+)*(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?", re.IGNORECASE)
_HOST = re.compile(r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?[:/]", re.IGNORECASE)
_INSIDE = re.compile(r"/(?:-/)?(?:tree|blob|src|raw)/.*$")


def slug_of(text: str) -> str:
    """Owner and name of a repository in lower case, the way repositories are compared.

    >>> slug_of("https://github.com/Shop/Cart.git"), slug_of("git@gitlab.com:shop/web/cart.git"), slug_of("cart")
    ('shop/cart', 'shop/web/cart', '')
    >>> slug_of("url:https://github.com/shop/cart/tree/main/api/")
    'shop/cart'
    """
    return path_of(text).lower()


def path_of(text: str) -> str:
    """Owner and name of a repository as written; empty when the text names none.

    >>> path_of("https://github.com/Shop/Cart/tree/main"), path_of("cart")
    ('Shop/Cart', '')
    """
    rest = _HOST.sub("", _SCHEME.sub("", text.strip()[:500]))
    path = _INSIDE.sub("", rest.partition("?")[0].partition("#")[0])
    path = path.strip("/").removesuffix(".git")
    return path if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+", path) else ""


def repository_in(text: str) -> str:
    """The repository that an address of something inside it lies in, or a plain slug; empty when there is none.

    >>> repository_in("https://github.com/shop/cart/actions/runs/7"), repository_in("shop/cart")
    ('shop/cart', 'shop/cart')
    >>> repository_in("https://gitlab.example/a/b/c/-/pipelines/1"), repository_in("/event/source/123")
    ('a/b/c', '')
    """
    address = re.match(r"(?:url:|git\+)*(?:https?|ssh|git)://|git@", text)
    if address is None:
        return text if re.fullmatch(r"[\w.-]+/[\w.-]+", text, re.ASCII) else ""
    path = path_of(text.partition("/-/")[0])
    return "/".join(path.split("/")[:2]) if "github." in text.lower() else path


class Repositories:
    """Finds the components of a repository."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_slug: dict[str, list[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        seen: set[str] = set()
        for entity, held in catalog.annotations():
            ref = str(entity)
            if entity.kind != "component" or ref not in catalog.entities or ref in seen:
                continue
            slugs = [slug_of(held[key]) for key in _SLUGS if isinstance(held.get(key), str)]
            if not any(slugs) and isinstance(held.get(_SOURCE), str):
                slugs = [slug_of(held[_SOURCE])]
            for slug in filter(None, slugs):
                seen.add(ref)
                self._by_slug.setdefault(slug, []).append(ref)
                self._by_name.setdefault(slug.rpartition("/")[2], set()).add(slug)
        self._catalog = catalog

    def components(self, repository: str) -> Sequence[str]:
        """Every component of a repository, given as slug or address; empty for an unknown one."""
        return self._by_slug.get(slug_of(repository), ())

    def named(self, name: str) -> Sequence[str]:
        """Every component of the one repository with this bare name, else the component of this name."""
        slugs = self._by_name.get(name.lower(), set())
        if len(slugs) == 1:
            return self._by_slug[next(iter(slugs))]
        known = self._catalog.resolve(name, kinds=("component",)) if not slugs else None
        return (str(known),) if known is not None else ()
