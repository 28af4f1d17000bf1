"""The whole bot beside the stand-in, reached over HTTP or over a socket, with a clock that stands and pauses that do not wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from app.live import LiveAssistant
from app.settings import Settings, load_settings
from catalog_store.model.visibility import VisibilityRule
from slackbot.bot import Bot
from slackbot.manifest import EVENTS_PATH
from slackbot.run import http_app, open_bot
from tests.slackbot.org import NOW
from tests.slackbot.standin import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    SECRET,
    TEAM,
    Said,
    StandIn,
    event_body,
    form,
    signed,
)

ANNA, BO, GUEST, STRANGER = "U0ANNA0001", "U0BO000001", "U0GUEST001", "U0OTHER001"
CHANNEL, FARES, SHARED, PRIVATE = "C0CROSSING1", "C0FARESENG1", "C0CONNECT01", "G0PRIVATE01"
PAGE = "https://callboard.tidewater.example"


@dataclass
class Workspace:
    """The bot and the people around it."""

    slack: StandIn
    bot: Bot
    url: str
    session: aiohttp.ClientSession
    paused: list[float] = field(default_factory=list)
    socket: AsyncSocketModeHandler | None = None

    # ── what people do ───────────────────────────────────────────────────────────────────────────

    async def mention(
        self,
        text: str,
        *,
        user: str = ANNA,
        channel: str = CHANNEL,
        thread: str | None = None,
        **outer: Any,
    ) -> dict[str, Any]:
        """Somebody mentions the bot."""
        event = self.slack.say(channel, user, f"<@{BOT_USER}> {text}", thread)
        event["type"] = "app_mention"
        await self.event(event, **outer)
        return event

    async def write(
        self,
        text: str,
        *,
        user: str = ANNA,
        channel: str = CHANNEL,
        thread: str | None = None,
        **outer: Any,
    ) -> dict[str, Any]:
        """Somebody writes without mentioning it."""
        event = self.slack.say(channel, user, text, thread)
        await self.event(event, **outer)
        return event

    async def dm(self, text: str, *, user: str = ANNA, thread: str | None = None) -> dict[str, Any]:
        """Somebody writes to it directly."""
        return await self.write(text, user=user, channel=dm_of(self.slack, user), thread=thread)

    async def command(self, text: str, *, user: str = ANNA, channel: str = CHANNEL) -> int:
        """Somebody types the command."""
        return await self.interact(
            {
                "command": "/callboard",
                "text": text,
                "team_id": TEAM,
                "channel_id": channel,
                "user_id": user,
                "trigger_id": f"t{self.slack.now()}",
                "response_url": self.slack.response_url(channel, user),
            },
            "slash_commands",
        )

    async def shortcut(
        self, message: dict[str, Any], *, user: str = ANNA, channel: str = CHANNEL
    ) -> int:
        """Somebody asks about a message."""
        return await self.interact(
            {
                "type": "message_action",
                "callback_id": "about_message",
                "team": {"id": TEAM},
                "channel": {"id": channel},
                "user": {"id": user},
                "message": {"ts": self.slack.now(), **message},
                "trigger_id": f"t{self.slack.now()}",
                "response_url": self.slack.response_url(channel, user),
            },
            "interactive",
        )

    async def press(self, said: Said, action: str, *, user: str = ANNA, verdict: str = "") -> int:
        """Somebody presses a button of a message."""
        button = button_of(said, action, verdict)
        return await self.interact(
            {
                "type": "block_actions",
                "team": {"id": TEAM},
                "user": {"id": user},
                "channel": {"id": said.channel},
                "container": {
                    "type": "message",
                    "message_ts": said.ts,
                    "channel_id": said.channel,
                    "is_ephemeral": said.only is not None,
                },
                "message": {
                    "ts": said.ts,
                    **({"thread_ts": said.thread_ts} if said.thread_ts else {}),
                },
                "actions": [button],
                "trigger_id": f"t{self.slack.now()}",
                "response_url": self.slack.response_url(said.channel, user),
            },
            "interactive",
        )

    # ── how it reaches the bot ───────────────────────────────────────────────────────────────────

    async def event(
        self, event: dict[str, Any], *, retry: int = 0, settle: bool = True, **outer: Any
    ) -> int:
        """An event; the status of the acknowledgement."""
        body = event_body(event, **outer)
        if self.socket is not None:
            await self.slack.send("events_api", body)
            await self.settle()
            return 200
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **signed(raw)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        async with self.session.post(self.url + EVENTS_PATH, data=raw, headers=headers) as got:
            status = got.status
        if settle:
            await self.bot.idle()
        return status

    async def interact(self, payload: dict[str, Any], kind: str) -> int:
        """A command or interaction; the status of the acknowledgement."""
        if self.socket is not None:
            await self.slack.send(kind, payload)
            await self.settle()
            return 200
        raw = form(payload)
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(raw)}
        async with self.session.post(self.url + EVENTS_PATH, data=raw, headers=headers) as got:
            status = got.status
        await self.bot.idle()
        return status

    async def settle(self) -> None:
        """Wait until every envelope is acknowledged and everything begun has ended."""
        while self.slack.unacknowledged:
            await asyncio.sleep(0.005)
        await self.bot.idle()


def dm_of(slack: StandIn, user: str) -> str:
    """The direct messages of somebody with the bot."""
    id_ = "D" + user[1:]
    slack.channels.setdefault(id_, {"id": id_, "is_im": True})
    return id_


def button_of(said: Said, action: str, verdict: str = "") -> dict[str, Any]:
    """A button of a message as Slack hands it back."""
    for block in said.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") != action:
                continue
            if element["type"] == "feedback_buttons":
                sign = "positive_button" if verdict == "right" else "negative_button"
                return {
                    "type": "feedback_buttons",
                    "action_id": action,
                    "value": element[sign]["value"],
                }
            return {"type": "button", "action_id": action, "value": element.get("value", "")}
    raise AssertionError(f"no button {action!r} among {buttons(said)}")


def buttons(said: Said) -> dict[str, str]:
    """Label by action id."""
    return {
        element["action_id"]: element["text"]["text"]
        for block in said.blocks
        if block.get("type") == "actions"
        for element in block["elements"]
    }


def settings_for(slack: StandIn, **given: Any) -> Settings:
    """Settings that lead to the stand-in."""
    return load_settings(
        {
            "slack_bot_token": BOT_TOKEN,
            "slack_app_token": APP_TOKEN,
            "slack_signing_secret": SECRET,
            "slack_api_url": f"{slack.url}/api",
            "page_url": PAGE,
            **given,
        },
        env={},
    )


def new_slack() -> StandIn:
    """A workspace with four channels and four people."""
    slack = StandIn()
    slack.channel(CHANNEL, "crossing")
    slack.channel(FARES, "fares-eng")
    slack.channel(SHARED, "with-partner", is_ext_shared=True)
    slack.channel(PRIVATE, "secret", is_private=True)
    slack.user(ANNA, None, "Anna Reed")  # known by annotation, not by address
    slack.user(BO, "bo@tidewater.example", "Bo Lind")
    slack.user("U0CLEO0001", "cleo@tidewater.example", "Cleo Marsh")
    slack.user(GUEST, "guest@elsewhere.example", "Gil", is_restricted=True)
    slack.user(STRANGER, "someone@tidewater.example", "Sam")
    return slack


@asynccontextmanager
async def workspace(
    live: LiveAssistant,
    home: Path,
    *,
    slack: StandIn | None = None,
    socket: bool = False,
    clock: datetime = NOW,
    rules: tuple[VisibilityRule, ...] = (),
    **given: Any,
) -> AsyncIterator[Workspace]:
    """Everything running.

    Args:
        live: what answers.
        home: folder of the ledger.
        slack: a stand-in that is running already.
        socket: socket mode instead of HTTP.
        clock: what the bot takes for now.
        rules: who sees what; `live` has to be opened with the same.
        given: further settings.
    """
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    async with AsyncExitStack() as stack:
        if slack is None:
            slack = await stack.enter_async_context(new_slack().running())
        settings = replace(settings_for(slack, **given), visibility=rules)
        bot = await stack.enter_async_context(
            open_bot(settings, live, home=home, clock=lambda: clock, pause=pause)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        if socket:
            handler = AsyncSocketModeHandler(bot.app(), APP_TOKEN)
            await handler.client.connect()  # type: ignore[no-untyped-call]
            stack.push_async_callback(handler.client.close)
            await slack.connected()
            yield Workspace(slack, bot, "", session, paused, handler)
            return
        runner = web.AppRunner(http_app(bot, bot.app(SECRET)), shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Workspace(slack, bot, url, session, paused)
