"""What every group of routes gets: the settings in force, what is live, and the server's measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from app.observe import Measures
from app.serving import Serving
from app.settings import Settings
from app.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Context:
    """One server's; a module of routes keeps no state of its own."""

    wiring: Wiring
    measures: Measures

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.wiring.settings

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        """The newest snapshot, held until the block ends."""
        with self.wiring.live.serving() as serving:
            yield serving

    def now(self, given: datetime | None) -> datetime:
        """The moment to answer for: the caller's where callers are believed, else the clock's."""
        return (given if self.settings.trust_caller else None) or datetime.now(UTC)
