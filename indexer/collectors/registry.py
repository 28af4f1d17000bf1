"""Which collectors there are, in the order in which they write: the order of records and edges in a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.collectors.alerts import Alerts
from indexer.collectors.base import Collector, LiveCollector
from indexer.collectors.changes import Changes
from indexer.collectors.deployments import Deployments
from indexer.collectors.findings import Findings
from indexer.collectors.incidents import Incidents
from indexer.collectors.shifts import Shifts
from indexer.collectors.slos import Slos
from indexer.reporting import Report
from indexer.sources.scorecard import Scorecards

LIVE: tuple[type[LiveCollector], ...] = (Deployments, Changes, Incidents, Alerts)
"""Those that events reach between two builds."""

COLLECTORS: tuple[type[Collector], ...] = (Scorecards, *LIVE, Findings, Slos, Shifts)


def collect(statements: Iterable[object], report: Report) -> tuple[Collector, ...]:
    """New collectors, each with the statements it takes.

    Raises:
        TypeError: no collector takes a statement of this class.
    """
    collectors = tuple(kind() for kind in COLLECTORS)
    by_class = {taken: one for one in collectors for taken in one.takes}
    for statement in statements:
        collector = by_class.get(type(statement))
        if collector is None:
            raise TypeError(f"no collector takes a {type(statement).__name__}")
        collector.add(statement, report)
    return collectors
