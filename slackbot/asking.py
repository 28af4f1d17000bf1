"""A question put to the snapshot that is live, with what a message needs beside the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.callers import ANYONE, Caller
from app.live import LiveAssistant
from app.observe import Measures, log
from app.serving import Serving
from assistant.answer import Answer, Status
from catalog_store.errors import CatalogError
from slackbot.blocks.answer import Owner
from slackbot.people import facts_of

THREADS = 4
"""Answers made at a time; more of them would only take turns, and the acknowledgements would wait among them."""

LIMIT_S = 60.0
"""Longest an answer may take; then the asker is told so."""

SURFACE = "slack"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    Attributes:
        question: in words; None with a plan.
        plan: an edited reading.
        asker: the catalog User who asks; decides what "my" means.
        public: the answer is shown to a channel.
        conversation: id of the conversation it continues.
        previous: the last plan of that conversation, for after a restart.
        limit: most rows.
        asked: somebody asked it, rather than opened something that shows its answer.
    """

    question: str | None
    asker: str | None
    now: datetime
    plan: dict[str, Any] | None = None
    public: bool = False
    conversation: str | None = None
    previous: dict[str, Any] | None = None
    limit: int = 100
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, who can be asked about it, and whether the asker alone would have seen more."""

    answer: Answer
    snapshot: str
    owner: Owner | None = None
    withheld: bool = False


class Asking:
    """Answers in threads of its own, so that the event loop goes on acknowledging."""

    def __init__(self, live: LiveAssistant, measures: Measures, *, ruled: bool = False) -> None:
        """Takes what is live; the caller closes it.

        Args:
            live: what answers.
            measures: counts questions.
            ruled: whether anything is hidden from anybody.
        """
        self.live = live
        self.measures = measures
        self._ruled = ruled
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="slack-ask")
        self._known: set[tuple[str, Caller]] = set()

    def close(self) -> None:
        """Wait for what is being answered."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def ask(self, query: Query) -> Found:
        """Answer a question.

        Raises:
            CatalogError: it is malformed, or the snapshot cannot answer.
            TimeoutError: it took longer than `LIMIT_S`.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(self._pool, self._ask, query), LIMIT_S)

    def _ask(self, query: Query) -> Found:
        begun = time.perf_counter()
        caller = ANYONE if query.public else caller_of(query.asker)
        with self.measures.answering(SURFACE), self.live.serving() as serving:
            seen = serving.seen_by(caller)
            self._prime(seen, query, caller)
            answer = seen.ask(
                query.question,
                plan=query.plan,
                now=query.now,
                asker=query.asker,
                conversation=query.conversation,
                limit=query.limit,
            )
            owner = owner_of(seen, answer)
            snapshot = serving.id
            withheld = (
                self._ruled
                and query.public
                and query.asker is not None
                and _differs(serving.seen_by(caller_of(query.asker)), query, answer)
            )
        if answer.conversation:
            self._known.add((answer.conversation, caller))
        if query.asked:
            self.measures.question(
                SURFACE,
                answer,
                seconds=time.perf_counter() - begun,
                snapshot=snapshot,
                question=query.question,
                asker=query.asker,
                edited=query.plan is not None,
            )
        return Found(answer, snapshot, owner, withheld)

    def _prime(self, serving: Serving, query: Query, caller: Caller) -> None:
        """After a restart the last plan of a thread is run once more, so that a follow-up has something to lean on."""
        if query.conversation is None or query.previous is None or query.plan is not None:
            return
        if (query.conversation, caller) in self._known:
            return
        try:
            serving.ask(
                None,
                plan=query.previous,
                now=query.now,
                conversation=query.conversation,
                limit=1,
            )
        except CatalogError as error:  # a plan of another catalog: the question stands alone
            log(logging.INFO, "slack conversation not resumed", error=str(error))


def caller_of(asker: str | None) -> Caller:
    """Somebody as the permissions know them: a catalog User, or nobody in particular."""
    return ANYONE if asker is None else Caller(user=asker)


def _differs(seen: Serving, query: Query, answer: Answer) -> bool:
    """Whether the asker alone would have been told something else."""
    plan = answer.interpretation.plan
    try:
        own = seen.ask(
            None if plan else query.question,
            plan=plan,
            now=query.now,
            asker=query.asker,
            limit=query.limit,
        )
    except CatalogError:
        return False
    return _held(own) != _held(answer)


def _held(answer: Answer) -> tuple[object, ...]:
    return (
        answer.status,
        answer.total,
        answer.value,
        [r.ref for r in answer.results],
        [(row.key, row.value) for row in answer.rows],
        [(p.path, p.lines) for p in answer.passages],
    )


def owner_of(serving: Serving, answer: Answer) -> Owner | None:
    """The team that can be asked about an answer, where its channel is known; None where several teams are concerned."""
    teams = {r.ref for r in answer.results if r.kind == "Group"}
    if not teams:
        teams = {str(owner) for r in answer.results if (owner := r.fields.get("owner"))}
    if not teams:
        chips = answer.interpretation.chips
        teams = {str(c.value) for c in chips if str(c.value).startswith("group:")}
    if not teams and answer.status in (Status.NO_SUCH_FACT, Status.EMPTY, Status.ANSWERED):
        refs = [r.ref for r in answer.results[:1]]
        refs += [str(c.value) for c in answer.interpretation.chips if "/" in str(c.value)]
        teams = {owner for ref in refs[:3] if (owner := facts_of(serving, ref).get("owner"))}
    if len(teams) != 1:
        return None
    ref = next(iter(teams))
    channel = facts_of(serving, ref).get("slack_channel")
    if not channel:
        return None
    try:
        title = serving.entity(ref).title
    except CatalogError:
        title = ref.rpartition("/")[2]
    return Owner(title, channel)
