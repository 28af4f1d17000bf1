"""Objectives and how they stand → SLO records, tied to the service they promise something about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from catalog_store.content import CatalogContent
from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Edge, Record, Value
from indexer import joins
from indexer.catalog import Catalog
from indexer.reporting import Report

if TYPE_CHECKING:
    from indexer.sources.base import Harvest

OF = ("component", "api", "resource", "system")
"""Kinds an SLO may be about, likeliest first."""

_INDICATORS = {
    "availability": re.compile(
        r"availab|uptime|success|error.?rate|\berrors?\b|5xx", re.IGNORECASE
    ),
    "latency": re.compile(
        r"latenc|duration|response.?time|\bslow\b|\bfast\b|\bp9\d\b", re.IGNORECASE
    ),
    "freshness": re.compile(r"fresh|staleness|\blag\b", re.IGNORECASE),
    "correctness": re.compile(r"correct|accura|quality", re.IGNORECASE),
    "throughput": re.compile(r"throughput", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Slo:
    """One objective as written.

    Attributes:
        name: unique in the organisation.
        aliases: other names status feeds use for it.
        title: as people read it; empty when it has none.
        service: what it is about, as written; empty when it does not say.
        objective: promised share, in percent.
        window: as written ("30d").
    """

    name: str
    title: str
    service: str
    objective: float | None
    window: str | None
    indicator: str | None
    description: str | None
    span: SourceSpan
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """One sample of the error budget that is left.

    Attributes:
        name: of the SLO, as the feed writes it.
        labels: of the sample; may name the service.
        budget_left: in percent; None when there is no data.
        at: when it was measured, UTC.
    """

    name: str
    labels: Mapping[str, str]
    budget_left: float | None
    at: datetime | None
    span: SourceSpan


class Slos:
    """Joins objectives and samples by the name of the SLO."""

    takes: ClassVar[tuple[type, ...]] = (Slo, Status)

    def __init__(self) -> None:
        self._slos: dict[str, Slo] = {}
        self._samples: dict[str, list[Status]] = {}

    def add(self, statement: Slo | Status, report: Report) -> None:
        """Take one objective, of two with one name the first one stays, or one sample."""
        if isinstance(statement, Status):
            self._samples.setdefault(statement.name.lower(), []).append(statement)
            return
        known = self._slos.setdefault(statement.name, statement)
        if known is not statement:
            message = f"the SLO {statement.name!r} is described twice; the one in {known.span.path}:{known.span.first} is kept, rename or remove this one"
            report.error("duplicate-slo", message, statement.span)

    def finish(self, catalog: Catalog, content: CatalogContent, harvest: Harvest) -> None:
        """Add the records and their edges."""
        report = harvest.report
        for slo in self._slos.values():
            names = [name.lower() for name in (slo.name, *slo.aliases)]
            samples = [s for name in names for s in self._samples.pop(name, ())]
            self._write(slo, samples, catalog, content, report)
        for samples in self._samples.values():
            first = samples[0]
            message = f"a sample of the SLO {first.name!r}, which no file describes; kept without an objective, index its file"
            report.warning("unknown-slo", message, first.span)
            service = next(
                (first.labels[key] for key in joins.NAMING_LABELS if key in first.labels), ""
            )
            kind, window = indicator_of(first.name), first.labels.get("window")
            slo = Slo(first.name, "", service, None, window, kind, None, first.span)
            self._write(slo, samples, catalog, content, report)

    def _write(
        self,
        slo: Slo,
        samples: list[Status],
        catalog: Catalog,
        content: CatalogContent,
        report: Report,
    ) -> None:
        values = _values(slo) | _standing(samples)
        record = Record(k.SLO, slo.name, values, slo.span)
        content.records.append(record)
        target = joins.find(catalog, slo.service, OF)
        if target is not None:
            content.edges.append(Edge(record.ref, "sloOf", str(target), slo.span))
        else:
            what = f"{slo.service!r}, which is not in the catalog" if slo.service else "no service"
            message = f"the SLO {slo.name!r} is about {what}; it was kept, mend its service"
            report.warning("unknown-service", message, slo.span)


def indicator_of(*texts: str | None) -> str | None:
    """The kind of indicator that names and titles give away, the first text that says it counts.

    >>> indicator_of("checkout-p99"), indicator_of(None, "Checkout availability"), indicator_of("x")
    ('latency', 'availability', None)
    """
    for text in texts:
        for kind, words in _INDICATORS.items():
            if text and words.search(text):
                return kind
    return None


def _values(slo: Slo) -> dict[str, Value]:
    values: dict[str, Value] = {
        "name": slo.name,
        "title": slo.title or None,
        "description": slo.description,
        "objective": slo.objective,
        "window": slo.window,
        "indicator": slo.indicator,
    }
    return {name: value for name, value in values.items() if value is not None}


def _standing(samples: list[Status]) -> dict[str, Value]:
    """The latest sample; of several measured at one time the worst counts."""
    known = [one for one in samples if one.budget_left is not None]
    latest = max((one.at for one in known if one.at is not None), default=None)
    fresh = [one for one in known if one.at == latest] or known
    left = min((one.budget_left for one in fresh if one.budget_left is not None), default=None)
    if left is None:
        return {}  # no data is neither kept nor broken
    values: dict[str, Value] = {"budget_left": left, "breached": left <= 0}
    if latest is not None:
        values["measured_at"] = latest
    return values
