"""The entities of one build, findable by reference, by name, and by the file that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from catalog_store.errors import InvalidRef
from catalog_store.model.entity import Edge, Entity, EntityRef
from catalog_store.model.fields import Field
from catalog_store.model.refinements import Refinements
from indexer.raw import Fact, FactRow, OwnerRule, RawEntity

_T = TypeVar("_T")

SOFTWARE = ("component", "resource", "system", "api", "domain", "template")
"""Kinds a page or a feed may mean when it gives only a name, likeliest first."""


@dataclass(slots=True)
class Catalog:
    """What the processors work on, one step after the other.

    Attributes:
        raws: as written; one per reference, in the order of their files.
        supplements: further descriptions of the same entities; they fill what `raws` leave open.
        facts: facts about entities, not yet tied to them.
        fact_rows: rows of tables that seem to be about entities.
        refinements: what the settings say about facts.
        owner_rules: who owns files, in the order they were written.
        entities: canonical reference → typed entity; in the order of `raws`.
        edges: declared relations, once each, in canonical direction.
        backwards: those of them that their end declares, with its lines, whether or not their start does so too.
        fields: rows discovered in addition to the declared ones.
    """

    raws: Sequence[RawEntity]
    supplements: Sequence[RawEntity] = ()
    facts: Sequence[Fact] = ()
    fact_rows: Sequence[FactRow] = ()
    owner_rules: Sequence[OwnerRule] = ()
    refinements: Refinements = field(default_factory=Refinements)
    entities: dict[str, Entity] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    backwards: list[Edge] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    _by_name: dict[str, list[EntityRef]] | None = None
    _by_title: dict[str, list[EntityRef]] | None = None
    _by_annotation: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _made: dict[object, object] = field(default_factory=dict)

    def __contains__(self, ref: object) -> bool:
        return str(ref) in self.entities

    def resolve(self, text: str, kinds: Iterable[str] = SOFTWARE) -> EntityRef | None:
        """The entity a person means by a reference or a bare name; None when there is none.

        Args:
            text: "checkout", "default/checkout" or "component:default/checkout", in any case.
            kinds: lower-case kinds to look in for a bare name, likeliest first; the first hit wins. Another
                namespace than the default one is found when the name is unique in its kind.
        """
        try:
            explicit = EntityRef.parse(text)
        except InvalidRef:
            explicit = None
        if explicit is not None:
            return explicit if explicit in self else None
        for kind in kinds:
            if (found := self._of_kind(text, kind)) is not None:
                return found
        return None

    def _of_kind(self, text: str, kind: str) -> EntityRef | None:
        try:
            ref = EntityRef.parse(text, default_kind=kind)
        except InvalidRef:
            return None
        if ref in self:
            return ref
        if "/" in text:
            return None
        same = [r for r in self.named(ref.name) if r.kind == kind]
        return same[0] if len(same) == 1 else None

    def named(self, name: str) -> Sequence[EntityRef]:
        """Every entity with this name, whatever its kind and namespace."""
        if self._by_name is None:
            self._by_name = {}
            for entity in self.entities.values():
                self._by_name.setdefault(entity.ref.name, []).append(entity.ref)
        return self._by_name.get(name.lower(), ())

    def titled(self, title: str) -> Sequence[EntityRef]:
        """Every entity with this title, in any case."""
        if self._by_title is None:
            self._by_title = {}
            for entity in self.entities.values():
                held = entity.values.get("title")
                if isinstance(held, str):
                    self._by_title.setdefault(held.strip().lower(), []).append(entity.ref)
        return self._by_title.get(title.strip().lower(), ())

    def annotated(self, key: str, value: str) -> Sequence[str]:
        """References of the entities that carry an annotation with this value, in any case."""
        index = self._by_annotation.get(key)
        if index is None:
            index = self._by_annotation[key] = {}
            seen: set[str] = set()
            for entity, annotations in self.annotations():
                held, ref = annotations.get(key), str(entity)
                if isinstance(held, str | int) and ref in self.entities and ref not in seen:
                    seen.add(ref)
                    index.setdefault(str(held).strip().lower(), []).append(ref)
        return index.get(value.strip().lower(), ())

    def descriptions(self) -> Iterator[RawEntity]:
        """Everything that was written about entities; what counts most comes first."""
        yield from self.raws
        yield from self.supplements

    def annotations(self) -> Iterator[tuple[EntityRef, Mapping[str, Any]]]:
        """The annotations of everything that was written about an entity, in the same order."""
        for raw in self.descriptions():
            yield raw.ref, raw.section("metadata", "annotations")

    def once(self, make: Callable[[Catalog], _T]) -> _T:
        """What is worked out from the whole catalog once all entities are known, and not again."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("_T", self._made[make])

    def let_go(self) -> None:
        """Forget what `once` made. It refers back to the catalog, and looking for such circles costs a rebuild a fifth of its time."""
        self._made.clear()

    def raws_by_file(self) -> Mapping[Path, list[RawEntity]]:
        """The folder's catalog files: location → the entities written there."""
        found: dict[Path, list[RawEntity]] = {}
        for raw in self.raws:
            found.setdefault(raw.file.location, []).append(raw)
        return found

    def owner_of(self, ref: str) -> str | None:
        """The canonical reference of an entity's owner."""
        entity = self.entities.get(ref)
        owner = entity.values.get("owner") if entity else None
        return owner if isinstance(owner, str) else None

    def of_kinds(self, kinds: Iterable[str]) -> Iterator[Entity]:
        """Entities of the given lower-case kinds."""
        wanted = frozenset(kinds)
        return (entity for entity in self.entities.values() if entity.ref.kind in wanted)
