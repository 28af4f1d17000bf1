"""Atlantis webhooks of `event: apply`: one body for each project that was applied.

Read: Apply records: project, folder and workspace, success or failure, who, which pull request, which commit. A body
holds no time of its own: one that is sent here happened when it came in; whoever keeps them in files writes it beside
the other keys as `received_at` (or `timestamp`, `time`), and one without it is left out.

Joined: the project's name, or repository and folder with the workspace, find the Terraform state; its resources get
the apply as their last one. Without a state, or when several fit, it belongs to the components of the repository.

Ignored: drift events (counted), the text of pull requests.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.changes import ChangeEvent
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.platform.places import environment_among
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.github_deployments import SHORT_SHA
from indexer.stacks import folder_name

_APPLY = re.compile(r"\"Workspace\"\s*:\s*\"")
_REPO = re.compile(r"\"Repo\"\s*:\s*\{")
_DRIFT = re.compile(r"\"projects_with_drift\"\s*:")
_TIMES = ("received_at", "timestamp", "time")


class Atlantis(FeedReader):
    """Reads one apply a body."""

    name: ClassVar[str] = "atlantis"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A `Repo` beside a `Workspace`, both written as Go does; or a drift report."""
        head = file.head
        return bool((_APPLY.search(head) and _REPO.search(head)) or _DRIFT.search(head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one change a body."""
        for body, span in read_items(file, harvest.report):
            event = _event(body, span, harvest.report, file.received_at)
            if event is not None:
                harvest.tell(event)


SOURCE = Atlantis


def _event(
    body: dict[str, Any], span: SourceSpan, report: Report, received_at: datetime | None
) -> ChangeEvent | None:
    if "projects_with_drift" in body:
        report.skip("Atlantis drift report, which applies nothing")
        return None
    repository = loose.text(loose.at(body, "Repo", "FullName"))
    folder = loose.text(body.get("Directory")) or "."
    if repository is None or not isinstance(body.get("Success"), bool):
        message = "no Repo.FullName or Success, expected the body of an apply; it was left out"
        report.error("wrong-shape", message, span)
        return None
    key = next((key for key in _TIMES if body.get(key)), None)
    at = loose.moment(body.get(key), key, span, report) if key else received_at
    if at is None:
        message = (
            f"an apply of {repository} without a time, which Atlantis does not send; "
            "it was left out, keep the moment it came in as received_at beside its other keys"
        )
        report.error("missing-time", message, span)
        return None
    workspace = loose.text(body.get("Workspace"))
    project = loose.text(body.get("ProjectName"))
    place = folder_name(folder.strip("/"), workspace)
    number = loose.text(loose.at(body, "Pull", "Num")) or "0"
    commit = (loose.text(loose.at(body, "Pull", "HeadCommit")) or "")[:SHORT_SHA]
    values = {
        "name": project or place,
        "action": "apply",
        "outcome": "success" if body["Success"] else "failure",
        "tool": "atlantis",
        "environment": environment_among(workspace, folder, project),
        "branch": loose.text(loose.at(body, "Pull", "BaseBranch")),
        "actor": loose.text(loose.at(body, "User", "Username")),
        "version": commit or None,
        "url": loose.text(loose.at(body, "Pull", "URL")),
    }
    return ChangeEvent(
        kind=k.APPLY,
        id=f"{number}-{project or place}-{at:%Y%m%dT%H%M%SZ}",
        source=f"atlantis/{repository}",
        at=at,
        values=tuple(values.items()),
        subjects=tuple(filter(None, (project, f"{repository.rpartition('/')[2]}/{place}", place))),
        repository=repository,
        said_at=at,
        span=span,
    )
