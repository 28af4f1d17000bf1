"""What every group of routes gets: the settings in force, what is live, and the server's measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from app.callers import CALLER, Caller
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
    def serving(self, asker: str | None = None) -> Iterator[Serving]:
        """What the caller sees of the newest snapshot, held until the block ends.

        Args:
            asker: who the caller says it is, which counts only where callers are believed.
        """
        believed = asker is not None and self.settings.trust_caller
        caller = Caller.named(asker) if asker is not None and believed else CALLER.get()
        with self.wiring.live.serving() as serving:
            yield serving.seen_by(caller)

    @contextmanager
    def everything(self) -> Iterator[Serving]:
        """The whole newest snapshot: for measures of the server, never for an answer."""
        with self.wiring.live.serving() as serving:
            yield serving

    def opened(self, ref: str) -> None:
        """Note that a thing or a page was opened, as far as an organisation agreed to keep that."""
        if self.measures.usage is not None:
            self.measures.usage.opened("http", ref, asker=CALLER.get().user)

    def now(self, given: datetime | None) -> datetime:
        """The moment to answer for: the caller's where callers are believed, else the clock's."""
        return (given if self.settings.trust_caller else None) or datetime.now(UTC)
