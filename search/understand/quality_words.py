"""The words of the catalog's gaps and what each means; gaps that need the time are mentions of their own."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_store.model.quality import CHECKS, OWNED, REVIEWS
from search.plan import Not
from search.quality import IN_USE, NOT_OWNED, USABLE, standing_gap
from search.understand import relating_words
from search.understand.semantics import Absent, Condition, Contrast, Meaning, Points, Quality, SetOf


def quality_words() -> Iterator[tuple[str, Meaning]]:
    """(phrase, meaning) pairs; a set stands for a noun, which also has a plural."""
    for phrases, meaning in (
        (relating_words.UNOWNED, Condition(NOT_OWNED, OWNED)),
        (relating_words.ORPHANS, SetOf(kinds=OWNED, where=NOT_OWNED, plural=True, gap=True)),
        (relating_words.ABSENT, Absent()),
        (relating_words.POINTS, Points()),
        (relating_words.CONTRAST, Contrast()),
        (relating_words.IN_USE, Condition(IN_USE, USABLE)),
        (relating_words.UNUSED, Condition(Not(of=IN_USE), USABLE)),
        (REVIEWS, Quality()),
    ):
        for phrase in phrases:
            yield phrase, meaning
    for check in CHECKS:
        where = standing_gap(check.name)
        if where is None:
            continue
        kinds = (*check.kinds, *check.also)
        for phrase in check.adjectives:
            yield phrase, Condition(where, kinds)
        for phrase in check.nouns:
            yield phrase, SetOf(kinds=kinds, where=where, plural=True, gap=True)
