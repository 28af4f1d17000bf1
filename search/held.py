"""What the catalog holds at all: a fact that no source ever provided is said to be missing, never to be nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.measures import DELIVERY, MEASURE_BY_NAME, MEASURES
from catalog_store.model.quality import NOTICED
from catalog_store.model.relations import RELATION_BY_SIDE, side_of
from catalog_store.snapshot import Snapshot
from search.explain import Explainer
from search.plan import Aggregate, Compare, Comparison, Op, Plan, Related, Select, conjuncts
from search.plan_parts import absent_facts, fields_of, relations_of, selects, tables, turns
from search.plan_parts import table as table_of_set
from search.understand.finding_words import NOUNS
from search.understand.lexicon import Lexicon
from search.understand.names import word_stem
from search.understand.semantics import FieldWord

_VALUED = (FieldType.KEYWORD, FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN)
"""Types of fields whose values are asked for."""

_OF_ALL = frozenset(("ref", "kind", "name", "namespace", "type", "title"))
"""Fields that make a thing what it is."""


_DONE = {
    "acknowledgedBy": "acknowledged",
    "hasAcknowledged": "acknowledged",
    "resolvedBy": "resolved",
    "hasResolved": "resolved",
    "assignedTo": "was assigned to",
    "hasAssignment": "was assigned to",
}
"""What people do with incidents, by the relation that few sources give."""


class Held:
    """Says what a plan needs that one snapshot does not hold."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, explainer: Explainer) -> None:
        """Over one snapshot and its words."""
        self._catalog, self._fields = snapshot.catalog, snapshot.fields
        self._lexicon, self._explainer = lexicon, explainer
        self._of_kind: dict[tuple[str, str], bool] = {}
        self._held_fields: dict[tuple[Table, str], bool] = {}

    def holds_field(self, row: Field) -> bool:
        """Whether anything holds a value of a field; derived fields and what a build works out itself count as held."""
        if row.derived or (row.table is Table.ENTITIES and row.name in NOTICED):
            return True
        key_ = (row.table, row.name)
        if key_ not in self._held_fields:
            found = self._catalog.fetch(
                f'SELECT 1 FROM "{row.table.value}" WHERE "{row.name}" IS NOT NULL LIMIT 1'
            )
            self._held_fields[key_] = bool(found)
        return self._held_fields[key_]

    @cached_property
    def held_kinds(self) -> frozenset[str]:
        """Kinds of which there is at least one thing."""
        each = " UNION ALL ".join(f'SELECT DISTINCT kind FROM "{t.value}"' for t in Table)
        return frozenset(str(row["kind"]) for row in self._catalog.fetch(each))

    @cached_property
    def held_relations(self) -> frozenset[str]:
        """Canonical relations that join any two things."""
        rows = self._catalog.fetch("SELECT DISTINCT relation FROM edges")
        return frozenset(str(row["relation"]) for row in rows)

    def lacking(self, plan: Plan) -> str | None:
        """What the plan needs that no source ever provided, in words; None when everything is there."""
        held = self._lexicon.held_tables
        if isinstance(plan, Comparison):
            lacks = (self.lacking(side.of) for side in plan.sides)
            return next((lack for lack in lacks if lack is not None), None)
        measure = MEASURE_BY_NAME.get(plan.metric or "") if isinstance(plan, Aggregate) else None
        if measure is not None and measure.lacks is not None:
            return f"the {measure.label}, since {measure.lacks}"
        wanted = [measure.kind] if measure is not None else []
        if isinstance(plan, Aggregate) and plan.metric == DELIVERY:
            keys = [row.kind for row in MEASURES if row.key]
            wanted = [] if any(table_of(kind) in held for kind in keys) else keys
        for table in (*(table_of(kind) for kind in wanted), *tables(plan)):
            if table not in held and table is not Table.ENTITIES:
                return f"any {table.value}, since no source provides them"
        for table, name in fields_of(plan):
            row = self._fields.get(table, name)
            if row is not None and row.needs and not set(row.needs) & held:
                return f"{row.label}, since no source provides {' or '.join(t.value for t in row.needs)}"
        for relation in sorted(relations_of(plan) & _DONE.keys()):
            canonical = RELATION_BY_SIDE[relation][0].forward.name
            if canonical not in self.held_relations:
                return f"who {_DONE[relation]} an incident, since no source says so"
        for select in selects(plan):
            if (lacking := self._never_of_kind(select)) is not None:
                return lacking
            for facts in absent_facts(select.where):
                unheld = [self._never_held(fact, table_of_set(select)) for fact in facts]
                if unheld and None not in unheld:
                    return unheld[0]
        return None

    def unheld_word(self, texts: Sequence[str], name: str) -> str | None:
        """A word beside an unknown name for a fact that no source provides, in words: "gpl licences" lacks the licences before it lacks a name."""
        own = set(name.split())
        for i, text in enumerate(texts):
            for end in (i + 2, i + 1):
                said = tuple(texts[i:end])
                if own & set(said):
                    continue
                stems = tuple(map(word_stem, said))
                readings = [r.meaning for r in self._lexicon.readings(said, stems)]
                rows = [row for m in readings if isinstance(m, FieldWord) for row in m.rows]
                if rows and len(readings) == 1 and not any(map(self.holds_field, rows)):
                    return f"any {rows[0].label}, since no source provides one"
            if text in NOUNS and not self._lexicon.held_policies:
                return "any policies, since no source provides them"
        return None

    def beyond_rota(self, plan: Plan, now: datetime) -> str | None:
        """Who comes next is known only where a rota reaches beyond now; most exports hold the running shifts alone."""
        asked = next(iter(turns(plan)), None)
        if asked is not None:
            held = self._catalog.fetch(
                "SELECT 1 FROM shifts WHERE starts_at < CAST(? AS TIMESTAMP) AND ends_at > CAST(? AS TIMESTAMP) LIMIT 1",
                [asked[1].removesuffix("Z"), asked[0].removesuffix("Z")],
            )
            return None if held else "who is on call then, since no rota reaches that time"
        if (Table.SHIFTS, "upcoming") not in fields_of(plan):
            return None
        ahead = self._catalog.fetch(
            "SELECT 1 FROM shifts WHERE starts_at > ? LIMIT 1", [now.replace(tzinfo=None)]
        )
        return None if ahead else "who is on call next, since no rota reaches beyond now"

    def _never_of_kind(self, select: Select) -> str | None:
        """A value asked of a kind of which nothing holds the field: "tier 1 resources" where no resource has a tier."""
        if len(select.kinds) != 1 or table_of_set(select) is not Table.ENTITIES:
            return None
        kind = select.kinds[0]
        for part in conjuncts(select.where):
            if not isinstance(part, Compare) or part.op in (Op.MISSING, Op.EXISTS):
                continue
            row = self._fields.get(Table.ENTITIES, part.field)
            if row is None or row.derived or row.type not in _VALUED or row.name in _OF_ALL:
                continue
            if not self._held_by(kind, row):
                noun = self._explainer.noun(Select(kinds=(kind,)))
                return f"the {row.label} of {noun}, since no source provides one"
        return None

    def _held_by(self, kind: str, row: Field) -> bool:
        key = (kind, row.name)
        if key not in self._of_kind:
            found = self._catalog.fetch(
                f'SELECT 1 FROM entities WHERE kind = ? AND "{row.name}" IS NOT NULL LIMIT 1',
                [kind],
            )
            self._of_kind[key] = bool(found)
        return self._of_kind[key]

    def _never_held(self, fact: Compare | Related, table: Table) -> str | None:
        """A fact that nothing in the catalog has, in words: what lacks it cannot be told from what nobody described."""
        if isinstance(fact, Compare):
            row = self._fields.get(table, fact.field)
            if row is None or self.holds_field(row):
                return None
            return f"any {row.label}, since no source provides one"
        kinds = fact.to.kinds
        if kinds and not set(kinds) & self.held_kinds:
            return f"any {self._explainer.noun(Select(kinds=kinds))}, since no source provides them"
        if fact.relation not in RELATION_BY_SIDE:
            return None  # the compiler says that there is no such relation
        relation, _ = RELATION_BY_SIDE[fact.relation]
        ends_ = {table_of(kind) for kind in (*relation.sources, *relation.targets)}
        if ends_ != {Table.ENTITIES} or relation.forward.name in self.held_relations:
            return None
        return f"what is {side_of(fact.relation).phrase} what, since no source says so"
