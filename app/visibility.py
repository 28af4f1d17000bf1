"""Which things of a snapshot are hidden from whom, by the rules of the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from app.callers import Caller
from catalog_store.model.kinds import Table
from catalog_store.model.visibility import Described, VisibilityRule

if TYPE_CHECKING:
    from catalog_store.model.entity import Record
    from catalog_store.snapshot import Snapshot

_NOTHING = Described("", "")

_WRITTEN = "SELECT ref, json_object('annotations', raw->'$.metadata.annotations', 'labels', raw->'$.metadata.labels', 'tags', raw->'$.metadata.tags') AS parts FROM raw_entities"

_COLUMNS = ("ref", "kind", "path", "owner", "tags")


class Gates:
    """The rules over one snapshot. A gate is a set of people; a thing is seen by who passes every gate before it.

    People are told apart by the gates that are closed to them, not by their names: everyone behind the same gates sees the same.
    """

    def __init__(self, snapshot: Snapshot, rules: Sequence[VisibilityRule]) -> None:
        """Rules are applied to things when the first caller comes."""
        self._snapshot = snapshot
        self._rules = rules
        self._for_records = [r for r in rules if not (r.annotations or r.labels or r.tags)]

    def closed_to(self, caller: Caller) -> frozenset[int]:
        """The gates a caller cannot pass, of those that stand before something or before what events may bring."""
        if caller.sees_all or not self._rules:
            return frozenset()
        who = self._principals(caller)
        return frozenset(
            number for number, admitted in enumerate(self._behind[0]) if admitted.isdisjoint(who)
        )

    def named(self, gates: Collection[int]) -> frozenset[frozenset[str]]:
        """Some gates, each by whom it admits."""
        return frozenset(self._behind[0][number] for number in gates)

    def may_bar(self, gates: Collection[int]) -> bool:
        """Whether an event may bring something that stands behind one of some gates."""
        return not self._for_events.isdisjoint(gates)

    def hidden_behind(self, gates: Collection[int]) -> frozenset[str]:
        """References of the things behind any of some gates."""
        return frozenset(
            ref for ref, before in self._behind[1].items() if not before.isdisjoint(gates)
        )

    def bars(self, record: Record, gates: Collection[int]) -> bool:
        """Whether a record that came since is itself behind one of some gates."""
        thing = Described(record.ref, record.kind, record.span.path)
        numbers = {admitted: number for number, admitted in enumerate(self._behind[0])}
        return any(
            numbers[rule.admits(thing)] in gates for rule in self._for_records if rule.about(thing)
        )

    def _principals(self, caller: Caller) -> frozenset[str]:
        """The caller, their groups and every group above them, and their roles."""
        groups = set(caller.groups)
        members, parents = self._memberships
        if caller.user is not None:
            groups |= members.get(caller.user, set())
        level = set(groups)
        while level:
            level = {above for group in level for above in parents.get(group, ())} - groups
            groups |= level
        user = {caller.user} if caller.user is not None else set()
        return frozenset(user | groups | {f"role:{role}" for role in caller.roles})

    @cached_property
    def _behind(self) -> tuple[tuple[frozenset[str], ...], Mapping[str, frozenset[int]]]:
        """Who passes each gate, and which gates stand before each thing that has any."""
        numbers: dict[frozenset[str], int] = {}
        for rule in self._for_records:
            numbers.setdefault(rule.admits(_NOTHING), len(numbers))
        before: dict[str, frozenset[int]] = {}
        for thing in self._things():
            gates = {
                numbers.setdefault(rule.admits(thing), len(numbers))
                for rule in self._rules
                if rule.about(thing)
            }
            if gates:
                before[thing.ref] = frozenset(gates)
        return tuple(numbers), before

    @cached_property
    def _for_events(self) -> frozenset[int]:
        numbers = {admitted: number for number, admitted in enumerate(self._behind[0])}
        return frozenset(numbers[rule.admits(_NOTHING)] for rule in self._for_records)

    @cached_property
    def _memberships(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """User → groups, and group → the groups right above it."""
        found: dict[str, dict[str, set[str]]] = {"memberOf": {}, "childOf": {}}
        rows = self._snapshot.catalog.fetch(
            "SELECT source, relation, target FROM edges WHERE relation IN ('memberOf', 'childOf')"
        )
        for row in rows:
            found[row["relation"]].setdefault(row["source"], set()).add(row["target"])
        return found["memberOf"], found["childOf"]

    def _things(self) -> Iterator[Described]:
        catalog = self._snapshot.catalog
        written = {row["ref"]: orjson.loads(row["parts"]) for row in catalog.fetch(_WRITTEN)}
        further = self._snapshot.ground.annotations()
        for row in catalog.things(Table.ENTITIES, _COLUMNS):
            parts = written.get(row["ref"], {})
            yield Described(
                row["ref"],
                row["kind"],
                row["path"] or "",
                row["owner"],
                annotations={**_texts(further.get(row["ref"])), **_texts(parts.get("annotations"))},
                labels=_texts(parts.get("labels")),
                tags=tuple(row["tags"] or ()),
            )
        for row in catalog.things(Table.DOCUMENTS, _COLUMNS):
            yield Described(
                row["ref"],
                row["kind"],
                row["path"] or "",
                row["owner"],
                tags=tuple(row["tags"] or ()),
            )
        if self._for_records:
            for table in Table:
                if table not in (Table.ENTITIES, Table.DOCUMENTS):
                    for row in catalog.things(table, ("ref", "kind", "path")):
                        yield Described(row["ref"], row["kind"], row["path"] or "")


def _texts(held: object) -> dict[str, str]:
    """Annotations and labels as text: `true` in YAML is what people write for "true"."""
    if not isinstance(held, dict):
        return {}
    return {
        str(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in held.items()
        if isinstance(value, str | int | float)
    }
