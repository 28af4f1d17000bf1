"""Start the bot and keep it running: socket mode, or HTTP where Slack reaches us."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app.feedback import FeedbackLog
from app.live import LiveAssistant
from app.observe import Measures, log
from app.settings import Settings
from app.usage import usage_of
from catalog_store.errors import UserError
from slackbot.asking import Asking
from slackbot.bot import Bot
from slackbot.courier import Courier, Undelivered
from slackbot.desk import Premises
from slackbot.failures import Failure, failure_of
from slackbot.ledger import FILE, Ledger
from slackbot.manifest import EVENTS_PATH
from slackbot.people import Directory

CALL_TIMEOUT_S = 20
"""Longest one call to Slack may take."""


def require_tokens(settings: Settings) -> None:
    """Check that what the bot needs is set.

    Raises:
        UserError: something is missing; says what, and where it comes from.
    """
    if settings.slack_bot_token is None:
        raise UserError(
            "no Slack bot token; create the app with `callboard slack manifest`, install it, and set CALLBOARD_SLACK_BOT_TOKEN"
        )
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise UserError(
            "Slack cannot reach the bot; set CALLBOARD_SLACK_APP_TOKEN for socket mode, or CALLBOARD_SLACK_SIGNING_SECRET for HTTP"
        )


@asynccontextmanager
async def open_bot(
    settings: Settings,
    live: LiveAssistant,
    *,
    home: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Bot]:
    """A bot that knows who it is, with its ledger open.

    Args:
        settings: tokens and what else is in force.
        live: what answers; the caller closes it.
        home: folder of the ledger and the feedback log; the store when None.
        clock: what "now" is.
        pause: waits for that many seconds before a call is made again.

    Raises:
        UserError: Slack does not take the token; says what to do.
    """
    for name in ("callboard.bolt", "callboard.slack"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below that they quote what people write
    client = AsyncWebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        timeout=CALL_TIMEOUT_S,
        retry_handlers=[],  # the courier knows which calls may be made twice
        logger=logging.getLogger("callboard.slack"),
    )
    folder = home or live.store
    ledger = Ledger(folder / FILE)
    courier = Courier(client, ledger, pause=pause)
    measures = Measures(usage_of(settings, folder))
    asking = Asking(live, measures, ruled=bool(settings.visibility))
    try:
        installed = await _who_am_i(courier, settings)
        made = Premises(
            ledger=ledger,
            courier=courier,
            directory=Directory(courier, live, team=installed.team_id, now=clock),
            asking=asking,
            feedback=FeedbackLog(folder),
            me=installed.bot_user_id or "",
            base=settings.page_url,
            external=settings.slack_external,
            clock=clock,
        )
        await asyncio.to_thread(ledger.forget, made.clock())
        bot = Bot(made, installed)
        try:
            yield bot
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bot.idle(), CALL_TIMEOUT_S)
            bot.close()
    finally:
        asking.close()
        ledger.close()
        if measures.usage is not None:
            measures.usage.close()


async def _who_am_i(courier: Courier, settings: Settings) -> AuthorizeResult:
    try:
        told = await courier.call("auth.test", {})
    except Undelivered as error:
        if failure_of(error.error) is Failure.UNKNOWN:
            raise UserError(
                f"Slack does not answer at {settings.slack_api_url}: {error}"
            ) from error
        raise UserError(f"Slack refuses the bot token: {error}") from error
    return AuthorizeResult(
        enterprise_id=told.get("enterprise_id"),
        team_id=told.get("team_id"),
        bot_user_id=told.get("user_id"),
        bot_id=told.get("bot_id"),
        bot_token=settings.slack_bot_token,
    )


async def run(settings: Settings, live: LiveAssistant, *, ready: Callable[[str], None]) -> None:
    """Run until the process is told to stop.

    Args:
        settings: with tokens, checked by `require_tokens`.
        live: what answers; the caller closes it.
        ready: told how Slack reaches the bot once it does.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(sign, stop.set)
    async with open_bot(settings, live) as bot:
        listening = _socket(bot, settings) if settings.slack_app_token else _http(bot, settings)
        async with listening as how:
            sweeper = asyncio.create_task(bot.sweep())
            ready(how)
            log(logging.INFO, "slack bot runs", how=how, at=datetime.now(UTC).isoformat())
            await stop.wait()
            sweeper.cancel()


@asynccontextmanager
async def _socket(bot: Bot, settings: Settings) -> AsyncIterator[str]:
    """Connected in socket mode; the client reconnects by itself, and answers do not travel over the socket."""
    handler = AsyncSocketModeHandler(bot.app(), settings.slack_app_token)
    try:
        await handler.client.connect()  # type: ignore[no-untyped-call]
    except Exception as error:
        await handler.client.close()  # type: ignore[no-untyped-call]
        raise UserError(
            f"Slack refuses the app-level token or cannot be reached ({error}); it needs the scope connections:write"
        ) from error
    try:
        yield "connected in socket mode"
    finally:
        await handler.client.close()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _http(bot: Bot, settings: Settings) -> AsyncIterator[str]:
    """Listening for what Slack sends."""
    runner = web.AppRunner(http_app(bot, bot.app(settings.slack_signing_secret or "")))
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise UserError(
            f"cannot listen on {settings.host}:{settings.port} ({error}); --port names another"
        ) from error
    try:
        yield f"listening on {settings.host}:{settings.port}{EVENTS_PATH}"
    finally:
        await runner.cleanup()


def http_app(bot: Bot, app: AsyncApp) -> web.Application:
    """The routes of HTTP mode: Slack's requests, and whether the bot is up."""

    async def events(request: web.Request) -> web.Response:
        answered = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answered)

    async def up(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def metrics(_: web.Request) -> web.Response:
        text = bot.premises.asking.measures.text()
        return web.Response(body=text, content_type="text/plain")

    routes = web.Application(client_max_size=4 * 1024 * 1024)
    routes.add_routes(
        [web.post(EVENTS_PATH, events), web.get("/healthz", up), web.get("/metrics", metrics)]
    )
    return routes
