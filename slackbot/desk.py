"""One request from beginning to end: who asks, who would read the answer, what it is, how it gets there.

Whatever happens on the way, the asker gets an answer or a plain apology, once; what cannot be delivered now stays in the
ledger and is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from app.feedback import FeedbackLog
from app.observe import LOGGER, REQUEST_ID, log, reason
from assistant.answer import Answer, Status
from catalog_store.errors import CatalogError, UserError
from catalog_store.model import kinds as k
from slackbot.asking import Asking, Found, Query
from slackbot.blocks import said
from slackbot.blocks.answer import Frame, answer_message
from slackbot.blocks.message import Message
from slackbot.courier import Courier, Sent, Spot, Undelivered
from slackbot.ledger import Job, Ledger, Shown, written
from slackbot.people import Directory, Person
from slackbot.text import looks_asked, mentioned, paged, question_of

STALE = timedelta(hours=1)
"""A question older than this is no longer answered after a restart: the asker is told instead."""

GIVEN_UP = timedelta(days=1)
"""A message that Slack has not taken for so long is given up, and the log says so."""

STATUS_AFTER_S = 0.4
"""An answer that takes longer is announced; most take a tenth of it."""

DIRECT_GAP_S = 30 * 60
"""Direct messages further apart than this are not one conversation."""

ROWS = 100
"""Rows kept at hand for paging."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What the whole bot shares."""

    ledger: Ledger
    courier: Courier
    directory: Directory
    asking: Asking
    feedback: FeedbackLog
    me: str
    base: str | None = None
    external: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    status_after_s: float = STATUS_AFTER_S


def message_id(key: str) -> str:
    """The id of the answer to a request: the same after a restart, so that its buttons keep working."""
    return blake2b(key.encode(), digest_size=9).hexdigest()


class Desk:
    """Answers requests."""

    def __init__(self, premises: Premises) -> None:
        """Takes what the whole bot shares."""
        self.premises = premises
        self.handlers: dict[str, Callable[[Job], Awaitable[None]]] = dict.fromkeys(
            ("mention", "dm", "thread", "command"), self.question
        )

    # ── any request ──────────────────────────────────────────────────────────────────────────────

    async def run(self, job: Job) -> None:
        """Work on a request until the asker has been answered or nothing more can be done."""
        p = self.premises
        REQUEST_ID.set(message_id(job.key))
        await written(p.ledger.begin, job.key)
        try:
            try:
                await self.handlers[job.payload["how"]](job)
            except (CatalogError, TimeoutError) as error:
                await self._apologise(job, error)
            except Undelivered:
                raise
            except Exception as error:  # noqa: BLE001  whatever it is, the asker is told
                await self._apologise(job, error)
        except Undelivered as error:
            if error.later and p.clock() - job.taken_at < GIVEN_UP:
                log(logging.WARNING, "slack answer waits", how=job.payload["how"], error=str(error))
                return
            log(
                logging.ERROR,
                "slack answer undeliverable",
                how=job.payload["how"],
                channel=job.payload.get("channel"),
                error=str(error),
            )
        await written(p.ledger.finish, job.key)

    async def _apologise(self, job: Job, error: Exception) -> None:
        reference = message_id(job.key)[:8]
        if isinstance(error, UserError):
            message = said.malformed(str(error))
        elif isinstance(error, TimeoutError):
            message = said.too_slow()
        else:
            message = said.apology(reference)
        LOGGER.error(
            "slack request failed",
            exc_info=None if isinstance(error, CatalogError | TimeoutError) else error,
            extra={
                "data": {
                    "how": job.payload["how"],
                    "reference": reference,
                    "error": type(error).__name__,
                    **(reason(error) if isinstance(error, CatalogError) else {}),
                }
            },
        )
        await self.premises.courier.answer(
            job.key, spot_of(job.payload), message, again=job.attempts > 0
        )

    # ── a question ───────────────────────────────────────────────────────────────────────────────

    async def question(self, job: Job) -> None:
        """Answer a question asked in words."""
        p, payload = self.premises, job.payload
        spot = spot_of(payload)
        if p.clock() - job.taken_at > STALE:
            await p.courier.answer(job.key, spot, said.late(), again=job.attempts > 0)
            return
        person = await p.directory.person(payload["user"])
        refusal = await self.refusal(payload, person)
        if refusal is not None:
            if payload["how"] != "thread":
                await p.courier.whisper(spot, refusal)
            return
        names = await p.directory.names(mentioned(payload["text"]), p.me)
        question = question_of(payload["text"], me=p.me, names=names)
        if question.lower().strip(" ?!.") in said.GREETINGS:
            await p.courier.answer(job.key, spot, said.help_message(), again=job.attempts > 0)
            return
        wanted = paged(question)
        found = await self._find(payload, person, wanted or question, spot)
        if payload["how"] == "thread" and found.answer.status in (
            Status.OUT_OF_SCOPE,
            Status.UNKNOWN_NAME,
        ):
            return  # people talking among themselves
        shown = shown_of(found, message_id(job.key), spot, question)
        mentions = await self._mentions(found.answer) if wanted else {}
        frame = self.frame(shown, found, person, mentions=mentions)
        await self.deliver(job, spot, shown, answer_message(found.answer, frame))
        if found.withheld and not spot.only_user:
            await p.courier.whisper(spot, said.offer(frame.value()))

    async def _find(
        self, payload: dict[str, Any], person: Person, question: str, spot: Spot
    ) -> Found:
        """The answer, with a status shown where it takes long."""
        p = self.premises
        conversation, previous = await asyncio.to_thread(self._conversation, payload)
        asked = asyncio.ensure_future(
            p.asking.ask(
                Query(
                    question,
                    asker=person.ref,
                    now=p.clock(),
                    public=not (spot.direct or spot.only_user),
                    conversation=conversation,
                    previous=previous,
                    limit=ROWS,
                )
            )
        )
        done, _ = await asyncio.wait({asked}, timeout=p.status_after_s)
        if not done and not spot.only_user:
            await p.courier.status(spot, "is reading the catalog…")
        return await asked

    async def deliver(self, job: Job, spot: Spot, shown: Shown, message: Message) -> Sent:
        """Post it, and remember what it shows; before and after, so that no button is ever without its message."""
        p = self.premises
        await written(p.ledger.keep, shown, p.clock())
        sent = await p.courier.answer(job.key, spot, message, again=job.attempts > 0)
        kept = replace(
            shown,
            channel=sent.channel,
            ts=sent.ts,
            thread=None if sent.fallback else shown.thread,
            public=shown.public and not sent.fallback,
        )
        await written(self._remember, kept, spot)
        return sent

    def _remember(self, shown: Shown, spot: Spot) -> None:
        p = self.premises
        p.ledger.keep(shown, p.clock())
        if shown.conversation and not spot.only_user:
            for thread in (spot.thread, "direct" if spot.direct else None):
                if thread:
                    p.ledger.join(spot.channel, thread, shown.conversation, shown.plan, p.clock())

    def _conversation(self, payload: dict[str, Any]) -> tuple[str | None, dict[str, Any] | None]:
        p = self.premises
        thread = payload.get("thread")
        if thread and (held := p.ledger.thread(payload["channel"], thread)):
            return held
        if payload["how"] == "dm" and not thread:
            held = p.ledger.recent(payload["channel"], "direct", p.clock(), DIRECT_GAP_S)
            if held:
                return held
        return uuid.uuid4().hex, None

    # ── who may read what ────────────────────────────────────────────────────────────────────────

    async def refusal(self, payload: dict[str, Any], person: Person) -> Message | None:
        """Why nothing is said, for people or places outside of the organisation; None when all is well."""
        p = self.premises
        if p.external:
            return None
        if person.outsider:
            return said.outside(shared=False)
        direct = payload["how"] == "dm" or payload["channel"].startswith("D")
        if payload.get(
            "response_url"
        ):  # only the asker sees it, so who else reads the channel does not matter
            return None
        place = await p.directory.place(
            payload["channel"], shared=payload.get("shared"), direct=direct
        )
        if place.trouble:
            return said.unsure(place.trouble)
        return said.outside(shared=True) if place.shared else None

    async def _mentions(self, answer: Answer) -> dict[str, str]:
        """The Slack user of whoever is called first."""
        for result in answer.results:
            if result.kind == k.USER:
                found = await self.premises.directory.slack_id(result.ref)
                return {result.ref: found} if found else {}
        return {}

    def frame(
        self,
        shown: Shown,
        found: Found,
        person: Person,
        *,
        first: int = 0,
        mentions: dict[str, str] | None = None,
    ) -> Frame:
        """What the message of an answer needs."""
        notes = []
        if person.ref is None:
            if found.answer.status is Status.UNKNOWN_NAME and not found.answer.interpretation.plan:
                notes.append(
                    "Your Slack e-mail address is not that of a user in the catalog; the annotation "
                    f"slack.com/user-id: {person.slack_id} on your User makes you known."
                )
            if person.trouble:
                notes.append(f"I could not look up who you are: Slack said {person.trouble}.")
        oncall = any(c.field == "hasShift" for c in found.answer.interpretation.chips)
        users = [r.title for r in found.answer.results if r.kind == k.USER]
        return Frame(
            id=shown.id,
            version=shown.version,
            question=shown.question,
            first=first,
            base=self.premises.base,
            owner=found.owner,
            mentions=mentions or {},
            pageable=users[0] if oncall and users and not mentions else None,
            shareable=shown.shareable,
            notes=tuple(notes),
        )


def shown_of(found: Found, id_: str, spot: Spot, question: str, version: int = 0) -> Shown:
    """What a message with this answer shows."""
    answer = found.answer
    return Shown(
        id=id_,
        channel=spot.channel,
        ts=None,
        thread=spot.thread,
        asker=spot.user,
        public=not (spot.direct or spot.only_user),
        version=version,
        question=question,
        plan=answer.interpretation.plan,
        removals=[chip.remove for chip in answer.interpretation.chips],
        options=[
            {"label": o.label, "plan": o.plan, "question": o.question} for o in answer.options
        ],
        suggestions=list(answer.suggestions),
        conversation=answer.conversation,
        owner=[found.owner.title, found.owner.channel] if found.owner else None,
        status=answer.status.value,
        shareable=spot.only_user and not spot.channel.startswith("D"),
    )


def spot_of(payload: dict[str, Any]) -> Spot:
    """Where the answer to a request goes."""
    how = payload["how"]
    direct = how == "dm"
    only_user = bool(payload.get("response_url")) and how in ("command", "shortcut")
    return Spot(
        channel=payload["channel"],
        user=payload["user"],
        team=payload.get("team"),
        thread=None if only_user else payload.get("thread") or payload.get("ts"),
        since=payload.get("ts"),
        direct=direct,
        only_user=only_user,
        response_url=payload.get("response_url"),
    )


def is_follow_up(ledger: Ledger, event: dict[str, Any], me: str) -> bool:
    """Whether a channel message continues a thread in which the bot was asked, without mentioning it."""
    thread, text = event.get("thread_ts"), event.get("text") or ""
    if not thread or f"<@{me}>" in text or not looks_asked(text):
        return False
    return ledger.thread(event["channel"], thread) is not None
