"""What sources hand over before the field table is applied: entities as written, and facts about entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog_store.content import Problem
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Entity, EntityRef
from indexer.files import InputFile
from indexer.yaml_lines import KeyPath, YamlDocument


@dataclass(frozen=True, slots=True)
class Place:
    """What one place of a descriptor says about other entities.

    Attributes:
        key: below `spec`.
        edges: in the canonical direction, whether or not the catalog holds what they name.
        problems: what was wrong with it.
    """

    key: str
    edges: tuple[Edge, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What an entity says by itself, whatever else the catalog holds: worked out when it is read, and not again while its file stays the same.

    Attributes:
        entity: with the fields of the field table.
        problems: values that had the wrong type.
        places: the references it makes, in the order of the reference table.
    """

    entity: Entity
    problems: tuple[Problem, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RawEntity:
    """One catalog entity as it was written, placeholders resolved.

    Attributes:
        ref: the canonical reference.
        kind: as a person writes it.
        raw: the whole document.
        file: where it stands.
        document: knows the lines of every value.
        listed: a Location names its file.
        said: what it says by itself; None until that was worked out.
    """

    ref: EntityRef
    kind: str
    raw: Mapping[str, Any]
    file: InputFile
    document: YamlDocument
    listed: bool = False
    said: Said | None = field(default=None, compare=False, repr=False)

    @property
    def span(self) -> SourceSpan:
        """The lines of the whole entity."""
        return self.file.span(self.document.first, self.document.last)

    def span_of(self, path: KeyPath) -> SourceSpan:
        """The lines of one value, or of what stands around it."""
        return self.file.span(*self.document.lines_of(path))

    def section(self, *path: str) -> Mapping[str, Any]:
        """The mapping at a path; empty when there is none or it is something else."""
        found = self.at(path)
        return found if isinstance(found, dict) else {}

    def at(self, path: KeyPath) -> Any:
        """The value at a path; None when there is none."""
        value: Any = self.raw
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of a table of facts about entities.

    Attributes:
        ref: the entity, as written.
        column: the table's own name for the fact.
        text: the value as written.
        span: where.
        at: when it was true, UTC; of several facts about one entity the latest counts.
    """

    ref: str
    column: str
    text: str
    span: SourceSpan
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FactRow:
    """One row of a table that seems to be about entities; whether it is, the catalog decides.

    Attributes:
        table: the file.
        cells: column → text as written.
        keys: columns that may name the entity, likeliest first; the first names a column the settings told.
        kinds: kinds the names may mean, as the settings told; empty for the usual ones of the column.
        told: the settings name this table.
        span: where.
    """

    table: str
    cells: Mapping[str, str]
    keys: tuple[str, ...]
    span: SourceSpan
    kinds: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class OwnerAlias:
    """One name in ownership files that stands for several people."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """Who answers for some files of a folder, for entities that name no owner themselves.

    Attributes:
        folder: where the rule starts, links resolved.
        pattern: which files below it, as CODEOWNERS writes it; None for all.
        names: owners as written, most important first; empty when nobody shall own them.
        span: where.
    """

    folder: Path
    pattern: str | None
    names: tuple[str, ...]
    span: SourceSpan
