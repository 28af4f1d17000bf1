"""Traces of a real server: one tree for each request, part of the caller's trace, without a word of what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from mcp.client import Client
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.live import LiveAssistant
from app.serving import open_serving
from app.settings import load_settings
from app.tracing import set_up_traces, trace_to
from catalog_store.errors import UserError
from tests.api.conftest import running
from tests.mcp_server.conftest import talking

QUESTION = "who owns the checkout?"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What is traced."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    stop = trace_to(provider)
    yield exporter
    stop()


@pytest.fixture
def traced(store: Path, spans: InMemorySpanExporter) -> Iterator[str]:
    """Address of a server with a real assistant."""
    live = LiveAssistant(store, open_store=open_serving)
    with running(load_settings({"store": store}, env={}), live) as url:
        spans.clear()
        yield url
    live.close()


def _parents(spans: tuple[ReadableSpan, ...]) -> dict[str, str | None]:
    """Span → the span it is part of."""
    names = {span.context.span_id: span.name for span in spans if span.context}
    return {span.name: names.get(span.parent.span_id) if span.parent else None for span in spans}


def test_a_request_is_one_tree_of_its_stages(traced: str, spans: InMemorySpanExporter) -> None:
    carried = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Request-ID": "req-9"}
    answer = httpx.post(
        f"{traced}/v1/ask", json={"question": QUESTION}, headers=carried, trust_env=False
    )
    assert answer.json()["status"] == "answered"
    found = tuple(
        span
        for span in spans.get_finished_spans()
        if span.context and f"{span.context.trace_id:032x}" == TRACE
    )
    assert _parents(found) == {
        "reading": "answer",
        "rows": "answer",
        "text": "answer",
        "answer": "POST /v1/ask",
        "POST /v1/ask": None,
    }
    facts = {span.name: dict(span.attributes or {}) for span in found}
    assert facts["answer"]["callboard.status"] == "answered"
    assert facts["answer"]["callboard.surface"] == "http"
    assert facts["POST /v1/ask"]["http.response.status_code"] == 200
    assert facts["POST /v1/ask"]["callboard.request_id"] == "req-9"


def test_an_agent_s_call_is_traced_too(traced: str, spans: InMemorySpanExporter) -> None:
    async def ask(client: Client) -> None:
        await client.call_tool("ask", {"question": QUESTION})

    talking(lambda: Client(f"{traced}/mcp"))(ask)
    parents = _parents(spans.get_finished_spans())
    assert parents["answer"] == "mcp tools/call"
    assert parents["mcp tools/call"] == "POST /mcp"


@pytest.mark.parametrize("question", [QUESTION, "who owns zanzibar?"])
def test_no_span_quotes_a_question(traced: str, spans: InMemorySpanExporter, question: str) -> None:
    async def ask(client: Client) -> None:
        await client.call_tool("ask", {"question": question})
        await client.call_tool("get_entity", {"ref": "zanzibar"})

    httpx.post(f"{traced}/v1/ask", json={"question": question}, trust_env=False)
    httpx.get(f"{traced}/v1/search", params={"q": "zanzibar"}, trust_env=False)
    httpx.get(f"{traced}/v1/entities/component/default/zanzibar", trust_env=False)
    talking(lambda: Client(f"{traced}/mcp"))(ask)
    written = "".join(span.to_json() for span in spans.get_finished_spans()).lower()
    assert "answer" in written
    assert "checkout" not in written
    assert "zanzibar" not in written


def test_traces_are_off_unless_asked_for() -> None:
    settings = load_settings({}, env={})
    assert settings.traces == "off"
    set_up_traces(settings)()


def test_without_the_extra_one_is_told_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(UserError, match=r"callboard\[otel\]"):
        set_up_traces(load_settings({}, env={"CALLBOARD_TRACES": "otlp"}))
