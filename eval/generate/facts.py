"""What is known of an organisation, for writing cases: plain records in plain Python.

Entities are read from the raw documents a store keeps, by the second reading that the feeds suite also rests on
(`eval/suites/feeds/catalog.py`): none of the product's processors, relations, plans or SQL has touched them. Deployments and
incidents are rows of the store, counted here in Python; of those a wrong reading is noticed, a wrong import is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.suites.feeds.catalog import Catalog, Record, catalog_of

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
"""`billing-legacy`, `BillingLegacy` and `Billing Legacy` are one name."""

PLACEHOLDER = re.compile(r"[{}<>$|\\]")
"""`${{ values.name }}`, `<component_name>`: nobody asks for a template's holes."""

_NOUNS = {
    "service": ("service", "services"),
    "website": ("website", "websites"),
    "library": ("library", "libraries"),
}
"""Component types people name by themselves; other types are said with their kind."""

_KIND_NOUNS = {
    "component": ("component", "components"),
    "api": ("API", "APIs"),
    "resource": ("resource", "resources"),
    "system": ("system", "systems"),
    "template": ("template", "templates"),
}


def key_of(name: str) -> str:
    """A name without its spelling.

    >>> key_of("BillingLegacy") == key_of("billing-legacy") == key_of("Billing Legacy")
    True
    """
    return " ".join(part.lower() for part in _PARTS.findall(name))


@dataclass(frozen=True, slots=True)
class Things:
    """A set somebody may ask for by a noun.

    Attributes:
        one, many: the noun.
        members: entities it means, ordered by reference.
        filters: what a reading of it holds, as chips say it.
    """

    one: str
    many: str
    kind: str
    members: tuple[Record, ...]


@dataclass
class Facts:
    """An organisation, ready to be asked about.

    Attributes:
        catalog: entities by reference and who depends on whom, from the raw documents.
        deployments, incidents: rows of the store, with the references of their components.
        columns: numeric facts of entities: name → (label, unit, {ref: value}).
        now: the moment questions are asked at, UTC.
    """

    catalog: Catalog
    now: datetime
    deployments: Sequence[Mapping[str, Any]] = ()
    incidents: Sequence[Mapping[str, Any]] = ()
    columns: Mapping[str, tuple[str, str | None, dict[str, float]]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()

    @cached_property
    def entities(self) -> list[Record]:
        """Those with a name somebody can type, ordered by reference."""
        return [
            e
            for _, e in sorted(self.catalog.entities.items())
            if not PLACEHOLDER.search(e["name"]) and not PLACEHOLDER.search(e["title"])
        ]

    @cached_property
    def named(self) -> Mapping[str, set[str]]:
        """Name without its spelling → references it may mean, and every name that contains it as whole words."""
        found: dict[str, set[str]] = defaultdict(set)
        for ref, entity in self.catalog.entities.items():
            if entity["kind"] in ("location",):
                continue
            for name in {key_of(entity["name"]), key_of(entity["title"])}:
                found[name].add(ref)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the catalog's names, types, tags and lifecycles."""
        said: set[str] = set()
        for entity in self.catalog.entities.values():
            texts = [entity["name"], entity["title"], entity["type"], entity["lifecycle"]]
            for text in (*texts, *entity["tags"]):
                said.update(key_of(str(text or "")).split())
        return frozenset(said)

    def forms(self, entity: Record) -> list[str]:
        """Ways to name one thing that name no other thing, most usual first; none when it shares all its names."""
        names = dict.fromkeys((entity["title"], entity["name"], key_of(entity["name"])))
        return [name for name in names if self.named.get(key_of(name)) == {entity["ref"]}]

    def of_kind(self, *kinds: str) -> list[Record]:
        """Entities of some kinds."""
        return [e for e in self.entities if e["kind"] in kinds]

    @cached_property
    def things(self) -> list[Things]:
        """The nouns of this catalog: its kinds, and the component types people name by themselves."""
        found = [
            Things(*_KIND_NOUNS[kind], kind, tuple(members))
            for kind in _KIND_NOUNS
            if (members := [e for e in self.catalog.entities.values() if e["kind"] == kind])
        ]
        components = [e for e in self.catalog.entities.values() if e["kind"] == "component"]
        for type_, (one, many) in _NOUNS.items():
            members = [e for e in components if e["type"] == type_]
            if members:
                found.append(Things(one, many, "component", tuple(members)))
        return found

    def owned_by(self, group: str) -> Callable[[Record], bool]:
        """Whether a thing belongs to a group, or to a group under it."""
        return lambda e: group == e["owner"] or group in e["under"]

    def parents(self, group: str) -> str | None:
        """The group over a group."""
        known = self.catalog.entities.get(group)
        return known.get("parent") if known else None

    def known(self, refs: Iterable[str]) -> list[str]:
        """Those that are in the catalog, sorted."""
        return sorted(ref for ref in set(refs) if ref in self.catalog.entities)

    def members_of(self, group: str) -> list[str]:
        """Users who belong to a group directly."""
        return sorted(
            e["ref"]
            for e in self.catalog.entities.values()
            if e["kind"] == "user" and group in e["groups"]
        )

    @cached_property
    def last_deployed(self) -> Mapping[str, datetime]:
        """Component → its latest successful deployment to production before now."""
        latest: dict[str, datetime] = {}
        for row in self.deployments:
            if row["environment"] == "production" and row["outcome"] == "success":
                for ref in row["components"]:
                    if row["at"] <= self.now and (ref not in latest or row["at"] > latest[ref]):
                        latest[ref] = row["at"]
        return latest


def read_facts(store: Path, *, now: datetime | None = None) -> Facts:
    """Everything the generator works from.

    Args:
        store: a store with a published snapshot.
        now: the clock of the suite; the moment the snapshot was built for when None.

    Raises:
        StoreNotFound: nothing was published there.
    """
    from catalog_store.model.kinds import Table  # noqa: PLC0415
    from catalog_store.snapshot import open_snapshot  # noqa: PLC0415

    with open_snapshot(store) as snapshot:
        reader = snapshot.catalog
        documents = [_readable(raw) for raw in reader.raw_entities() if _usable(raw)]
        components = _components(reader)
        return Facts(
            catalog=catalog_of(documents),
            now=now or snapshot.created_at,
            deployments=_records(reader.every(Table.DEPLOYMENTS), components),
            incidents=_records(reader.every(Table.INCIDENTS), components),
            columns=_columns(reader.every(Table.ENTITIES), snapshot.fields),
            held=frozenset(reader.holds([table.value for table in Table])),
        )


def _usable(raw: Mapping[str, Any]) -> bool:
    metadata = raw.get("metadata")
    return bool(raw.get("kind")) and isinstance(metadata, Mapping) and bool(metadata.get("name"))


def _readable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Without dependencies that name no kind: Backstage knows no default for those, so nobody can say what they mean."""
    spec = dict(raw.get("spec") or {})
    for key in ("dependsOn", "dependencyOf"):
        if isinstance(spec.get(key), list):
            spec[key] = [ref for ref in spec[key] if isinstance(ref, str) and ":" in ref]
    return {**raw, "spec": spec}


def _components(reader: Any) -> dict[str, list[str]]:
    """Record → the components it hangs on."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = reader.fetch(
        "SELECT source, target FROM edges WHERE relation IN ('deploymentOf', 'incidentOn') ORDER BY 1, 2"
    )
    for row in rows:
        found[row["source"]].append(row["target"])
    return found


def _records(
    rows: Sequence[Mapping[str, Any]], components: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    return [{**row, "components": tuple(components.get(row["ref"], ()))} for row in rows]


def _columns(
    rows: Sequence[Mapping[str, Any]], fields: Any
) -> dict[str, tuple[str, str | None, dict[str, float]]]:
    """Numbers that a table of facts brought, with the words people would use."""
    found = {}
    for row in fields:
        if not row.discovered or row.type.value not in ("integer", "number") or not row.words:
            continue
        values = {r["ref"]: float(r[row.name]) for r in rows if r.get(row.name) is not None}
        if len(values) >= 3:
            found[row.name] = (row.words[0], row.unit, values)
    return found
