"""Names of records: SLOs and alert rules are called by name, incidents by their id or number.

A record is met by its whole name only: parts of names ("edge-gateway" of "edge-gateway-latency") belong to catalog entities.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog_store.analyzer import words_of
from catalog_store.model import kinds as k
from catalog_store.reader import CatalogReader
from search.plan import Compare, Op
from search.understand.calendar_words import UNITS
from search.understand.semantics import Candidate, SetOf
from search.understand.spans import Mention, Word, item_of, mention_of

if TYPE_CHECKING:
    from search.understand.lexicon import Lexicon

LONGEST = 14
"""Words of the longest record name that is looked for."""

NAMED = (k.SLO, k.ALERT)
"""Kinds of records that people call by name."""

SPACED = 0.8
"""Quality of a name of several words written apart: "edge gateway latency" is more often the latency of that thing."""

WHOLE = 0.45
"""Added when several joined words spell one record: more than the name of the entity it begins with is worth."""


class RecordNames:
    """The names of the records one store holds; events may add to them."""

    def __init__(self, store: CatalogReader) -> None:
        """Nothing is read before the first question."""
        self._store = store
        self._read: int | None = None
        self._by_name: dict[str, list[Candidate]] = {}
        self.candidates: dict[str, Candidate] = {}

    def named(self, texts: Sequence[str]) -> Sequence[Candidate]:
        """Records whose whole name the words spell."""
        self._refresh()
        return self._by_name.get("".join(texts), ())

    def candidate(self, ref: str) -> Candidate | None:
        """A named record, by reference."""
        self._refresh()
        return self.candidates.get(ref)

    def by_id(self, text: str) -> Candidate | None:
        """The incident of a tool's own id, whatever its case."""
        rows = self._store.fetch(
            "SELECT ref, title FROM incidents WHERE LOWER(ref) = ? LIMIT 1", [f"incident:{text}"]
        )
        if not rows:
            return None
        row = rows[0]
        return Candidate(row["ref"], k.INCIDENT, None, row["title"] or row["ref"], 1.0)

    def by_title(self, words: Sequence[str]) -> tuple[tuple[Candidate, ...], int]:
        """Incidents whose whole title the words spell, and how many older ones are left out: one that is open goes first."""
        rows = self._store.fetch(
            "SELECT ref, title, open FROM incidents WHERE title ILIKE ? ORDER BY created_at DESC",
            ["%".join(words)],
        )
        meant = [row for row in rows if row["open"]] or rows
        named = (Candidate(row["ref"], k.INCIDENT, None, row["title"], 1.0) for row in meant)
        return tuple(named), len(rows) - len(meant)

    def _refresh(self) -> None:
        version = self._store.version
        if self._read == version:
            return
        rows = self._store.fetch(
            "SELECT ref, kind, name FROM slos WHERE name IS NOT NULL "
            "UNION ALL SELECT ref, kind, name FROM alerts WHERE name IS NOT NULL"
        )
        found: dict[str, list[Candidate]] = defaultdict(list)
        self.candidates = {}
        for row in rows:
            named = Candidate(row["ref"], row["kind"], None, row["name"], 1.0)
            self.candidates[named.ref] = named
            found["".join(words_of(row["name"]))].append(named)
        self._by_name, self._read = dict(found), version


def record_mentions(read: Sequence[Word], lexicon: Lexicon) -> Iterator[Mention]:
    """Spans that are the whole name or the id of a record."""
    records = lexicon.records
    for i in range(len(read)):
        for j in range(i + 1, min(len(read), i + LONGEST) + 1):
            texts = [w.token.text for w in read[i:j]]
            found = records.named(texts)
            if found:
                joined = all(w.token.joined for w in read[i + 1 : j])
                quality = 1.0 if joined else SPACED
                names = tuple(replace(c, quality=quality) for c in found)
                whole = WHOLE / (j - i) if joined and j - i > 1 else 0.0
                item = item_of(SetOf(names=names), i, j, quality + whole)
                yield mention_of(i, j, [item], read)
        text = read[i].token.text
        if like_an_id(text) and not lexicon.knows(text):
            one = records.by_id(text)
            if one is not None:
                yield mention_of(i, i + 1, [item_of(SetOf(names=(one,)), i, i + 1, 1.2)], read)
        elif text in _CALLED:
            yield from _numbered(read, i, records)


_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]|(?<!\w)['‘]([^'‘’]+)['’](?!\w)")
""" "Checkout is slow", between any sort of quotation marks."""

LEAST_TITLE = 2
"""Words of the shortest title that is looked for."""


def title_mentions(text: str, read: Sequence[Word], lexicon: Lexicon) -> Iterator[Mention]:
    """Incidents given by their whole title between quotation marks."""
    for match in _QUOTED.finditer(text):
        inside = [
            i
            for i, w in enumerate(read)
            if match.start() < w.token.start and w.token.end < match.end()
        ]
        if len(inside) < LEAST_TITLE:
            continue
        start, end = inside[0], inside[-1] + 1
        titled, older = lexicon.records.by_title([w.token.text for w in read[start:end]])
        notes = (
            (f"of {older + len(titled)} incidents of that title, the open one",) if older else ()
        )
        if titled:
            item = item_of(SetOf(names=titled), start, end, 1.0, notes)
            yield mention_of(start, end, [item], read)


_CALLED = frozenset(("inc", "incident", "outage", "page"))
_NUMBER = frozenset(("number", "no", "nr", "id"))
"""What may stand between "incident" and its number."""


def _numbered(read: Sequence[Word], i: int, records: RecordNames) -> Iterator[Mention]:
    """INC-42, incident 4711, incident number 4711; not "an incident 3 days ago", nor "one"."""
    at = i + 2 if i + 1 < len(read) and read[i + 1].text in _NUMBER else i + 1
    if at >= len(read) or not read[at].token.text.isdigit():
        return
    if at + 1 < len(read) and read[at + 1].text in UNITS:
        return
    number = read[at].token.text
    one = records.by_id(f"{read[i].token.text}-{number}")
    found = SetOf(names=(one,)) if one is not None else numbered(int(number))
    yield mention_of(i, at + 1, [item_of(found, i, at + 1, 1.1)], read)


def numbered(number: int) -> SetOf:
    """The incident people call by a number."""
    where = Compare(field="number", op=Op.EQ, value=number)
    return SetOf(kinds=(k.INCIDENT,), where=where)


def like_an_id(text: str) -> bool:
    """Letters and digits in one word, long enough to be nobody's version.

    >>> like_an_id("q9hkrq0m1oml2c"), like_an_id("python3"), like_an_id("4001")
    (True, False, False)
    """
    return (
        len(text) > 7
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
        and text.isalnum()
    )
