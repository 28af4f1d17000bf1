"""Versions in words: "python 3.9", "go below 1.22", "older than python 3.11". They are text, ordered part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import eq, ge, gt, le, lt

from search.plan import Compare, Op, Predicate, conjoin
from search.understand import words
from search.understand.lexicon import Lexicon
from search.understand.semantics import Condition, kinds_of

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_DECIMAL = re.compile(r"\d+\.\d+")
_OPS = {
    **words.COMPARATORS,
    "older than": Op.LT,
    "newer than": Op.GT,
    "before": Op.LT,
    "after": Op.GT,
}
"""How versions compare; an older one is a lower one."""

_LONGEST = 3
"""Words of the longest comparison."""


def versions_at(
    texts: Sequence[str], stems: Sequence[str], i: int, lexicon: Lexicon
) -> Iterator[tuple[int, Condition]]:
    """(position after it, condition) of every version or comparison with one that starts at a word.

    Only where one field holds versions of languages, and the question speaks of a language or of that field.
    """
    row = lexicon.language_version
    if row is None:
        return
    after_language = i > 0 and _language(texts, stems, i - 1, lexicon) is not None
    if after_language and _DECIMAL.fullmatch(texts[i]):
        where = Compare(field=row.name, op=Op.EQ, value=texts[i])
        yield i + 1, Condition(where, kinds_of(row))
    spoken_of = any(_language(texts, stems, j, lexicon) for j in range(len(texts))) or any(
        f" {word} " in f" {' '.join(texts)} " for word in row.words
    )
    if not spoken_of:
        return
    for length in range(1, _LONGEST + 1):
        op = _OPS.get(" ".join(texts[i : i + length]))
        if op is None:
            continue
        at = i + length
        language = _language(texts, stems, at, lexicon)
        at += language is not None
        pattern = _VERSION if language or after_language else _DECIMAL
        if at < len(texts) and pattern.fullmatch(texts[at]):
            where_ = conjoin(language, _compared(op, texts[at], lexicon))
            if where_ is not None:
                yield at + 1, Condition(where_, kinds_of(row))


def _language(
    texts: Sequence[str], stems: Sequence[str], i: int, lexicon: Lexicon
) -> Predicate | None:
    """The condition of a word that names a language."""
    if i >= len(texts):
        return None
    for reading in lexicon.readings((texts[i],), (stems[i],)):
        where = reading.meaning.where if isinstance(reading.meaning, Condition) else None
        if isinstance(where, Compare) and where.field == "language":
            return where
    return None


def _compared(op: Op, version: str, lexicon: Lexicon) -> Predicate:
    """The field holds one of the known versions that compare so; of none, a value that nothing has."""
    row = lexicon.language_version
    assert row is not None
    wanted = _key(version)
    holds = {Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge}.get(op, eq)
    numbered = [v for v in lexicon.language_versions if _VERSION.fullmatch(v)]
    known = sorted((v for v in numbered if holds(_key(v), wanted)), key=_key)
    if not known:
        return Compare(field=row.name, op=Op.EQ, value=f"{op.value} {version}")
    return Compare(field=row.name, op=Op.IN, value=tuple(known))


def _key(version: str) -> tuple[int, ...]:
    """1.9 comes before 1.24.

    >>> _key("1.9") < _key("1.24")
    True
    """
    return tuple(int(part) for part in version.split("."))
