"""What a source format is, and which ones there are.

A format is a module of this folder with a class named `SOURCE`. It says by content which files it reads, turns
them into raw entities, facts or things of its own, and may add records and documents once all entities are
known. Nothing else needs to change when a format is added.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, cast

import indexer.sources as folder
from catalog_store.content import CatalogContent
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.pages.page import Page
from indexer.platform.statements import PlatformResource, Workload
from indexer.raw import Fact, FactRow, OwnerAlias, OwnerRule, RawEntity
from indexer.reporting import Report
from indexer.walk import Walk


@dataclass(slots=True)
class Harvest:
    """What the sources of one build bring in.

    Each file is read into a part of its own, which is remembered: a file that did not change is not read again.

    Attributes:
        walk: the roots, and the files known so far; a source may admit more from inside the roots.
        report: receives every problem.
        now: the clock of the build, UTC.
        entities, facts, fact_rows, owner_rules, owner_aliases, pages: what was read so far.
        foreign: entities as other catalogs describe them.
        platform: resources and workloads as infrastructure tools describe them, each with its file.
        statements: what feeds say about records, for the collectors that take them.
        notes: what a source wants to know again in `finish`.
        volatile: what was read depends on other files or on the clock, and must be read again by every build.
        taken: references of records that other sources gave already, when only some groups are worked out again.
    """

    walk: Walk
    report: Report
    now: datetime
    entities: list[RawEntity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    fact_rows: list[FactRow] = field(default_factory=list)
    owner_rules: list[OwnerRule] = field(default_factory=list)
    owner_aliases: list[OwnerAlias] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    foreign: list[RawEntity] = field(default_factory=list)
    platform: list[tuple[InputFile, PlatformResource | Workload]] = field(default_factory=list)
    statements: list[object] = field(default_factory=list)
    notes: list[object] = field(default_factory=list)
    volatile: bool = False
    taken: frozenset[str] = frozenset()

    def tell(self, statement: object) -> None:
        """Hand over what a feed says; the collector that takes statements of its class joins it with the rest."""
        self.statements.append(statement)

    def part(self) -> Harvest:
        """An empty harvest of the same build, for one file."""
        return Harvest(self.walk, Report(), self.now)

    def take(self, part: Harvest) -> None:
        """Add what one file brought in."""
        for name in CONTENTS:
            getattr(self, name).extend(getattr(part, name))
        self.report.problems += part.report.problems
        self.report.skipped += part.report.skipped


CONTENTS = (
    "entities",
    "facts",
    "fact_rows",
    "owner_rules",
    "owner_aliases",
    "pages",
    "foreign",
    "platform",
    "statements",
    "notes",
)
"""The lists of a harvest, each in the order of the files."""


class Source(Protocol):
    """One format. It remembers nothing while it reads: what a file says goes into the harvest.

    Attributes:
        name: stable kebab-case name, unique.
        suffixes: extensions (lower case, with dot) its files may have; a cheap filter before `claims`.
    """

    name: ClassVar[str]
    suffixes: ClassVar[frozenset[str]]

    def claims(self, file: InputFile) -> bool:
        """Whether the content of this file is in the format; `OSError` may escape."""

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Read one claimed file; what is wrong with it goes to `harvest.report`, never out as an exception."""

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add records, documents, passages and edges, now that every entity is known."""


class FeedReader:
    """A base for sources that hand everything over while they read."""

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Nothing is left to do: processors and collectors work on what was read."""


class GeneralSource:
    """A base for sources that go by the shape of a file rather than by a format: they are asked after all others.

    Attributes:
        generality: of several, the least general one is asked first; >= 1.
    """

    generality: ClassVar[int] = 1

    def wants(self, file: InputFile) -> bool:  # noqa: ARG002
        """Whether the settings give this file to the source; then it is asked before all others."""
        return False


def load_sources() -> tuple[Source, ...]:
    """One new instance of every format, in the order of module names, those that go by shape last.

    Raises:
        ValueError: two modules use one name, or a module lacks `SOURCE`.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    modules = [
        importlib.import_module(f"{folder.__name__}.{name}") for name in names if name != "base"
    ]
    found = [
        cast("type[Source]", module.SOURCE)() for module in modules if hasattr(module, "SOURCE")
    ]
    return distinct(sorted(found, key=_generality))


def _generality(source: Source) -> int:
    return source.generality if isinstance(source, GeneralSource) else 0


def distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    """The same sources, once it is sure that no two share a name.

    Raises:
        ValueError: two do.
    """
    found: dict[str, Source] = {}
    for source in sources:
        if source.name in found:
            raise ValueError(f"two sources are named {source.name!r}; give one another name")
        found[source.name] = source
    return tuple(found.values())


def recognise(file: InputFile, sources: Sequence[Source]) -> Source | None:
    """The first source that claims a file; None when no one does.

    Raises:
        OSError: the file cannot be read.
    """
    told = next((s for s in sources if isinstance(s, GeneralSource) and s.wants(file)), None)
    if told is not None:
        return told
    fitting = (s for s in sources if file.suffix in s.suffixes or not file.suffix)
    return next((source for source in fitting if source.claims(file)), None)
