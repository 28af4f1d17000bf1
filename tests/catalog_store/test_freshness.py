"""A feed is quiet when it is silent for longer than it usually is; nothing is usual before there were enough events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog_store.content import CatalogContent
from catalog_store.freshness import FEWEST, feeds
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import Record
from catalog_store.model.fields import FieldTable
from catalog_store.store import CatalogStore
from catalog_store.tables import write_catalog

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """Hours between events, oldest first, then the silence until now."""

    id: str
    gaps: Sequence[float]
    silence: float
    quiet: bool


CASES = [
    Case("steady and fresh", [6] * 30, 5, False),
    Case("steady and silent", [6] * 30, 20, True),
    Case("a silence as long as a weekend is usual", [6] * 20 + [60] + [6] * 10, 62, False),
    Case("a silence of two weekends is not", [6] * 20 + [60] + [6] * 10, 130, True),
    Case("too few events to know", [6] * (FEWEST - 2), 500, False),
    Case("minutes apart, silent for less than an hour", [0.05] * 40, 0.9, False),
    Case("minutes apart, silent for two hours", [0.05] * 40, 2, True),
]


def _store(path: Path, moments: list[datetime]) -> CatalogStore:
    span = SourceSpan("feed.ndjson", 1, 1, "cdevents")
    records = [
        Record("Deployment", str(n), {"at": at, "component": "component:default/cart"}, span)
        for n, at in enumerate(moments)
    ]
    write_catalog(path / "c.duckdb", CatalogContent(records=records), FieldTable())
    return CatalogStore(path / "c.duckdb", FieldTable())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_quiet(case: Case, tmp_path: Path) -> None:
    at = NOW - timedelta(hours=case.silence)
    moments = [at]
    for gap in reversed(case.gaps):
        at -= timedelta(hours=gap)
        moments.append(at)
    store = _store(tmp_path, moments)
    (feed,) = feeds(store, NOW)
    store.close()
    assert (feed.format, feed.kind, feed.events) == ("cdevents", "deployments", len(moments))
    assert feed.quiet is case.quiet
    assert feed.silent_for == timedelta(hours=case.silence)
    assert feed.longest_gap.total_seconds() == pytest.approx(max(case.gaps) * 3600)


def test_what_lies_in_the_future_or_long_ago_does_not_count(tmp_path: Path) -> None:
    store = _store(tmp_path, [NOW + timedelta(days=1), NOW - timedelta(days=400)])
    assert feeds(store, NOW) == []
    store.close()
