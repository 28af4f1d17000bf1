"""Regions of clouds by how they are written: one that nothing lives in is a region all the same, and no unknown name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from catalog_store.model.fields import CORE_FIELDS
from catalog_store.model.kinds import Table
from search.plan import Compare, Op
from search.understand.lexicon import Lexicon
from search.understand.semantics import Condition, kinds_of
from search.understand.spans import Word

_REGION = re.compile(
    r"[a-z]{2,}(?:-gov)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-?\d"
)
"""`eu-west-1`, `us-gov-east-1`, `europe-west4`."""

_FIELD = next(row for row in CORE_FIELDS if row.table is Table.ENTITIES and row.name == "region")


def regions_at(read: Sequence[Word], i: int, lexicon: Lexicon) -> Iterator[tuple[int, Condition]]:
    """(position after it, condition) of a region that starts at a word and is no value the catalog holds."""
    end = i + 1
    while end < len(read) and read[end].token.joined:
        end += 1
    said = "-".join(w.token.text for w in read[i:end])
    if read[i].token.joined or _REGION.fullmatch(said) is None:
        return
    texts = tuple(w.token.text for w in read[i:end])
    if not any(True for _ in lexicon.readings(texts, tuple(w.stem for w in read[i:end]))):
        yield end, Condition(Compare(field=_FIELD.name, op=Op.EQ, value=said), kinds_of(_FIELD))
