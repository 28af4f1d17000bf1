"""Deployments as CDEvents (https://cdevents.dev), bare or wrapped in CloudEvents, one a line or in an array.

Matching is by the prefix of the type, whatever its trailing version. `deployed` and `upgraded` are deployments;
`rolledback` marks the successful deployment before it; other events are counted and left alone.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.deployments import Rollout, environment_of
from indexer.files import InputFile
from indexer.json_stream import read_events
from indexer.processors.values import WrongType, read_moment
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_TYPE = re.compile(r"\"type\"\s*:\s*\"dev\.cdevents\.")
_SERVICE = re.compile(r"dev\.cdevents\.service\.(?P<verb>[a-z]+)(?:\.|$)")
_DEPLOYED, _ROLLED_BACK = frozenset({"deployed", "upgraded"}), "rolledback"

_SUCCESS = frozenset(
    {"success", "successful", "succeeded", "ok", "passed", "pass", "completed", "complete"}
)


class CdEvents(FeedReader):
    """Reads service events into rollouts."""

    name: ClassVar[str] = "cdevents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".ndjson", ".jsonl", ".json"})

    def claims(self, file: InputFile) -> bool:
        """Some value near the beginning has a CDEvents type."""
        return bool(_TYPE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the file's service events."""
        for first, last, value in read_events(file, harvest.report):
            event = _read_event(value, file.span(first, last), harvest.report)
            if event is not None:
                harvest.tell(event)


SOURCE = CdEvents


def _read_event(value: Any, span: SourceSpan, report: Report) -> Rollout | None:
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
    identity, name = loose.text(context.get("id")), loose.text(subject.get("id"))
    if identity is None or name is None:
        missing = "context.id" if identity is None else "subject.id"
        report.error(
            "wrong-shape", f"{missing} is missing, expected text; the event was left out", span
        )
        return None
    at = _moment(context.get("timestamp"), span, report)
    if at is None:
        return None
    content = loose.mapping(subject.get("content"))
    custom = loose.mapping(event.get("customData"))
    outcome = loose.first_text(custom.get("outcome"), custom.get("status"), content.get("outcome"))
    return Rollout(
        id=identity,
        source=loose.text(context.get("source")) or "",
        at=at,
        subject=name,
        environment=_environment(content.get("environment")),
        success=outcome is None or outcome.lower() in _SUCCESS,
        version=version_of(loose.text(content.get("artifactId")) or ""),
        actor=_actor(custom, content),
        duration_seconds=_seconds(custom.get("durationSeconds", custom.get("duration_seconds"))),
        span=span,
        undoes=match["verb"] == _ROLLED_BACK,
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
    held = value.get("id", value.get("name")) if isinstance(value, dict) else value
    return environment_of(loose.text(held))


def _actor(custom: dict[str, Any], content: dict[str, Any]) -> str | None:
    for key in ("actor", "deployer", "user", "author", "triggeredBy"):
        for value in (custom.get(key), content.get(key)):
            named = loose.mapping(value)
            text = loose.text(value) or loose.first_text(
                named.get("name"), named.get("login"), named.get("id")
            )
            if text is not None:
                return text.rpartition("/")[2] if text.lower().startswith("user:") else text
    return None


def _seconds(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return float(value) if usable else None
