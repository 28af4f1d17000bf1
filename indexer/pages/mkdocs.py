"""MkDocs sites: where the pages of an `mkdocs.yml` lie, and what its navigation calls them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from indexer.files import TEXT_LIMIT_BYTES
from indexer.secrets import mask
from indexer.text import NotText, decode
from indexer.walk import Walk
from indexer.yaml_lines import read_yaml

NAMES = ("mkdocs.yml", "mkdocs.yaml")


@dataclass(frozen=True, slots=True)
class Site:
    """One site.

    Attributes:
        folder: where its `mkdocs.yml` lies.
        repository: "organisation/name" of its `repo_url`, in lower case; empty when it names none.
        pages: the folder of its pages, links resolved; it may not exist.
        titles: page → title in the navigation.
    """

    folder: Path
    repository: str
    pages: Path
    titles: dict[Path, str] = field(default_factory=dict)


class Sites:
    """The sites of one build, each read once, from inside the roots only."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._known: dict[Path, Site | None] = {}
        self._above: dict[Path, Site | None] = {}

    def at(self, folder: Path) -> Site | None:
        """The site whose `mkdocs.yml` lies in a folder; None when there is none or it is broken."""
        if folder not in self._known:
            self._known[folder] = self._read(folder)
        return self._known[folder]

    def above(self, location: Path) -> Site | None:
        """The nearest site above a file, inside the roots."""
        folder = location.parent
        if folder not in self._above:
            self._above[folder] = next(
                (site for one in location.parents if (site := self.at(one)) is not None), None
            )
        return self._above[folder]

    def nav_title(self, location: Path) -> str | None:
        """What the nearest site above a page calls it."""
        site = self.above(location)
        return site.titles.get(location) if site else None

    def _read(self, folder: Path) -> Site | None:
        if self._walk.root_of(folder) is None:
            return None
        for name in NAMES:
            named = folder / name
            if not os.path.lexists(named):
                continue  # most folders have none, and following links costs a call for each folder above
            location = Path(os.path.realpath(named))
            if self._walk.root_of(location) is None or not location.is_file():
                continue
            try:
                if location.stat().st_size > TEXT_LIMIT_BYTES:
                    return None
                stream = read_yaml(decode(mask(location.read_bytes())[0]))
            except (OSError, NotText):
                return None
            value = stream.documents[0].value if stream.documents else None
            return _site(folder, value) if isinstance(value, dict) else None
        return None


def repository_of(url: object) -> str:
    """The "organisation/name" in the address of a repository or of something in it; empty when there is none.

    >>> repository_of("https://github.com/Acme/cart/tree/main/docs")
    'acme/cart'
    """
    try:
        path = urlsplit(url).path if isinstance(url, str) else ""
    except ValueError:
        return ""
    parts = [part for part in path.lower().removesuffix(".git").split("/") if part]
    return "/".join(parts[:2]) if len(parts) >= 2 else ""


def _site(folder: Path, value: dict[str, Any]) -> Site:
    named = value.get("docs_dir")
    docs_dir = named if isinstance(named, str) and named and "\x00" not in named else "docs"
    pages = Path(os.path.realpath(folder / docs_dir))
    titles: dict[Path, str] = {}
    stack: list[Any] = [value.get("nav")]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            for title, target in item.items():
                if isinstance(target, str) and "://" not in target and "\x00" not in target:
                    titles.setdefault(Path(os.path.normpath(pages / target)), str(title))
                else:
                    stack.append(target)
    return Site(folder, repository_of(value.get("repo_url")), pages, titles)
