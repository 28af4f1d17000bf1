"""JSON from strangers: bounded in depth, and free of what neither JSON nor the store can hold."""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 100
"""Levels of nesting; real feeds stay below 20."""


class JsonFault(ValueError):
    """A text that is not usable JSON.

    Attributes:
        code: "invalid-json" or "too-deep".
        line: counted from 1.
    """

    def __init__(self, code: str, message: str, line: int) -> None:
        super().__init__(message)
        self.code = code
        self.line = line


def parse_json(text: str) -> Any:
    """Read one JSON value.

    >>> parse_json('{"a": NaN}')
    {'a': 'NaN'}

    Raises:
        JsonFault: it is not JSON, or nested deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(text, parse_constant=str, parse_int=_integer)
    except json.JSONDecodeError as error:
        reason = "the file is empty" if not text.strip() else f"{error.msg} in column {error.colno}"
        raise JsonFault("invalid-json", f"not valid JSON: {reason}", error.lineno) from error
    except RecursionError as error:
        raise _too_deep() from error
    return usable(value, text)


def usable(value: Any, text: str) -> Any:
    """The value without lone surrogates and NUL characters, once its depth is checked.

    Args:
        value: as parsed.
        text: what it was parsed from; tells cheaply whether there is anything to clean.

    Raises:
        JsonFault: it is nested deeper than `MAX_DEPTH`.
    """
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value)
    escapes = text.lower() if "\\u" in text.lower() else ""
    return _clean(value) if "\\ud" in escapes or "\\u0000" in escapes else value


def _integer(digits: str) -> int | float | str:
    # 18 digits are what the store's integers hold; longer ones are identifiers.
    return int(digits) if len(digits) <= 18 else digits


def _too_deep() -> JsonFault:
    return JsonFault(
        "too-deep", f"nested deeper than {MAX_DEPTH} levels; it was left out, flatten it", 1
    )


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise _too_deep()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean(item) for key, item in value.items()}
    return value


def clean_text(text: str) -> str:
    r"""The text without NUL characters, lone surrogates replaced.

    >>> clean_text("a\x00b\ud800")
    'ab\ufffd'
    """
    return (
        text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    )
