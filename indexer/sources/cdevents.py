"""CDEvents (https://cdevents.dev), bare or wrapped in CloudEvents, one a line or in an array.

Read: Deployment records from `service.deployed` and `upgraded`; `rolledback` marks the successful deployment before
it. Incident records from `incident.detected`, `reported` and `resolved`. Run records from `pipelinerun`,
`testsuiterun` and `build`, Change records from `service.removed`, `service.published` and `artifact.published`.
Events are told by the beginning of their type, whatever version it ends in.

Joined: the component by the subject's id; of an incident by its service, else by the name of its artifact; of a run
by the repository or component in `customData`, the repository in its address, or a pipeline called like it. What is
said about one incident or run is told apart by the subject's id and source.

Ignored: every other subject and predicate (tasks, test cases, changes of code, environments, tickets, custom ones):
each is counted by its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Value
from indexer import loose
from indexer.artifacts import name_of, version_of
from indexer.collectors.changes import ChangeEvent
from indexer.collectors.deployments import Rollout, environment_of
from indexer.collectors.incidents import RESOLVED, TRIGGERED, Statement
from indexer.files import InputFile
from indexer.json_stream import read_events
from indexer.processors.values import WrongType, read_moment
from indexer.reporting import Report
from indexer.repositories import repository_in
from indexer.sources.base import FeedReader, Harvest

_CLAIM = re.compile(r"\"type\"\s*:\s*\"dev\.cdeventsx?\.")
_TYPE = re.compile(r"dev\.cdevents\.(?P<subject>[a-z]+)\.(?P<verb>[a-z]+)(?:\.|$)")
_DEPLOYED, _ROLLED_BACK = frozenset({"deployed", "upgraded"}), "rolledback"
_CHANGED = {
    ("service", "removed"): "removed",
    ("service", "published"): "published",
    ("artifact", "published"): "published",
}
"""Subject and predicate → what was done."""
_RUNS = {"pipelinerun": "run", "testsuiterun": "test", "build": "build"}
"""Subject → what was done, of things that start and finish."""
_RUNNING, _FINISHED = "started", "finished"
_OUTCOMES = {
    "success": "success",
    "failure": "failure",
    "error": "failure",
    "cancel": "cancelled",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
_SUCCESS = frozenset(
    {"success", "successful", "succeeded", "ok", "passed", "pass", "completed", "complete"}
)


class CdEvents(FeedReader):
    """Reads events into rollouts, incidents, runs and changes."""

    name: ClassVar[str] = "cdevents"
    suffixes: ClassVar[frozenset[str]] = frozenset({".ndjson", ".jsonl", ".json"})

    def claims(self, file: InputFile) -> bool:
        """Some value near the beginning has a CDEvents type."""
        return bool(_CLAIM.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand every event to the collector of its subject."""
        for first, last, value in read_events(file, harvest.report):
            event = _read_event(value, file.span(first, last), harvest.report)
            if event is None:
                continue
            if event.subject == "incident":
                harvest.tell(_statement(event))
            elif event.subject in _RUNS:
                harvest.tell(_run(event))
            elif (event.subject, event.verb) in _CHANGED:
                harvest.tell(_change(event))
            else:
                harvest.tell(_rollout(event))


SOURCE = CdEvents


@dataclass(frozen=True, slots=True)
class _Event:
    """One event that will be read, its envelope opened."""

    subject: str
    verb: str
    id: str
    source: str
    at: datetime
    name: str
    subject_source: str
    content: dict[str, Any]
    custom: dict[str, Any]
    span: SourceSpan


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
    kind = loose.text(context.get("type")) or ""
    match = _TYPE.match(kind)
    if match is None or not _is_read(match["subject"], match["verb"]):
        what = f"{match['subject']}.{match['verb']}" if match else kind[:80]
        report.skip(f"CDEvent {what!r}, which is no deployment, incident, run or change")
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
    source = loose.text(context.get("source")) or ""
    return _Event(
        subject=match["subject"],
        verb=match["verb"],
        id=identity,
        source=source,
        at=at,
        name=name,
        subject_source=loose.text(subject.get("source")) or source,
        content=loose.mapping(subject.get("content")),
        custom=loose.mapping(event.get("customData")),
        span=span,
    )


def _is_read(subject: str, verb: str) -> bool:
    if subject == "service":
        return verb in _DEPLOYED or verb == _ROLLED_BACK or (subject, verb) in _CHANGED
    if subject == "incident":
        return verb in {"detected", "reported", RESOLVED}
    return (subject, verb) in _CHANGED or (subject in _RUNS and verb in {_RUNNING, _FINISHED})


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


def _rollout(event: _Event) -> Rollout:
    custom, content = event.custom, event.content
    outcome = loose.first_text(custom.get("outcome"), custom.get("status"), content.get("outcome"))
    return Rollout(
        id=event.id,
        source=event.source,
        at=event.at,
        subject=event.name,
        environment=_environment(content.get("environment")),
        success=outcome is None or outcome.lower() in _SUCCESS,
        version=version_of(loose.text(content.get("artifactId")) or ""),
        actor=_actor(custom, content),
        duration_seconds=_seconds(custom.get("durationSeconds", custom.get("duration_seconds"))),
        span=event.span,
        undoes=event.verb == _ROLLED_BACK,
    )


def _statement(event: _Event) -> Statement:
    """What one event says about an incident; its description tells the end of it when it is resolved."""
    content, custom = event.content, event.custom
    resolved = event.verb == RESOLVED
    description = loose.text(content.get("description"))
    artifact = loose.text(content.get("artifactId")) or ""
    service = content.get("service")
    name = loose.first_text(loose.at(service, "id"), loose.at(service, "name"), service) or ""
    values: dict[str, Value] = {
        "status": RESOLVED if resolved else TRIGGERED,
        "resolution" if resolved else "title": description,
        "resolved_at" if resolved else "created_at": event.at,
        "environment": _environment(content.get("environment")),
        "priority": loose.first_text(custom.get("priority"), custom.get("severity")),
        "reporter": loose.first_text(custom.get("reportedBy"), custom.get("reporter")),
        "url": loose.text(content.get("ticketURI")),
        "service_name": name or None,
    }
    return Statement(
        id=event.name,
        values={key: value for key, value in values.items() if value is not None},
        service=None,
        said_at=event.at,
        span=event.span,
        source=event.subject_source,
        subjects=_names(name),
        # "/clusters/eu/cart" is where it runs and what it is called.
        hints=_names(name.rpartition("/")[2], name_of(artifact)),
    )


def _run(event: _Event) -> ChangeEvent:
    content, custom = event.content, event.custom
    pipeline = loose.first_text(content.get("pipelineName"), loose.at(content, "testSuite", "name"))
    artifact = loose.text(content.get("artifactId")) or ""
    outcome = (loose.first_text(content.get("outcome"), custom.get("outcome")) or "").lower()
    finished = event.verb == _FINISHED
    values: dict[str, Value] = {
        "name": pipeline or (name_of(artifact) or None),
        "action": _RUNS[event.subject],
        "outcome": (_OUTCOMES.get(outcome, outcome) or None) if finished else "running",
        "environment": _environment(content.get("environment")),
        "actor": _actor(custom, content),
        "version": version_of(artifact),
        "branch": loose.text(custom.get("branch")),
        "url": loose.first_text(content.get("uri"), loose.at(content, "testSuite", "uri")),
    }
    named = (loose.text(custom.get(key)) or "" for key in ("component", "service", "app"))
    places = (custom.get("repository"), content.get("uri"), event.source, event.subject_source)
    return ChangeEvent(
        kind=k.RUN,
        id=event.name,
        source=event.subject_source,
        at=event.at,
        values=_known(values),
        subjects=_names(*named, name_of(artifact), pipeline or ""),
        repository=next(
            filter(None, map(repository_in, filter(None, map(loose.text, places)))), ""
        ),
        said_at=event.at,
        span=event.span,
        began_at=None if finished else event.at,
    )


def _change(event: _Event) -> ChangeEvent:
    """A service is its own subject; of an artifact the subject's id is the artifact."""
    content = event.content
    artifact = event.name if event.subject == "artifact" else loose.text(content.get("artifactId"))
    name = name_of(event.name) if event.subject == "artifact" else event.name
    values: dict[str, Value] = {
        "name": name,
        "action": _CHANGED[event.subject, event.verb],
        "environment": _environment(content.get("environment")),
        "actor": _actor(event.custom, content),
        "version": version_of(artifact or ""),
    }
    return ChangeEvent(
        kind=k.CHANGE,
        id=event.id,
        source=event.source,
        at=event.at,
        values=_known(values),
        subjects=_names(name, name.rpartition("/")[2]),
        repository="",
        said_at=event.at,
        span=event.span,
    )


def _known(values: dict[str, Value]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, value) for name, value in values.items() if value is not None)


def _names(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


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
