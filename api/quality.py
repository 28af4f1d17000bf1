"""`GET /v1/quality`: how well the catalog is kept, check by check."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from api.context import Context
from api.examples import QUALITY_EXAMPLE
from api.responses import NOT_FOUND, fresh, fresh_answers
from api.schemas import Moment
from assistant.quality import QualityPage
from catalog_store.model.entity import EntityRef

_SCOPES = {"owner": "group", "domain": "domain", "system": "system"}
"""Filter → the kind a bare name means."""


class QualityParameters(BaseModel):
    """What is looked at: everything, or what belongs to one team, domain or system."""

    model_config = ConfigDict(extra="forbid")

    owner: str | None = Field(
        default=None,
        max_length=300,
        description="A team or person, by name or reference; a department includes the teams below it.",
        examples=["payments", "user:default/jane"],
    )
    domain: str | None = Field(default=None, max_length=300, examples=["commerce"])
    system: str | None = Field(default=None, max_length=300, examples=["checkout"])
    now: Moment | None = Field(
        default=None, description="The moment to answer for; needs `--trust-caller`."
    )

    @model_validator(mode="after")
    def _at_most_one(self) -> QualityParameters:
        given = [name for name in _SCOPES if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"send one of {', '.join(_SCOPES)}, not {' and '.join(given)}")
        return self

    def refs(self) -> tuple[str, ...]:
        """The scope by reference; empty for the whole catalog.

        Raises:
            InvalidRef: what was sent is no reference.
        """
        return tuple(
            str(EntityRef.parse(value, default_kind=kind))
            for name, kind in _SCOPES.items()
            if (value := getattr(self, name))
        )


def quality_routes(context: Context) -> APIRouter:
    """The route of catalog health."""
    router = APIRouter()

    @router.get(
        "/v1/quality",
        tags=["quality"],
        summary="How well is the catalog kept?",
        responses=fresh_answers(QualityPage, QUALITY_EXAMPLE) | NOT_FOUND,
    )
    def quality(request: Request, given: Annotated[QualityParameters, Query()]) -> Response:
        """Every check that can be made, those with gaps first and the worst of them first.

        Each carries the plan that lists its things: send it to `POST /v1/ask`. `not_checked` names the checks whose facts no
        source provides.
        """
        with context.serving() as serving:
            return fresh(request, serving.quality(given.refs(), now=_moment(context, given)))

    return router


def _moment(context: Context, given: QualityParameters) -> datetime:
    """The clock by the minute, so that everyone who looks within one is shown the same page."""
    if given.now is not None and context.settings.trust_caller:
        return given.now
    return context.now(None).replace(second=0, microsecond=0)
