"""GitHub Actions: `workflow_run` webhooks and exports of `GET /repos/{owner}/{repo}/actions/runs`.

Read: Run records: workflow, outcome, branch, who, commit, duration; of several statements about one run the latest
counts, attempts of a run are one run.

Joined: `repository.full_name` by project slug.

Ignored: skipped, neutral and stale runs, `check_run`, `check_suite`, `workflow_job` and their likes (counted).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.changes import ChangeEvent
from indexer.collectors.deployments import seconds_between
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.github_deployments import SHORT_SHA

_RUN = re.compile(
    r"\"(?:workflow_run|workflow_runs|check_run|check_suite|workflow_job)\"\s*:\s*[\[{]"
)
_BARE = re.compile(r"\"workflow_id\"\s*:\s*\d")
_LEFT = ("check_run", "check_suite", "workflow_job")

OUTCOMES = {
    "success": "success",
    "failure": "failure",
    "timed_out": "failure",
    "startup_failure": "failure",
    "cancelled": "cancelled",
}
"""Conclusions of a completed run; `skipped`, `neutral`, `stale` and `action_required` say nothing was built."""


class GitHubRuns(FeedReader):
    """Reads one run a body, or the runs of an export."""

    name: ClassVar[str] = "github-runs"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A workflow run, a list of them, or a check."""
        return bool(_RUN.search(file.head) or _BARE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over runs; checks are counted, since the run that made them is read."""
        for body, span in read_items(file, harvest.report, "workflow_runs"):
            if any(isinstance(body.get(key), dict) for key in _LEFT):
                harvest.report.skip("GitHub check or job, whose workflow run is what counts")
                continue
            inner = body.get("workflow_run")
            event = _event(inner if isinstance(inner, dict) else body, body, span, harvest.report)
            if event is not None:
                harvest.tell(event)


SOURCE = GitHubRuns


def _event(
    run: dict[str, Any], body: dict[str, Any], span: SourceSpan, report: Report
) -> ChangeEvent | None:
    identity = loose.text(run.get("id"))
    repository = loose.first_text(
        loose.at(run, "repository", "full_name"), loose.at(body, "repository", "full_name")
    )
    if identity is None or repository is None:
        message = "no id or repository.full_name, expected a workflow run; it was left out"
        report.error("wrong-shape", message, span)
        return None
    conclusion = (loose.text(run.get("conclusion")) or "").lower()
    status = (loose.text(run.get("status")) or "").lower()
    done = status == "completed" or bool(conclusion)
    outcome = OUTCOMES.get(conclusion) if done else {"in_progress": "running"}.get(status)
    if outcome is None:
        report.skip(
            f"GitHub run {conclusion or status or 'without a status'!r}, which built nothing"
        )
        return None
    began = loose.moment(
        run.get("run_started_at") or run.get("created_at"), "run_started_at", span, report
    )
    ended = loose.moment(run.get("updated_at"), "updated_at", span, report)
    at = ended if done else began
    if at is None:
        message = "no updated_at or run_started_at; the run was left out"
        report.error("wrong-shape", message, span)
        return None
    values = {
        "name": loose.first_text(
            run.get("name"), loose.at(body, "workflow", "name"), run.get("path")
        ),
        "action": "run",
        "outcome": outcome,
        "tool": "github",
        "branch": loose.text(run.get("head_branch")),
        "actor": loose.first_text(
            loose.at(run, "triggering_actor", "login"), loose.at(run, "actor", "login")
        ),
        "version": (loose.text(run.get("head_sha")) or "")[:SHORT_SHA] or None,
        "url": loose.text(run.get("html_url")),
        "duration_seconds": seconds_between(began, ended) if done else None,
    }
    return ChangeEvent(
        kind=k.RUN,
        id=identity,
        source=f"github.com/{repository}",
        at=at,
        values=tuple(values.items()),
        subjects=(),
        repository=repository,
        said_at=ended or at,
        span=span,
    )
