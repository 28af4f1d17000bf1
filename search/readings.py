"""What can be told from a reading before it is run: what it asks for, and whether it is as good as another."""

from __future__ import annotations

from search.plan import Aggregate, Select
from search.plan_parts import is_list
from search.result import SearchResult
from search.understand.reader import Understanding
from search.understand.reading import Reading

SAME_SCORE = 0.12
"""Readings this close are told apart only by which of them returns rows."""

HELD_MARGIN = 0.9
"""How far a reading of the same words may lie behind the best, and answer for it when only its facts are held."""

UNASKED_RELEVANCE = 0.6
"""Relevance from which a page answers a question that asks neither how nor why."""


def measures(reading: Reading) -> bool:
    """Whether a reading asks for a delivery measure."""
    return isinstance(reading.plan, Aggregate) and reading.plan.metric is not None


def only_names(reading: Reading) -> bool:
    """Whether a reading only names things: no field, relation or record of them is asked for."""
    plan = reading.plan
    return bool(reading.names) and isinstance(plan, Select) and not (plan.kinds or plan.fields)


def asks_fact(u: Understanding, reading: Reading) -> bool:
    """Whether a person or a moment is asked for, about a thing by its name: near misses of pages are no answer to that."""
    return u.frame.wh in ("who", "when") and bool(reading.names or reading.subject)


_NOW = frozenset("atm currently now rn moment presently".split())


def asks_now(u: Understanding) -> bool:
    """Whether a value is wanted as it is this moment: no page was written just now."""
    asked = u.frame.wh in (None, "what") and not u.frame.how_to
    return asked and not _NOW.isdisjoint(t.text for t in u.tokens)


def asks_held(reading: Reading) -> bool:
    """Whether a reading asks for a field, a relation or a record of a named thing: what we hold of those, no page says."""
    plan = reading.plan
    if plan is None or not reading.names:
        return False
    return not isinstance(plan, Select) or bool(plan.fields) or is_list(plan)


def as_good(u: Understanding, reading: Reading, best: Reading) -> bool:
    """Whether a reading may stand in for the best one, whose facts are not held: it uses the same words nearly as well."""
    behind = best.score - reading.score
    same_words = best.mask & reading.mask == best.mask and not u.left_over(reading.mask)
    return behind < SAME_SCORE or (same_words and behind < HELD_MARGIN)


def sure(pages: SearchResult) -> bool:
    """Whether a page answers a question that did not ask for one."""
    return (pages.passages[0].hit.relevance or 0.0) >= UNASKED_RELEVANCE
