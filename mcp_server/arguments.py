"""The arguments of tools, and what an agent is told about wrong ones: which, what was expected, what was likely meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from catalog_store.errors import BadRequest

SHOWN_CHARS = 60
"""Of a wrong value that is shown back."""


class Arguments(BaseModel):
    """Base of every tool's arguments: what is not known is refused, so that a misspelt filter never goes unnoticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _number(value: Any) -> Any:
    """Agents send numbers as text: "10", "10.0"."""
    if isinstance(value, str):
        try:
            return int(float(value))
        except (ValueError, OverflowError):
            return value
    return value


def count(low: int, high: int, default: int, what: str) -> Any:
    """The type of a whole number within a range, also accepted as text.

    Args:
        low: the least it may be.
        high: the most it may be.
        default: when it is not given.
        what: what is counted, for the schema.
    """
    schema = {
        "anyOf": [
            {"type": "integer", "minimum": low, "maximum": high},
            {"type": "string", "pattern": "^[0-9]+$"},
        ],
        "default": default,
        "description": f"{what}, {low} to {high}; {default} when left out.",
    }
    return Annotated[int, BeforeValidator(_number), Field(ge=low, le=high), WithJsonSchema(schema)]


_A = TypeVar("_A", bound=Arguments)


def read_arguments(model: type[_A], given: dict[str, Any]) -> _A:
    """Arguments as sent, checked.

    Nulls count as not given: agents fill in every key they know of.

    Raises:
        BadRequest: names each argument at fault, what was expected and what was sent.
    """
    try:
        return model.model_validate({k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        faults = [_fault(model, fault) for fault in error.errors(include_url=False)]
        raise BadRequest("; ".join(dict.fromkeys(faults))) from None


def _fault(model: type[Arguments], fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"] if not str(part).startswith("function-"))
    if fault["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return f"{where}: no such argument{meant(where, known)}; known are {', '.join(known)}"
    if fault["type"] == "missing":
        return f"{where}: missing; {_expected(model, where)}"
    if not where:
        return str(fault["msg"]).removeprefix("Value error, ")
    reason = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{where}: expected {reason}, got {_shown(fault['input'])}"


def _expected(model: type[Arguments], name: str) -> str:
    field = model.model_fields.get(name)
    return (field.description if field else None) or "it has to be given"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def meant(name: str, known: Iterable[str]) -> str:
    """What may have been meant, ready to follow a name; empty when nothing is near.

    >>> meant("querry", ["query", "limit"])
    " (did you mean 'query'?)"
    """
    by_case = {item.lower(): item for item in known}
    near = difflib.get_close_matches(name.lower(), list(by_case), n=3, cutoff=0.6)
    if not near:
        return ""
    return " (did you mean " + " or ".join(repr(by_case[item]) for item in near) + "?)"
