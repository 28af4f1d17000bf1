"""The optional proposer: a language model may propose a plan for a question that the grammar cannot read.

It is asked only where the answer would be a refusal, and nothing it says is believed: the plan must be one, must run, must name no
thing that the question does not name, and is shown as any other reading is, with a warning beside it. A model that is down, slow or
lying changes nothing: the refusal stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog_store.errors import UserError
from catalog_store.model.kinds import KINDS
from catalog_store.model.relations import RELATIONS
from search.engine import SearchEngine
from search.language_model import LanguageModel
from search.plan import Aggregate, Check, Path, Plan, Select, Traverse, plan_schema, read_plan
from search.result import Outcome, SearchResult

PROPOSED = "a language model proposed this reading, since the grammar could not read the question: check it"
"""Said among the assumptions of such an answer."""

MOST_TOKENS = 800
"""Of a proposed plan; the longest of the suites takes about half."""

_READABLE = (Outcome.NO_SUCH_FACT, Outcome.OUT_OF_SCOPE)
"""Refusals that may be the grammar's fault. An unknown name is never the model's to guess."""

_INSTRUCTIONS = """\
You translate a question about a software catalog into one query plan. Reply with one JSON object that is valid under the schema, and
with nothing else; reply {{}} when no plan asks exactly what the question asks. Never leave a condition of the question out, never add
one, and use no reference besides those listed.

Schema: {schema}
Kinds: {kinds}
Fields of entities: {fields}
Relations: {relations}
"""


class Proposer:
    """Asks one model for plans over one snapshot."""

    def __init__(self, model: LanguageModel, engine: SearchEngine) -> None:
        """The instructions are the same for every question, so that an endpoint can keep them warm."""
        self._model, self._engine = model, engine
        self._instructions = _INSTRUCTIONS.format(
            schema=json.dumps(plan_schema(), separators=(",", ":")),
            kinds=", ".join(kind.name for kind in KINDS),
            fields=", ".join(
                f"{row.name} ({row.type.value})"
                for row in engine.snapshot.fields
                if not row.relation
            ),
            relations=", ".join(
                side for row in RELATIONS for side in (row.forward.name, row.inverse.name)
            ),
        )

    def read(self, text: str, refused: SearchResult, *, now: datetime, limit: int) -> SearchResult:
        """The rows of a proposed plan that stands every test; else the refusal as it came.

        Args:
            text: the question as typed.
            refused: what the grammar made of it.
            now: what "today" is.
            limit: rows returned at most.
        """
        understanding = refused.understanding
        if refused.outcome not in _READABLE or understanding is None or understanding.frame.outside:
            return refused
        if not understanding.left_over(refused.reading.mask if refused.reading else 0):
            return refused  # every word was read: what is missing is the fact
        named = understanding.about
        request = f"Now: {now:%Y-%m-%dT%H:%M:%SZ}\nReferences: {', '.join(named) or 'none'}\nQuestion: {text}"
        said = self._model.reply(self._instructions, request, most_tokens=MOST_TOKENS)
        plan = _plan_in(said or "")
        if plan is None or not set(_references(plan.model_dump(mode="json"))) <= set(named):
            return refused
        try:
            result = self._engine.run(plan, now=now, limit=limit)
        except UserError:
            return refused
        if result.outcome is not Outcome.ROWS or not result.rows:
            return refused
        return replace(result, notes=(PROPOSED,))


def _plan_in(said: str) -> Plan | None:
    """The plan in a reply, fences and chatter around it aside; None when there is none that asks the catalog."""
    start, end = said.find("{"), said.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        plan = read_plan(json.loads(said[start : end + 1]))
    except (ValueError, RecursionError, UserError):
        return None
    return plan if isinstance(plan, Select | Traverse | Aggregate | Check | Path) else None


def _references(node: Any) -> Iterator[str]:
    """Every text in a plan that is written like a reference."""
    if isinstance(node, dict):
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
    elif isinstance(node, str) and ":" in node and "/" in node:
        yield node
