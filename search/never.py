"""Relations in which no things of these kinds ever stand: a reading that needs one finds nothing, and that is no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog_store.model import kinds as k
from catalog_store.model.kinds import Table, table_of
from catalog_store.model.relations import RELATION_BY_SIDE
from catalog_store.reader import Row
from catalog_store.snapshot import Snapshot
from search.explain import Explainer
from search.plan import Aggregate, Check, Compare, Op, Plan, Related, Select, conjuncts
from search.plan_parts import selects
from search.plan_parts import table as table_of_set
from search.sql import Compiler
from search.understand.semantics import Candidate

_AGENTS = {k.GROUP, k.USER}


class Never:
    """Says which relation of a plan joins kinds that it joins nowhere in one snapshot.

    "Resources depending on service Invoice Export" is empty whatever is named, where no resource depends on any service: the
    words were joined the wrong way, or nobody described such a thing. Neither is the same as finding none.
    """

    def __init__(
        self, snapshot: Snapshot, candidates: Mapping[str, Candidate], explainer: Explainer
    ) -> None:
        """Over one snapshot, what is known there by reference, and how sets are worded."""
        self._snapshot, self._candidates, self._explainer = snapshot, candidates, explainer
        self._joined: dict[tuple[int, Select], bool] = {}

    def lacking(self, plan: Plan, rows: Sequence[Row], now: datetime) -> str | None:
        """What was found nowhere because it is nowhere joined, in words; None when something was found, or could have been."""
        if not _nothing(plan, rows):
            return None
        every = self.joined(plan, now)
        return (
            None
            if every is None
            else f"any {self._explainer.explain(every)}, since no source says so of one"
        )

    def joined(self, plan: Plan, now: datetime) -> Select | None:
        """The set of all things that stand in a relation which the plan needs, when that set is empty; None otherwise.

        What may be absent (behind "not", in an "or") is not needed. Who owns what is told by every catalog, whoever it is
        that owns nothing.
        """
        for select in selects(plan):
            if table_of_set(select) is not Table.ENTITIES:
                continue
            for part in conjuncts(select.where):
                if (
                    isinstance(part, Related)
                    and part.count > 0
                    and part.op in (Op.GE, Op.GT, Op.EQ)
                ):
                    every = self._every(select.kinds, part)
                    if every is not None and not self._holds(every, now):
                        return every
        return None

    def _every(self, kinds: tuple[str, ...], part: Related) -> Select | None:
        """Everything of these kinds that stands in the relation to anything like its other end."""
        relation = RELATION_BY_SIDE.get(part.relation)
        if relation is None or part.apart:
            return None
        ends = {table_of(kind) for kind in (*relation[0].sources, *relation[0].targets)}
        if ends != {Table.ENTITIES} or _AGENTS & {*relation[0].sources, *relation[0].targets}:
            return None
        to = self._like(part.to)
        if to is None:
            return None
        return Select(kinds=kinds, where=Related(relation=part.relation, to=to, hops=part.hops))

    def _like(self, to: Select) -> Select | None:
        """All things of the kinds of a set, and of the types where it names components; None when it may hold anything."""
        named = [
            self._candidates.get(str(ref))
            for part in conjuncts(to.where)
            if isinstance(part, Compare) and part.field == "ref"
            for ref in (part.value if isinstance(part.value, tuple) else (part.value,))
        ]
        found = [c for c in named if c is not None]
        if len(found) < len(named):
            return None
        if not found:
            return Select(kinds=to.kinds) if to.kinds else None
        kinds = tuple(sorted({c.kind for c in found}))
        types = tuple(sorted({c.type for c in found if c.type is not None}))
        if kinds != (k.COMPONENT,) or len(types) != 1:
            return Select(kinds=kinds)
        return Select(kinds=kinds, where=Compare(field="type", op=Op.EQ, value=types[0]))

    def _holds(self, every: Select, now: datetime) -> bool:
        key = (self._snapshot.catalog.version, every)
        if key not in self._joined:
            compiled = Compiler(self._snapshot.fields, now).compile(every, limit=1)
            self._joined[key] = bool(self._snapshot.catalog.fetch(compiled.sql))
        return self._joined[key]


def _nothing(plan: Plan, rows: Sequence[Row]) -> bool:
    """Whether nothing was found: no rows, or a count of none; of "all" and "none" a yes may be an empty set."""
    if isinstance(plan, Aggregate):
        return plan.group_by is None and all(not row.get("value") for row in rows)
    if isinstance(plan, Check) and (plan.every or plan.holds is not None):
        return False
    return not rows
