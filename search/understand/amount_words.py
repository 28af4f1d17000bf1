"""Numbers in words: "5k dollars", "60 percent", "between 30 and 60 days old", "t1"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog_store.model import kinds as k
from search.plan import Compare, Op
from search.understand import words
from search.understand.amounts import Amount, Number
from search.understand.calendar_words import UNITS, ago
from search.understand.semantics import Age, Condition, Meaning

_UNITS = {
    "percent": "percent",
    "pct": "percent",
    "dollars": "usd",
    "dollar": "usd",
    "usd": "usd",
    "bucks": "usd",
    "euros": "eur",
    "euro": "eur",
    "eur": "eur",
    "pounds": "gbp",
    "gbp": "gbp",
}
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_SCALE = {"k": 1_000, "m": 1_000_000}


def amounts_at(texts: Sequence[str], i: int, now: datetime) -> Iterator[tuple[int, Meaning]]:
    """Every number, short form of a tier, or range that starts at a word.

    Args:
        texts: words in lower case.
        i: where to look.
        now: what ages are counted back from.

    Yields:
        (position after it, meaning) pairs.
    """
    short = re.fullmatch(r"t([1-5])", texts[i])
    number = _number(texts[i])
    if texts[i] in _TIMES and i + 1 < len(texts) and texts[i + 1] in ("a", "per", "each", "every"):
        yield i + 1, Number((_TIMES[texts[i]],))
    if number is not None:
        end = i + 1
        unit = _UNITS.get(texts[end]) if end < len(texts) else None
        yield end + (unit is not None), Number((number,), unit)
    elif short:
        where = Compare(field="tier", op=Op.EQ, value=int(short[1]))
        yield i + 1, Condition(where, (k.COMPONENT, k.API, k.RESOURCE, k.SYSTEM))
    if texts[i] in ("between", "from") and i + 3 < len(texts) and texts[i + 2] in ("and", "to"):
        low, high = _number(texts[i + 1]), _number(texts[i + 3])
        if low is not None and high is not None and low <= high:
            yield _range(texts, i + 4, low, high, now)


def _number(text: str) -> float | None:
    if text in words.NUMBERS:
        return float(words.NUMBERS[text])
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km])?", text.replace(",", ""))
    return float(match[1]) * _SCALE.get(match[2] or "", 1) if match else None


def _range(
    texts: Sequence[str], end: int, low: float, high: float, now: datetime
) -> tuple[int, Meaning]:
    unit = UNITS.get(texts[end]) if end < len(texts) else None
    if unit is not None:
        end += 1
        end += texts[end : end + 1] in (["old"], ["ago"])
        return end, Age(Op.BETWEEN, ago(now, high, unit), ago(now, low, unit))
    money = _UNITS.get(texts[end]) if end < len(texts) else None
    return end + (money is not None), Amount(Op.BETWEEN, (low, high), money)
