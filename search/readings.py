"""What can be told from a reading before it is run: what it asks for, and whether it is as good as another."""

from __future__ import annotations

from itertools import pairwise

from catalog_store.model import kinds as k
from search.plan import Aggregate, Check, Compare, Select, conjuncts
from search.plan_parts import is_list
from search.result import SearchResult
from search.understand import words
from search.understand.reading import Reading
from search.understand.understanding import Understanding, content_at

SAME_SCORE = 0.12
"""Readings this close are told apart only by which of them returns rows."""

HELD_MARGIN = 0.9
"""How far a reading of the same words may lie behind the best, and answer for it when only its facts are held."""

WHOLE = 0.9
"""Quality from which words are a whole name."""

UNASKED_RELEVANCE = 0.6
"""Relevance from which a page answers a question that asks neither how nor why."""


def measures(reading: Reading) -> bool:
    """Whether a reading asks for a delivery measure."""
    return isinstance(reading.plan, Aggregate) and reading.plan.metric is not None


def gives_reasons(reading: Reading) -> bool:
    """Whether the answer says why as well: of what is not healthy it tells what is wrong."""
    plan = reading.plan
    if not reading.names or not isinstance(plan, Check | Select):
        return False
    of = plan.of if isinstance(plan, Check) else plan
    where = conjuncts(of.where) if isinstance(of, Select) else ()
    return isinstance(of, Select) and (
        "healthy" in of.fields
        or any(isinstance(x, Compare) and x.field == "healthy" for x in where)
    )


def only_names(reading: Reading) -> bool:
    """Whether a reading only names things: no field, relation or record of them is asked for."""
    plan = reading.plan
    return bool(reading.names) and isinstance(plan, Select) and not (plan.kinds or plan.fields)


def asks_age(u: Understanding) -> bool:
    """Whether "how old" is asked: of things, not of what happened to them, no source says."""
    return any(a.text == "how" and b.text == "old" for a, b in pairwise(u.tokens))


def asks_fact(u: Understanding, reading: Reading) -> bool:
    """Whether a person or a moment is asked for, about a thing by its name: near misses of pages are no answer to that."""
    return u.frame.wh in ("who", "when") and bool(reading.names or reading.subject or u.about)


_PAGE_NOUNS = frozenset(
    """runbook playbook policy guide guideline guidelines handbook doc documentation page wiki checklist procedure process standard conventions howto
    tutorial instructions faq""".split()
)
_TOPIC_WORDS = 3
"""Words of a page's topic at most, its own noun among them."""


def asks_page(u: Understanding) -> bool:
    """Whether a page is asked for by its topic and nothing else: "the deployment runbook", "where is the on-call policy"."""
    said = [i for i in range(len(u.tokens)) if content_at(u.tokens, i)]
    if u.named or u.frame.count or u.frame.yes_no or u.frame.wh not in (None, "where", "what"):
        return False
    if not 1 <= len(said) <= _TOPIC_WORDS or u.tokens[said[-1]].text not in _PAGE_NOUNS:
        return False
    topic = {u.tokens[i].text for i in said[:-1]}
    named = len(said) > 1 and said[-2] == said[-1] - 1
    joined = u.tokens[said[-1] - 1].joined  # "on-call policy"
    return (named or joined) and topic.isdisjoint((*words.NOT, *words.MINE, *words.WH))


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


def asks_record(u: Understanding, reading: Reading) -> bool:
    """Whether something is asked of an alert rule by its name, which its runbook does not say: its severity, its service."""
    if u.frame.how_to or u.left_over(reading.mask) or not _PAGES.isdisjoint(u.spelled):
        return False
    if not any(c.kind == k.ALERT for c in reading.names):
        return False
    plan = reading.plan
    if isinstance(plan, Check):
        return u.frame.yes_no
    return not isinstance(plan, Select) or bool(plan.fields) or plan.kinds != (k.ALERT,)


_PAGES = frozenset("runbook runbooks playbook playbooks page pages doc docs".split())


FACT_SHARE = 0.35
"""Share of the words of a fact ("cpu usage") that a page about the thing must hold to tell it: "usage" alone says nothing."""


def least_share(reading: Reading) -> float:
    """How much of what is asked of a named thing a page must hold; nothing where no fact is asked."""
    return FACT_SHARE if reading.missing is not None and reading.subject else 0.0


def as_good(u: Understanding, reading: Reading, best: Reading) -> bool:
    """Whether a reading may stand in for the best one, whose facts are not held: it uses the same words nearly as well."""
    behind = best.score - reading.score
    if not best.names and any(c.quality < WHOLE for c in reading.names):
        return (
            False  # "policy violations", where nobody reports any, are none of the Policy Checker's
        )
    same_words = best.mask & reading.mask == best.mask and not u.left_over(reading.mask)
    return behind < SAME_SCORE or (same_words and behind < HELD_MARGIN)


def sure(pages: SearchResult) -> bool:
    """Whether a page answers a question that did not ask for one."""
    return (pages.passages[0].hit.relevance or 0.0) >= UNASKED_RELEVANCE
