"""Values as people read them, and sentences turned around."""

from __future__ import annotations

from datetime import datetime

from catalog_store.model.fields import Field, FieldType


def plain(value: object) -> object:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def shown(value: object, row: Field) -> str:
    """A value of a field as people read it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    return (
        number(value, row.unit) if row.type in (FieldType.INTEGER, FieldType.NUMBER) else str(value)
    )


def number(value: object, unit: str | None) -> str:
    """A number with its unit.

    >>> number(1234.5, "usd"), number(12, "percent")
    ('1,234.5 usd', '12 %')
    """
    text = (
        f"{value:,.2f}".rstrip("0").rstrip(".")
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
    if unit == "percent":
        return f"{text} %"
    return text if unit is None or unit == "count" else f"{text} {unit.replace('_', ' ')}"


def affirmed(said: str) -> str:
    """What a yes says of a reading.

    >>> affirmed("there is anything with lifecycle beta")
    'there is something with lifecycle beta'
    """
    return said.replace("there is anything", "there is something", 1)


def denied(said: str) -> str:
    """A sentence that does not hold.

    >>> denied("cart is without open findings"), denied("cart has open incidents")
    ('cart has open findings', 'it is not the case that cart has open incidents')
    """
    if " is without " in said and " or " not in said and ", " not in said:
        return said.replace(" is without ", " has ", 1)
    return f"it is not the case that {said}"
