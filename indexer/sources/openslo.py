"""OpenSLO v1 and v1alpha: the objectives of kind SLO; other kinds only help to read them.

Read: SLO records: objective in percent (from `target` or `targetPercent`), window, indicator (from name, title
and display name). Of several objectives the first counts.

Joined: `spec.service` names an entity by reference, name, title or platform name.

Ignored: kinds other than SLO, metric queries, alert policies, budgeting method.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from indexer import loose
from indexer.collectors.slos import Slo, indicator_of
from indexer.files import InputFile
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import YamlPart, read_mappings

_VERSION = re.compile(r"apiVersion[\"']?\s*:\s*[\"']?openslo(?:\.com)?/", re.IGNORECASE)
_KNOWN = re.compile(r"openslo(?:\.com)?/v(?:1|1alpha|1beta\d*|2alpha\d*)", re.IGNORECASE)


class OpenSlo(FeedReader):
    """Reads every objective."""

    name: ClassVar[str] = "openslo"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml", ".json"})

    def claims(self, file: InputFile) -> bool:
        """An apiVersion of OpenSLO."""
        return bool(_VERSION.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the SLOs; other kinds are counted."""
        for part in read_mappings(file, harvest.report):
            version, kind = loose.text(part.value.get("apiVersion")) or "", part.value.get("kind")
            if not version.lower().startswith("openslo"):
                harvest.report.skip("YAML document that is no SLO")
            elif not _KNOWN.fullmatch(version):
                message = f"apiVersion is {version!r}, expected openslo/v1 or openslo/v1alpha; the document was left out"
                harvest.report.error("unknown-version", message, part.span("apiVersion"))
            elif kind != "SLO":
                harvest.report.skip(f"OpenSLO {kind}")
            else:
                slo = _slo(part, harvest.report)
                if slo is not None:
                    harvest.tell(slo)


SOURCE = OpenSlo


def _slo(part: YamlPart, report: Report) -> Slo | None:
    metadata = loose.mapping(part.value.get("metadata"))
    spec = loose.mapping(part.value.get("spec"))
    name = loose.text(metadata.get("name"))
    if name is None:
        report.error("missing-name", "metadata.name is missing; the SLO was left out", part.span())
        return None
    objectives = loose.mappings(spec.get("objectives"))
    title = loose.first_text(metadata.get("displayName"), spec.get("displayName")) or ""
    shown = loose.text(objectives[0].get("displayName")) if objectives else None
    targets = [found for one in objectives if (found := _target(one)) is not None]
    if not targets:
        message = f"the SLO {name!r} has no objective with a target from 0 to 1 or a targetPercent from 0 to 100; kept without one"
        report.warning("wrong-type", message, part.span("spec", "objectives"))
    indicator = loose.at(spec, "indicator", "metadata", "name")
    return Slo(
        name=name,
        title=title,
        service=loose.text(spec.get("service")) or "",
        objective=targets[0] if targets else None,
        window=_window(spec),
        indicator=indicator_of(name, title, shown, loose.text(indicator)),
        description=loose.text(spec.get("description")),
        span=part.span(),
    )


def _target(objective: dict[str, Any]) -> float | None:
    """The promised share in percent: `target` is a ratio, `targetPercent` is not."""
    percent = loose.number(objective.get("targetPercent"))
    if percent is None:
        ratio = loose.number(objective.get("target"))
        percent = None if ratio is None or ratio > 1 else ratio * 100
    return round(percent, 6) if percent is not None and 0 <= percent <= 100 else None


def _window(spec: dict[str, Any]) -> str | None:
    window = loose.mappings(spec.get("timeWindow")) or loose.mappings(spec.get("timeWindows"))
    if not window:
        return None
    duration = loose.text(window[0].get("duration"))
    if duration is not None:
        return duration
    count, unit = loose.text(window[0].get("count")), loose.text(window[0].get("unit"))
    return f"{count}{unit[0].lower()}" if count and unit else None
