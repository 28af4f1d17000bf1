"""What a column nobody declared holds: its type and unit, from its name and from how most of its cells are written.

A few cells that do not fit are left empty and reported; the rest decides. Percentages are kept as 0–100: cells such as
"45%" as they stand, and plain numbers in 0–1 only when the name says ratio, share or fraction (or rate, with a fraction among
them). Money is kept in the column's one currency, durations in one unit of time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog_store.model.entity import Value
from catalog_store.model.fields import FieldType
from indexer.processors.amounts import Amount, comma_is_decimal, read_amount
from indexer.processors.field_words import (
    BOOLEAN_HEADS,
    BOOLEAN_OPENINGS,
    CURRENCY_CODES,
    MONEY_NOUNS,
    SECONDS,
    SIZES,
    Naming,
)
from indexer.processors.moments import read_dates

GOOD_SHARE = 0.9
"""Share of the cells that must fit a type; one misfit among five is let pass too."""

MISSING = frozenset(("-", "–", "—", "n/a", "#n/a", "null", "nan", "nil", "(null)", ".", "[]", "{}"))
"""Cells that say there is no value."""

NO_NUMBER = MISSING | frozenset(("none", "na", "unknown", "tbd", "tba", "?", "never", "not yet"))
"""Cells that say so in columns of numbers, dates and yes/no; in columns of words they are values."""

_TRUE = frozenset(("true", "yes", "y", "t", "on", "x", "✓", "✔", "✅"))
_FALSE = frozenset(("false", "no", "n", "f", "off", "✗", "✘", "❌"))
_LABEL = re.compile(r"\+|-?0\d")
_MAX_DIGITS = 15
"""More digits make a number of an account, not an amount."""

_ID_HEADS = frozenset(
    (
        "id",
        "ids",
        "code",
        "key",
        "account",
        "sku",
        "zip",
        "postcode",
        "phone",
        "port",
        "hash",
        "sha",
    )
)
_VERSION_WORDS = frozenset(("version", "versions", "release", "runtime"))
_TIME_WORDS = frozenset(
    (
        "date",
        "day",
        "at",
        "on",
        "time",
        "timestamp",
        "since",
        "until",
        "last",
        "next",
        "due",
        "expiry",
        "expires",
    )
)
_LONG_TEXT = 80
_WORD_LIST = re.compile(r"[\w.+#/@-]+(?:\s*,\s*[\w.+#/@-]+)+")


@dataclass(slots=True)
class Inferred:
    """A column with its cells read.

    Attributes:
        type, unit: of the field.
        values: entity → value; entities whose cell says nothing are absent.
        bad: entities whose cell does not fit; they hold no value.
        expected: what a bad cell should have been, for the report.
    """

    type: FieldType
    unit: str | None = None
    values: dict[str, Value] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    expected: str = ""


Owner = Callable[[str], str | None]
"""Text → canonical reference of the group or user it names."""


def infer(
    name: str, texts: Mapping[str, str], *, owner: Owner, told: FieldType | None = None
) -> Inferred:
    """The type of a column, and its cells as values.

    Args:
        name: in snake case.
        texts: entity → cell as written, not blank.
        owner: finds the groups and users that cells may name.
        told: the type the settings give; cells that do not fit it are bad.
    """
    naming = Naming.of(name)
    cells = {ref: text for ref, text in texts.items() if text.strip().lower() not in MISSING}
    for read in (_booleans, _versions, _dates, _numbers, _urls, _lists, _references):
        found = read(naming, cells, owner, told)
        if found is not None:
            return found
    long = max(map(len, cells.values()), default=0) > _LONG_TEXT
    kind = told or (FieldType.TEXT if long else FieldType.KEYWORD)
    return Inferred(kind, values={**cells})


def _fits(good: int, of: int, told: bool) -> bool:
    return of > 0 and (told or good >= GOOD_SHARE * of or (of >= 5 and of - good <= 1)) and good > 0


def _settled(
    kind: FieldType,
    read: Mapping[str, Value],
    cells: Mapping[str, str],
    expected: str,
    unit: str | None = None,
    *,
    told: bool = False,
) -> Inferred | None:
    """The column, when enough of its cells could be read."""
    silent = {ref for ref, text in cells.items() if text.strip().lower() in NO_NUMBER}
    values: dict[str, Value] = {ref: v for ref, v in read.items() if v is not None}
    if not _fits(len(values), len(set(cells) - silent), told):
        return None
    bad = [ref for ref in cells if ref not in values and ref not in silent]
    return Inferred(kind, unit, values, bad, expected)


def _booleans(
    naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    if told not in (None, FieldType.BOOLEAN):
        return None
    said = (
        told is not None
        or naming.tokens[0] in BOOLEAN_OPENINGS
        or naming.tokens[-1] in BOOLEAN_HEADS
    )
    true, false = (_TRUE | {"1"}, _FALSE | {"0"}) if said else (_TRUE, _FALSE)
    read: dict[str, Value] = {}
    for ref, text in cells.items():
        word = text.strip().lower()
        read[ref] = True if word in true else False if word in false else None
    return _settled(FieldType.BOOLEAN, read, cells, "yes or no", told=told is not None)


def _versions(
    naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    """Versions and identifiers look like numbers, but 1.9 comes before 1.24 and nobody adds accounts up."""
    if told is None and (_VERSION_WORDS & set(naming.tokens) or naming.tokens[-1] in _ID_HEADS):
        listed = any(text.lstrip().startswith("[") for text in cells.values())
        return None if listed else Inferred(FieldType.KEYWORD, values={**cells})
    return Inferred(FieldType.KEYWORD, values={**cells}) if told is FieldType.KEYWORD else None


def _dates(
    naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    if told not in (None, FieldType.TIMESTAMP):
        return None
    epochs = bool(_TIME_WORDS & set(naming.tokens))
    moments = read_dates(list(cells.values()), epochs=epochs)
    read: dict[str, Value] = {**dict(zip(cells, moments, strict=True))}
    return _settled(
        FieldType.TIMESTAMP, read, cells, "a date such as 2026-03-01", told=told is not None
    )


def _numbers(
    naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    if told not in (None, FieldType.INTEGER, FieldType.NUMBER):
        return None
    money = naming.unit in CURRENCY_CODES or naming.tokens[-1] in MONEY_NOUNS
    decimal_comma = comma_is_decimal(cells.values())
    amounts: dict[str, Amount] = {}
    for ref, text in cells.items():
        found = read_amount(text, decimal_comma=decimal_comma, money=money)
        bare = found is not None and found.unit is None and found.written == text.strip()
        if found is None or (
            told is None and bare and (_LABEL.match(text) or _digits(text) > _MAX_DIGITS)
        ):
            continue
        amounts[ref] = found
    if not _fits(
        len(amounts),
        sum(t.strip().lower() not in NO_NUMBER for t in cells.values()),
        told is not None,
    ):
        return None
    unit = _unit(naming, list(amounts.values()))
    read: dict[str, Value] = {ref: _scaled(amount, unit) for ref, amount in amounts.items()}
    unit = _as_percent(naming, unit, read)
    scaled = (
        unit == "percent" and naming.unit != "percent" and not any(a.unit for a in amounts.values())
    )
    whole = not scaled and all(_is_whole(v) for v in read.values() if v is not None)
    kind = told or (FieldType.INTEGER if whole else FieldType.NUMBER)
    if kind is FieldType.INTEGER:
        read = {
            ref: int(v) if isinstance(v, float) and v.is_integer() else None
            for ref, v in read.items()
        }
    expected = f"a number in {unit}" if unit else "a number"
    return _settled(kind, read, cells, expected, unit, told=told is not None)


def _is_whole(value: Value) -> bool:
    """A whole number that a float holds exactly."""
    return isinstance(value, float) and value.is_integer() and abs(value) < 2**53


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text.partition(".")[0])


def _unit(naming: Naming, amounts: Sequence[Amount]) -> str | None:
    """The one unit of a column: most cells decide, else its name; times are brought to one that reads well."""
    said = [amount.unit for amount in amounts if amount.unit is not None]
    if not said:
        return naming.unit
    common = max(sorted(set(said)), key=said.count)
    if common not in SECONDS:
        return common
    if naming.unit in SECONDS:
        return naming.unit
    lengths = sorted(a.value * SECONDS[a.unit] for a in amounts if a.unit and a.unit in SECONDS)
    middle = lengths[len(lengths) // 2]
    return next((u for u in ("days", "hours", "minutes") if middle >= 2 * SECONDS[u]), "seconds")


def _scaled(amount: Amount, unit: str | None) -> float | None:
    """The amount in the column's unit; None when it is in one that cannot be brought to it."""
    if amount.unit is None or unit is None or amount.unit == unit:
        return amount.value
    for table in (SECONDS, SIZES):
        if amount.unit in table and unit in table:
            return round(amount.value * table[amount.unit] / table[unit], 6)
    return None


def _as_percent(naming: Naming, unit: str | None, read: dict[str, Value]) -> str | None:
    """Ratios become percentages where the name says so; numbers in 0–1 that nothing explains are ratios."""
    values = [v for v in read.values() if isinstance(v, float)]
    inside = bool(values) and all(0 <= v <= 1 for v in values)
    broken = any(0 < v < 1 for v in values)
    if (unit == "ratio" and inside) or (unit is None and naming.rate and inside and broken):
        for ref, value in read.items():
            if isinstance(value, float):
                read[ref] = round(value * 100, 6)
        return "percent"
    if unit == "ratio":
        return None  # says ratio, but goes beyond 1: a plain factor
    return "ratio" if unit is None and inside and broken and len(set(values)) > 1 else unit


def _urls(
    _naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    if told not in (None, FieldType.URL):
        return None
    read: dict[str, Value] = {
        ref: text.strip() if text.strip().lower().startswith(("http://", "https://")) else None
        for ref, text in cells.items()
    }
    return _settled(
        FieldType.URL, read, cells, "an address such as https://…", told=told is not None
    )


def _lists(
    _naming: Naming, cells: Mapping[str, str], _: Owner, told: FieldType | None
) -> Inferred | None:
    """JSON arrays; short parts between semicolons or bars; single words between commas."""
    texts = [text.strip() for text in cells.values()]
    if told not in (None, FieldType.LIST) or not texts:
        return None
    separator = next((s for s in ";|" if any(_short_parts(t, s) for t in texts)), None)
    if separator is None and any(_WORD_LIST.fullmatch(t) for t in texts):
        separator = ","
    arrays = [t for t in texts if t.startswith("[") and t.endswith("]")]
    if separator is None and not arrays and told is None:
        return None
    if separator == "," and told is None and any(" " in t.replace(", ", ",") for t in texts):
        return None
    read: dict[str, Value] = {ref: _parts(t.strip(), separator or ",") for ref, t in cells.items()}
    return _settled(FieldType.LIST, read, cells, "a list such as a;b", told=told is not None)


def _short_parts(text: str, separator: str) -> bool:
    parts = text.split(separator)
    return len(parts) > 1 and all(len(p.strip()) <= 40 and len(p.split()) <= 4 for p in parts)


def _parts(text: str, separator: str) -> tuple[str, ...] | None:
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = text.strip("[]").split(separator)
        if any(isinstance(item, dict | list) for item in items):
            return None
        parts = [str(item) for item in items if item is not None]
    else:
        parts = text.split(separator)
    return tuple(dict.fromkeys(p.strip() for p in parts if p.strip())) or None


def _references(
    naming: Naming, cells: Mapping[str, str], owner: Owner, told: FieldType | None
) -> Inferred | None:
    """Groups and users: where the name asks for people, or every cell is a full reference or an address."""
    full = all(
        re.match(r"(?:group|user):|[^@\s]+@[^@\s]+\.\w+$", t.strip(), re.IGNORECASE)
        for t in cells.values()
    )
    if told not in (None, FieldType.REF) or not (told or naming.people or full):
        return None
    read: dict[str, Value] = {ref: owner(text) for ref, text in cells.items()}
    return _settled(
        FieldType.REF, read, cells, "a group or user of the catalog", told=told is not None
    )
