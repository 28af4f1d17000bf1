"""The whole run: files → everything one snapshot holds. Publishing it is the catalog store's business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from catalog_store.content import CatalogContent
from catalog_store.journal import EventJournal
from catalog_store.model.refinements import Refinements
from indexer.catalog import Catalog
from indexer.collectors.registry import collect
from indexer.deliveries import bodies, read_body
from indexer.files import InputFile
from indexer.live import annotations_of, statements_of
from indexer.memory import Reading, ReadMemory
from indexer.processors import PROCESSORS
from indexer.processors.derived_edges import derive_edges, with_blast_radius
from indexer.processors.duplicates import settle_duplicates
from indexer.processors.fill_owners import with_members
from indexer.processors.foreign import settle_foreign
from indexer.processors.platform import settle_platform
from indexer.processors.read_fields import interpreted
from indexer.processors.refine import refined
from indexer.reporting import Progress, Report, Silent, report_secrets
from indexer.sources.base import Harvest, Source, load_sources, recognise
from indexer.sources.fact_tables import FactTables
from indexer.unclaimed import check_unclaimed
from indexer.walk import walk


def read_catalog(
    paths: Sequence[Path],
    *,
    now: datetime,
    progress: Progress | None = None,
    memory: ReadMemory | None = None,
    journal: EventJournal | None = None,
    refinements: Refinements | None = None,
) -> CatalogContent:
    """Read everything under the input paths.

    Args:
        paths: folders or files; each is a root of its own, and nothing outside of the roots is read.
        now: the clock of the build, UTC; events after it are reported.
        progress: told about the stages "read", "connect" and their steps.
        memory: what files said in an earlier build; None reads every file.
        journal: events that were received; they are inputs like any other. `content.read_up_to` says how far it was read.
        refinements: what the settings say about facts and words.

    Returns:
        Entities, records, documents, passages, edges (declared and derived), discovered fields, and a problem
        for everything that was wrong. The same input always gives the same content.
    """
    bar = progress or Silent()
    report = Report()
    told = refinements or Refinements()
    sources = load_sources()
    for source in sources:
        if isinstance(source, FactTables):
            source.told = told.tables
    found = walk(paths, suffixes={suffix for s in sources for suffix in s.suffixes}, report=report)
    harvest = Harvest(found, report, now)
    content = CatalogContent(problems=report.problems)

    _read_files(sources, harvest, content, bar, memory)
    if journal is not None:
        _read_journal(journal, harvest, content, memory)
    collectors = collect(harvest.statements, report)
    own = settle_duplicates(harvest.entities, report)
    platform = settle_platform(harvest.platform, [*own, *harvest.foreign], report)
    raws, supplements = settle_foreign(own, [*harvest.foreign, *platform], report)
    catalog = Catalog(
        [*map(interpreted, raws)],
        [*map(interpreted, supplements)],
        facts=harvest.facts,
        fact_rows=harvest.fact_rows,
        owner_rules=with_members(harvest.owner_rules, harvest.owner_aliases),
        refinements=told,
    )
    steps = len(PROCESSORS) + len(sources)
    for done, process in enumerate(PROCESSORS):
        bar.advance("connect", done, steps)
        process(catalog, report)
    for done, source in enumerate(sources, start=len(PROCESSORS)):
        bar.advance("connect", done, steps)
        source.finish(catalog, content, harvest)
    for collector in collectors:
        collector.finish(catalog, content, harvest)
    bar.advance("connect", steps, steps)

    content.skipped = dict(report.skipped)
    content.statements = list(statements_of(collectors))
    content.annotations = annotations_of(catalog)
    content.backwards = list(catalog.backwards)
    content.fields = refined(catalog.fields, told, report)
    content.synonyms = dict(told.synonyms)
    content.edges = [*catalog.edges, *content.edges]
    content.edges += derive_edges(content.edges)
    content.entities = with_blast_radius(catalog.entities.values(), content.edges)
    catalog.let_go()
    return content


def _read_files(
    sources: Sequence[Source],
    harvest: Harvest,
    content: CatalogContent,
    bar: Progress,
    memory: ReadMemory | None,
) -> None:
    """Let every file be read by the source that claims it; sources may append files while they are read."""
    files = harvest.walk.files
    done = 0
    while done < len(files):
        bar.advance("read", done, len(files))
        file = files[done]
        done += 1
        reading = _reading(file, sources, harvest, memory)
        harvest.take(reading.part)
        if reading.source is not None:
            content.sources[reading.source] = content.sources.get(reading.source, 0) + 1
        # A build holds many files; their bytes are not needed again.
        file.forget()
    bar.advance("read", done, len(files))


def _read_journal(
    journal: EventJournal, harvest: Harvest, content: CatalogContent, memory: ReadMemory | None
) -> None:
    for body, position in bodies(journal):
        reading = memory.recall(body, harvest) if memory is not None else None
        if reading is None:
            reading = read_body(body, harvest)
            if memory is not None:
                memory.keep(body, reading)
        harvest.take(reading.part)
        if reading.source is not None:
            content.sources[reading.source] = content.sources.get(reading.source, 0) + 1
        content.read_up_to = position


def _reading(
    file: InputFile, sources: Sequence[Source], harvest: Harvest, memory: ReadMemory | None
) -> Reading:
    """What a file says, from memory or by reading it."""
    try:
        if memory is not None and (known := memory.recall(file, harvest)) is not None:
            return known
        reading = _read_file(file, sources, harvest.part())
        if memory is not None:
            memory.keep(file, reading)
    except OSError as error:
        reading = Reading(None, harvest.part())
        reading.part.report.error(
            "unreadable-file",
            f"cannot read it: {error.strerror or error}; make it readable or leave it out",
            file.span(),
        )
    return reading


def _read_file(file: InputFile, sources: Sequence[Source], part: Harvest) -> Reading:
    source = recognise(file, sources)
    if source is None:
        check_unclaimed(file, part.report)
        return Reading(None, part)
    file.claimed_by(source.name)
    source.read(file, part)
    part.entities = [interpreted(raw) for raw in part.entities]
    report_secrets(file, part.report)
    return Reading(source.name, part)
