"""Which entities a page belongs to, and where that is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog_store.errors import InvalidRef
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import EntityRef
from indexer.catalog import SOFTWARE, Catalog
from indexer.pages.addresses import Addresses, Place
from indexer.pages.mkdocs import Sites, repository_of
from indexer.pages.page import Page
from indexer.processors.paths import links_of_sort
from indexer.raw import RawEntity

HEADER_KEYS = (
    "service",
    "services",
    "component",
    "components",
    "entity",
    "entities",
    "system",
    "resource",
    "api",
    "domain",
)
TECHDOCS_REF = "backstage.io/techdocs-ref"
TECHDOCS_ENTITY = "backstage.io/techdocs-entity"

_RUNBOOK_KINDS = ("component", "resource", "system", "api")
_MOST_BESIDE = 3
"""Entities of one kind in a catalog file that the README beside it is about."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One entity a page belongs to.

    Attributes:
        ref: canonical reference.
        span: where it is written: in the page's header, or at the entity's link or annotation.
    """

    ref: str
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class _DocsFolder:
    folder: Path
    raw: RawEntity
    span: SourceSpan


class Ties:
    """Finds the entities of the pages of one build."""

    def __init__(self, catalog: Catalog, pages: Sequence[Page], sites: Sites) -> None:
        self._catalog = catalog
        self._sites = sites
        self._by_repository = _by_repository(catalog)
        self._folders: dict[Path, list[_DocsFolder]] = {}
        for docs in _docs_folders(catalog, sites):
            self._folders.setdefault(docs.folder, []).append(docs)
        self._of_folder: dict[Path, Sequence[_DocsFolder]] = {}
        self._beside = _beside(catalog)
        self._linked = _linked_runbooks(catalog, pages)
        self._shared = _shared_docs(catalog)

    def is_linked_runbook(self, page: Page) -> bool:
        """Whether some entity has a link of type runbook to the page."""
        return page.path in self._linked

    def of(self, page: Page, *, runbook: bool) -> tuple[list[Tie], list[tuple[str, str, int]]]:
        """The entities of a page, most specific first, each once.

        Returns:
            The ties, and what the header names but the catalog does not hold: (key, name, line).
        """
        found: dict[str, Tie] = {}
        unknown: list[tuple[str, str, int]] = []
        candidates = [
            *self._by_header(page, unknown),
            *self._linked.get(page.path, ()),
            *self._by_folder(page),
        ]
        candidates = candidates or list(self._by_site(page))
        if not candidates and runbook:
            candidates = list(self._by_text(page)) or list(self._by_name(page))
        for tie in candidates:
            found.setdefault(tie.ref, tie)
        return list(found.values()), unknown

    def _by_header(self, page: Page, unknown: list[tuple[str, str, int]]) -> Iterator[Tie]:
        for key in HEADER_KEYS:
            named = page.header.first(key)
            if named is None:
                continue
            line = page.header.line_of(named[0])
            singular = key.removesuffix("s").replace("entitie", "entity")
            kinds = (singular, *SOFTWARE) if singular in SOFTWARE else SOFTWARE
            for text in page.header_texts(key):
                ref = self._catalog.resolve(text, kinds=tuple(dict.fromkeys(kinds)))
                if ref is None:
                    unknown.append((named[0], text, line))
                else:
                    yield Tie(str(ref), page.file.span(line))

    def _by_folder(self, page: Page) -> Iterator[Tie]:
        location = page.file.location
        for docs in (*self._folders.get(location, ()), *self._above(location.parent)):
            yield Tie(str(docs.raw.ref), docs.span)
            yield from self._shared.get(str(docs.raw.ref), ())
        if page.stem.lower() == "readme":
            yield from self._beside.get(location.parent, ())

    def _above(self, folder: Path) -> Sequence[_DocsFolder]:
        """The docs folders that a folder is or lies in, nearest first."""
        known = self._of_folder.get(folder)
        if known is None:
            above = () if folder.parent == folder else self._above(folder.parent)
            known = self._of_folder[folder] = (*self._folders.get(folder, ()), *above)
        return known

    def _by_site(self, page: Page) -> Iterator[Tie]:
        """Entities whose docs are elsewhere on the web, but whose site lies here all the same."""
        site = self._sites.above(page.file.location)
        if site is None or not page.file.location.is_relative_to(site.pages):
            return
        same = self._by_repository.get(site.repository, ())
        named = [tie for tie in same if tie.ref.endswith(f"/{site.folder.name.lower()}")]
        if named or len(same) == 1:
            yield from named or same
            return
        ref = self._catalog.resolve(site.folder.name)
        if ref is not None:
            yield Tie(str(ref), page.file.span())

    def _by_text(self, page: Page) -> Iterator[Tie]:
        for name in page.named_in_lead:
            ref = self._catalog.resolve(name, kinds=_RUNBOOK_KINDS)
            if ref is not None:
                yield Tie(str(ref), page.file.span(page.header.body_start + 1))

    def _by_name(self, page: Page) -> Iterator[Tie]:
        """The entity whose name starts the file name or the title, the longest such name."""
        for text in (page.stem, page.title):
            slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
            words = slug.split("-")[:12]
            for length in range(len(words), 0, -1):
                ref = (
                    self._catalog.resolve("-".join(words[:length]), kinds=_RUNBOOK_KINDS)
                    if words[0]
                    else None
                )
                if ref is not None:
                    yield Tie(str(ref), page.file.span())
                    return


def owner_ref(page: Page, catalog: Catalog) -> tuple[str, SourceSpan] | None:
    """Who the header says keeps the page, and where: a group, or a user when only a user has that name."""
    named = page.header.first("owner", "owners", "team", "maintainer")
    if named is None:
        return None
    for text in page.header_texts("owner", "owners", "team", "maintainer"):
        known = catalog.resolve(text, kinds=("group", "user"))
        try:
            ref = known or EntityRef.parse(text, default_kind="group")
        except InvalidRef:
            continue
        return str(ref), page.file.span(page.header.line_of(named[0]))
    return None


def _docs_folders(catalog: Catalog, sites: Sites) -> Iterator[_DocsFolder]:
    for raw in catalog.raws:
        value = raw.section("metadata", "annotations").get(TECHDOCS_REF)
        if not isinstance(value, str) or not value.strip().startswith("dir:") or "\x00" in value:
            continue
        span = raw.span_of(("metadata", "annotations", TECHDOCS_REF))
        folder = Path(
            os.path.realpath(raw.file.location.parent / value.strip()[len("dir:") :].strip())
        )
        site = sites.at(folder)
        if site is not None:
            yield _DocsFolder(site.pages, raw, span)
        elif folder == raw.file.location.parent or (folder / "docs").is_dir():
            yield _DocsFolder(folder / "docs", raw, span)
        else:
            yield _DocsFolder(folder, raw, span)


def _by_repository(catalog: Catalog) -> dict[str, list[Tie]]:
    """Find entities by the repository ("organisation/name") their docs are said to lie in."""
    found: dict[str, list[Tie]] = {}
    for raw in catalog.raws:
        value = raw.section("metadata", "annotations").get(TECHDOCS_REF)
        if isinstance(value, str) and value.strip().startswith("url:"):
            span = raw.span_of(("metadata", "annotations", TECHDOCS_REF))
            repository = repository_of(value.strip()[len("url:") :])
            found.setdefault(repository, []).append(Tie(str(raw.ref), span))
    found.pop("", None)
    return found


def _shared_docs(catalog: Catalog) -> dict[str, list[Tie]]:
    """Entity → those that say its docs are theirs too."""
    found: dict[str, list[Tie]] = {}
    for raw in catalog.raws:
        value = raw.section("metadata", "annotations").get(TECHDOCS_ENTITY)
        ref = catalog.resolve(value) if isinstance(value, str) else None
        if ref is not None and ref != raw.ref:
            span = raw.span_of(("metadata", "annotations", TECHDOCS_ENTITY))
            found.setdefault(str(ref), []).append(Tie(str(raw.ref), span))
    return found


def _beside(catalog: Catalog) -> dict[Path, list[Tie]]:
    """Folder → what the catalog file in it is about."""
    found: dict[Path, list[Tie]] = {}
    for location, raws in catalog.raws_by_file().items():
        for kind in SOFTWARE:
            same = [raw for raw in raws if raw.ref.kind == kind]
            if same:
                if len(same) <= _MOST_BESIDE:
                    found.setdefault(location.parent, []).extend(
                        Tie(str(raw.ref), raw.span) for raw in same
                    )
                break
    return found


def _linked_runbooks(catalog: Catalog, pages: Sequence[Page]) -> dict[str, list[Tie]]:
    """Page path → entities with a runbook link whose address ends like the page's path."""
    found: dict[str, list[Tie]] = {}
    links = [(raw, *one) for raw in catalog.raws for one in links_of_sort(raw, "runbook")]
    if not links:
        return found
    addresses = Addresses(Place(page.path, page.folders, page.stem.lower()) for page in pages)
    for raw, link, path in links:
        page_path = addresses.at(link["url"])
        if page_path is not None:
            found.setdefault(page_path, []).append(Tie(str(raw.ref), raw.span_of(path)))
    return found
