"""What an answer says, before its reading and citations are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.answer import AnswerKind, Result, Status, ValueRow
from catalog_store.reader import Row

LISTED = 8
"""Names spelled out in the sentence; the table holds the rest."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What an answer says, before its reading and citations are added.

    Attributes:
        cited: rows it speaks of besides its own.
        notes: assumptions it rests on.
    """

    status: Status
    kind: AnswerKind
    text: str
    results: tuple[Result, ...] = ()
    rows: tuple[ValueRow, ...] = ()
    value: Any = None
    unit: str | None = None
    total: int = 0
    cited: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
