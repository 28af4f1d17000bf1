"""Sloth specifications (`version: prometheus/v1`), plain or as PrometheusServiceLevel resources.

Read: SLO records with the objective in percent and Sloth's default window of 30 days.

Joined: `service` names an entity; status feeds find the SLO by Sloth's own id.

Ignored: SLI queries, alerting sections, plugins.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from catalog_store.model.document import SourceSpan
from indexer import loose
from indexer.collectors.slos import Slo, indicator_of
from indexer.files import InputFile
from indexer.reporting import Report
from indexer.sources.base import FeedReader, Harvest
from indexer.yaml_files import read_mappings

_VERSION = re.compile(
    r"^[\s{]*[\"']?version[\"']?\s*:\s*[\"']?prometheus/v\d|sloth\.slok\.dev/", re.MULTILINE
)
_SLOS = re.compile(r"^\s*[\"']?slos[\"']?\s*:", re.MULTILINE)

WINDOW = "30d"
"""Sloth's default; another one is an option of its command, not of the file."""


class Sloth(FeedReader):
    """Reads every objective; its name is Sloth's own id, `<service>-<slo>`."""

    name: ClassVar[str] = "sloth"
    suffixes: ClassVar[frozenset[str]] = frozenset({".yaml", ".yml"})

    def claims(self, file: InputFile) -> bool:
        """Sloth's version, and a list `slos`."""
        return bool(_VERSION.search(file.head) and _SLOS.search(file.head))

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the SLOs of every document."""
        for part in read_mappings(file, harvest.report):
            base = () if "slos" in part.value else ("spec",)
            spec = loose.mapping(loose.at(part.value, *base))
            service = loose.text(spec.get("service")) or ""
            slos = spec.get("slos")
            for number, raw in enumerate(slos if isinstance(slos, list) else ()):
                span = part.span(*base, "slos", number)
                slo = _slo(loose.mapping(raw), service, span, harvest.report)
                if slo is not None:
                    harvest.tell(slo)


SOURCE = Sloth


def _slo(raw: dict[str, Any], service: str, span: SourceSpan, report: Report) -> Slo | None:
    name = loose.text(raw.get("name"))
    if name is None:
        report.error("missing-name", "an SLO without a name; it was left out", span)
        return None
    percent = loose.number(raw.get("objective"))
    if percent is None or not 0 <= percent <= 100:
        message = f"objective of the SLO {name!r} is {raw.get('objective')!r:.80}, expected percent from 0 to 100; it was left empty"
        report.error("wrong-type", message, span)
        percent = None
    whole = f"{service}-{name}" if service else name
    return Slo(
        name=whole,
        title="",
        service=service,
        objective=percent,
        window=WINDOW,
        indicator=indicator_of(name, loose.text(raw.get("description"))),
        description=loose.text(raw.get("description")),
        span=span,
    )
