"""`POST /v1/ask`: a question, or an edited reading of one, to an answer."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.context import Context
from api.responses import answers, json_response
from api.schemas import AskRequest
from assistant.answer import Answer

ANSWER_EXAMPLE: dict[str, Any] = {
    "status": "answered",
    "kind": "entities",
    "text": "**Payments** owns checkout. [1]",
    "interpretation": {
        "text": "the owner of component checkout",
        "chips": [
            {
                "field": "name",
                "op": "eq",
                "value": "component:default/checkout",
                "label": "checkout",
                "span": [9, 17],
            }
        ],
        "unused": [],
        "assumptions": [],
        "as_of": "2026-11-20T12:00:00Z",
        "sql": "SELECT …",
        "plan": {"node": "select"},
    },
    "results": [
        {"ref": "group:default/payments", "kind": "Group", "title": "Payments", "fields": {}}
    ],
    "total": 1,
    "citations": [
        {
            "id": 1,
            "path": "catalog/checkout/catalog-info.yaml",
            "lines": [3, 24],
            "ref": "component:default/checkout",
        }
    ],
    "suggestions": ["who is in payments?"],
    "conversation": "c-4f1d",
    "took_ms": 3.1,
}


def ask_routes(context: Context) -> APIRouter:
    """The route that answers questions."""
    router = APIRouter()

    @router.post(
        "/v1/ask",
        tags=["ask"],
        summary="Ask a question",
        responses=answers(Answer, ANSWER_EXAMPLE),
    )
    def ask(request: AskRequest) -> Response:
        """Answer in plain words, with the reading, the rows and the sources.

        Every question that is understood or not understood answers 200; `status` tells which. Send a chip's `remove`, or an
        edited `interpretation.plan`, as `plan` to run another reading.
        """
        settings = context.settings
        begun = time.perf_counter()
        with context.serving() as serving:
            answer = serving.ask(
                request.question,
                now=context.now(request.now),
                asker=request.asker if settings.trust_caller else None,
                conversation=request.conversation,
                limit=request.limit or settings.limit,
                plan=request.plan,
            )
            snapshot = serving.id
        seconds = time.perf_counter() - begun
        context.measures.question(
            "http", answer, seconds=seconds, snapshot=snapshot, length=len(request.question or "")
        )
        return json_response(answer)

    return router
