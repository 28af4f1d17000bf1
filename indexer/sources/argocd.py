"""Argo CD Applications (`kubectl get applications -o json`, one or a list): each entry of their history.

Read: Deployment records: one per entry of `status.history`, and the last sync when it failed.

Joined: the labels `backstage.io/kubernetes-id`, `app.kubernetes.io/part-of`, `…/name`, `…/instance`, else the
Application's name without its environment; the environment from labels, name, namespace or cluster.

Ignored: specifications without a status, health, resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.deployments import (
    Rollout,
    environment_in,
    environment_of,
    seconds_between,
)
from indexer.files import InputFile
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_VERSION = re.compile(r"apiVersion[\"']?\s*:\s*[\"']?argoproj\.io/")
_KIND = re.compile(r"kind[\"']?\s*:\s*[\"']?Application\b")

NAME_LABELS = (
    "backstage.io/kubernetes-id",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
)
"""Labels that name what an Application deploys, most telling first; then its own name."""

_FAILED = frozenset({"failed", "error"})
_COMMIT = re.compile(r"[0-9a-f]{40}")


class ArgoCd(FeedReader):
    """Reads what was synced, and the last sync when it failed; specifications without a status hold no event."""

    name: ClassVar[str] = "argocd"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """A resource of kind Application of argoproj.io."""
        return bool(_VERSION.search(file.head) and _KIND.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one rollout a sync."""
        for part in read_mappings(file, harvest.report):
            items = part.value.get("items")
            if isinstance(items, list):
                for number, item in enumerate(items):
                    base = (*part.base, "items", number)
                    inner = YamlPart(loose.mapping(item), file, part.document, base)
                    self._application(inner, harvest)
            else:
                self._application(part, harvest)

    @staticmethod
    def _application(part: YamlPart, harvest: Harvest) -> None:
        report = harvest.report
        if part.value.get("kind", "Application") != "Application":
            report.skip("Argo CD resource that is no Application")
            return
        name = loose.text(loose.at(part.value, "metadata", "name"))
        if name is None:
            report.error("missing-name", "metadata.name is missing; left out", part.span())
            return
        for rollout in _rollouts(part, name, report):
            harvest.tell(rollout)


SOURCE = ArgoCd


def _rollouts(part: YamlPart, name: str, report: Report) -> Iterator[Rollout]:
    status = loose.mapping(part.value.get("status"))
    history = status.get("history")
    for number, raw in enumerate(history if isinstance(history, list) else ()):
        entry, span = loose.mapping(raw), part.span("status", "history", number)
        yield from _rollout(part, name, entry, "deployedAt", "deployStartedAt", True, span, report)
    operation = loose.mapping(status.get("operationState"))
    if (loose.text(operation.get("phase")) or "").lower() in _FAILED:
        entry = {
            **operation,
            "id": "failed",
            "revision": loose.at(operation, "syncResult", "revision"),
            "initiatedBy": loose.at(operation, "operation", "initiatedBy"),
        }
        span = part.span("status", "operationState")
        yield from _rollout(part, name, entry, "finishedAt", "startedAt", False, span, report)


def _rollout(
    part: YamlPart,
    name: str,
    entry: dict[str, Any],
    end: str,
    start: str,
    success: bool,
    span: SourceSpan,
    report: Report,
) -> Iterator[Rollout]:
    ended = loose.moment(entry.get(end), f"{end} of application {name!r}", span, report)
    if ended is None:
        report.error("wrong-shape", f"a sync of {name!r} without {end}; it was left out", span)
        return
    started = loose.moment(entry.get(start), f"{start} of application {name!r}", span, report)
    subject, environment = _subject(part.value, name)
    revision = loose.text(entry.get("revision")) or ""
    actor = loose.mapping(entry.get("initiatedBy"))
    yield Rollout(
        id=f"{name}-{loose.text(entry.get('id')) or ended.isoformat()}"
        + ("" if success else f"-{ended:%Y%m%dT%H%M%SZ}"),
        source=f"argocd/{loose.text(loose.at(part.value, 'metadata', 'namespace')) or 'argocd'}",
        at=ended,
        subject=subject,
        environment=environment,
        success=success,
        version=(revision[:7] if _COMMIT.fullmatch(revision) else revision) or None,
        actor=loose.text(actor.get("username")) or ("argocd" if actor.get("automated") else None),
        duration_seconds=seconds_between(started, ended),
        span=span,
    )


def _subject(application: dict[str, Any], name: str) -> tuple[str, str | None]:
    """What an Application deploys and where to: "cart-prod" is cart in production."""
    labels = loose.mapping(loose.at(application, "metadata", "labels"))
    destination = loose.mapping(loose.at(application, "spec", "destination"))
    inside, rest = environment_in(name)
    places = [
        loose.first_text(labels.get("env"), labels.get("environment")),
        inside,
        *(
            environment_in(loose.text(destination.get(key)) or "")[0]
            or loose.text(destination.get(key))
            for key in ("namespace", "name")
        ),
    ]
    named = loose.first_text(*(labels.get(key) for key in NAME_LABELS))
    # A label holds the bare name; without one the name says it, less its environment.
    return named or rest, environment_of(*places)
