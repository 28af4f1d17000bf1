"""`ask`: a question in plain words."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mcp_server.arguments import Arguments, count
from mcp_server.bounds import MAX_RESULT_CHARS
from mcp_server.call import Call
from mcp_server.cursor import MAX_CURSOR_CHARS, read_cursor
from mcp_server.tools.answers import AnswerResult, answered
from mcp_server.tools.base import ToolRow

MAX_QUESTION = 2_000


class AskArguments(Arguments):
    """A question, or where an earlier answer goes on."""

    question: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_QUESTION,
        description="In plain words, as a person would ask it.",
        examples=["tier 1 services owned by payments that were not deployed in 60 days"],
    )
    conversation: str | None = Field(
        default=None, max_length=64, description="Of the answer this follows up on: 'and booking?'"
    )
    limit: count(1, 50, 10, "Results listed") = 10  # type: ignore[valid-type]
    cursor: str | None = Field(
        default=None,
        max_length=MAX_CURSOR_CHARS,
        description="`next_cursor`, or an option's `cursor`, of an earlier answer; without a question.",
    )
    plan: bool = Field(
        default=False, description="Also give the reading as data, to edit and pass to `query`."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.question is None) == (self.cursor is None):
            raise ValueError(
                "question: expected a question in plain words, or `cursor` of an earlier answer, and not both"
            )
        return self


def _ask(call: Call, given: AskArguments) -> AnswerResult:
    return answered(
        call,
        given.question,
        cursor=read_cursor(given.cursor) if given.cursor else None,
        conversation=given.conversation,
        limit=given.limit,
        with_plan=given.plan,
    )


ASK = ToolRow(
    name="ask",
    title="Ask the software catalog",
    description=(
        "Answers a question about the organisation's software: who owns what, who is on call, what depends on what, what was "
        "deployed, open incidents, firing alerts, SLOs, findings, counts and delivery measures, docs and runbooks. No language "
        "model reads it, so the same question gives the same answer, with the source of each fact. It never guesses: `status` "
        "says whether it is an answer, and `read_as` how it was read. For a count ask 'how many …', never count a list. "
        f"At most {MAX_RESULT_CHARS:,} characters; the rest by `next_cursor`."
    ),
    arguments=AskArguments,
    result=AnswerResult,
    run=_ask,
)
