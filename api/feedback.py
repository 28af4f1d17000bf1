"""`POST /v1/feedback`: whether an answer was right, kept beside the snapshots."""

from __future__ import annotations

import json
import os
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.context import Context
from api.examples import TAKEN_EXAMPLE
from api.responses import ERRORS, json_response
from api.schemas import Feedback, Taken
from catalog_store.errors import BadRequest

FEEDBACK_FILE = "feedback.ndjson"
"""In the store, beside the snapshots: one JSON object a line, only ever appended to."""

MAX_FEEDBACK_BYTES = 64 * 1024 * 1024
"""The feedback log takes no more beyond this; someone has to read it first."""


def feedback_routes(context: Context) -> APIRouter:
    """The route that takes feedback."""
    router = APIRouter()
    lock = threading.Lock()
    path = context.wiring.live.store / FEEDBACK_FILE

    @router.post(
        "/v1/feedback",
        tags=["feedback"],
        summary="Say whether an answer was right",
        status_code=201,
        responses={
            201: {"model": Taken, "content": {"application/json": {"example": TAKEN_EXAMPLE}}},
            **ERRORS,
        },
    )
    def feedback(given: Feedback) -> Response:
        """Append to the store's feedback log."""
        with context.serving() as serving:
            snapshot = serving.id
        entry = {
            "id": uuid.uuid4().hex,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "snapshot": snapshot,
        }
        with lock:
            _append(path, entry | given.model_dump(exclude_none=True))
        context.measures.feedback.labels(given.verdict).inc()
        return json_response(Taken(id=entry["id"]), status=201)

    return router


def _append(path: Path, entry: dict[str, Any]) -> None:
    """One whole line at the end of the log, on disk before the answer.

    Raises:
        BadRequest: the log is full.
    """
    if path.exists() and path.stat().st_size > MAX_FEEDBACK_BYTES:
        raise BadRequest("the feedback log is full; an operator has to move it away first")
    line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)
