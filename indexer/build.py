"""The whole run: files → everything one snapshot holds. Publishing it is the catalog store's business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from catalog_store.content import CatalogContent
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.processors import PROCESSORS
from indexer.processors.derived_edges import derive_edges, with_blast_radius
from indexer.processors.duplicates import settle_duplicates
from indexer.processors.foreign import settle_foreign
from indexer.reporting import Progress, Report, Silent
from indexer.sources.base import Harvest, Source, load_sources, recognise
from indexer.unclaimed import check_unclaimed
from indexer.walk import walk


def read_catalog(
    paths: Sequence[Path], *, now: datetime, progress: Progress | None = None
) -> CatalogContent:
    """Read everything under the input paths.

    Args:
        paths: folders or files; each is a root of its own, and nothing outside of the roots is read.
        now: the clock of the build, UTC; events after it are reported.
        progress: told about the stages "read", "connect" and their steps.

    Returns:
        Entities, records, documents, passages, edges (declared and derived), discovered fields, and a problem
        for everything that was wrong. The same input always gives the same content.
    """
    bar = progress or Silent()
    report = Report()
    sources = load_sources()
    found = walk(paths, suffixes={suffix for s in sources for suffix in s.suffixes}, report=report)
    harvest = Harvest(found, report, now)
    content = CatalogContent(problems=report.problems)

    _read_files(sources, harvest, content, bar)
    own = settle_duplicates(harvest.entities, report)
    raws, supplements = settle_foreign(own, harvest.foreign, report)
    catalog = Catalog(raws, supplements, harvest.facts, harvest.owner_rules)
    steps = len(PROCESSORS) + len(sources)
    for done, process in enumerate(PROCESSORS):
        bar.advance("connect", done, steps)
        process(catalog, report)
    for done, source in enumerate(sources, start=len(PROCESSORS)):
        bar.advance("connect", done, steps)
        source.finish(catalog, content, harvest)
    for collector in harvest.collectors.values():
        collector.finish(catalog, content, harvest)
    bar.advance("connect", steps, steps)

    content.fields = catalog.fields
    content.edges = [*catalog.edges, *content.edges]
    content.edges += derive_edges(content.edges)
    content.entities = with_blast_radius(catalog.entities.values(), content.edges)
    return content


def _read_files(
    sources: Sequence[Source], harvest: Harvest, content: CatalogContent, bar: Progress
) -> None:
    """Let every file be read by the source that claims it; sources may append files while they are read."""
    files = harvest.walk.files
    done = 0
    while done < len(files):
        bar.advance("read", done, len(files))
        file = files[done]
        done += 1
        name = _read_file(file, sources, harvest)
        if name is not None:
            content.sources[name] = content.sources.get(name, 0) + 1
        # A build holds many files; their bytes are not needed again.
        file.forget()
    bar.advance("read", done, len(files))


def _read_file(file: InputFile, sources: Sequence[Source], harvest: Harvest) -> str | None:
    try:
        source = recognise(file, sources)
        if source is None:
            check_unclaimed(file, harvest.report)
            return None
        source.read(file, harvest)
    except OSError as error:
        harvest.report.error(
            "unreadable-file",
            f"cannot read it: {error.strerror or error}; make it readable or leave it out",
            file.span(),
        )
        return None
    return source.name
