"""Numbers as people write them into tables: "$1,200.50", "1.200,50 €", "12k", "45 %", "3 days", "PT5M"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.processors.field_words import CURRENCY_CODES, CURRENCY_SIGNS, SECONDS, UNIT_WORDS

_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "bn": 1e9, "b": 1e9}
_AMOUNT = re.compile(
    r"(?P<sign>[-+−]?)\s*(?P<lead>[$€£¥₹]|[A-Za-z]{2,3}\$?)?\s*(?P<inner>[-+−]?)"
    r"(?P<number>\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?P<exponent>[eE][-+]?\d{1,2})?"
    r"\s*(?P<tail>[$€£¥₹%]|[A-Za-zµ]+(?:\s*[$€£¥₹])?)?(?P<per>\s*(?:/|per\s+)\s*[A-Za-z]+)?"
)
_ISO_LENGTH = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?:\d+(?:\.\d+)?\s*[A-Za-zµ]+\s*){2,}")
_LENGTH_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-zµ]+)")
_MAX_TEXT = 40


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the unit that is written beside it; `written` is the bare number as it stands."""

    value: float
    unit: str | None
    written: str


def comma_is_decimal(texts: Iterable[str]) -> bool:
    """Whether a column writes 1.200,50 rather than 1,200.50; some cell must show it.

    >>> comma_is_decimal(["1.200,50 €", "3"]), comma_is_decimal(["1,200"]), comma_is_decimal(["12,5"])
    (True, False, True)
    """
    comma = point = 0
    for text in texts:
        number = re.search(r"\d[\d.,]*\d", text)
        if number is None:
            continue
        last_comma, last_point = number[0].rfind(","), number[0].rfind(".")
        if last_comma >= 0 and last_point >= 0:
            comma, point = comma + (last_comma > last_point), point + (last_point > last_comma)
        elif last_comma >= 0:
            comma += number[0].count(",") == 1 and len(number[0]) - last_comma != 4
        elif last_point >= 0:
            point += number[0].count(".") == 1 and len(number[0]) - last_point != 4
    return comma > point


def read_amount(text: str, *, decimal_comma: bool = False, money: bool = False) -> Amount | None:
    """The number a cell holds; None when it holds anything else.

    Args:
        text: the cell.
        decimal_comma: the column writes decimals after a comma.
        money: the column holds money, so that "m" is a million rather than a minute.

    >>> read_amount("$1,200.50"), read_amount("45 %").unit, read_amount("PT5M"), read_amount("12k").value
    (Amount(value=1200.5, unit='usd', written='1,200.50'), 'percent', Amount(value=300.0, unit='seconds', written='PT5M'), 12000.0)
    """
    text = text.strip()
    if not text or len(text) > _MAX_TEXT:
        return None
    length = _length(text)
    if length is not None:
        return length
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    unit, scale = _tail(match["tail"] or "", money or bool(match["lead"]))
    lead = _currency(match["lead"]) if match["lead"] else None
    if unit == "" or (match["lead"] and lead is None) or (lead and unit and unit != lead):
        return None
    if match["per"] and not (lead or unit in CURRENCY_CODES):
        return None
    value = _float(match["number"], decimal_comma)
    if value is None:
        return None
    value = value * scale * (10 ** int(match["exponent"][1:]) if match["exponent"] else 1)
    negative = "-" in match["sign"] + match["inner"] or "−" in match["sign"] + match["inner"]
    return Amount(-value if negative else value, lead or unit, _written(match))


def _written(match: re.Match[str]) -> str:
    return f"{match['sign']}{match['inner']}{match['number']}{match['exponent'] or ''}".strip()


def _tail(tail: str, money: bool) -> tuple[str | None, float]:
    """Unit and scale of what follows a number; an empty unit means that it is neither."""
    word = tail.strip()
    if not word:
        return None, 1
    if money and word.lower() in _SCALES:
        return None, _SCALES[word.lower()]
    if word in ("k", "K", "M"):
        return None, _SCALES[word.lower()]
    if (unit := UNIT_WORDS.get(word.lower())) is not None or (unit := _currency(word)) is not None:
        return unit, 1
    for letters, scale in _SCALES.items():  # "kUSD", "k€"
        if (
            word.lower().startswith(letters)
            and (unit := _currency(word[len(letters) :])) is not None
        ):
            return unit, scale
    return "", 1


def _currency(word: str) -> str | None:
    word = word.strip()
    return CURRENCY_SIGNS.get(word) or (word.lower() if word.lower() in CURRENCY_CODES else None)


def _float(number: str, decimal_comma: bool) -> float | None:
    """A number with its thousands set apart in any usual way."""
    digits = re.sub(r"['’\s]", "", number.strip())
    thousands, point = (".", ",") if decimal_comma else (",", ".")
    whole, dot, rest = digits.partition(point)
    groups = whole.split(thousands)
    if len(groups) > 1 and not all(len(g) == 3 for g in groups[1:]):
        return None
    if thousands in rest or point in rest or not (whole or rest):
        return None
    return float(f"{''.join(groups) or '0'}{'.' if dot else ''}{rest}" if dot else "".join(groups))


def _length(text: str) -> Amount | None:
    """A length of time of several parts, in seconds: "PT1H30M", "1d 4h"."""
    match = _ISO_LENGTH.fullmatch(text)
    if match and any(match.groups()):
        total = sum(float(v) * SECONDS[unit] for unit, v in match.groupdict().items() if v)
        return Amount(total, "seconds", text)
    if _LENGTH.fullmatch(text):
        parts = [(float(n), UNIT_WORDS.get(word.lower())) for n, word in _LENGTH_PART.findall(text)]
        if all(unit in SECONDS for _, unit in parts):
            return Amount(sum(n * SECONDS[u] for n, u in parts if u), "seconds", text)
    return None
