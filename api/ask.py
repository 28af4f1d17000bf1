"""`POST /v1/ask`: a question, or an edited reading of one, to an answer."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from api.context import Context
from api.examples import ANSWER_EXAMPLE, CHOICES_EXAMPLE, STREAM_EXAMPLE
from api.paging import cursor_at, offset_of
from api.responses import Responses, answers, json_response
from api.schemas import AskRequest, ChoicesRequest
from api.streaming import MEDIA_TYPE, streamed, wants_stream
from app.callers import CALLER
from app.settings import MAX_LIMIT
from assistant.answer import Answer
from assistant.choices import Choices


def ask_routes(context: Context) -> APIRouter:
    """The routes that answer questions, and say what could stand in a condition's place."""
    router = APIRouter()

    @router.post(
        "/v1/ask",
        tags=["ask"],
        summary="Ask a question",
        responses=_described(answers(Answer, ANSWER_EXAMPLE)),
    )
    def ask(given: AskRequest, accept: Annotated[str, Header()] = "*/*") -> Response:
        """Answer in plain words, with the reading, the rows and the sources.

        Every question that is understood or not understood answers 200; `status` tells which. Send a chip's `remove`, or an
        edited `interpretation.plan`, as `plan` to run another reading; with `edit`, one condition of it is changed first. With
        `Accept: text/event-stream` the stages come as events as they are reached, then the answer.
        """
        if wants_stream(accept):
            return streamed(lambda: _answered(context, given))
        return json_response(_answered(context, given))

    @router.post(
        "/v1/choices",
        tags=["ask"],
        summary="What could a condition say instead?",
        responses=answers(Choices, CHOICES_EXAMPLE),
    )
    def choose(given: ChoicesRequest) -> Response:
        """Operators and values for one condition of a reading, with how many things each value would leave.

        Send the one that is wanted to `POST /v1/ask` as `edit`, with the same plan.
        """
        offset = offset_of(given.cursor)
        with context.serving() as serving:
            found = serving.choices(given.plan, given.at, text=given.q, now=context.now(given.now))
        end = offset + given.limit
        page = {
            "values": found.values[offset:end],
            "next_cursor": cursor_at(end) if end < found.total else None,
        }
        return json_response(found.model_copy(update=page))

    return router


def _answered(context: Context, given: AskRequest) -> Answer:
    """The answer, or the page of it that a cursor names."""
    settings = context.settings
    offset, limit = offset_of(given.cursor), given.limit or settings.limit
    begun = time.perf_counter()
    with context.measures.answering("http"), context.serving(given.asker) as serving:
        plan = given.plan
        if plan is not None and given.edit is not None:
            plan = serving.edited(plan, given.edit)
        answer = serving.ask(
            given.question,
            now=context.now(given.now),
            conversation=given.conversation,
            limit=min(offset + limit, MAX_LIMIT),
            plan=plan,
        )
        context.measures.question(
            "http",
            answer,
            seconds=time.perf_counter() - begun,
            snapshot=serving.id,
            question=given.question,
            asker=given.asker if settings.trust_caller else CALLER.get().user,
            edited=given.plan is not None,
        )
    end = offset + limit
    more = len(answer.results) == end and end < min(answer.total, MAX_LIMIT)
    return answer.model_copy(
        update={"results": answer.results[offset:], "next_cursor": cursor_at(end) if more else None}
    )


def _described(responses: Responses) -> Responses:
    """With the stream beside the JSON."""
    content = responses[200]["content"] | {
        MEDIA_TYPE: {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}
    }
    return responses | {200: responses[200] | {"content": content}}
