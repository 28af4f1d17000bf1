"""Raw values → typed values of the field table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from dateutil import parser as dates

from catalog_store.model.entity import Value
from catalog_store.model.fields import Field, FieldType

_TIER = re.compile(
    r"(?:tier|t|p|level|criticality)?[\s_-]*(?P<number>\d|zero|one|two|three|four|five)",
    re.IGNORECASE,
)
_NUMBER_WORDS = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


class WrongType(ValueError):
    """A value that does not fit its field; the text says what was expected."""


def typed_value(field: Field, value: Any, *, from_map: bool = False) -> Value:
    """The value a field holds; references are read elsewhere, where their defaults are known.

    Args:
        field: decides the type; `tier`, `tags` and `aliases` have habits of their own.
        value: as YAML or JSON gives it.
        from_map: it is an annotation or label, where lists are written as comma-separated text.

    Returns:
        None for blank text: the entity holds no value.

    Raises:
        WrongType: it does not fit; the message says what was expected.
    """
    if field.type is FieldType.LIST:
        return _list(field, value, from_map)
    if isinstance(value, dict | list):
        raise WrongType("one value, not a list or a mapping")
    if isinstance(value, str) and not value.strip():
        return None
    if field.name == "tier":
        return read_tier(value)
    return _SCALARS[field.type](value)


def read_tier(value: Any) -> int:
    """The number in the ways people write a tier.

    >>> [read_tier(t) for t in (1, "1", "tier1", "T1", "p1", "Tier 1", "three")]
    [1, 1, 1, 1, 1, 1, 3]

    Raises:
        WrongType: there is no number in it.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    match = _TIER.fullmatch(_text(value))
    if match is None:
        raise WrongType("a tier such as 1, 'tier 1' or 'T1'")
    number = match["number"].lower()
    return _NUMBER_WORDS[number] if number in _NUMBER_WORDS else int(number)


def read_moment(text: str) -> datetime:
    """A moment in UTC; a time without a zone is read as UTC, a date as its midnight.

    >>> read_moment("2026-03-01T12:00:00+02:00").isoformat()
    '2026-03-01T10:00:00+00:00'

    Raises:
        WrongType: it is no date or time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = _read_loosely(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongType("a date or time such as 2026-03-01T12:00:00Z") from error


def read_day(value: Any) -> date:
    """A calendar day, in whatever way it is written.

    >>> read_day("12 May 2024")
    datetime.date(2024, 5, 12)

    Raises:
        WrongType: it is no date.
    """
    return read_moment(_text(value)).date()


def _read_loosely(text: str) -> datetime:
    # Two defaults: what differs between the readings was not in the text.
    if len(text) > 60 or not any(c.isdigit() for c in text):
        raise WrongType("a date or time such as 2026-03-01T12:00:00Z")
    try:
        early = dates.parse(text, default=datetime(1904, 1, 1))  # noqa: DTZ001
        late = dates.parse(text, default=datetime(1908, 2, 2))  # noqa: DTZ001
    except (ValueError, OverflowError, TypeError, AttributeError) as error:
        raise WrongType("a date or time such as 2026-03-01T12:00:00Z") from error
    if early != late:
        raise WrongType("a whole date with day, month and year")
    return early


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _integer(value: Any) -> int:
    number = _number(value)
    if abs(number) >= 2**63 or number != int(number):
        raise WrongType("a whole number of at most 64 bits")
    return int(number)


def _number(value: Any) -> float | int:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = _text(value)
    if re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII):
        return int(text)
    if len(text) <= 40 and re.fullmatch(
        r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?", text, re.ASCII
    ):
        return float(text)
    raise WrongType("a number")


def _as_float(value: Any) -> float:
    return float(_number(value))


def _boolean(value: Any) -> bool:
    text = _text(value).lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise WrongType("true or false")


def _moment(value: Any) -> datetime:
    return read_moment(_text(value))


def _list(field: Field, value: Any, from_map: bool) -> tuple[str, ...] | None:
    if isinstance(value, str) and (from_map or field.name == "aliases"):
        value = value.split(",")
    if not isinstance(value, list):
        raise WrongType("a list")
    if any(isinstance(item, dict | list) for item in value):
        raise WrongType("a list of plain texts")
    texts = [_text(item) for item in value if item is not None]
    if field.name == "tags":
        texts = [text.lower() for text in texts]
    return tuple(dict.fromkeys(text for text in texts if text)) or None


_SCALARS: dict[FieldType, Callable[[Any], Value]] = {
    FieldType.KEYWORD: _text,
    FieldType.TEXT: _text,
    FieldType.URL: _text,
    FieldType.REF: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _as_float,
    FieldType.BOOLEAN: _boolean,
    FieldType.TIMESTAMP: _moment,
}
