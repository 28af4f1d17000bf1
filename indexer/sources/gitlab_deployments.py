"""GitLab deployment events (webhooks with `object_kind: deployment`).

Read: Deployment records as from GitHub; the environment tier counts where the environment has a name of its
own.

Joined: `project.path_with_namespace` by `gitlab.com/project-slug`.

Ignored: states that are not final, other events.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.deployments import Rollout, environment_of
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.github_deployments import version

_KIND = re.compile(r"\"object_kind\"\s*:\s*\"deployment\"")

_SUCCESS, _FAILURE = frozenset({"success"}), frozenset({"failed"})


class GitLabDeployments(FeedReader):
    """Reads final states; created, running, blocked and cancelled ones are counted."""

    name: ClassVar[str] = "gitlab-deployments"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """An event of kind deployment."""
        return bool(_KIND.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one rollout a final state."""
        for item, span in read_items(file, harvest.report):
            rollout = _rollout(item, span, harvest.report)
            if rollout is not None:
                harvest.tell(rollout)


SOURCE = GitLabDeployments


def _rollout(body: dict[str, Any], span: SourceSpan, report: Report) -> Rollout | None:
    if body.get("object_kind") != "deployment":
        report.skip(f"GitLab event {body.get('object_kind')!r}, which is no deployment")
        return None
    state = (loose.text(body.get("status")) or "").lower()
    if state not in _SUCCESS | _FAILURE:
        report.skip(f"deployment status {state!r}, which is not final")
        return None
    identity = loose.text(body.get("deployment_id"))
    repository = loose.text(loose.at(body, "project", "path_with_namespace"))
    at = loose.moment(body.get("status_changed_at"), "status_changed_at", span, report)
    if identity is None or repository is None or at is None:
        message = "no deployment_id, project.path_with_namespace or status_changed_at; left out"
        report.error("wrong-shape", message, span)
        return None
    commit = {"ref": body.get("ref"), "sha": body.get("short_sha")}
    environment, tier = body.get("environment"), body.get("environment_tier")
    return Rollout(
        id=identity,
        source=f"gitlab/{repository}",
        at=at,
        subject="",
        environment=environment_of(loose.text(environment), loose.text(tier)),
        success=state in _SUCCESS,
        version=version(commit),
        actor=loose.first_text(loose.at(body, "user", "username"), loose.at(body, "user", "name")),
        duration_seconds=None,
        span=span,
        progress=True,
        repository=repository,
    )
