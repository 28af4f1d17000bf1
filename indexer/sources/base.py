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
from typing import ClassVar, Protocol, TypeVar, cast

import indexer.sources as folder
from catalog_store.content import CatalogContent
from indexer.catalog import Catalog
from indexer.collectors.base import Collector
from indexer.files import InputFile
from indexer.raw import Fact, FactRow, OwnerRule, RawEntity
from indexer.reporting import Report
from indexer.walk import Walk

_C = TypeVar("_C", bound=Collector)


@dataclass(slots=True)
class Harvest:
    """What the sources of one build bring in.

    Attributes:
        walk: the roots, and the files known so far; a source may admit more from inside the roots.
        report: receives every problem.
        now: the clock of the build, UTC.
        entities, facts, fact_rows, owner_rules: what was read so far.
        foreign: entities as other catalogs describe them.
        collectors: what gathers facts that come in several formats, by its class.
    """

    walk: Walk
    report: Report
    now: datetime
    entities: list[RawEntity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    fact_rows: list[FactRow] = field(default_factory=list)
    owner_rules: list[OwnerRule] = field(default_factory=list)
    foreign: list[RawEntity] = field(default_factory=list)
    collectors: dict[type[Collector], Collector] = field(default_factory=dict)

    def collector(self, kind: type[_C]) -> _C:
        """The build's one collector of a class, made when it is first asked for."""
        if kind not in self.collectors:
            self.collectors[kind] = kind()
        return cast("_C", self.collectors[kind])


class Source(Protocol):
    """One format. A new instance is made for every build, so it may remember what it reads.

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
    """A base for sources that hand everything to collectors while they read."""

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Nothing is left to do: the collectors write what was read."""


class GeneralSource:
    """A base for sources that go by the shape of a file rather than by a format: they are asked after all others."""

    def wants(self, file: InputFile) -> bool:
        """Whether the settings give this file to the source; then it is asked before all others."""
        raise NotImplementedError


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
    return distinct(sorted(found, key=lambda source: isinstance(source, GeneralSource)))


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
