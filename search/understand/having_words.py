"""Having something at all: "services with an owner", "teams that have a slack channel"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog_store.model.fields import FieldType
from catalog_store.model.kinds import Table
from catalog_store.model.relations import ends
from search.plan import Compare, Op, Related, Select
from search.understand.semantics import Condition, FieldWord, Item, Meaning, RelationNoun, kinds_of
from search.understand.spans import Mention, Word, item_of, mention_of

_HAVING = frozenset(("with", "have", "has", "having", "got", "had"))
_SOME = frozenset(("a", "an", "any", "some"))

_HAD = frozenset(FieldType) - {FieldType.BOOLEAN, FieldType.REF}
"""Types of fields that a thing simply has or has not; flags hold or not, and references are relations."""


def having(found: Sequence[Mention], read: Sequence[Word]) -> Iterator[Mention]:
    """Mentions of "with an owner", from those of what is had."""
    for i in range(len(read) - 2):
        if read[i].text not in _HAVING or read[i + 1].text not in _SOME:
            continue
        for mention in found:
            if mention.start != i + 2 or _goes_on(read, mention.end):
                continue
            items: list[Item] = [
                item_of(condition, i, mention.end, 0.75)
                for item in mention.items
                for condition in _had(item.meaning, whole=mention.end - mention.start > 1)
            ]
            if items:
                yield mention_of(i, mention.end, items, read)


_AFTER = frozenset(
    "and or but that which who the in of by for with without not owned part whose where".split()
)


def _goes_on(read: Sequence[Word], i: int) -> bool:
    """Whether the noun goes on: "with a tier 1 dependency", "with a maintained score under 3" are not about having the first of it."""
    return i < len(read) and read[i].text not in _AFTER


def _had(meaning: Meaning, *, whole: bool) -> Iterator[Condition]:
    """What is had; `whole`: in several words, as a date has to be ("a last deployment"), since "a deployment" is a record."""
    if isinstance(meaning, FieldWord):
        for row in meaning.rows:
            dated = row.type is FieldType.TIMESTAMP and not whole
            if row.table is Table.ENTITIES and row.type in _HAD and not dated:
                yield Condition(Compare(field=row.name, op=Op.EXISTS), kinds_of(row))
    elif isinstance(meaning, RelationNoun) and len(meaning.sides) == 1 and not meaning.plural:
        sources, targets = ends(meaning.sides[0])
        yield Condition(Related(relation=meaning.sides[0], to=Select(kinds=targets)), sources)
