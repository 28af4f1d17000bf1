"""What a running server says about itself: JSON lines on stderr, and Prometheus measures.

A log line never holds the text of a question, a header or a credential: questions are counted and timed, not kept.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib.metadata import version
from types import TracebackType

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from app.tracing import annotate, span, stage_span
from app.usage import Usage
from assistant.answer import Answer
from catalog_store.errors import CatalogError, UnsafeSQL
from catalog_store.freshness import Feed
from search.stages import Stage, timing

LOGGER = logging.getLogger("callboard")

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request being answered, on every log line and in every error body."""

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds; dense around the few milliseconds a structured answer takes."""


class JsonLines(logging.Formatter):
    """One JSON object a line: ts, level, event, request_id, then whatever `extra={"data": …}` holds."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        request_id = REQUEST_ID.get()
        if request_id is not None:
            line["request_id"] = request_id
        data = getattr(record, "data", None)
        if isinstance(data, dict):
            line.update(data)
        if record.exc_info and record.exc_info[0] is not None:
            line["traceback"] = _where(record.exc_info[0], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Where an exception was raised, and of what type; not its message, which may quote what was asked."""
    return "".join(traceback.format_list(traceback.extract_tb(trace))) + kind.__qualname__


def set_up_logs(level: str) -> None:
    """Send this process's logs, and those of uvicorn and the MCP SDK, to stderr as JSON lines; replaces an earlier set-up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    sdk = logging.getLogger("mcp")
    sdk.handlers, sdk.propagate = [handler], False
    sdk.setLevel(logging.ERROR)  # below that it quotes what clients send
    for name in ("callboard", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.propagate = name == "uvicorn.error"
        logger.setLevel(level.upper())


def log(level: int, event: str, **data: object) -> None:
    """One structured line.

    Args:
        level: a `logging` level.
        event: what happened, in a few words that do not vary.
        data: the facts that do.
    """
    LOGGER.log(level, event, extra={"data": data})


def reason(error: CatalogError) -> dict[str, str]:
    """What a log may say about an error of ours: its message, unless that quotes a statement and so what was asked."""
    return {} if isinstance(error, UnsafeSQL) else {"message": str(error)}


class Measures:
    """The counters of one server, in a registry of their own so that several can run in one process."""

    def __init__(self, usage: Usage | None = None) -> None:
        """Takes the log of what is asked; without one nothing is kept.

        Args:
            usage: notes every question as far as an organisation agreed to.
        """
        self.usage = usage
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._gauge("build_info", "Always 1; says which version runs.", "version").labels(
            version("callboard")
        ).set(1)
        self._of_answers()
        self._of_requests()
        self._of_the_catalog()

    def _of_answers(self) -> None:
        self.questions = self._counter(
            "questions_total", "Questions by how they ended.", "surface", "status"
        )
        self.answer_seconds = self._histogram("answer_seconds", "Time to an answer.", "surface")
        self.stage_seconds = self._histogram(
            "answer_stage_seconds",
            "Time to each stage of an answer, since the stage before: reading, rows or passages, text.",
            "stage",
        )
        self.tools = self._counter(
            "mcp_tool_calls_total", "Calls of MCP tools, by outcome.", "tool", "outcome"
        )
        self.feedback = self._counter("feedback_total", "Feedback by verdict.", "verdict")

    def _of_requests(self) -> None:
        self.requests = self._counter(
            "http_requests_total", "HTTP requests.", "route", "method", "code"
        )
        self.request_seconds = self._histogram(
            "http_request_seconds", "Time to a response.", "route"
        )
        self.in_flight = self._gauge("http_requests_in_flight", "Requests being answered.")

    def _of_the_catalog(self) -> None:
        self.snapshot_age = self._gauge("snapshot_age_seconds", "Age of the snapshot being served.")
        self.swaps = self._counter(
            "snapshot_swaps_total", "Snapshots taken into service.", "outcome"
        )
        self.feed_silence = self._gauge(
            "feed_silence_seconds", "Time since a feed last brought an event.", "format", "kind"
        )
        self.feed_quiet = self._gauge(
            "feed_quiet",
            "1 when a feed has been silent for longer than it usually is.",
            "format",
            "kind",
        )
        self.events = self._counter(
            "events_total", "Events received, by format and outcome.", "format", "outcome"
        )

    def _counter(self, name: str, doc: str, *labels: str) -> Counter:
        return Counter(f"callboard_{name}", doc, labels, registry=self.registry)

    def _gauge(self, name: str, doc: str, *labels: str) -> Gauge:
        return Gauge(f"callboard_{name}", doc, labels, registry=self.registry)

    def _histogram(self, name: str, doc: str, *labels: str) -> Histogram:
        """In seconds."""
        return Histogram(
            f"callboard_{name}", doc, labels, buckets=LATENCY_BUCKETS_S, registry=self.registry
        )

    @contextmanager
    def answering(self, surface: str) -> Iterator[None]:
        """Time each stage of the answer that is computed within the block, and trace it where traces are on."""
        before = time.perf_counter()

        def reached(stage: Stage) -> None:
            nonlocal before
            now = time.perf_counter()
            self.stage_seconds.labels(stage).observe(now - before)
            stage_span(stage, now - before)
            before = now

        with span("answer", surface=surface), timing(reached):
            yield

    def question(
        self,
        surface: str,
        answer: Answer,
        *,
        seconds: float,
        snapshot: str,
        question: str | None,
        asker: str | None = None,
        edited: bool = False,
    ) -> None:
        """Count one answered question, leave its trace line, and note it in the log of usage.

        Args:
            surface: where it was asked: "http", "cli".
            answer: what was answered; its text is not kept.
            seconds: from the question to the answer.
            snapshot: id of the snapshot that answered.
            question: the words, which go nowhere but into the log of usage; None for a plan without any.
            asker: who asked, where that is known.
            edited: a condition of an earlier reading was changed.
        """
        self.questions.labels(surface, answer.status.value).inc()
        self.answer_seconds.labels(surface).observe(seconds)
        annotate(
            status=answer.status.value,
            kind=answer.kind.value,
            total=answer.total,
            snapshot=snapshot,
        )
        log(
            logging.INFO,
            "question answered",
            surface=surface,
            status=answer.status.value,
            kind=answer.kind.value,
            total=answer.total,
            ms=round(seconds * 1000, 2),
            question_chars=len(question or ""),
            snapshot=snapshot,
        )
        if self.usage is not None:
            self.usage.asked(
                surface,
                answer,
                question=question,
                asker=asker,
                snapshot=snapshot,
                seconds=seconds,
                edited=edited,
            )

    def tool(self, name: str, outcome: str, seconds: float) -> None:
        """Count one call of an MCP tool.

        Args:
            name: the tool's.
            outcome: "done", "refused" (the caller can mend it), "failed" (ours).
            seconds: from the call to its result.
        """
        self.tools.labels(name, outcome).inc()
        log(logging.INFO, "tool called", tool=name, outcome=outcome, ms=round(seconds * 1000, 2))

    def note_snapshot(self, built_at: datetime, feeds: Iterable[Feed]) -> None:
        """Note how old what is served is, and how long each feed has been silent."""
        self.snapshot_age.set((datetime.now(UTC) - built_at).total_seconds())
        for feed in feeds:
            self.feed_silence.labels(feed.format, feed.kind).set(feed.silent_for.total_seconds())
            self.feed_quiet.labels(feed.format, feed.kind).set(feed.quiet)

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
