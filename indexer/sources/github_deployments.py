"""GitHub webhooks `deployment_status`: each says how far one deployment is; the last final state counts.

Read: Deployment records: success or failure, environment, version (tag or short commit), actor, duration. A
task that ends in `rollback` takes back the deployment before it.

Joined: `repository.full_name` by project slug; in a repository of several components the one the payload names
or the one called like the repository, else all.

Ignored: states that are not final; `inactive`, which only says that a later deployment replaced it; `deployment`
events, which say nothing about how a deployment ended.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.deployments import (
    Rollout,
    environment_of,
    seconds_between,
)
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_STATUS = re.compile(r"\"deployment_status\"\s*:\s*\{")
_REQUEST = re.compile(r"\"statuses_url\"\s*:\s*\"[^\"]*/deployments/\d+/statuses\"")
_OTHER = re.compile(r"\"check_(?:run|suite)\"\s*:")

_SUCCESS, _FAILURE = frozenset({"success"}), frozenset({"failure", "error"})
_TAG = re.compile(r"(?:refs/tags/)?(v?\d+(?:\.\d+)+\S*)")
SHORT_SHA = 7
"""Digits of a commit that GitHub shows."""


class GitHubDeployments(FeedReader):
    """Reads final states; what is queued or in progress, and later `inactive`, is counted."""

    name: ClassVar[str] = "github-deployments"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A `deployment_status` object, or an event about a deployment that has none yet."""
        head = file.head
        return bool(_STATUS.search(head) or (_REQUEST.search(head) and not _OTHER.search(head)))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one rollout a final state."""
        for item, span in read_items(file, harvest.report):
            rollout = _rollout(item, span, harvest.report)
            if rollout is not None:
                harvest.tell(rollout)


SOURCE = GitHubDeployments


def _rollout(body: dict[str, Any], span: SourceSpan, report: Report) -> Rollout | None:
    status = loose.mapping(body.get("deployment_status"))
    deployment = loose.mapping(body.get("deployment"))
    state = (loose.text(status.get("state")) or "").lower()
    if not status and deployment:
        report.skip("GitHub deployment event that does not say how it ended")
        return None
    if status and state not in _SUCCESS | _FAILURE:
        report.skip(f"deployment status {state!r}, which is not final")
        return None
    identity = loose.text(deployment.get("id"))
    repository = loose.text(loose.at(body, "repository", "full_name"))
    if identity is None or repository is None:
        message = "no deployment.id or repository.full_name, expected a deployment_status; left out"
        report.error("wrong-shape", message, span)
        return None
    ended = loose.moment(status.get("created_at"), "deployment_status.created_at", span, report)
    if ended is None:
        message = "no readable deployment_status.created_at; the deployment was left out"
        report.error("wrong-shape", message, span)
        return None
    started = loose.moment(deployment.get("created_at"), "deployment.created_at", span, report)
    payload = loose.mapping(deployment.get("payload"))
    return Rollout(
        id=identity,
        source=f"github.com/{repository}",
        at=ended,
        subject=loose.first_text(*(payload.get(key) for key in ("service", "component", "app")))
        or "",
        environment=environment_of(
            loose.first_text(status.get("environment"), deployment.get("environment"))
        ),
        success=state in _SUCCESS,
        version=loose.first_text(payload.get("version"), version(deployment)),
        actor=loose.first_text(
            loose.at(deployment, "creator", "login"), loose.at(status, "creator", "login")
        ),
        duration_seconds=seconds_between(started, ended),
        span=span,
        progress=True,
        repository=repository,
        undoes=(loose.text(deployment.get("task")) or "").lower().endswith("rollback"),
    )


def version(deployment: dict[str, Any]) -> str | None:
    """The tag that was deployed, else the short commit.

    >>> version({"ref": "v1.2.0", "sha": "f95f852bd8"}), version({"ref": "main", "sha": "f95f852bd8"})
    ('v1.2.0', 'f95f852')
    """
    tag = _TAG.fullmatch(loose.text(deployment.get("ref")) or "")
    if tag is not None:
        return tag[1]
    return (loose.text(deployment.get("sha")) or "")[:SHORT_SHA] or None
