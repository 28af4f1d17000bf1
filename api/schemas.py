"""Bodies of requests, and the small responses that no layer below has a type for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.settings import MAX_LIMIT, MAX_QUESTION
from assistant.editing import Edit
from assistant.search_box import SearchQuery
from assistant.suggest import Suggestion


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]
"""A moment in UTC; one without an offset counts as UTC."""


class AskRequest(BaseModel):
    """A question, or an edited reading of one."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {"question": "who owns checkout?"},
                {"question": "only tier 1", "conversation": "c-4f1d", "limit": 10},
                {"plan": {"node": "select", "kinds": ["Component"]}},
                {
                    "plan": {
                        "node": "select",
                        "kinds": ["Component"],
                        "where": {"node": "compare", "field": "tier", "op": "eq", "value": 1},
                    },
                    "edit": {"at": "/where", "op": "le", "value": 2},
                },
            ]
        },
    )

    question: str | None = Field(
        default=None,
        max_length=MAX_QUESTION,
        description="In plain words; may be left out when there is a plan.",
    )
    asker: str | None = Field(
        default=None,
        alias="as",
        max_length=300,
        description="Who asks, as a reference; needs `--trust-caller`.",
    )
    now: Moment | None = Field(
        default=None, description="The moment to answer for; needs `--trust-caller`."
    )
    conversation: str | None = Field(
        default=None, max_length=200, description="From an earlier answer, to follow up on it."
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        le=MAX_LIMIT,
        description="Most results listed; `total` counts them all.",
    )
    plan: dict[str, Any] | None = Field(
        default=None,
        description="A reading to run instead of the question: `interpretation.plan`, or a chip's `remove`.",
    )
    edit: Edit | None = Field(
        default=None, description="One condition of the plan to change before it is run."
    )
    cursor: str | None = Field(
        default=None,
        max_length=100,
        description="`next_cursor` of the page before, with the same question or plan.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> AskRequest:
        if self.plan is None and not (self.question or "").strip():
            raise ValueError("either a question or a plan is needed")
        if self.edit is not None and self.plan is None:
            raise ValueError("an edit needs the plan that it changes")
        return self


class ChoicesRequest(BaseModel):
    """Which condition of which reading may be changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": {
                        "node": "select",
                        "kinds": ["Component"],
                        "where": {"node": "compare", "field": "tier", "op": "eq", "value": 1},
                    },
                    "at": "/where",
                }
            ]
        }
    )

    plan: dict[str, Any] = Field(description="A reading: an answer's `interpretation.plan`.")
    at: str = Field(max_length=300, description="The condition's place: a chip's `at`.")
    q: str = Field(default="", max_length=200, description="Typed to narrow the values down.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=100)
    now: Moment | None = Field(
        default=None, description="The moment to count for; needs `--trust-caller`."
    )


class SearchParameters(BaseModel):
    """What `GET /v1/search` takes; see `assistant.search_box.SearchQuery`."""

    q: str = Field(
        default="", max_length=MAX_QUESTION, description="The words.", examples=["refund"]
    )
    only: Literal["entities", "passages"] | None = None
    kind: str | None = Field(
        default=None,
        max_length=100,
        description="Entity kind, Doc or Runbook.",
        examples=["Component"],
    )
    type: str | None = Field(default=None, max_length=100, description="`spec.type` of entities.")
    owner: str | None = Field(
        default=None, max_length=300, description="Reference of the owning group or user."
    )
    limit: int = Field(default=10, ge=1, le=100)
    cursor: str | None = Field(
        default=None, max_length=500, description="`next_cursor` of the page before."
    )
    per_page: int = Field(
        default=1, ge=1, le=20, description="Most passages of one page of documentation."
    )

    def query(self) -> SearchQuery:
        """The search it asks for."""
        return SearchQuery(text=self.q, **self.model_dump(exclude={"q"}))


class Suggestions(BaseModel):
    """What may follow what is typed, best first."""

    suggestions: list[Suggestion]


class Feedback(BaseModel):
    """What someone thought of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "verdict": "wrong",
                    "question": "who owns checkout?",
                    "comment": "Payments took it over.",
                }
            ]
        }
    )

    verdict: Literal["right", "wrong"]
    question: str | None = Field(default=None, max_length=MAX_QUESTION)
    edited: bool | None = Field(
        default=None, description="The reading of the question was changed by hand into `plan`."
    )
    conversation: str | None = Field(default=None, max_length=200)
    status: str | None = Field(default=None, max_length=40)
    plan: dict[str, Any] | None = None
    comment: str | None = Field(default=None, max_length=4000)


class Taken(BaseModel):
    """The feedback is on disk."""

    id: str


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    """Questions can be answered."""

    status: Literal["ready"] = "ready"
    snapshot: str
    built_at: datetime
