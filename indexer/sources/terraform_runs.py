"""Notifications of HCP Terraform, Terraform Enterprise and their likes about runs (`run_status`).

Read: Apply records: applied ones as success, errored and cancelled ones as such; of several notifications about one
run the latest counts.

Joined: the workspace's name finds the Terraform state, folder or workspace of that name, whose resources get the apply
as their last one; without one the apply is kept by itself, and reported.

Ignored: runs that only planned, are still going on, or applied nothing; assessments; verification (all counted).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.changes import ChangeEvent
from indexer.collectors.deployments import seconds_between
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.platform.places import environment_among
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_CONFIGURATION = re.compile(r"\"notification_configuration_id\"\s*:")
_WORKSPACE = re.compile(r"\"workspace_name\"\s*:")

OUTCOMES = {
    "applied": "success",
    "errored": "failure",
    "canceled": "cancelled",
    "force_canceled": "cancelled",
}
"""Final states of a run that was to be applied; `planned_and_finished` and the like change nothing."""


class TerraformRuns(FeedReader):
    """Reads one apply a run."""

    name: ClassVar[str] = "terraform-runs"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A notification's configuration beside a workspace's name."""
        return bool(_CONFIGURATION.search(file.head) and _WORKSPACE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over final states; the others are counted."""
        for body, span in read_items(file, harvest.report):
            for event in _events(body, span, harvest.report):
                harvest.tell(event)


SOURCE = TerraformRuns


def _events(body: dict[str, Any], span: SourceSpan, report: Report) -> Iterator[ChangeEvent]:
    run, workspace = loose.text(body.get("run_id")), loose.text(body.get("workspace_name"))
    organization = loose.text(body.get("organization_name")) or ""
    for row in loose.mappings(body.get("notifications")):
        status = (loose.text(row.get("run_status")) or "").lower()
        if status not in OUTCOMES:
            report.skip(f"Terraform run {status or 'notification'!r}, which applied nothing")
            continue
        at = loose.moment(row.get("run_updated_at"), "run_updated_at", span, report)
        if run is None or workspace is None or at is None:
            message = "no run_id, workspace_name or run_updated_at; the run was left out"
            report.error("wrong-shape", message, span)
            continue
        began = loose.moment(body.get("run_created_at"), "run_created_at", span, report)
        values = {
            "name": workspace,
            "action": "apply",
            "outcome": OUTCOMES[status],
            "tool": "terraform cloud",
            "environment": environment_among(workspace),
            "actor": loose.first_text(body.get("run_created_by"), row.get("run_updated_by")),
            "url": loose.text(body.get("run_url")),
            "duration_seconds": seconds_between(began, at),
        }
        yield ChangeEvent(
            kind=k.APPLY,
            id=run,
            source=f"terraform cloud/{organization}",
            at=at,
            values=tuple(values.items()),
            subjects=(workspace,),
            repository="",
            said_at=at,
            span=span,
        )
