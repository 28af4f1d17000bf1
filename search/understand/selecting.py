"""A composed set → the plan node it stands for."""

from __future__ import annotations

from functools import lru_cache

from catalog_store.model.kinds import Table, table_of
from catalog_store.model.relations import implied
from search.plan import Compare, Op, Select, conjoin
from search.understand.semantics import SetOf


def _record_kinds(things: SetOf) -> tuple[str, ...]:
    """The kinds of named records, which say where these lie; entities of any kind lie together."""
    kinds = dict.fromkeys(c.kind for c in things.names)
    return tuple(kind for kind in kinds if table_of(kind) is not Table.ENTITIES)


@lru_cache(maxsize=2_000)
def select_of(things: SetOf) -> Select:
    """The plan node of a set; names become a condition on the reference. The same set is asked for dozens of times a question."""
    where = things.where
    if things.names:
        refs = tuple(c.ref for c in things.names)
        named = (
            Compare(field="ref", op=Op.EQ, value=refs[0])
            if len(refs) == 1
            else Compare(field="ref", op=Op.IN, value=refs)
        )
        return Select(
            kinds=_record_kinds(things),
            where=conjoin(named, where),
            fields=things.asked,
            order=things.order,
            limit=things.limit,
        )
    return Select(
        kinds=implied(things.kinds),
        where=where,
        fields=things.asked,
        order=things.order,
        limit=things.limit,
    )
