"""Opsgenie's annotations on entities: whose on-call rota it is, and which alerts are its own.

`opsgenie.com/component-selector` is a search query over alerts. Only what surely can be judged is: tags,
details, teams and their combinations by OR and AND; a query with anything else selects nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from indexer.catalog import Catalog

TOOL = "opsgenie"
TEAM = "opsgenie.com/team"
"""The annotation that names the Opsgenie team of a group or a component."""
SELECTOR = "opsgenie.com/component-selector"

_TERM = re.compile(
    r"(?P<field>tags?|teams?|responders|details?pair|details?\.(?P<key>[\w.-]+))\s*[:=(]\s*"
    r"\"?(?P<value>[^\"()]+?)\"?\s*\)?",
    re.IGNORECASE,
)
_PAIR = re.compile(r"details?pair\s*\([^()]*\)", re.IGNORECASE)
_MOST_CHARACTERS = 1000


def selects(query: str, marks: Collection[str]) -> bool:
    """Whether an alert with these marks answers a query.

    >>> selects('tag:"service:cart" OR detailsPair(app:cart)', {"tag:service:cart"})
    True
    >>> selects('tag: a AND tag: b', {"tag:a"}), selects('message: down', {"tag:down"})
    (False, False)
    """
    query = query.strip()
    if query.startswith("(") and query.endswith(")") and query.count("(") == 1:
        query = query[1:-1]
    if len(query) > _MOST_CHARACTERS or "(" in _PAIR.sub("", query):
        return False  # brackets around alternatives would need a parser of the whole language
    known = {mark.lower() for mark in marks}
    return any(
        all(_mark(term) in known for term in re.split(r"\s+AND\s+", alternative))
        for alternative in re.split(r"\s+OR\s+", query)
    )


class Selectors:
    """The selectors of a catalog's entities."""

    def __init__(self, catalog: Catalog) -> None:
        self._queries: dict[str, str] = {}
        for entity, held in catalog.annotations():
            query, ref = held.get(SELECTOR), str(entity)
            if isinstance(query, str) and ref in catalog.entities:
                self._queries.setdefault(ref, query)

    def asking(self, marks: Collection[str]) -> Sequence[str]:
        """References of the entities whose selector asks for alerts with these marks."""
        return [ref for ref, query in self._queries.items() if marks and selects(query, marks)]


def _mark(term: str) -> str | None:
    """A term of a query in the shape of a mark; None when it asks for something else."""
    match = _TERM.fullmatch(term.strip())
    if match is None:
        return None
    value = match["value"].strip().lower()
    if match["key"]:
        return f"details:{match['key'].lower()}:{value}"
    if match["field"].lower().startswith("detail"):
        return f"details:{value}"
    return f"{'tag' if match['field'].lower().startswith('tag') else 'team'}:{value}"
