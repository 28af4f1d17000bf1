"""OpenTelemetry traces: what a request spent its time on, and where in a chain of services. Off unless a setting asks for them.

A span never holds the text of a question, a name that was asked for, a header or a credential. While traces are off, a span costs
one comparison and nothing of OpenTelemetry is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias

from catalog_store.errors import UserError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

    from app.settings import Settings

SERVICE = "callboard"

Value: TypeAlias = str | int | float | bool

_tracer: Tracer | None = None


def set_up_traces(settings: Settings) -> Callable[[], None]:
    """Send traces where the settings say; what is returned sends what is left and stops.

    Where to, and how many, is set by OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER` …).

    Raises:
        UserError: traces are wanted and the extra that sends them is not installed.
    """
    if settings.traces == "off":
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise UserError(
            "traces are on, and what sends them is not installed; install it with: pip install 'callboard[otel]'"
        ) from None
    names = {"service.name": SERVICE, "service.version": version("callboard")}
    provider = TracerProvider(resource=Resource.create(names))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return trace_to(provider)


def trace_to(provider: TracerProvider) -> Callable[[], None]:
    """Send traces to a provider, until what is returned is called."""
    global _tracer  # noqa: PLW0603  the one switch of the process
    _tracer = provider.get_tracer(SERVICE, version("callboard"))

    def stop() -> None:
        global _tracer  # noqa: PLW0603
        _tracer = None
        provider.shutdown()

    return stop


@contextmanager
def request_span(method: str, headers: Mapping[bytes, bytes], request_id: str) -> Iterator[None]:
    """The span of one HTTP request, part of the caller's trace where it sends one (`traceparent`)."""
    if _tracer is None:
        yield
        return
    from opentelemetry.propagate import extract  # noqa: PLC0415
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    carried = {
        name: headers[name.encode()].decode("latin-1")
        for name in ("traceparent", "tracestate")
        if name.encode() in headers
    }
    with _tracer.start_as_current_span(
        method,
        context=extract(carried),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": method, "callboard.request_id": request_id},
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def note_response(method: str, route: str, status: int) -> None:
    """What the request that is being traced came to; its name is its route, never its address."""
    if _tracer is None:
        return
    from opentelemetry.trace import StatusCode, get_current_span  # noqa: PLC0415

    span = get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(StatusCode.ERROR)


@contextmanager
def span(name: str, **facts: Value) -> Iterator[None]:
    """A piece of work; an exception marks it as failed by its type alone, for its message may quote what was asked."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    with _tracer.start_as_current_span(
        name, attributes=_named(facts), record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield
        except BaseException as error:
            opened.set_attribute("error.type", type(error).__qualname__)
            opened.set_status(StatusCode.ERROR)
            raise


def stage_span(stage: str, seconds: float) -> None:
    """A stage that has just ended, as a span of its own."""
    if _tracer is None:
        return
    end = time.time_ns()
    _tracer.start_span(stage, start_time=end - int(seconds * 1e9)).end(end)


def annotate(**facts: Value) -> None:
    """Add to the span that is open."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span  # noqa: PLC0415

    get_current_span().set_attributes(_named(facts))


def _named(facts: Mapping[str, Value]) -> dict[str, Any]:
    return {f"callboard.{name}": value for name, value in facts.items()}
