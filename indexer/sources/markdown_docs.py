"""Markdown trees → documents and passages: TechDocs sites, handbooks, decision records, runbooks, READMEs."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model.document import Document, Passage
from catalog_store.model.entity import Edge
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.markdown.blocks import read_blocks
from indexer.markdown.flavours import plain_lines
from indexer.markdown.front_matter import read_front_matter
from indexer.pages.kinds import ADR, RUNBOOK, doc_kind
from indexer.pages.mkdocs import Sites
from indexer.pages.page import EXTENSIONS, UNTITLED, Page, read_page
from indexer.pages.ties import Tie, Ties, owner_ref
from indexer.reporting import Report
from indexer.sources.base import Harvest
from indexer.split import MOST_PASSAGES
from indexer.text import NotText, decode_leniently

_RUNBOOK_FOR = frozenset({"component", "api", "resource", "system"})


class MarkdownDocs:
    """Reads every Markdown page."""

    name: ClassVar[str] = "markdown-docs"
    suffixes: ClassVar[frozenset[str]] = frozenset({".md", ".markdown", ".mdx", ".erb"})

    def claims(self, file: InputFile) -> bool:
        """Prose in a file that is named as Markdown; any text could be Markdown otherwise."""
        return file.location.name.lower().endswith(EXTENSIONS)

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Remember one page; undecodable bytes and broken headers are reported, the rest is kept."""
        lines = _text(file, harvest.report).split("\n")
        header = read_front_matter(lines)
        for fault in header.faults:
            report = harvest.report.error if fault.fatal else harvest.report.warning
            lost = "the page was indexed without it, mend it" if fault.fatal else "remove one"
            message = f"front matter: {fault.message.partition(';')[0]}; {lost}"
            report("bad-front-matter", message, file.span(fault.line))
        body = plain_lines(lines[header.body_start :], modules=file.suffix == ".mdx")
        whole = [""] * header.body_start + body
        if not any(line.strip() for line in whole):
            harvest.report.skip("empty page")
            return
        harvest.pages.append(read_page(file, header, whole, read_blocks(whole)))

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add documents, passages, and the edges to their entities and owners."""
        sites = Sites(harvest.walk)
        pages = [_with_nav_title(page, sites) for page in harvest.pages]
        ties = Ties(catalog, pages, sites)
        for page in sorted(pages, key=lambda page: page.path):
            _add_page(page, ties, catalog, content, harvest.report)


SOURCE = MarkdownDocs


def _text(file: InputFile, report: Report) -> str:
    if b"\x00" in file.data[:2] or not file.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        nul = file.data.find(b"\x00")
        if nul >= 0:
            line = file.data.count(b"\n", 0, nul) + 1
            report.warning(
                "nul-bytes",
                "holds NUL bytes, which no text does; they were dropped, save it as text",
                file.span(line),
            )
    try:
        return file.text()
    except NotText as error:
        report.warning(
            "not-utf8",
            f"{error.reason}; indexed with replacement characters",
            file.span(error.line),
        )
        return decode_leniently(file.data)


def _with_nav_title(page: Page, sites: Sites) -> Page:
    title = sites.nav_title(page.file.location)
    return page if title is None else replace(page, nav_title=title)


def _add_page(
    page: Page, ties: Ties, catalog: Catalog, content: CatalogContent, report: Report
) -> None:
    kind = doc_kind(page, linked_as_runbook=ties.is_linked_runbook(page))
    ref = f"{'runbook' if kind == RUNBOOK else 'doc'}:{page.path}"
    found, unknown = ties.of(page, runbook=kind == RUNBOOK)
    for key, name, line in unknown:
        message = f"{key} {name!r} in the front matter is not in the catalog; index its file or mend the name"
        report.warning("dangling-reference", message, page.file.span(line))
    owner = _owner(page, found, catalog, content, ref)
    for tie in found:
        relation = (
            "runbookFor"
            if kind == RUNBOOK and tie.ref.partition(":")[0] in _RUNBOOK_FOR
            else "documents"
        )
        content.edges.append(Edge(ref, relation, tie.ref, tie.span))
    document = Document(
        ref=ref,
        path=page.path,
        title=page.title,
        description=page.description,
        doc_kind=kind,
        entity_refs=tuple(tie.ref for tie in found),
        alerts=(page.alert_names or page.alerts_in_lead) if kind == RUNBOOK else (),
        owner_ref=owner,
        reviewed_on=page.reviewed_on,
        status=page.status if kind == ADR else None,
        tags=tuple(tag.lower() for tag in page.header_texts("tags", "categories", "keywords")),
    )
    content.documents.append(document)
    content.passages += _passages(page, document, report)


def _owner(
    page: Page, found: list[Tie], catalog: Catalog, content: CatalogContent, ref: str
) -> str | None:
    declared = owner_ref(page, catalog)
    if declared is not None:
        content.edges.append(Edge(ref, "ownedBy", declared[0], declared[1]))
        return declared[0]
    inherited = next((owner for tie in found if (owner := catalog.owner_of(tie.ref))), None)
    if inherited is not None:
        content.edges.append(Edge(ref, "ownedBy", inherited))
    return inherited


def _passages(page: Page, document: Document, report: Report) -> list[Passage]:
    pieces = page.pieces
    if len(pieces) > MOST_PASSAGES:
        message = f"would be {len(pieces)} passages, at most {MOST_PASSAGES} are indexed; split the page if the rest matters"
        report.error(
            "page-too-long",
            message,
            page.file.span(pieces[MOST_PASSAGES].first + 1, pieces[-1].last + 1),
        )
    return [
        Passage(
            doc_ref=document.ref,
            ordinal=number,
            heading=document.title if piece.heading in ("", UNTITLED) else piece.heading,
            heading_path=piece.heading_path,
            text=piece.text,
            span=page.file.span(piece.first + 1, piece.last + 1),
        )
        for number, piece in enumerate(pieces[:MOST_PASSAGES])
    ]
