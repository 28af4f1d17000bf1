"""The read side of the portal's catalog API over one snapshot: entities as written, with what the backend adds to them."""

from __future__ import annotations

import hashlib
import posixpath
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from assistant.portal.cursors import Cursor
from assistant.portal.predicates import Rows, ValueIndex, by_filters, by_predicate
from catalog_store.errors import BadRequest, InvalidRef
from catalog_store.model.entity import EntityRef
from catalog_store.model.globs import glob_covers
from catalog_store.reader import CatalogReader

Json = dict[str, Any]

RELATIONS: Mapping[str, tuple[str, str]] = {
    "ownedBy": ("ownedBy", "ownerOf"),
    "partOf": ("partOf", "hasPart"),
    "dependsOn": ("dependsOn", "dependencyOf"),
    "providesApi": ("providesApi", "apiProvidedBy"),
    "consumesApi": ("consumesApi", "apiConsumedBy"),
    "memberOf": ("memberOf", "hasMember"),
    "childOf": ("childOf", "parentOf"),
}
"""Our relation → the portal's names for it, from the source and from the target."""

_NAMES = uuid.UUID("6f3c1b8e-3f6d-5d0c-9a1e-5b7c1f6f0d52")
"""Namespace of the ids we give: an entity keeps its id from one snapshot to the next."""

KEPT_ENTITIES = 2_000
"""Entities kept parsed, those asked for last: pages of a table are asked for again and again."""

DEFAULT_LIMIT, MAX_LIMIT = 20, 10_000
"""Entities on a page of `by-query` when nothing is said, and at most."""


@dataclass(frozen=True, slots=True)
class EntityPage:
    """One page of entities, and the cursors before and after it."""

    items: list[Json]
    total: int
    next_cursor: str | None = None
    previous_cursor: str | None = None


class PortalCatalog:
    """Answers what the portal's catalog client asks. Safe to share between threads."""

    def __init__(self, store: CatalogReader) -> None:
        """The index of values is made for the first request that filters; about a second for 20,000 entities."""
        self._store = store
        self._kept: OrderedDict[int, Json] = OrderedDict()
        self._lock = threading.Lock()

    # ── single entities ──────────────────────────────────────────────────────────────────────────

    def by_ref(self, ref: str) -> Json | None:
        """The entity of a reference, in any case; None when there is none.

        Raises:
            BadRequest: the text is no reference.
        """
        try:
            canonical = str(EntityRef.parse(ref))
        except InvalidRef:
            raise BadRequest(
                f"{ref!r} is no entity reference; expected kind:namespace/name"
            ) from None
        row = self._rows.get(canonical)
        return None if row is None else self._entity(row)

    def by_refs(self, refs: Sequence[str], allowed: Rows) -> list[Json | None]:
        """The entities of some references in order; None for those that are not there, or not allowed."""
        found: list[Json | None] = []
        for ref in refs:
            try:
                row = self._rows.get(str(EntityRef.parse(ref)))
            except InvalidRef:
                raise BadRequest(
                    f"{ref!r} is no entity reference; expected kind:namespace/name"
                ) from None
            found.append(self._entity(row) if row is not None and row in allowed else None)
        return found

    def by_uid(self, uid: str) -> Json | None:
        """The entity with an id; None when there is none."""
        row = next(iter(self._index.equal("metadata.uid", [uid])), None)
        return None if row is None else self._entity(row)

    def ancestry(self, ref: str) -> Json | None:
        """An entity and the Locations that name its file, up to one that nothing names; None when there is no such entity."""
        root = self.by_ref(ref)
        if root is None:
            return None
        items: list[Json] = []
        waiting, seen = [_ref_of(root)], {_ref_of(root)}
        while waiting:
            one = waiting.pop(0)
            parents = self._named_by.get(self._paths[one], [])
            items.append({"entity": self._entity(self._rows[one]), "parentEntityRefs": parents})
            fresh = [parent for parent in parents if parent not in seen]
            seen.update(fresh)
            waiting += fresh
        return {"rootEntityRef": _ref_of(root), "items": items}

    # ── many entities ────────────────────────────────────────────────────────────────────────────

    def filtered(self, filters: Sequence[str]) -> Rows:
        """Rows that pass any of some `filter` parameters."""
        return by_filters(self._index, filters)

    def matching(self, predicate: object) -> Rows:
        """Rows that a JSON predicate lets through; None lets everything through."""
        if predicate is None:
            return self._index.all
        return by_predicate(self._index, predicate, self._entity)

    def entities(
        self,
        rows: Rows,
        *,
        order: Sequence[tuple[str, str]] = (),
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Json]:
        """Some rows in order, by reference where nothing else is said."""
        ordered = self._ordered(rows, order)
        end = None if limit is None else offset + limit
        return [self._entity(row) for row in ordered[offset:end]]

    def query(self, cursor: Cursor, *, limit: int, offset: int = 0) -> EntityPage:
        """One page of what a query finds.

        Args:
            cursor: the query, and where in its order the page starts or ends.
            limit: entities on the page, >= 0.
            offset: entities passed over; of first pages only.
        """
        rows = (
            self.matching(cursor.query)
            if cursor.query is not None
            else self.filtered(cursor.filters)
        )
        if cursor.term.strip():
            keys = cursor.term_fields or (
                [cursor.order[0][0]] if cursor.order else ["metadata.uid"]
            )
            rows &= frozenset().union(
                *(self._index.contains(key, cursor.term.strip()) for key in keys)
            )
        ordered = self._ordered(rows, cursor.order or (("metadata.uid", "asc"),))
        start = self._start(cursor, ordered, limit, offset)
        page = ordered[start : start + limit]
        end = start + len(page)
        return EntityPage(
            items=[self._entity(row) for row in page],
            total=len(ordered),
            next_cursor=cursor.at(self._refs[page[-1]]) if page and end < len(ordered) else None,
            previous_cursor=cursor.before(self._refs[page[0]]) if page and start > 0 else None,
        )

    def facets(self, names: Sequence[str], rows: Rows) -> Json:
        """For each path, the values that some rows hold and how many hold it."""
        return {
            name: [
                {"value": value, "count": count}
                for value, count in sorted(self._index.counts(name, rows).items())
            ]
            for name in names
        }

    # ── locations ────────────────────────────────────────────────────────────────────────────────

    def locations(self) -> list[Json]:
        """The files that entities were read from, by path."""
        return [_location(path) for path in sorted(set(self._paths.values()))]

    def location_of(self, ref: str) -> Json | None:
        """The file an entity was read from; None when there is no such entity."""
        entity = self.by_ref(ref)
        return None if entity is None else _location(self._paths[_ref_of(entity)])

    # ── what all this rests on ───────────────────────────────────────────────────────────────────

    def _start(self, cursor: Cursor, ordered: Sequence[int], limit: int, offset: int) -> int:
        if cursor.ref is None:
            return offset
        row = self._rows.get(cursor.ref)
        place = ordered.index(row) if row in ordered else 0
        return max(place - limit, 0) if cursor.is_previous else place + 1

    def _ordered(self, rows: Rows, order: Sequence[tuple[str, str]]) -> list[int]:
        """By each field in turn, entities without it last; then by reference."""
        ordered = sorted(rows)  # rows are numbered by reference
        for name, direction in reversed(order):
            held = self._index.first(name)
            having = [row for row in ordered if row in held]
            having.sort(key=held.__getitem__, reverse=direction == "desc")
            ordered = [*having, *(row for row in ordered if row not in held)]
        return ordered

    @cached_property
    def _index(self) -> ValueIndex:
        return ValueIndex(self._read(self._refs))

    @cached_property
    def _refs(self) -> list[str]:
        """Row → reference."""
        return sorted(self._paths)

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Reference → row."""
        return {ref: row for row, ref in enumerate(self._refs)}

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Reference → the file it was read from."""
        rows = self._store.fetch("SELECT ref, path FROM entities ORDER BY ref")
        return {row["ref"]: row["path"] or "" for row in rows}

    @cached_property
    def _relations(self) -> dict[str, list[Json]]:
        return _relations(self._store, self._rows)

    @cached_property
    def _named_by(self) -> dict[str, list[str]]:
        """File → the Locations that name it."""
        found: dict[str, list[str]] = {}
        paths = sorted(set(self._paths.values()))
        for row in sorted(self._index.equal("kind", ["Location"])):
            ref = self._refs[row]
            for pattern in _targets(self._entity(row), self._paths[ref]):
                for path in paths:
                    if path != self._paths[ref] and glob_covers(pattern, path):
                        found.setdefault(path, []).append(ref)
        return found

    def _entity(self, row: int) -> Json:
        with self._lock:
            known = self._kept.get(row)
        if known is None:
            (known,) = self._read([self._refs[row]])
            with self._lock:
                self._kept[row] = known
                while len(self._kept) > KEPT_ENTITIES:
                    self._kept.popitem(last=False)
        return known

    def _read(self, refs: Sequence[str]) -> Iterator[Json]:
        """The entities of some references, in their order."""
        rows = self._store.fetch(
            "SELECT ref, raw FROM raw_entities WHERE ref IN (SELECT unnest(?))", [list(refs)]
        )
        texts = {row["ref"]: row["raw"] for row in rows}
        for ref in refs:
            yield whole(ref, texts[ref], self._relations.get(ref, []))


def whole(ref: str, raw: str, relations: Sequence[Json]) -> Json:
    """An entity as it was written, with the id, tag, namespace and relations that a backend adds."""
    entity: Json = orjson.loads(raw)
    written = entity.get("metadata")
    metadata: Json = dict(written) if isinstance(written, dict) else {}
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    metadata.setdefault("name", name)
    if not metadata.get("namespace"):
        metadata["namespace"] = namespace
    if not metadata.get("uid"):
        metadata["uid"] = str(uuid.uuid5(_NAMES, ref))
    tagged = raw.encode() + orjson.dumps(relations)
    if not metadata.get("etag"):
        metadata["etag"] = hashlib.blake2b(tagged, digest_size=20).hexdigest()
    return {
        **entity,
        "kind": entity.get("kind", kind),
        "metadata": metadata,
        "relations": list(relations),
    }


def picked(entity: Json, fields: Sequence[str]) -> Json:
    """Only some dotted paths of an entity; all of it when none are given."""
    if not fields:
        return entity
    found: Json = {}
    for path in fields:
        _pick(entity, path, found)
    return found


def _pick(value: Any, path: str, into: Json) -> None:
    """Copy what stands under a path, whose keys may hold dots themselves."""
    if not isinstance(value, dict):
        return
    if path in value:
        into[path] = value[path]
        return
    for key, inner in value.items():
        if path.startswith(f"{key}.") and isinstance(inner, dict):
            below = into.get(key)
            below = dict(below) if isinstance(below, dict) else {}
            _pick(inner, path[len(key) + 1 :], below)
            if below:
                into[key] = below


def _relations(store: CatalogReader, known: Mapping[str, int]) -> dict[str, list[Json]]:
    found: dict[str, set[tuple[str, str]]] = {}
    names = ", ".join(f"'{name}'" for name in RELATIONS)
    rows = store.fetch(
        f"SELECT source, relation, target FROM edges WHERE relation IN ({names})"  # noqa: S608  our own names
    )
    for row in rows:
        forwards, backwards = RELATIONS[row["relation"]]
        if row["source"] in known:
            found.setdefault(row["source"], set()).add((forwards, row["target"]))
        if row["target"] in known and _is_ref(row["source"]):
            found.setdefault(row["target"], set()).add((backwards, row["source"]))
    return {
        ref: [{"type": kind, "targetRef": target} for kind, target in sorted(pairs)]
        for ref, pairs in found.items()
    }


def _is_ref(ref: str) -> bool:
    """Whether it is the reference of an entity; pages and events have references of another shape."""
    kind, _, rest = ref.partition(":")
    return "/" in rest and kind not in ("doc", "runbook")


def _targets(location: Json, path: str) -> list[str]:
    """Globs over the files a Location names, as citations write them."""
    spec = location.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    targets = spec.get("targets") if isinstance(spec.get("targets"), list) else []
    folder = posixpath.dirname(path)
    return [
        posixpath.normpath(posixpath.join(folder, target))
        for target in (spec.get("target"), *(targets or ()))
        if isinstance(target, str) and "://" not in target
    ]


def _ref_of(entity: Json) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata['namespace']}/{metadata['name']}".lower()


def _location(path: str) -> Json:
    return {"id": str(uuid.uuid5(_NAMES, f"file:{path}")), "type": "file", "target": path}
