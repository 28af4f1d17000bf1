"""What happens when somebody presses a button below an answer. A message is edited; only what is new is posted."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from app.observe import log
from catalog_store.errors import BadRequest
from catalog_store.model import kinds as k
from slackbot.asking import Found, Query
from slackbot.blocks import said
from slackbot.blocks.answer import answer_message
from slackbot.blocks.message import Message, told
from slackbot.blocks.parts import PAGE, rows_as_text
from slackbot.courier import Spot, Undelivered
from slackbot.desk import ROWS, Desk, message_id, shown_of
from slackbot.failures import next_step
from slackbot.files import upload
from slackbot.ledger import Job, Shown, written

FILE_ROWS = 1000
"""Most rows of a file."""


class Buttons:
    """Handles the buttons of answers; `desk` answers what they ask."""

    def __init__(self, desk: Desk) -> None:
        """Adds itself to the desk's handlers."""
        self._desk = desk
        self._p = desk.premises
        desk.handlers["button"] = self.pressed
        self._does: dict[str, Callable[[Job, Shown, str], Awaitable[None]]] = {
            "chip": self._chip,
            "option": self._option,
            "suggest": self._suggest,
            "page": self._page,
            "csv": self._file,
            "owner": self._owner,
            "pager": self._pager,
            "share": self._share,
            "private": self._private,
        }

    async def pressed(self, job: Job) -> None:
        """Do what a button says; what cannot be done is said to whoever pressed it."""
        payload = job.payload
        id_, version, chosen = (*payload["value"].split(".", 2), "", "")[:3]
        shown = await asyncio.to_thread(self._p.ledger.shown, id_)
        spot = _pressed_at(payload)
        if shown is None:
            await self._p.courier.whisper(spot, said.too_old())
            return
        if str(shown.version) != version:
            await self._p.courier.whisper(spot, said.out_of_date())
            return
        if payload.get("ts") and not payload.get("only_user"):
            shown = replace(shown, channel=payload["channel"], ts=payload["ts"])
        person = await self._p.directory.person(payload["user"])
        refusal = await self._desk.refusal(payload | {"response_url": None}, person)
        if refusal is not None and not payload.get("only_user"):
            await self._p.courier.whisper(spot, refusal)
            return
        try:
            await self._does[payload["action"].partition(".")[0]](job, shown, chosen)
        except Undelivered as error:
            log(logging.WARNING, "slack button failed", action=payload["action"], error=str(error))
            await self._p.courier.whisper(
                spot, told(f"That did not work: {next_step(error.error)}.")
            )

    # ── edits ────────────────────────────────────────────────────────────────────────────────────

    async def _chip(self, job: Job, shown: Shown, chosen: str) -> None:
        await self._edit(job, shown, plan=shown.removals[int(chosen)])

    async def _option(self, job: Job, shown: Shown, chosen: str) -> None:
        option = shown.options[int(chosen)]
        await self._edit(job, shown, plan=option["plan"], question=option["question"])

    async def _page(self, job: Job, shown: Shown, chosen: str) -> None:
        await self._edit(job, shown, plan=shown.plan, first=int(chosen))

    async def _edit(
        self,
        job: Job,
        shown: Shown,
        *,
        plan: dict[str, Any] | None,
        question: str | None = None,
        first: int = 0,
    ) -> None:
        """Show another answer in the same message."""
        p = self._p
        found = await self._again(
            shown, plan=plan, question=question, limit=max(ROWS, first + PAGE)
        )
        spot = Spot(shown.channel, shown.asker, thread=shown.thread)
        edited = replace(
            shown_of(found, shown.id, spot, question or shown.question, shown.version + 1),
            ts=shown.ts,
            public=shown.public,
            shareable=shown.shareable,
        )
        person = await p.directory.person(shown.asker)
        message = answer_message(found.answer, self._desk.frame(edited, found, person, first=first))
        # Kept first: a message whose buttons nobody knows is worse than buttons of a message that did not change.
        await written(p.ledger.keep, edited, p.clock())
        try:
            await self._replace(job.payload, edited, message)
        except Undelivered:
            await written(p.ledger.keep, shown, p.clock())
            raise
        if edited.conversation and shown.thread:
            await written(
                p.ledger.join,
                shown.channel,
                shown.thread,
                edited.conversation,
                edited.plan,
                p.clock(),
            )

    async def _replace(self, payload: dict[str, Any], shown: Shown, message: Message) -> None:
        if payload.get("only_user") and payload.get("response_url"):
            await self._p.courier.respond(payload["response_url"], message, replace=True)
        elif shown.ts:
            await self._p.courier.edit(shown.channel, shown.ts, message)

    async def _again(
        self,
        shown: Shown,
        *,
        plan: dict[str, Any] | None,
        question: str | None = None,
        limit: int = ROWS,
        public: bool | None = None,
    ) -> Found:
        person = await self._p.directory.person(shown.asker)
        text = question or (shown.question if plan is None else None)
        return await self._p.asking.ask(
            Query(
                text,
                asker=person.ref,
                now=self._p.clock(),
                plan=plan if question is None else None,
                public=shown.public if public is None else public,
                conversation=shown.conversation,
                limit=limit,
            )
        )

    # ── new messages ─────────────────────────────────────────────────────────────────────────────

    async def _suggest(self, job: Job, shown: Shown, chosen: str) -> None:
        """A suggested question is a new question, asked by whoever pressed it."""
        payload = job.payload
        asked = payload | {
            "how": "command" if payload.get("only_user") else payload.get("place", "mention"),
            "text": shown.suggestions[int(chosen)],
            "thread": shown.thread or payload.get("ts"),
        }
        await self._desk.question(replace(job, payload=asked))

    async def _file(self, job: Job, shown: Shown, _: str) -> None:
        """The whole table as CSV, in the thread, or privately where only one person sees the answer."""
        found = await self._again(shown, plan=shown.plan, limit=FILE_ROWS)
        content = _csv(found)
        channel, thread = shown.channel, shown.thread or shown.ts
        if job.payload.get("only_user"):
            opened = await self._p.courier.call(
                "conversations.open", {"users": job.payload["user"]}
            )
            channel, thread = str(opened["channel"]["id"]), None
        await upload(self._p.courier, channel, thread, "callboard.csv", content)

    async def _owner(self, job: Job, shown: Shown, _: str) -> None:
        """Post the question to the owning team's channel; the button has asked for confirmation."""
        if shown.owner is None:
            return
        title, channel = shown.owner
        link = await self._link(shown)
        message = said.question_for(
            title,
            shown.question or "What about this?",
            job.payload["user"],
            link,
            "Callboard passed this on because they asked it to.",
        )
        known = await self._p.directory.channel_id(channel)
        sent = await self._p.courier.post(
            job.key, Spot(known, job.payload["user"]), message, again=job.attempts > 0
        )
        there = await self._link(replace(shown, channel=sent.channel, ts=sent.ts))
        await self._p.courier.whisper(
            _pressed_at(job.payload), said.handed_over(title, channel, there)
        )

    async def _pager(self, job: Job, shown: Shown, _: str) -> None:
        """Mention whoever is on call first; the button has asked for confirmation."""
        found = await self._again(shown, plan=shown.plan)
        first = next((r for r in found.answer.results if r.kind == k.USER), None)
        who = await self._p.directory.slack_id(first.ref) if first else None
        if first is None or who is None:
            name = first.title if first else "Whoever is on call"
            await self._p.courier.whisper(
                _pressed_at(job.payload),
                told(f"{name} has no Slack user that I know of: call them by other means."),
            )
            return
        about = shown.question or found.answer.interpretation.text
        spot = Spot(shown.channel, job.payload["user"], thread=shown.thread or shown.ts)
        await self._p.courier.post(
            job.key,
            spot,
            said.page_call(who, job.payload["user"], about),
            again=job.attempts > 0,
        )

    async def _share(self, job: Job, shown: Shown, _: str) -> None:
        """What one person sees, posted for the channel: asked again, with only what everybody may see."""
        found = await self._again(shown, plan=shown.plan, public=True)
        spot = Spot(shown.channel, job.payload["user"])
        public = replace(shown_of(found, message_id(job.key), spot, shown.question), public=True)
        person = await self._p.directory.person(job.payload["user"])
        place = await self._desk.refusal(
            job.payload | {"how": "mention", "response_url": None}, person
        )
        if place is not None:
            await self._p.courier.whisper(_pressed_at(job.payload), place)
            return
        message = answer_message(found.answer, self._desk.frame(public, found, person))
        await self._desk.deliver(job, spot, public, message)
        if job.payload.get("response_url"):
            try:
                await self._p.courier.respond(
                    job.payload["response_url"], told("Shared."), replace=True
                )
            except Undelivered as error:  # everybody sees that it was shared
                log(logging.INFO, "slack share not confirmed", error=str(error))

    async def _private(self, job: Job, shown: Shown, _: str) -> None:
        """The whole answer, in a direct message to whoever asks for it."""
        mine = replace(shown, asker=job.payload["user"])
        # An answer that was edited is what its plan says; else the question may mean more to who may see more.
        plan = shown.plan if shown.version or not shown.question else None
        found = await self._again(mine, plan=plan, public=False)
        opened = await self._p.courier.call("conversations.open", {"users": job.payload["user"]})
        channel = str(opened["channel"]["id"])
        spot = Spot(channel, job.payload["user"], direct=True)
        private = shown_of(found, message_id(job.key), spot, shown.question)
        person = await self._p.directory.person(job.payload["user"])
        message = answer_message(found.answer, self._desk.frame(private, found, person))
        await self._desk.deliver(job, spot, private, message)

    async def _link(self, shown: Shown) -> str | None:
        if shown.ts is None:
            return None
        try:
            got = await self._p.courier.call(
                "chat.getPermalink", {"channel": shown.channel, "message_ts": shown.ts}
            )
        except Undelivered:
            return None
        return str(got["permalink"])

    # ── feedback ─────────────────────────────────────────────────────────────────────────────────

    async def judged(self, value: str, user: str, reason: str | None = None) -> None:
        """Keep what somebody thinks of an answer; the last verdict counts.

        Raises:
            BadRequest: the log is full.
        """
        id_, _, verdict = value.partition(".")
        verdict = verdict.rpartition(".")[2]
        await asyncio.to_thread(self._judged, id_, user, verdict, reason)

    def _judged(self, id_: str, user: str, verdict: str, reason: str | None) -> None:
        p = self._p
        shown = p.ledger.shown(id_)
        p.ledger.judge(id_, user, verdict, p.clock(), reason)
        with p.asking.live.serving() as serving:
            snapshot = serving.id
        entry: dict[str, Any] = {"verdict": verdict, "surface": "slack", "answer": id_, "by": user}
        if shown is not None:
            entry |= {
                "question": shown.question,
                "conversation": shown.conversation,
                "status": shown.status,
                "plan": shown.plan,
            }
        if reason:
            entry["comment"] = reason
        p.feedback.add(snapshot, {name: v for name, v in entry.items() if v is not None})
        p.asking.measures.feedback.labels(verdict).inc()

    async def thank(self, spot: Spot, problem: BadRequest | None = None) -> None:
        """Say that it has been kept, or why not; not worth failing for."""
        message = told(f"I could not keep that: {problem}." if problem else "Thank you, noted.")
        try:
            await self._p.courier.whisper(spot, message)
        except Undelivered as error:
            log(logging.WARNING, "slack thanks not delivered", error=str(error))


def _pressed_at(payload: dict[str, Any]) -> Spot:
    """Where whoever pressed a button is spoken to."""
    return Spot(
        channel=payload["channel"],
        user=payload["user"],
        team=payload.get("team"),
        thread=payload.get("thread"),
        response_url=payload.get("response_url"),
        only_user=True,
    )


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _csv(found: Found) -> str:
    """A table for a spreadsheet; a cell that begins like a formula is made text, since catalogs hold other people's words."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows_as_text(found.answer):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()
