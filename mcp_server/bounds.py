"""How much an agent is told at once. A context window is small and costs money, so every result has a stated bound.

The bound is in characters of the JSON that is sent, which can be checked exactly; English JSON has about four of them to a
token. What does not fit is counted (`total`) and can be fetched with a cursor.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

MAX_RESULT_CHARS = 8_000
"""Characters of one tool result, about 2,000 tokens."""

MAX_RESOURCE_CHARS = 64_000
"""Characters of one resource, about 16,000 tokens: a person or an agent asked for the whole of it."""

TEXT_CHARS = 1_200
"""Of an answer's sentence or a passage; the rest is in the resource."""

VALUE_CHARS, VALUE_ITEMS = 160, 8
"""Of one value of a thing, and of one that is a list."""

_M = TypeVar("_M", bound=BaseModel)


def dump(model: BaseModel) -> dict[str, Any]:
    """A result as data, without its empty parts.

    >>> class R(BaseModel):
    ...     total: int = 0
    ...     note: str | None = None
    ...     things: tuple[str, ...] = ()
    >>> dump(R())
    {'total': 0}
    """
    data: dict[str, Any] = _lean(model.model_dump(mode="json", exclude_none=True))
    return data


def _lean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lean(item) for key, item in value.items() if item not in ({}, [], "")}
    return [_lean(item) for item in value] if isinstance(value, list) else value


def text_of(data: dict[str, Any]) -> str:
    """The JSON that is sent."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def size(model: BaseModel) -> int:
    """Characters of a result."""
    return len(text_of(dump(model)))


def fit(make: Callable[[int], _M], most: int, *, bound: int = MAX_RESULT_CHARS) -> _M:
    """The result with as many items as the bound has room for.

    Args:
        make: the result with a given number of items; grows with it.
        most: items at most, >= 0.
        bound: characters.

    Returns:
        `make(n)` for the largest n <= `most` that fits; `make(0)` when none does, which the caps on its parts keep small.
    """
    whole = make(most)
    if most == 0 or size(whole) <= bound:
        return whole
    low, high, best = 0, most - 1, make(0)
    while low < high:
        middle = (low + high + 1) // 2
        tried = make(middle)
        if size(tried) <= bound:
            low, best = middle, tried
        else:
            high = middle - 1
    return best


def cut(text: str, most: int = TEXT_CHARS) -> str:
    """A text of at most so many characters as it is sent, cut between words, with a mark where it was cut.

    >>> cut("restart the stuck workers", 14)
    'restart the …'
    """
    if len(text) <= most and sent(text) <= most:
        return text
    kept = text[: most - 2]
    while (length := sent(kept)) > most - 2:
        kept = kept[: min(len(kept) - 1, len(kept) * (most - 2) // length)]
    return f"{kept[: kept.rfind(' ')] if ' ' in kept[len(kept) // 2 :] else kept} …"


def sent(value: Any) -> int:
    """Characters of a value in JSON, where quotes and line breaks take two; a text's own quotes do not count."""
    length = len(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    return length - 2 if isinstance(value, str) else length


def brief(value: Any) -> Any:
    """A value short enough to stand in a list of things.

    >>> brief(["a"] * 20)[-1]
    '… 12 more'
    """
    if isinstance(value, str):
        return cut(value, VALUE_CHARS)
    if isinstance(value, list | tuple):
        shown = [brief(item) for item in value[:VALUE_ITEMS]]
        return shown + ([f"… {len(value) - VALUE_ITEMS} more"] if len(value) > VALUE_ITEMS else [])
    if isinstance(value, dict):
        return cut(json.dumps(value, ensure_ascii=False, default=str), VALUE_CHARS)
    return value
