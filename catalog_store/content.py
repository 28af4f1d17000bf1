"""Everything one build has read, ready to be published as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

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


@dataclass(slots=True)
class CatalogContent:
    """What a snapshot holds. Refs of entities, records and documents are unique.

    Attributes:
        fields: rows this build discovered, in addition to the declared ones, and declared ones the settings refine.
        synonyms: phrase → the phrase it stands for, from the settings.
        passages: cut from `documents`; entities get a passage of their own when the store is written.
        sources: source format → number of files read by it.
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
