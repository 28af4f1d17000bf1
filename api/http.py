"""The HTTP API: each route is a few lines over what `app.serving` answers.

Routes are plain functions, which FastAPI runs in its thread pool, so a slow answer never stops the event loop. Bodies are
serialised once by pydantic and not checked again on the way out.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from api.error_shape import FieldProblem, ProblemDetails, problem, problem_of
from api.events import event_routes
from api.guard import RequestGuard
from api.quality import install_quality
from api.schemas import (
    AskRequest,
    Feedback,
    Health,
    Readiness,
    SearchParameters,
    Suggestions,
    Taken,
)
from app.observe import Measures, log
from app.serving import Serving
from app.settings import MAX_QUESTION
from app.wiring import Wiring
from assistant.answer import Answer
from assistant.entity_page import DocumentPage, EntityPage
from assistant.search_box import SearchPage
from catalog_store.errors import BadRequest, CatalogError
from catalog_store.model.entity import EntityRef

WEB = Path(__file__).with_name("web")

FEEDBACK_FILE = "feedback.ndjson"
"""In the store, beside the snapshots: one JSON object a line, only ever appended to."""

MAX_FEEDBACK_BYTES = 64 * 1024 * 1024
"""The feedback log takes no more beyond this; someone has to read it first."""

_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemDetails, "description": "The request is malformed; says where."},
    500: {"model": ProblemDetails, "description": "Our fault; quote the request id."},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ProblemDetails, "description": "No such entity."}
}


def create_app(wiring: Wiring) -> FastAPI:
    """The API and the web page over one live store.

    Args:
        wiring: settings and the live assistant; the caller closes it after the server has stopped.
    """
    measures = Measures()
    settings, live = wiring.settings, wiring.live
    feedback_lock = threading.Lock()

    def swapped(snapshot: str, error: Exception | None) -> None:
        measures.swaps.labels("failed" if error else "served").inc()
        level = logging.ERROR if error else logging.INFO
        log(level, "snapshot swap", snapshot=snapshot, **({"error": str(error)} if error else {}))

    live.on_swap = swapped

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with live.serving() as serving:
            log(logging.INFO, "serving", snapshot=serving.id, trust_caller=settings.trust_caller)
        yield
        log(logging.INFO, "stopped")

    app = FastAPI(
        title="Callboard",
        version=version("callboard"),
        summary="Ask your software catalog in plain words.",
        description="Every answer shows how the question was read, and where each fact was written.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.measures = measures
    app.add_middleware(RequestGuard, measures=measures)
    _install_errors(app)

    @contextmanager
    def newest() -> Iterator[Serving]:
        with live.serving() as serving:
            yield serving

    @app.post(
        "/v1/ask",
        tags=["ask"],
        summary="Ask a question",
        responses=_answers(Answer, _ANSWER_EXAMPLE),
    )
    def ask(request: AskRequest) -> Response:
        """Answer in plain words, with the reading, the rows and the sources.

        Every question that is understood or not understood answers 200; `status` tells which. Send a chip's `remove`, or an
        edited `interpretation.plan`, as `plan` to run another reading.
        """
        believed = settings.trust_caller
        begun = time.perf_counter()
        with newest() as serving:
            answer = serving.ask(
                request.question,
                now=(request.now if believed else None) or datetime.now(UTC),
                asker=request.asker if believed else None,
                conversation=request.conversation,
                limit=request.limit or settings.limit,
                plan=request.plan,
            )
            snapshot = serving.id
        seconds = time.perf_counter() - begun
        measures.question(
            "http", answer, seconds=seconds, snapshot=snapshot, length=len(request.question or "")
        )
        return _json(answer)

    @app.get(
        "/v1/search",
        tags=["search"],
        summary="Search entities and pages",
        responses=_answers(SearchPage),
    )
    def search(given: Annotated[SearchParameters, Query()]) -> Response:
        """Hits best first, at most one passage of a page unless `per_page` says more."""
        with newest() as serving:
            return _json(serving.search(given.query()))

    @app.get(
        "/v1/suggest",
        tags=["search"],
        summary="Complete what is typed",
        responses=_answers(Suggestions),
    )
    def suggest(
        q: Annotated[str, Query(max_length=MAX_QUESTION, examples=["who owns pay"])] = "",
        limit: Annotated[int, Query(ge=1, le=50)] = 8,
    ) -> Response:
        """Names, values, fields and questions that fit; example questions when nothing is typed."""
        with newest() as serving:
            return _json(Suggestions(suggestions=serving.suggest(q, limit=limit)))

    @app.get(
        "/v1/entities/{kind}/{namespace}/{name}",
        tags=["entities"],
        summary="Everything about one entity",
        responses=_answers(EntityPage) | _NOT_FOUND,
    )
    def entity(kind: str, namespace: str, name: str) -> Response:
        """Facts, relations, pages and latest deployments, each with the file and lines it was read from."""
        ref = EntityRef.parse(f"{kind}:{namespace}/{name}")
        with newest() as serving:
            return _json(serving.entity(str(ref)))

    @app.get(
        "/v1/pages",
        tags=["entities"],
        summary="One page of documentation",
        responses=_answers(DocumentPage) | _NOT_FOUND,
    )
    def page(
        ref: Annotated[str, Query(max_length=1000, examples=["runbook:runbooks/ledger-lag.md"])],
    ) -> Response:
        """The whole page, in the pieces it is searched by, and the entities it is about."""
        with newest() as serving:
            return _json(serving.document(ref))

    install_quality(app, newest, trust_caller=settings.trust_caller, responses=_ERRORS | _NOT_FOUND)

    @app.post(
        "/v1/feedback",
        tags=["feedback"],
        summary="Say whether an answer was right",
        status_code=201,
        responses={201: {"model": Taken}, **_ERRORS},
    )
    def feedback(given: Feedback) -> Response:
        """Append to the store's feedback log."""
        with newest() as serving:
            snapshot = serving.id
        entry = {
            "id": uuid.uuid4().hex,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "snapshot": snapshot,
        }
        with feedback_lock:
            _append(live.store / FEEDBACK_FILE, entry | given.model_dump(exclude_none=True))
        measures.feedback.labels(given.verdict).inc()
        return _json(Taken(id=entry["id"]), status=201)

    @app.get(
        "/healthz", tags=["operations"], summary="Is the process up?", responses=_answers(Health)
    )
    def healthz() -> Response:
        """Answers as long as the process can answer at all."""
        return _json(Health(version=app.version))

    @app.get(
        "/readyz",
        tags=["operations"],
        summary="Can questions be answered?",
        responses=_answers(Readiness),
    )
    def readyz() -> Response:
        """Names the snapshot that answers now."""
        with newest() as serving:
            return _json(Readiness(snapshot=serving.id, built_at=serving.built_at))

    @app.get(
        "/metrics", tags=["operations"], summary="Prometheus measures", response_class=Response
    )
    def metrics() -> Response:
        """In the Prometheus text format."""
        with newest() as serving:
            measures.note_snapshot(serving.built_at, serving.feeds(now=datetime.now(UTC)))
        return Response(measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    app.include_router(event_routes(wiring, measures))
    _install_pages(app)
    return app


def _install_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return FileResponse(WEB / "index.html")

    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return FileResponse(WEB / "docs.html")

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        return FileResponse(WEB / "mark.svg", media_type="image/svg+xml")

    app.mount("/web", StaticFiles(directory=WEB), name="web")


def _install_errors(app: FastAPI) -> None:
    @app.exception_handler(CatalogError)
    def deliberate(_: Request, error: CatalogError) -> Response:
        answer = problem_of(error)
        if answer.status_code >= 500:
            log(logging.ERROR, "failed", error=type(error).__name__, message=str(error))
        return answer

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> Response:
        parts = [FieldProblem(where=_where(e["loc"]), message=_reason(e)) for e in error.errors()]
        detail = "; ".join(f"{p.where}: {p.message}" for p in parts)
        return problem(
            400, f"The request cannot be read. {detail}.", type_="bad-request", errors=parts
        )

    @app.exception_handler(HTTPException)
    def routing(_: Request, error: HTTPException) -> Response:
        detail = {
            404: "There is nothing at this address; /docs lists what there is.",
            405: "This address does not take this method; /docs lists what it takes.",
        }.get(error.status_code, str(error.detail))
        response = problem(error.status_code, detail)
        response.headers.update(error.headers or {})
        return response


def _where(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path")]
    return ".".join(parts) or str(next(iter(location), "body"))


def _reason(error: dict[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"not valid JSON ({error.get('ctx', {}).get('error', 'unreadable')})"
    return str(error["msg"]).removeprefix("Value error, ")


def _json(body: BaseModel, *, status: int = 200) -> Response:
    return Response(body.model_dump_json(), status_code=status, media_type="application/json")


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


def _answers(
    model: type[BaseModel], example: dict[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"example": example}} if example else {}
    return {200: {"model": model, "content": content}} | _ERRORS


_ANSWER_EXAMPLE: dict[str, Any] = {
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
