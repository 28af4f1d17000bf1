"""How SLOs stand: replies of the Prometheus API (`/api/v1/query`) about the error budget that is left.

Read: of every SLO the error budget left in percent, when it was measured, and whether it is breached (at or
below 0). Of several samples the latest counts, then the worst.

Joined: the labels `slo`, `slo_name`, `sloth_id` … hold the name of the SLO; unknown SLOs are kept and reported.

Ignored: `NaN` and missing samples, which leave both facts empty; other metrics.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.slos import Status
from indexer.files import InputFile
from indexer.json_items import read_items
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.sources.prometheus_rules import texts

_REPLY = re.compile(r"\"resultType\"\s*:\s*\"(?:vector|matrix)\"|\"metric\"\s*:\s*\{")
_BUDGET = re.compile(r"\"__name__\"\s*:\s*\"[^\"]*budget[^\"]*\"", re.IGNORECASE)

METRICS = frozenset(
    {
        "slo_error_budget_remaining_ratio",
        "slo:error_budget_remaining:ratio",
        "slo:period_error_budget_remaining:ratio",  # sloth
        "pyrra_error_budget_remaining",
    }
)
"""Metrics whose value is the share of the error budget that is left: 1 is all of it, 0 or less none."""

_NAMES = ("slo", "slo_name", "sloth_id", "openslo_name", "sloth_slo")


class SloStatus(FeedReader):
    """Reads the latest value of every series."""

    name: ClassVar[str] = "slo-status"
    suffixes: ClassVar[frozenset[str]] = frozenset({".json", ".ndjson", ".jsonl"})

    def claims(self, file: InputFile) -> bool:
        """A vector or matrix of a metric about a budget."""
        return bool(_REPLY.search(file.head) and _BUDGET.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over one sample a series."""
        for item, span in read_items(file, harvest.report, "data", "result"):
            sample = _sample(item, span, harvest.report)
            if sample is not None:
                harvest.tell(sample)


SOURCE = SloStatus


def _sample(item: dict[str, Any], span: SourceSpan, report: Report) -> Status | None:
    labels = texts(item.get("metric"))
    metric = labels.get("__name__")
    if metric not in METRICS:
        report.skip(f"series of {metric!r}, which is no error budget")
        return None
    name = next((labels[key] for key in _NAMES if key in labels), None)
    many = item.get("values")
    value = many[-1] if isinstance(many, list) and many else item.get("value")
    if name is None or not isinstance(value, list) or len(value) != 2:
        report.error(
            "wrong-shape",
            "a series without a label `slo` or without a value; it was left out",
            span,
        )
        return None
    ratio = loose.number(value[1])
    at = loose.moment(value[0], f"the time of a sample of {name!r}", span, report)
    left = None if ratio is None else round(ratio * 100, 6)
    return Status(name, labels, left, at, span)
