"""What a case may expect, one row a key: how it is written, and what it means. The reader checks against this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

STATUSES = ("answered", "empty", "unknown_name", "ambiguous", "no_such_fact", "out_of_scope")
REFUSALS = ("unknown_name", "ambiguous", "no_such_fact", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that may be expected.

    Attributes:
        name: the key under `expect`.
        fits: whether a value is written as it should be.
        expected: how it should be, for the message when it is not.
        doc: what it means, in a sentence.
    """

    name: str
    fits: Callable[[Any], bool]
    expected: str
    doc: str


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | int | float) for item in value)


def _status(value: Any) -> bool:
    wanted = value if isinstance(value, list) else [value]
    return bool(wanted) and all(item in STATUSES for item in wanted)


def _scalar(value: Any) -> bool:
    return isinstance(value, bool | int | float | str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _mapping(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _passage(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"paths", "within"}
        and _texts(value.get("paths"))
        and isinstance(value.get("within", 3), int)
    )


def _grades(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(grade, int) and not isinstance(grade, bool) and grade >= 0
        for grade in value.values()
    )


def _filters(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and "field" in item and set(item) <= {"field", "op", "value"}
        for item in value
    )


KEYS: tuple[Key, ...] = (
    Key(
        "status",
        _status,
        "one of " + ", ".join(STATUSES) + ", or a list of them",
        "How the question must end; without it `answered`, or `empty` when `results` is an empty list.",
    ),
    Key("results", _texts, "a list of references", "Exactly these must come back."),
    Key("ordered", _flag, "true or false", "`results` are compared in order."),
    Key("includes", _texts, "a list of references", "These must be among the results."),
    Key("excludes", _texts, "a list of references", "These must not be."),
    Key("top", _texts, "a list of references", "One of these is the first result or passage."),
    Key(
        "value",
        _scalar,
        "a number, true or false, a moment or text",
        "The one value: a number within `tolerance`, a moment to the minute, text whatever its case.",
    ),
    Key(
        "tolerance",
        _number,
        "a number ≥ 0",
        "How far a number may be off, relative; 0.01 unless said.",
    ),
    Key("rows", _mapping, "`key: value` lines", "The groups and their values."),
    Key(
        "cells",
        _mapping,
        "`key / key: value` lines",
        "With two groupings at once, exactly these groups within groups.",
    ),
    Key("rows_include", _flag, "true or false", "Other groups than those in `rows` may come too."),
    Key("first", _scalar, "a reference or a key", "The first row or the first result."),
    Key(
        "passage",
        _passage,
        "`{paths: […], within: 3}`",
        "A passage of one of the pages is among the first `within`.",
    ),
    Key("says", _texts, "a list of texts", "All of these stand in the answer's text."),
    Key("any_says", _texts, "a list of texts", "At least one of these does."),
    Key(
        "holds",
        _texts,
        "a list of texts",
        "All of these stand in the text, the value, the rows or the results.",
    ),
    Key(
        "options",
        _texts,
        "a list of references or labels",
        "At least one is offered by an answer that asks back.",
    ),
    Key("plan", _mapping, "a plan", "The reading itself, as `interpretation.plan` says it."),
    Key(
        "filters",
        _filters,
        "a list of `{field, op, value}`",
        "The conditions of the reading, as its chips say them: measured field by field, not part of being right.",
    ),
    Key(
        "links",
        _texts,
        "a list of references",
        "The things the words of the question name: measured, not part of being right.",
    ),
    Key(
        "relevant",
        _grades,
        "`path: grade` lines",
        "How well each page answers, 0 upwards: what ranking measures are computed from.",
    ),
    Key("note", _scalar, "text", "For people; passed over."),
)

KEY_BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
