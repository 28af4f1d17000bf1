"""Prometheus rule files, plain or as PrometheusRule resources: the alerting rules; recording rules are left alone.

Read: Alert records by `alertname`: severity, summary, runbook address, query; `inactive` unless someone says it
fires. Rules of one name are one alert.

Joined: the first of the labels service, component, app, job … that names an entity by reference, name, title or
platform name; without labels the matchers of the query, when they name one entity. The page at the end of
`runbook_url` becomes a runbook of the alert and of its entity.

Ignored: recording rules, `for`, group settings; templates of Helm charts are reported.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.alerts import Rule
from indexer.files import InputFile
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import read_mappings

_GROUPS = re.compile(r"^\s*[\"']?groups[\"']?\s*:", re.MULTILINE)
_RULE = re.compile(r"^[\s-]*[\"']?(?:alert|record)[\"']?\s*:\s*\S", re.MULTILINE)


class PrometheusRules(FeedReader):
    """Reads every alerting rule."""

    name: ClassVar[str] = "prometheus-rules"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json", ".rules"})

    def claims(self, file: InputFile) -> bool:
        """A key `groups` and a rule that has an `alert` or `record`."""
        return bool(_GROUPS.search(file.head) and _RULE.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the rules with a usable name."""
        for part in read_mappings(file, harvest.report):
            base = () if "groups" in part.value else ("spec",)
            groups = loose.at(part.value, *base, "groups")
            for number, group in enumerate(groups if isinstance(groups, list) else ()):
                rules = loose.mapping(group).get("rules")
                for place, raw in enumerate(rules if isinstance(rules, list) else ()):
                    span = part.span(*base, "groups", number, "rules", place)
                    rule = _rule(loose.mapping(raw), span, harvest.report)
                    if rule is not None:
                        harvest.tell(rule)


SOURCE = PrometheusRules


def _rule(rule: dict[str, Any], span: SourceSpan, report: Report) -> Rule | None:
    if rule.get("record") is not None and rule.get("alert") is None:
        return None
    name = loose.text(rule.get("alert"))
    if name is None:
        report.error(
            "wrong-shape", "a rule with neither `alert` nor `record`; it was left out", span
        )
        return None
    return Rule(
        name=name,
        labels=texts(rule.get("labels")),
        annotations=texts(rule.get("annotations")),
        query=loose.text(rule.get("expr")) or "",
        span=span,
    )


def texts(value: Any) -> dict[str, str]:
    """Labels and annotations: the entries of a mapping that are text."""
    pairs = ((key, loose.text(inner)) for key, inner in loose.mapping(value).items())
    return {key: inner for key, inner in pairs if inner is not None}
