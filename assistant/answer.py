"""What every surface shows: one answer, in the shape the contract fixes. Surfaces may only render it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Status(StrEnum):
    """How the question ended. The refusals are kept apart: they need different next steps."""

    ANSWERED = "answered"
    EMPTY = "empty"
    """Understood; nothing matches."""
    UNKNOWN_NAME = "unknown_name"
    AMBIGUOUS = "ambiguous"
    NO_SUCH_FACT = "no_such_fact"
    """The catalog does not hold this kind of fact, or holds none for this thing."""
    OUT_OF_SCOPE = "out_of_scope"


class AnswerKind(StrEnum):
    """What the answer is made of, and so how a surface lays it out."""

    ENTITIES = "entities"
    VALUE = "value"
    TABLE = "table"
    EVENTS = "events"
    PASSAGES = "passages"
    PATH = "path"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Chip(_Part):
    """One condition of the reading, with the words it came from.

    Attributes:
        span: [start, end) offsets into the question; None when it came from context.
        remove: the plan without this condition; None when it cannot be dropped.
        at: where it lies in `interpretation.plan`, a JSON pointer: `POST /v1/choices` says what could stand there instead, and
            an `edit` of `POST /v1/ask` puts it there. None when it cannot be changed.
    """

    field: str
    op: str
    value: Any = None
    label: str
    span: tuple[int, int] | None = None
    remove: dict[str, Any] | None = None
    at: str | None = None


class Unused(_Part):
    """Words that did not change the answer."""

    text: str
    span: tuple[int, int]


class Interpretation(_Part):
    """How the question was read.

    Attributes:
        text: the plan as one English sentence.
        sql: the statement that produced the rows; None for passages.
        plan: the plan as data; send it back, edited, as `plan`.
    """

    text: str
    chips: tuple[Chip, ...] = ()
    unused: tuple[Unused, ...] = ()
    assumptions: tuple[str, ...] = ()
    as_of: datetime
    sql: str | None = None
    plan: dict[str, Any] | None = None


class Result(_Part):
    """One thing of the answer set, by typed ref, with the columns asked for."""

    ref: str
    kind: str
    title: str
    fields: dict[str, Any] = {}


class ValueRow(_Part):
    """One group of a table, in answer order.

    Attributes:
        of: for a check, how many things were looked at; `value` counts those that fail it.
        cells: with two groupings at once, the groups within this one; `value` is still that of the whole group.
    """

    key: str
    label: str
    value: Any
    of: int | None = None
    cells: tuple[ValueRow, ...] = ()


class PassageHit(_Part):
    """A passage that answers, with its exact place."""

    path: str
    ref: str | None = None
    title: str
    heading: str
    text: str
    url: str | None = None
    lines: tuple[int, int]
    score: float


class Citation(_Part):
    """Where something was read; `id` is the [n] in the text."""

    id: int
    path: str
    lines: tuple[int, int]
    ref: str | None = None


class Option(_Part):
    """One way on: another reading, or a near name."""

    label: str
    ref: str | None = None
    question: str | None = None
    plan: dict[str, Any] | None = None


class Answer(_Part):
    """The body of `POST /v1/ask`."""

    status: Status
    kind: AnswerKind
    text: str
    interpretation: Interpretation
    results: tuple[Result, ...] = ()
    total: int = 0
    value: Any = None
    unit: str | None = None
    rows: tuple[ValueRow, ...] = ()
    passages: tuple[PassageHit, ...] = ()
    citations: tuple[Citation, ...] = ()
    options: tuple[Option, ...] = ()
    suggestions: tuple[str, ...] = ()
    next_cursor: str | None = None
    conversation: str | None = None
    took_ms: float = 0.0
