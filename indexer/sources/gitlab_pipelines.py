"""GitLab pipelines: webhooks with `object_kind: pipeline`, and exports of `GET /projects/:id/pipelines`.

Read: Run records: outcome, branch, who, commit, duration; of several statements about one pipeline the latest counts.

Joined: `project.path_with_namespace`, in exports the project in `web_url`, by `gitlab.com/project-slug`.

Ignored: skipped and manual pipelines, those that wait, jobs (counted).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.changes import ChangeEvent
from indexer.collectors.deployments import seconds_between
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.repositories import path_of
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.github_deployments import SHORT_SHA

_KIND = re.compile(r"\"object_kind\"\s*:\s*\"pipeline\"")
_ADDRESS = re.compile(r"\"web_url\"\s*:\s*\"[^\"]+/-/pipelines/\d+\"")
_PROJECT = re.compile(r"(.+)/-/pipelines/\d+/?$")

OUTCOMES = {
    "success": "success",
    "failed": "failure",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "running": "running",
}
"""States that say something was built; the others wait, or were never started."""


class GitLabPipelines(FeedReader):
    """Reads one pipeline an event or item."""

    name: ClassVar[str] = "gitlab-pipelines"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """An event of kind pipeline, or items with the address of a pipeline."""
        return bool(_KIND.search(file.head) or _ADDRESS.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one change a pipeline."""
        for item, span in read_items(file, harvest.report):
            event = _event(item, span, harvest.report)
            if event is not None:
                harvest.tell(event)


SOURCE = GitLabPipelines


def _event(body: dict[str, Any], span: SourceSpan, report: Report) -> ChangeEvent | None:
    if body.get("object_kind") not in (None, "pipeline"):
        report.skip(f"GitLab event {body.get('object_kind')!r}, which is no pipeline")
        return None
    if isinstance(body.get("pipeline"), dict) or isinstance(body.get("deployable"), dict):
        report.skip("GitLab job or deployment, whose pipeline is what counts")
        return None
    inner = body.get("object_attributes")
    said = inner if isinstance(inner, dict) else body
    status = (loose.text(said.get("status")) or "").lower()
    outcome = OUTCOMES.get(status)
    if outcome is None:
        report.skip(f"GitLab pipeline {status!r}, which built nothing yet")
        return None
    identity = loose.text(said.get("id"))
    address = loose.first_text(said.get("url"), said.get("web_url"))
    match = _PROJECT.match(address or "")
    repository = loose.first_text(
        loose.at(body, "project", "path_with_namespace"), path_of(match[1]) if match else None
    )
    began, ended = _times(said, span, report)
    at = (ended if outcome != "running" else None) or began
    if identity is None or repository is None or at is None:
        message = (
            "no id, project or time; expected object_attributes.id and project.path_with_namespace, or "
            "web_url and updated_at; it was left out"
        )
        report.error("wrong-shape", message, span)
        return None
    duration = loose.number(said.get("duration"))
    values = {
        "name": loose.text(said.get("name")) or "pipeline",
        "action": "run",
        "outcome": outcome,
        "tool": "gitlab",
        "branch": loose.text(said.get("ref")),
        "actor": loose.first_text(
            loose.at(body, "user", "username"), loose.at(body, "user", "name")
        ),
        "version": (loose.text(said.get("sha")) or "")[:SHORT_SHA] or None,
        "url": address,
        "duration_seconds": duration
        if duration is not None
        else seconds_between(began, ended if outcome != "running" else None),
    }
    return ChangeEvent(
        kind=k.RUN,
        id=identity,
        source=f"gitlab/{repository}",
        at=at,
        values=tuple(values.items()),
        subjects=(),
        repository=repository,
        said_at=ended or at,
        span=span,
    )


def _times(
    said: dict[str, Any], span: SourceSpan, report: Report
) -> tuple[datetime | None, datetime | None]:
    """When a pipeline began and ended; exports hold the moment of the last change instead of the end."""
    began = said.get("started_at") or said.get("created_at")
    ended = said.get("finished_at") or said.get("updated_at")
    return (
        loose.moment(began, "created_at", span, report),
        loose.moment(ended, "finished_at", span, report),
    )
