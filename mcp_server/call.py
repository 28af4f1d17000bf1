"""What one call of an agent gets: the catalog as its caller sees it, the moment, and where the answer is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.observe import Measures

if TYPE_CHECKING:
    from app.serving import Serving
    from assistant.answer import Answer

SURFACE = "mcp"
"""The name under which answers given here are counted."""


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Where calls get their answers from.

    Attributes:
        see: given what the transport knows of the request (None over stdio), the catalog as its caller may see it, held
            until the block ends, and the caller's reference where it is known.
        now: the moment to answer for.
        measures: counts what is asked.
    """

    see: Callable[[Any], AbstractContextManager[tuple[Serving, str | None]]]
    measures: Measures
    now: Callable[[], datetime] = _clock

    @contextmanager
    def call(self, request: Any) -> Iterator[Call]:
        """One call, with one snapshot from its beginning to its end."""
        with self.see(request) as (seen, asker):
            yield Call(seen, asker, self.now(), self.measures)


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        seen: everything the caller may see.
        asker: reference of the user who asks; None when nobody said.
        now: the moment to answer for.
        measures: counts what is asked.
    """

    seen: Serving
    asker: str | None
    now: datetime
    measures: Measures

    def ask(
        self,
        question: str | None,
        *,
        limit: int,
        plan: dict[str, Any] | None = None,
        conversation: str | None = None,
        now: datetime | None = None,
    ) -> Answer:
        """An answer, counted under this surface; `now` differs from the call's on later pages of an earlier answer."""
        begun = time.perf_counter()
        with self.measures.answering(SURFACE):
            answer = self.seen.ask(
                question,
                now=now or self.now,
                asker=self.asker,
                conversation=conversation,
                limit=limit,
                plan=plan,
            )
            self.measures.question(
                SURFACE,
                answer,
                seconds=time.perf_counter() - begun,
                snapshot=self.seen.id,
                question=question,
                asker=self.asker,
                edited=plan is not None,
            )
        return answer
