"""The cells of an answer's table as people read them; every surface that shows text shows these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from assistant.answer import Result


def told(results: Sequence[Result]) -> list[str]:
    """The columns that tell something of some row, the reference aside; what no row holds takes no room."""
    names = [n for n in dict.fromkeys(n for r in results for n in r.fields) if n != "ref"]
    return [n for n in names if any(r.fields.get(n) not in (None, [], "") for r in results)]


def column_name(field: str) -> str:
    """A field's name as a heading.

    >>> column_name("last_deployed_at")
    'last deployed at'
    """
    return field.replace("_", " ")


def missing(field: str) -> str:
    """What stands where a row holds nothing."""
    return "never" if field.endswith("deployed_at") else "–"


def is_number(value: Any) -> bool:
    """Whether it is a number; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def numeric(results: Sequence[Result], field: str) -> bool:
    """Whether a column holds numbers only."""
    return all(r.fields.get(field) is None or is_number(r.fields.get(field)) for r in results)


def value_text(value: Any, unit: str | None = None) -> str:
    """One value in words.

    >>> value_text(True), value_text(1234.5, "usd"), value_text("group:default/payments")
    ('yes', '$1,234.5', 'payments')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:,.2f}".rstrip("0").rstrip(".")
    elif isinstance(value, int):
        text = f"{value:,}"
    else:
        text = re.sub(r"^[a-z]+:default/", "", str(value))
    return {"percent": f"{text} %", "usd": f"${text}"}.get(unit or "", text)


def moment_of(value: Any) -> datetime | None:
    """The moment a value stands for; None when it is none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def ago(days: int) -> str:
    """How long ago, in days.

    >>> ago(0), ago(1), ago(1200)
    ('today', 'yesterday', '1,200 days ago')
    """
    if days < 0:
        return "to come"
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,} days ago")
