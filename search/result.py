"""What a search ends in: rows, pages, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from catalog_store.model.document import Passage
from catalog_store.reader import Row
from search.plan import Check, Plan, Select
from search.sql import Compiled
from search.understand.reading import Reading
from search.understand.semantics import Candidate
from search.understand.understanding import Understanding

if TYPE_CHECKING:
    from search.golden_paths import GoldenPath
    from search.retrieve.base import Hit


class Outcome(StrEnum):
    """How the search ended; the assistant's statuses follow from it."""

    ROWS = "rows"
    PAGES = "pages"
    UNKNOWN_NAME = "unknown_name"
    AMBIGUOUS = "ambiguous"
    NO_SUCH_FACT = "no_such_fact"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found, with its page's title and kind."""

    passage: Passage
    hit: Hit
    title: str
    kind: str
    entity_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading that would answer differently."""

    label: str
    plan: Plan
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a question meant and what was found.

    Attributes:
        outcome: how it ended.
        plan: the reading taken; None when there is none.
        compiled, rows, total: the statement and its rows, cut to the limit; `total` counts all.
        passages: for pages, best first.
        reading: evidence for the chips.
        understanding: the words; None when a plan was re-run.
        unknown: words that name nothing; `near` holds what looks like them.
        missing: the fact that is not held, in words.
        alternatives: other readings, best first.
        notes: choices that were made.
        now: the moment the rows are true at.
        golden: what makes the thing that is wanted, when the rows are its templates.
    """

    outcome: Outcome
    plan: Plan | None = None
    compiled: Compiled | None = None
    rows: tuple[Row, ...] = ()
    total: int = 0
    passages: tuple[FoundPassage, ...] = ()
    reading: Reading | None = None
    understanding: Understanding | None = None
    unknown: str | None = None
    near: tuple[Candidate, ...] = ()
    missing: str | None = None
    subject: tuple[Candidate, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[str, ...] = ()
    now: datetime | None = None
    golden: GoldenPath | None = None


def answer_of(result: SearchResult) -> object:
    """What two readings must share to be the same answer."""
    if result.outcome is not Outcome.ROWS:
        return (result.outcome, result.missing)
    if isinstance(result.plan, Check):
        return bool(result.rows)
    asked = result.plan.fields if isinstance(result.plan, Select) else ()
    keys = asked or ("ref", "key", "value", "chain")
    return frozenset(tuple(str(row.get(key)) for key in keys) for row in result.rows)
