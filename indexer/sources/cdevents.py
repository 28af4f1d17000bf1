"""Deployments as CDEvents (https://cdevents.dev), bare or wrapped in CloudEvents, one a line or in an array.

Matching is by the prefix of the type, whatever its trailing version. `deployed` and `upgraded` are deployments;
`rolledback` marks the successful deployment before it; other events are counted and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote

from catalog_store.content import CatalogContent
from catalog_store.errors import InvalidRef
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, EntityRef, Record, Value
from indexer.catalog import Catalog
from indexer.files import InputFile
from indexer.json_stream import read_events
from indexer.processors.values import WrongType, read_moment
from indexer.reporting import Report
from indexer.sources.base import Harvest

_TYPE = re.compile(r"\"type\"\s*:\s*\"dev\.cdevents\.")
_SERVICE = re.compile(r"dev\.cdevents\.service\.(?P<verb>[a-z]+)(?:\.|$)")
_DEPLOYED, _ROLLED_BACK = frozenset({"deployed", "upgraded"}), "rolledback"

ENVIRONMENTS = {
    "production": ("prod", "production", "prd", "live", "prod1"),
    "staging": ("stg", "staging", "stage", "preprod", "pre-production", "preproduction"),
    "development": ("dev", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
}
"""One name for the ways people write an environment; other names are kept, in lower case."""
_ENVIRONMENT = {word: name for name, words in ENVIRONMENTS.items() for word in words}

_SUCCESS = frozenset(
    {"success", "successful", "succeeded", "ok", "passed", "pass", "completed", "complete"}
)
_CLOCK_SKEW = timedelta(days=1)


@dataclass(slots=True)
class _Event:
    """One service event that was understood."""

    id: str
    source: str
    verb: str
    at: datetime
    subject: str
    environment: str | None
    success: bool
    version: str | None
    actor: str | None
    duration_seconds: float | None
    span: SourceSpan
    rolled_back: bool = False


class CdEvents:
    """Reads service events into Deployment records."""

    name: ClassVar[str] = "cdevents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".ndjson", ".jsonl", ".json"})

    def __init__(self) -> None:
        self._events: dict[tuple[str, str], _Event] = {}

    def claims(self, file: InputFile) -> bool:
        """Some value near the beginning has a CDEvents type."""
        return bool(_TYPE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Remember the file's service events, each (source, id) once."""
        for first, last, value in read_events(file, harvest.report):
            event = _read_event(value, file.span(first, last), harvest.report)
            if event is None:
                continue
            key = (event.source, event.id)
            if key in self._events:
                harvest.report.skip("event delivered twice")
            else:
                self._events[key] = event

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add deployments and their edges, oldest first."""
        events = sorted(self._events.values(), key=lambda event: event.at)
        components = _components(events, catalog, harvest.report)
        _mark_rollbacks(events, components)
        taken: set[str] = set()
        future: list[_Event] = []
        for event in events:
            if event.verb not in _DEPLOYED:
                continue
            record = _record(event, components[event.subject], taken)
            taken.add(record.id)
            content.records.append(record)
            content.edges.append(
                Edge(record.ref, "deploymentOf", components[event.subject], event.span)
            )
            if event.at > harvest.now + _CLOCK_SKEW:
                future.append(event)
        if future:
            message = f"{len(future)} deployments lie in the future, the first at {future[0].at.isoformat()}; check the clock of the feed"
            harvest.report.warning("future-event", message, future[0].span)


SOURCE = CdEvents


def _read_event(value: Any, span: SourceSpan, report: Report) -> _Event | None:
    event = _unwrap(value)
    if event is None:
        report.error(
            "wrong-shape",
            f"a {type(value).__name__} without `context` and `subject`, expected a CDEvent; it was left out",
            span,
        )
        return None
    context, subject = event["context"], event["subject"]
    kind = context.get("type")
    match = _SERVICE.match(kind) if isinstance(kind, str) else None
    if match is None:
        report.skip("CDEvent about something else than a service")
        return None
    if match["verb"] not in _DEPLOYED and match["verb"] != _ROLLED_BACK:
        report.skip(f"service event {match['verb']!r}, which is no deployment")
        return None
    identity, name = _text(context.get("id")), _text(subject.get("id"))
    if identity is None or name is None:
        missing = "context.id" if identity is None else "subject.id"
        report.error(
            "wrong-shape", f"{missing} is missing, expected text; the event was left out", span
        )
        return None
    at = _moment(context.get("timestamp"), span, report)
    if at is None:
        return None
    content = _mapping(subject.get("content"))
    custom = _mapping(event.get("customData"))
    outcome = _first_text(custom.get("outcome"), custom.get("status"), content.get("outcome"))
    return _Event(
        id=identity,
        source=_text(context.get("source")) or "",
        verb=match["verb"],
        at=at,
        subject=name,
        environment=_environment(content.get("environment")),
        success=outcome is None or outcome.lower() in _SUCCESS,
        version=version_of(_text(content.get("artifactId")) or ""),
        actor=_actor(custom, content),
        duration_seconds=_seconds(custom.get("durationSeconds", custom.get("duration_seconds"))),
        span=span,
    )


def _unwrap(value: Any) -> dict[str, Any] | None:
    """The CDEvent in a value, taken out of its CloudEvents envelope; None when there is none."""
    if isinstance(value, dict) and isinstance(value.get("data"), dict) and "context" not in value:
        value = value["data"]
    if not isinstance(value, dict):
        return None
    whole = isinstance(value.get("context"), dict) and isinstance(value.get("subject"), dict)
    return value if whole else None


def _moment(value: Any, span: SourceSpan, report: Report) -> datetime | None:
    try:
        return read_moment(value if isinstance(value, str) else "")
    except WrongType as error:
        report.error(
            "wrong-type",
            f"context.timestamp is {value!r:.80}, expected {error}; the event was left out",
            span,
        )
        return None


def version_of(artifact: str) -> str | None:
    """The version an artifact id names: its tag, else what follows `@` or the last `:`.

    >>> version_of("pkg:oci/checkout@sha256%3Aab12?tag=5.11.0"), version_of("registry.io:443/checkout:1.2")
    ('5.11.0', '1.2')
    """
    path, _, query = artifact.partition("?")
    tag = parse_qs(query).get("tag") if query and len(query) < 4096 else None
    if tag:
        return tag[0]
    path = unquote(path)
    if "@" in path:
        return path.rpartition("@")[2] or None
    last = path.rpartition("/")[2]
    return (
        (last.rpartition(":")[2] or None)
        if ":" in last and not path.startswith("pkg:" + last)
        else None
    )


def _environment(value: Any) -> str | None:
    text = _text(value.get("id", value.get("name")) if isinstance(value, dict) else value)
    if text is None:
        return None
    name = text.rstrip("/").rpartition("/")[2].strip().lower()
    return _ENVIRONMENT.get(name, name) or None


def _actor(custom: dict[str, Any], content: dict[str, Any]) -> str | None:
    for key in ("actor", "deployer", "user", "author", "triggeredBy"):
        for value in (custom.get(key), content.get(key)):
            named = _mapping(value)
            text = _text(value) or _first_text(
                named.get("name"), named.get("login"), named.get("id")
            )
            if text is not None:
                return text.rpartition("/")[2] if text.lower().startswith("user:") else text
    return None


def _seconds(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return float(value) if usable else None


def _components(events: Iterable[_Event], catalog: Catalog, report: Report) -> dict[str, str]:
    """Subject as written → component reference; names the catalog does not know are reported once each."""
    counts: dict[str, int] = {}
    first: dict[str, _Event] = {}
    for event in events:
        counts[event.subject] = counts.get(event.subject, 0) + 1
        first.setdefault(event.subject, event)
    found: dict[str, str] = {}
    for subject, count in counts.items():
        known = catalog.resolve(subject, kinds=("component",))
        found[subject] = str(known) if known else unknown_component(subject)
        if known is None:
            message = (
                f"{count} event{'s' if count > 1 else ''} of {subject!r}, which is not in the catalog; kept under {found[subject]}, "
                "add the component or mend the feed"
            )
            report.warning("unknown-component", message, first[subject].span)
    return found


def unknown_component(subject: str) -> str:
    """The reference a service gets that the catalog does not know.

    >>> unknown_component("Component:Shop/Cart"), unknown_component("/clusters/eu/cart v2")
    ('component:shop/cart', 'component:default/cart-v2')
    """
    try:
        return str(EntityRef.parse(subject, default_kind=k.COMPONENT))
    except InvalidRef:
        pass
    name = re.sub(r"[^a-z0-9._-]+", "-", subject.rpartition("/")[2].lower()).strip("-")
    return f"component:default/{name or 'unnamed'}"


def _mark_rollbacks(events: Iterable[_Event], components: dict[str, str]) -> None:
    """Each rollback undoes the latest successful deployment of its place that was not undone before."""
    standing: dict[tuple[str, str | None], list[_Event]] = {}
    for event in events:
        place = standing.setdefault((components[event.subject], event.environment), [])
        if event.verb == _ROLLED_BACK:
            if place:
                place.pop().rolled_back = True
        elif event.success:
            place.append(event)


def _record(event: _Event, component: str, taken: set[str]) -> Record:
    identity = event.id
    if identity in taken:  # ids are unique within their source only
        identity = f"{event.id}@{event.source}"
    values: dict[str, Value] = {
        "at": event.at,
        "component": component,
        "environment": event.environment,
        "outcome": "success" if event.success else "failure",
        "rolled_back": event.rolled_back,
        "actor": event.actor,
        "version": event.version,
        "duration_seconds": event.duration_seconds,
    }
    held = {name: value for name, value in values.items() if value is not None}
    return Record(k.DEPLOYMENT, identity, held, event.span)


def _text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def _first_text(*values: Any) -> str | None:
    return next((text for value in values if (text := _text(value)) is not None), None)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
