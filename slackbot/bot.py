"""The listeners: each takes a request, puts it on disk, acknowledges it, and lets the desk answer."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Coroutine
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app.observe import LOGGER, log
from catalog_store.errors import BadRequest
from slackbot.admission import Admission
from slackbot.blocks.said import reason_modal
from slackbot.buttons import Buttons
from slackbot.courier import Spot
from slackbot.desk import Desk, Premises, is_follow_up
from slackbot.failures import TROUBLE, error_code
from slackbot.ledger import Job
from slackbot.manifest import COMMAND, SHORTCUT
from slackbot.visits import Visits

SWEEP_S = 30.0
"""Seconds between looks for requests that were not finished."""

_BUTTONS = re.compile(
    r"^(?:(?:chip|option|suggest)\.\d+|page\.(?:prev|next)|csv|owner|pager|share|private)$"
)


class Bot:
    """The whole bot, whichever way Slack reaches it."""

    def __init__(self, premises: Premises, installed: AuthorizeResult) -> None:
        """Takes what the bot shares, and what Slack said the token stands for."""
        self.premises = premises
        self.desk = Desk(premises)
        self.buttons = Buttons(self.desk)
        self.visits = Visits(self.desk)
        self._tasks: set[asyncio.Task[None]] = set()
        self._working: set[str] = set()
        self._unwritten: set[str] = set()
        self._admission = Admission(premises.ledger, premises.clock)

        async def authorize() -> AuthorizeResult:
            return installed

        self._authorize = authorize

    def app(self, signing_secret: str = "") -> AsyncApp:
        """The Bolt app; the secret checks what comes over HTTP."""
        app = AsyncApp(
            name="callboard",
            logger=logging.getLogger("callboard.bolt"),
            client=AsyncWebClient(base_url=self.premises.courier.client.base_url),
            authorize=self._authorize,
            signing_secret=signing_secret,
            attaching_conversation_kwargs_enabled=False,
        )
        self._events(app)
        self._interactions(app)
        return app

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    async def take(self, key: str, payload: dict[str, Any]) -> None:
        """Put a request on disk and begin to answer it, unless it was taken before.

        Where the disk refuses, the request is worked on all the same; only a restart would forget it.
        """
        try:
            new = await self._admission.take(key, payload)
        except sqlite3.Error as error:
            LOGGER.error("slack ledger cannot be written", extra={"data": {"error": str(error)}})
            new = key not in self._unwritten
            self._unwritten.add(key)
        if new:
            self._work(Job(key, payload, self.premises.clock()))

    def _work(self, job: Job) -> None:
        if job.key in self._working:
            return
        self._working.add(job.key)

        async def work() -> None:
            try:
                await self.desk.run(job)
            finally:
                self._working.discard(job.key)

        self._spawn(work())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception:  # noqa: BLE001  a task of its own: nobody else would hear of it
                LOGGER.exception("slack task failed")

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def resume(self) -> None:
        """Take up again what was not finished."""
        try:
            jobs = await asyncio.to_thread(self.premises.ledger.open_jobs)
        except sqlite3.Error as error:
            LOGGER.error("slack ledger cannot be read", extra={"data": {"error": str(error)}})
            return
        for job in jobs:
            self._work(job)

    async def sweep(self) -> None:
        """Take up unfinished requests for as long as the bot runs."""
        while True:
            await self.resume()
            await asyncio.sleep(SWEEP_S)

    def close(self) -> None:
        """Take no more requests."""
        self._admission.close()

    async def idle(self) -> None:
        """Wait until everything that was begun has ended."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # ── listeners ────────────────────────────────────────────────────────────────────────────────

    def _events(self, app: AsyncApp) -> None:
        async def mention(event: dict[str, Any], body: dict[str, Any]) -> None:
            if not event.get("bot_id"):
                await self._asked("mention", event, body)

        async def message(event: dict[str, Any], body: dict[str, Any]) -> None:
            if event.get("subtype") or event.get("bot_id") or not event.get("user"):
                return
            if event.get("channel_type") == "im":
                await self._asked("dm", event, body)
            elif await asyncio.to_thread(
                is_follow_up, self.premises.ledger, event, self.premises.me
            ):
                await self._asked("thread", event, body)

        async def opened(event: dict[str, Any]) -> None:
            if event.get("tab") == "messages":
                self._spawn(self.visits.prompts(event["channel"], event["user"]))
            else:
                self._spawn(self.visits.home(event["user"]))

        async def thread_started(event: dict[str, Any]) -> None:
            thread = event["assistant_thread"]
            self._spawn(
                self.visits.prompts(thread["channel_id"], thread["user_id"], thread["thread_ts"])
            )

        async def link(event: dict[str, Any], body: dict[str, Any]) -> None:
            self._spawn(self.visits.unfurl(event, shared=body.get("is_ext_shared_channel")))

        async def shared(event: dict[str, Any]) -> None:
            self.premises.directory.forget_channel(str(event.get("channel")))

        async def gone(event: dict[str, Any]) -> None:
            log(logging.ERROR, "slack app removed or its tokens revoked", cause=event.get("type"))

        async def nothing() -> None:
            """Acknowledged; there is nothing to do."""

        # A middleware runs before Bolt acknowledges an event, a listener after: what has to be on disk first goes there.
        app.event("app_mention", middleware=[_before_ack(mention)])(nothing)
        app.event("message", middleware=[_before_ack(message)])(nothing)
        app.event("app_home_opened")(opened)
        app.event("assistant_thread_started")(thread_started)
        app.event("assistant_thread_context_changed")(nothing)
        app.event("app_context_changed")(nothing)
        app.event("link_shared")(link)
        app.event("channel_shared")(shared)
        app.event("channel_unshared")(shared)
        app.event("app_uninstalled")(gone)
        app.event("tokens_revoked")(gone)

    async def _asked(self, how: str, event: dict[str, Any], body: dict[str, Any]) -> None:
        payload = {
            "how": how,
            "channel": event["channel"],
            "user": event["user"],
            "team": body.get("team_id"),
            "ts": event["ts"],
            "thread": event.get("thread_ts"),
            "text": event.get("text") or "",
            "shared": body.get("is_ext_shared_channel"),
        }
        # A mention in a thread is sent as two events; both are about one message.
        await self.take(f"message/{event['channel']}/{event['ts']}", payload)

    def _interactions(self, app: AsyncApp) -> None:
        async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
            payload = {
                "how": "command",
                "channel": body["channel_id"],
                "user": body["user_id"],
                "team": body.get("team_id"),
                "text": body.get("text", ""),
                "response_url": body["response_url"],
            }
            await self.take(f"command/{body['trigger_id']}", payload)
            await ack()

        async def shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
            message = body["message"]
            payload = {
                "how": "shortcut",
                "channel": body["channel"]["id"],
                "user": body["user"]["id"],
                "team": (body.get("team") or {}).get("id"),
                "thread": message.get("thread_ts") or message.get("ts"),
                "message": message,
                "response_url": body["response_url"],
            }
            await self.take(f"shortcut/{body['trigger_id']}", payload)
            await ack()

        async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
            action = body["actions"][0]
            key = f"button/{body['trigger_id']}/{action['action_id']}"
            await self.take(key, _pressed(body, action))
            await ack()

        async def opened(ack: AsyncAck) -> None:
            await ack()

        async def refresh(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self._spawn(self.visits.home(body["user"]["id"]))

        app.command(COMMAND)(command)
        app.shortcut(SHORTCUT)(shortcut)
        app.action(_BUTTONS)(pressed)
        app.action("open")(opened)
        app.action("home.refresh")(refresh)
        self._feedback(app)

    def _feedback(self, app: AsyncApp) -> None:
        async def feedback(ack: AsyncAck, body: dict[str, Any]) -> None:
            value = body["actions"][0]["value"]
            await ack()
            # The trigger lasts three seconds, so the form opens before anything is written.
            form = await self._form(body, value) if value.endswith(".wrong") else False
            spot = _judged_at(body)
            self._spawn(self._judge(value, body["user"]["id"], None, None if form else spot))

        async def reason(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
            await ack()
            said = view["state"]["values"]["reason"]["reason"].get("value")
            if said:
                self._spawn(
                    self._judge(view["private_metadata"], body["user"]["id"], said[:3000], None)
                )

        app.action("feedback")(feedback)
        app.view("reason")(reason)

    async def _form(self, body: dict[str, Any], value: str) -> bool:
        """Ask for a reason; without one the verdict counts all the same."""
        try:
            await self.premises.courier.client.api_call(
                "views.open", json={"trigger_id": body["trigger_id"], "view": reason_modal(value)}
            )
        except TROUBLE as error:
            log(logging.WARNING, "slack form not opened", error=error_code(error))
            return False
        return True

    async def _judge(self, value: str, user: str, reason: str | None, spot: Spot | None) -> None:
        problem: BadRequest | None = None
        try:
            await self.buttons.judged(value, user, reason)
        except BadRequest as error:
            problem = error
            log(logging.ERROR, "slack feedback not kept", error=str(error))
        if spot is not None:
            await self.buttons.thank(spot, problem)


def _before_ack(handle: Any) -> Any:
    """A listener's middleware that does its work before the event is acknowledged."""

    async def middleware(event: dict[str, Any], body: dict[str, Any], next: Any) -> Any:  # noqa: A002  Bolt's name
        await handle(event, body)
        return await next()

    return middleware


def _pressed(body: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    return {
        "how": "button",
        "action": action["action_id"],
        "value": action.get("value") or "",
        "channel": channel,
        "user": body["user"]["id"],
        "team": (body.get("team") or {}).get("id"),
        "ts": container.get("message_ts"),
        "thread": message.get("thread_ts") or container.get("thread_ts"),
        "only_user": bool(container.get("is_ephemeral")),
        "place": "dm" if channel.startswith("D") else "mention",
        "response_url": body.get("response_url"),
    }


def _judged_at(body: dict[str, Any]) -> Spot:
    pressed = _pressed(body, body["actions"][0])
    return Spot(
        pressed["channel"],
        pressed["user"],
        thread=pressed["thread"],
        only_user=True,
    )
