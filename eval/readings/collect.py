"""Ask every kept reading of every case by itself, so that what was chosen can be held against what could have been."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.conversation import Conversations
from catalog_store.errors import CatalogError
from catalog_store.stores import as_store
from eval.outcome import Outcome, outcome_of
from eval.suite import Case, Suite
from eval.targets import MOST_RESULTS

KEPT = 20
"""Readings asked of one question; the product keeps fewer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading, asked as if it were the only one.

    Attributes:
        rank: from 0, in the order of the hand-set weights.
        behind: how far its score lies below the first one's, ≥ 0.
        left: content words it does not use.
        outcome: how its answer was judged.
    """

    rank: int
    behind: float
    left: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """A case as it is answered, and as each of its readings alone would be."""

    case: Case
    outcome: Outcome
    candidates: tuple[Candidate, ...]

    @property
    def reachable(self) -> bool:
        """Whether it is right, or would be if another of its readings were chosen."""
        return self.outcome.right or any(c.outcome.right for c in self.candidates)


def ask_readings(store: Path, suite: Suite, *, kept: int = KEPT) -> Iterator[Asked]:
    """Ask every question of a suite, and each of its readings by itself; questions to the search box have none and are left out.

    Args:
        store: holds the suite's organisation.
        suite: what to ask; follow-ups follow up on what was answered, not on what could have been.
        kept: readings asked of one question, >= 1.

    Raises:
        StoreNotFound: nothing was published there.
    """
    with closing(as_store(store).open()) as snapshot:
        conversations = Conversations()
        assistant = Assistant(snapshot, conversations)
        for chain in suite.conversations():
            ids: dict[str, str | None] = {}
            for case in (c for c in chain if not c.search):
                now = case.now or suite.now or snapshot.created_at
                before = ids.get(case.after) if case.after else None
                candidates = tuple(_candidates(assistant, conversations, case, now, before, kept))
                answer, ids[case.id] = _answer(assistant, case, now, before)
                yield Asked(case, outcome_of(case, answer, wall_ms=0.0), candidates)


def _answer(
    assistant: Assistant, case: Case, now: datetime, conversation: str | None
) -> tuple[dict[str, Any], str | None]:
    """The body of the answer, and the conversation it belongs to."""
    try:
        answer = assistant.ask(
            case.question, now=now, asker=case.asker, conversation=conversation, limit=MOST_RESULTS
        )
    except CatalogError as error:
        return {"status": "failed", "text": str(error)}, None
    return answer.model_dump(mode="json"), answer.conversation


def _candidates(
    assistant: Assistant,
    conversations: Conversations,
    case: Case,
    now: datetime,
    conversation: str | None,
    kept: int,
) -> Iterator[Candidate]:
    engine, text = assistant.engine, case.question.strip()
    previous = conversations.plan(conversation)
    heard = engine.quiet(text)
    read = engine.read(heard.text, now=now, asker=case.asker, previous=previous, kept=kept)
    for rank, reading in enumerate(read.readings):
        alone = replace(read, readings=(reading,))
        try:
            found = engine.settle(heard, alone, now=now, limit=MOST_RESULTS)
            answer = assistant.tell(text, found, now).model_dump(mode="json")
        except CatalogError as error:
            answer = {"status": "failed", "text": str(error)}
        behind = read.readings[0].score - reading.score
        left = len(read.left_over(reading.mask))
        yield Candidate(rank, behind, left, outcome_of(case, answer, wall_ms=0.0))
