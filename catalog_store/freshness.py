"""How fresh the feeds are: when each last brought something, and whether it has been quiet for longer than it usually is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog_store.reader import CatalogReader

MOMENTS = (("deployments", "at"), ("changes", "at"), ("incidents", "created_at"))
"""Tables of things that happen, and when they did."""

WINDOW_DAYS = 180
"""What is usual is told from the last half year."""

FEWEST = 20
"""Events below which nothing is usual yet."""

PATIENCE = 1.5
"""A feed is quiet when nothing came for this many times its longest usual gap: weekends and holidays are in that gap."""

SHORTEST = timedelta(hours=1)
"""Silence below this is never reported: feeds are sent in batches."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One sort of event from one format.

    Attributes:
        format, kind: the source format, and what it brings ("deployments").
        events: within the window.
        last: the latest, UTC.
        longest_gap: between two events within the window.
        silent_for: since the latest.
    """

    format: str
    kind: str
    events: int
    last: datetime
    longest_gap: timedelta
    silent_for: timedelta

    @property
    def quiet(self) -> bool:
        """Nothing came for longer than is usual."""
        limit = max(self.longest_gap * PATIENCE, SHORTEST)
        return self.events >= FEWEST and self.silent_for > limit


def feeds(store: CatalogReader, now: datetime) -> list[Feed]:
    """Every feed that brought something within the window, quiet ones first, then by name; later events are not known yet."""
    found = []
    since = now - timedelta(days=WINDOW_DAYS)
    for table, moment in MOMENTS:
        rows = store.fetch(
            "SELECT format, count(*) AS events, max(happened) AS last, max(epoch(gap)) AS gap FROM ("
            f'SELECT format, "{moment}" AS happened, '
            f'"{moment}" - lag("{moment}") OVER (PARTITION BY format ORDER BY "{moment}") AS gap '
            f'FROM "{table}" WHERE "{moment}" BETWEEN ? AND ?) GROUP BY format',
            [since.replace(tzinfo=None), now.replace(tzinfo=None)],
        )
        found += [
            Feed(
                row["format"] or "unknown",
                table,
                row["events"],
                row["last"],
                timedelta(seconds=row["gap"] or 0),
                now - row["last"],
            )
            for row in rows
        ]
    return sorted(found, key=lambda feed: (not feed.quiet, feed.format, feed.kind))
