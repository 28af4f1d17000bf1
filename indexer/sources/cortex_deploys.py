"""Cortex deploys: the list of its API (`GET /api/v1/catalog/{tag}/deploys`) and the bodies posted to it.

Read: Deployment records; a ROLLBACK takes back the deployment before it. Change records of SCALE and RESTART.

Joined: the tag in the body or in `customData`, else the name of the file.

Ignored: types that are none of Cortex's four; they are counted.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any, ClassVar

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.changes import ChangeEvent
from indexer.collectors.deployments import Rollout, environment_of
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest

_TYPE = re.compile(r"\"type\"\s*:\s*\"(?:DEPLOY|ROLLBACK|SCALE|RESTART)\"")
_TITLE = re.compile(r"\"title\"\s*:")
_CHANGES = {"SCALE": "scaled", "RESTART": "restarted"}
"""Cortex's type → what was done."""
_TAGS = ("x-cortex-tag", "tag", "entityTag", "service", "component")


class CortexDeploys(FeedReader):
    """Reads deploys and rollbacks as rollouts, scaling and restarts as changes."""

    name: ClassVar[str] = "cortex-deploys"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A title and one of Cortex's types."""
        return bool(_TYPE.search(file.head) and _TITLE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one event a deploy; the entity is the one it names, else the one the file is named after."""
        for item, span in read_items(file, harvest.report, "deployments"):
            rollout = _rollout(item, PurePosixPath(file.path).stem, span, harvest.report)
            kind = loose.text(item.get("type")) or ""
            if rollout is not None and kind in _CHANGES:
                harvest.tell(_change(rollout, item, _CHANGES[kind]))
            elif rollout is not None:
                harvest.tell(rollout)


SOURCE = CortexDeploys


def _rollout(item: dict[str, Any], stem: str, span: SourceSpan, report: Report) -> Rollout | None:
    kind = loose.text(item.get("type"))
    if kind not in {"DEPLOY", "ROLLBACK", *_CHANGES}:
        report.skip(f"Cortex event {kind!r}, which is no deploy")
        return None
    at = loose.moment(item.get("timestamp"), "timestamp of a deploy", span, report)
    title = loose.text(item.get("title"))
    if at is None:
        report.error("wrong-shape", "a deploy without a timestamp; it was left out", span)
        return None
    custom = loose.mapping(item.get("customData"))
    subject = loose.first_text(
        *(item.get(key) for key in _TAGS), *(custom.get(key) for key in _TAGS), stem
    )
    facts = repr((subject, at, title, item.get("sha"))).encode()
    sha = (loose.text(item.get("sha")) or "")[:7]
    outcome = loose.first_text(custom.get("outcome"), custom.get("status")) or ""
    return Rollout(
        id=loose.text(item.get("uuid")) or hashlib.sha256(facts).hexdigest()[:20],
        source="cortex",
        at=at,
        subject=subject or stem,
        environment=environment_of(loose.text(item.get("environment"))),
        success=not outcome.lower().startswith(("fail", "error")),
        version=loose.first_text(custom.get("version"), sha),
        actor=loose.first_text(
            loose.at(item, "deployer", "name"), loose.at(item, "deployer", "email")
        ),
        duration_seconds=None,
        span=span,
        undoes=kind == "ROLLBACK",
    )


def _change(rollout: Rollout, item: dict[str, Any], action: str) -> ChangeEvent:
    """A deploy that put nothing new into place."""
    values = {
        "name": loose.text(item.get("title")),
        "action": action,
        "outcome": "success" if rollout.success else "failure",
        "tool": "cortex",
        "environment": rollout.environment,
        "actor": rollout.actor,
        "version": rollout.version,
        "url": loose.text(item.get("url")),
    }
    return ChangeEvent(
        kind=k.CHANGE,
        id=rollout.id,
        source=rollout.source,
        at=rollout.at,
        values=tuple((name, value) for name, value in values.items() if value is not None),
        subjects=(rollout.subject,),
        repository="",
        said_at=rollout.at,
        span=rollout.span,
    )
