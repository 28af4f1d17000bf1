"""What is firing: the list of Alertmanager's v2 API (`GET /api/v2/alerts`) and its webhook bodies (version 4).

Read: the state of Alert records: `active` when an instance fires, `suppressed` when all that fire are silenced,
and since when. Of several statements about one instance the latest counts.

Joined: by `alertname` with the rule; without a rule by the instance's own labels.

Ignored: receivers, groups, generator addresses, `endsAt` of firing instances.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.alerts import ACTIVE, INACTIVE, SUPPRESSED, Instance
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.prometheus_rules import texts

_NAMED = re.compile(r"\"alertname\"\s*:")
_STARTED = re.compile(r"\"startsAt\"\s*:")

_STATES = {
    "active": ACTIVE,
    "firing": ACTIVE,
    "unprocessed": ACTIVE,
    "suppressed": SUPPRESSED,
    "resolved": INACTIVE,
    "inactive": INACTIVE,
}
"""What the API and the webhook say → what the catalog says."""


class Alertmanager(FeedReader):
    """Reads every instance; Grafana's webhooks have the same shape."""

    name: ClassVar[str] = "alertmanager"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """Alerts with an `alertname` and a `startsAt`."""
        return bool(_NAMED.search(file.head) and _STARTED.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the instances with a usable name and state."""
        for item, span in read_items(file, harvest.report, "alerts"):
            # v1 of the API put its list below `data`.
            many = loose.mappings(item.get("data")) if "labels" not in item else [item]
            for raw in many:
                instance = _instance(raw, span, harvest.report)
                if instance is not None:
                    harvest.tell(instance)


SOURCE = Alertmanager


def _instance(raw: dict[str, Any], span: SourceSpan, report: Report) -> Instance | None:
    labels = texts(raw.get("labels"))
    name = labels.get("alertname")
    status = loose.first_text(raw.get("status"), loose.at(raw, "status", "state"), raw.get("state"))
    state = _STATES.get((status or "").lower())
    if name is None or state is None:
        what = "an alertname" if name is None else f"a known state (it says {status!r})"
        report.error("wrong-shape", f"an alert without {what}; it was left out", span)
        return None
    since = _moment(raw, "startsAt", name, span, report)
    ended = _moment(raw, "endsAt", name, span, report) if state == INACTIVE else None
    updated = _moment(raw, "updatedAt", name, span, report)
    return Instance(
        name=name,
        identity=loose.text(raw.get("fingerprint")) or repr(sorted(labels.items())),
        labels=labels,
        annotations=texts(raw.get("annotations")),
        state=state,
        since=since,
        said_at=updated or ended or since,
        span=span,
    )


def _moment(
    raw: dict[str, Any], key: str, name: str, span: SourceSpan, report: Report
) -> datetime | None:
    return loose.moment(raw.get(key), f"{key} of alert {name!r}", span, report)
