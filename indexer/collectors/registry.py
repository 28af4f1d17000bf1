"""Which collector takes which statements."""

from __future__ import annotations

from typing import Any

from indexer.collectors.changes import Changes
from indexer.collectors.deployments import Deployments, Rollout
from indexer.collectors.incidents import Incidents
from indexer.collectors.shifts import Shifts

_BY_CLASS: dict[type, type[Any]] = {
    Rollout: Deployments,
    **{taken: kind for kind in (Changes, Incidents, Shifts) for taken in kind.takes},
}


def collector_of(statement: type) -> type[Any]:
    """The class of the collector that takes statements of a class.

    Raises:
        KeyError: none does.
    """
    return _BY_CLASS[statement]
