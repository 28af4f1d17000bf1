"""`query`: a typed plan, run as it is. Its schema is the plan's own."""

from __future__ import annotations

import json
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from catalog_store.errors import BadRequest
from catalog_store.model.kinds import KINDS
from mcp_server.arguments import Arguments, count, meant
from mcp_server.bounds import MAX_RESULT_CHARS
from mcp_server.call import Call
from mcp_server.cursor import MAX_CURSOR_CHARS, read_cursor
from mcp_server.tools.answers import AnswerResult, answered
from mcp_server.tools.base import ToolRow
from search.plan import plan_schema, read_plan

_KIND_BY_WORD = {kind.name.lower(): kind.name for kind in KINDS}


def _opened(value: Any) -> Any:
    """Agents send objects as text too."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


_PlanData = Annotated[dict[str, Any], BeforeValidator(_opened), WithJsonSchema({"type": "object"})]

PLAN_HELP = (
    "What is asked, exactly. `ask` with `plan: true` gives one to start from; the resource callboard://vocabulary lists kinds, "
    "fields, relations and measures."
)


class QueryArguments(Arguments):
    """A plan, or where an earlier answer goes on."""

    plan: _PlanData | None = None
    limit: count(1, 50, 20, "Results listed") = 20  # type: ignore[valid-type]
    cursor: str | None = Field(
        default=None,
        max_length=MAX_CURSOR_CHARS,
        description="`next_cursor` of an earlier answer; without a plan.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.plan is None) == (self.cursor is None):
            raise ValueError(
                "plan: expected a plan, or `cursor` of an earlier answer, and not both"
            )
        return self

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the plan's own schema, and its definitions where its references look for them."""
        schema, plan = super().model_json_schema(*args, **kwargs), plan_schema()
        definitions = plan.pop("$defs")
        properties = {**schema["properties"], "plan": {**plan, "description": PLAN_HELP}}
        return {**schema, "properties": properties, "$defs": definitions}


def _query(call: Call, given: QueryArguments) -> AnswerResult:
    if given.cursor:
        return answered(call, None, cursor=read_cursor(given.cursor), limit=given.limit)
    unknown: list[str] = []
    plan = _with_kinds(given.plan, unknown)
    read_plan(plan)
    result = answered(call, None, plan=plan, limit=given.limit)
    if unknown and not result.total:
        name = unknown[0]
        raise BadRequest(
            f"plan.kinds: nothing is of kind {name!r}{meant(name, _KIND_BY_WORD.values())}"
        )
    return result


def _with_kinds(node: Any, unknown: list[str]) -> Any:
    """The plan with its kinds spelt as the catalog spells them; those it does not know are noted and left alone."""
    if isinstance(node, dict):
        return {
            key: _spelt(value, unknown) if key == "kinds" else _with_kinds(value, unknown)
            for key, value in node.items()
        }
    return [_with_kinds(item, unknown) for item in node] if isinstance(node, list) else node


def _spelt(kinds: Any, unknown: list[str]) -> Any:
    if not isinstance(kinds, list):
        return kinds
    unknown += [str(kind) for kind in kinds if str(kind).lower() not in _KIND_BY_WORD]
    return [_KIND_BY_WORD.get(str(kind).lower(), kind) for kind in kinds]


QUERY = ToolRow(
    name="query",
    title="Run a typed plan",
    description=(
        "Runs a plan: things selected by conditions, relations followed over any number of hops, counts, sums and delivery "
        "measures per group, paths between two things, pages. Use it when `ask` read a question otherwise than you meant it, "
        "or to follow exact references. One checked, read-only statement; windows of time are half-open, moments ISO 8601 in UTC. "
        f"At most {MAX_RESULT_CHARS:,} characters; the rest by `next_cursor`."
    ),
    arguments=QueryArguments,
    result=AnswerResult,
    run=_query,
)
