"""Everything one build has read, ready to be published as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from catalog_store.journal import Position
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Edge, Entity, Record
from catalog_store.model.fields import Field


class Level(StrEnum):
    """How bad a problem is: an error lost something, a warning did not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with an input. It is reported; it never stops a build.

    Attributes:
        level: ERROR when something was not indexed because of it.
        code: stable kebab-case name ("invalid-yaml", "dangling-reference").
        message: what was wrong, what was expected, and the next step.
        span: where; the first and last line are 1 when the whole file is meant.
    """

    level: Level
    code: str
    message: str
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Statements:
    """What was said about one group of records, so that an event can be joined with it.

    Attributes:
        collector, group: who joins it, and what it calls the group; together they are unique.
        data: the statements, as the indexer wrote them.
    """

    collector: str
    group: str
    data: bytes


@dataclass(slots=True)
class CatalogContent:
    """What a snapshot holds. Refs of entities, records and documents are unique.

    Attributes:
        fields: rows this build discovered, in addition to the declared ones, and declared ones the settings refine.
        synonyms: phrase → the phrase it stands for, from the settings.
        passages: cut from `documents`; entities get a passage of their own when the store is written.
        sources: source format → number of files read by it.
        skipped: reason → number of things left alone without it being a problem.
        statements: what was said about records that events may change between two builds; opaque to the store.
        annotations: reference → annotation → value, of everything that was written about an entity.
        backwards: edges that their end declares, with its lines; an edge that both ends declare has the lines of its start.
        read_up_to: the position of the journal up to which events are in it.
    """

    entities: list[Entity] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    statements: list[Statements] = field(default_factory=list)
    annotations: dict[str, dict[str, str]] = field(default_factory=dict)
    backwards: list[Edge] = field(default_factory=list)
    read_up_to: Position = field(default_factory=Position)
