"""Getting a message to Slack exactly once.

Slack has no idempotency keys. What it does have is the thread itself: every post carries its request's key as metadata, and
after a call whose outcome nobody knows the thread is read before anything is posted again. Where that cannot be read
either, the request stays open in the ledger and is tried later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from app.observe import log
from slackbot.blocks.limits import Block, context
from slackbot.blocks.message import Message
from slackbot.failures import (
    TROUBLE,
    Failure,
    ReplyRefused,
    asked_to_wait,
    error_code,
    failure_of,
    next_step,
)
from slackbot.ledger import Ledger, written

EVENT = "callboard_answer"
"""The `event_type` of our metadata."""

ATTEMPTS = 6
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0

_STREAM_OVER = frozenset(
    {"message_not_in_streaming_state", "streaming_state_conflict", "message_not_found"}
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer goes.

    Attributes:
        channel: where it was asked.
        user: Slack id of who asked.
        team: Slack id of their workspace.
        thread: the thread to answer in; None for none.
        since: ts of the question; our answer is not older.
        direct: a direct message.
        only_user: only the asker sees it.
        response_url: takes such messages even without a token, for 30 minutes.
    """

    channel: str
    user: str
    team: str | None = None
    thread: str | None = None
    since: str | None = None
    direct: bool = False
    only_user: bool = False
    response_url: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message has arrived; `ts` is None for what only its reader sees."""

    channel: str
    ts: str | None
    fallback: bool = False


class Undelivered(Exception):
    """It did not arrive; `later` when trying again later makes sense."""

    def __init__(self, error: BaseException, *, later: bool) -> None:
        super().__init__(f"{error_code(error)}: {next_step(error)}")
        self.error = error
        self.later = later


class Courier:
    """Posts, edits and streams, with back-off; one for the whole bot."""

    def __init__(
        self,
        client: AsyncWebClient,
        ledger: Ledger,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`pause` waits for that many seconds."""
        self.client = client
        self._ledger = ledger
        self._pause = pause
        self._streams = True
        self._statuses = True

    # ── an answer ────────────────────────────────────────────────────────────────────────────────

    async def answer(self, key: str, spot: Spot, message: Message, *, again: bool) -> Sent:
        """Bring an answer to whoever asked, exactly once; where it cannot stand, they get it directly.

        Args:
            key: of the request.
            spot: where it belongs.
            message: what is said.
            again: an earlier attempt may have got through.

        Raises:
            Undelivered: neither way worked.
        """
        if spot.only_user:
            return await self.whisper(spot, message)
        try:
            if spot.direct and spot.thread:
                return Sent(spot.channel, await self._stream(key, spot, message, again=again))
            return await self._post(key, spot, message, again=again)
        except Undelivered as error:
            # These are sure not to have arrived; anything else is looked for and tried again, here.
            if failure_of(error.error) not in (Failure.PLACE, Failure.REFUSED, Failure.PAYLOAD):
                raise
            log(logging.WARNING, "slack channel refused", channel=spot.channel, error=str(error))
            why = context(f"I could not answer where you asked: {error}.")
        message = replace(message, rest=(*message.rest, *why))
        try:
            return await self.direct(f"{key}/direct", spot.user, message, again=again)
        except Undelivered as error:
            if failure_of(error.error) not in (Failure.PLACE, Failure.REFUSED, Failure.PAYLOAD):
                raise
            log(logging.WARNING, "slack direct message refused", error=str(error))
            await self._ephemeral(spot, message)
            return Sent(spot.channel, None)

    async def post(self, key: str, spot: Spot, message: Message, *, again: bool = False) -> Sent:
        """A message in a channel, exactly once.

        Raises:
            Undelivered: Slack did not take it.
        """
        return await self._post(key, spot, message, again=again)

    async def direct(self, key: str, user: str, message: Message, *, again: bool = False) -> Sent:
        """A direct message."""
        opened = await self.call("conversations.open", {"users": user})
        channel = str(opened["channel"]["id"])
        spot = Spot(channel, user, direct=True)
        sent = await self._post(key, spot, message, again=again)
        return Sent(channel, sent.ts, fallback=True)

    async def whisper(self, spot: Spot, message: Message) -> Sent:
        """Something only the asker sees; a direct message where the channel takes none.

        Slack does not say what became of such a message, so after a call whose outcome nobody knows it is sent again.
        """
        if spot.response_url:
            try:
                await self.respond(spot.response_url, message)
                return Sent(spot.channel, None)
            except Undelivered as error:
                log(logging.WARNING, "slack response_url failed", error=str(error))
        try:
            await self._ephemeral(spot, message)
            return Sent(spot.channel, None)
        except Undelivered as error:
            if failure_of(error.error) is Failure.TOKEN:
                raise
            log(logging.WARNING, "slack ephemeral failed", error=str(error))
        return await self.direct(f"{spot.channel}/{spot.since}/whisper", spot.user, message)

    async def _ephemeral(self, spot: Spot, message: Message) -> None:
        given = {"channel": spot.channel, "user": spot.user, "text": message.text}
        if spot.thread:
            given["thread_ts"] = spot.thread
        await self._plainer(
            lambda blocks: self.call("chat.postEphemeral", {**given, "blocks": blocks}), message
        )

    # ── posting and editing ──────────────────────────────────────────────────────────────────────

    async def _post(self, key: str, spot: Spot, message: Message, *, again: bool) -> Sent:
        look_first = again
        forms = iter(_forms(message))
        blocks = next(forms)
        error: BaseException = RuntimeError("nothing was sent")
        for attempt in range(ATTEMPTS):
            if look_first and (found := await self._find(key, spot)):
                return Sent(spot.channel, found)
            look_first = False
            try:
                sent = await self.client.api_call(
                    "chat.postMessage", json=_post(key, spot, message, blocks)
                )
                return Sent(str(sent.get("channel") or spot.channel), str(sent["ts"]))
            except TROUBLE as failed:
                error = failed
            failure = self.note("chat.postMessage", error)
            if failure is Failure.PAYLOAD:
                try:
                    blocks = next(forms)
                except StopIteration:
                    break
                continue
            if failure not in (Failure.BUSY, Failure.UNKNOWN):
                break
            await self.wait(error, attempt)
            look_first = failure is Failure.UNKNOWN
        later = failure_of(error) in (Failure.BUSY, Failure.UNKNOWN, Failure.TOKEN)
        raise Undelivered(error, later=later) from error

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """Show something else in a message of ours; doing it twice is doing it once.

        Raises:
            Undelivered: Slack did not take it.
        """
        await self._plainer(
            lambda blocks: self.call(
                "chat.update",
                {"channel": channel, "ts": ts, "text": message.text, "blocks": blocks},
            ),
            message,
        )

    async def respond(
        self, url: str, message: Message, *, replace: bool = False, delete: bool = False
    ) -> None:
        """Say something through a response URL, which needs no token.

        Raises:
            Undelivered: it has expired, or Slack did not take it.
        """

        async def send(blocks: list[Block] | None) -> Any:
            return await self._respond(url, message.text, blocks, replace=replace, delete=delete)

        await self._plainer(send, message)

    async def _respond(
        self, url: str, text: str, blocks: list[Block] | None, *, replace: bool, delete: bool
    ) -> None:
        hook = AsyncWebhookClient(url, retry_handlers=[], timeout=self.client.timeout)
        error: BaseException = RuntimeError("nothing was sent")
        for attempt in range(ATTEMPTS):
            try:
                got = await hook.send(
                    text=text,
                    blocks=blocks,
                    response_type="ephemeral",
                    replace_original=replace or None,
                    delete_original=delete or None,
                )
                if got.status_code == 200 and got.body in ("ok", "", '{"ok":true}'):
                    return
                error = ReplyRefused(got.status_code, got.body, got.headers)
            except TROUBLE as failed:
                error = failed
            if self.note("response_url", error) not in (Failure.BUSY, Failure.UNKNOWN):
                break
            await self.wait(error, attempt)
        raise Undelivered(error, later=False) from error

    async def _plainer(
        self, send: Callable[[list[Block] | None], Awaitable[Any]], message: Message
    ) -> Any:
        """Send the message, and where Slack does not take its blocks, a plainer form."""
        for blocks in _forms(message):
            try:
                return await send(blocks)
            except Undelivered as refused:
                error = refused
                if failure_of(refused.error) is not Failure.PAYLOAD:
                    break
        raise error

    # ── streaming ────────────────────────────────────────────────────────────────────────────────

    async def _stream(self, key: str, spot: Spot, message: Message, *, again: bool) -> str:
        """Stream where Slack offers it, post where it does not."""
        begun = await self._begun(key, spot) if again else None
        if begun is None and self._streams:
            begun = await self._begin(key, spot, message)
        if begun is None:
            return str((await self._post(key, spot, message, again=again)).ts)
        try:
            await self.call(
                "chat.stopStream",
                {
                    "channel": spot.channel,
                    "ts": begun,
                    "blocks": message.below,
                    "metadata": _metadata(key),
                },
            )
        except Undelivered as error:
            over = error_code(error.error) in _STREAM_OVER
            if failure_of(error.error) is Failure.TOKEN:
                raise
            if not over:
                log(logging.WARNING, "slack stream not ended", error=str(error))
            await self.edit(spot.channel, begun, message)
        return begun

    async def _begun(self, key: str, spot: Spot) -> str | None:
        """The message that an earlier attempt began to stream."""
        job = self._ledger.job(key)
        if job is None or job.stream is None:
            return None
        return await self._find(key, spot, streamed=True) if job.stream == "?" else job.stream

    async def _begin(self, key: str, spot: Spot, message: Message) -> str | None:
        """Begin a stream; None where Slack does not offer it."""
        await self._noted(key, "?")
        try:
            started = await self.client.api_call(
                "chat.startStream",
                json={
                    "channel": spot.channel,
                    "thread_ts": spot.thread,
                    "markdown_text": message.markdown,
                    **({"recipient_team_id": spot.team} if spot.team else {}),
                    "recipient_user_id": spot.user,
                },
            )
            ts: str | None = str(started["ts"])
        except TROUBLE as error:
            failure = self.note("chat.startStream", error)
            if failure is Failure.UNKNOWN:
                await self.wait(error, 0)
                ts = await self._find(key, spot, streamed=True)
            else:
                # Missing scopes and unknown methods do not come back by themselves; a busy moment does.
                self._streams = failure is Failure.BUSY
                ts = None
        await self._noted(key, ts)
        return ts

    async def _noted(self, key: str, ts: str | None) -> None:
        await written(self._ledger.streaming, key, ts)

    # ── around an answer ─────────────────────────────────────────────────────────────────────────

    async def status(self, spot: Spot, text: str) -> None:
        """Say that something is being done; it goes away with the answer. Nice to have, so a failure is only logged."""
        if not self._statuses or spot.thread is None:
            return
        try:
            await self.client.api_call(
                "assistant.threads.setStatus",
                json={"channel_id": spot.channel, "thread_ts": spot.thread, "status": text},
            )
        except TROUBLE as error:
            failure = self.note("assistant.threads.setStatus", error)
            self._statuses = failure in (Failure.BUSY, Failure.UNKNOWN, Failure.PLACE)

    async def call(self, method: str, arguments: dict[str, Any]) -> Any:
        """A call that may be made twice without harm, with back-off.

        Raises:
            Undelivered: it did not work.
        """
        error: BaseException = RuntimeError("nothing was sent")
        for attempt in range(ATTEMPTS):
            try:
                return await self.call_once(method, arguments)
            except TROUBLE as failed:
                error = failed
            if self.note(method, error) not in (Failure.BUSY, Failure.UNKNOWN):
                break
            await self.wait(error, attempt)
        later = failure_of(error) in (Failure.BUSY, Failure.UNKNOWN, Failure.TOKEN)
        raise Undelivered(error, later=later) from error

    async def call_once(self, method: str, arguments: dict[str, Any]) -> Any:
        """One call, as it is; raises what `TROUBLE` lists."""
        # Methods that read take form fields only; those that write take JSON.
        if method in _READS:
            return await self.client.api_call(method, params=arguments)
        return await self.client.api_call(method, json=arguments)

    async def _find(self, key: str, spot: Spot, *, streamed: bool = False) -> str | None:
        """Our own message for a request, if it has arrived.

        Raises:
            Undelivered: Slack does not let us look; nothing may be posted before it does.
        """
        for said in await self.said(spot):
            metadata = said.get("metadata") or {}
            mine = metadata.get("event_type") == EVENT
            if mine and (metadata.get("event_payload") or {}).get("key") == key:
                return str(said["ts"])
            # A message that is being streamed gets its metadata only at the end.
            if (
                streamed
                and not mine
                and said.get("bot_id")
                and str(said["ts"]) > (spot.since or "")
            ):
                return str(said["ts"])
        return None

    async def said(self, spot: Spot) -> list[dict[str, Any]]:
        """The messages of a thread, or the newest of a channel.

        Raises:
            Undelivered: Slack does not let us look.
        """
        method = "conversations.replies" if spot.thread else "conversations.history"
        arguments: dict[str, Any] = {
            "channel": spot.channel,
            "limit": 200,
            "include_all_metadata": True,
            **({"ts": spot.thread} if spot.thread else {}),
            **({"oldest": spot.since} if spot.since else {}),
        }
        got = await self.call(method, arguments)
        return list(got.get("messages") or ())

    def note(self, method: str, error: BaseException) -> Failure:
        """Log a failed call; what can be done about it."""
        failure = failure_of(error)
        level = logging.INFO if failure is Failure.BUSY else logging.WARNING
        if failure is Failure.TOKEN:
            level = logging.ERROR
        log(
            level,
            "slack call failed",
            method=method,
            error=error_code(error),
            failure=failure.value,
            next_step=next_step(error),
        )
        return failure

    async def wait(self, error: BaseException, attempt: int) -> None:
        """Wait before a call is made again: as long as Slack asks, and longer each time."""
        backed_off = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
        await self._pause(max(backed_off, asked_to_wait(error)))


_READS = frozenset(
    "conversations.replies conversations.history conversations.info conversations.list users.info users.lookupByEmail "
    "files.getUploadURLExternal chat.getPermalink".split()
)


def _forms(message: Message) -> list[list[Block] | None]:
    return [message.blocks, message.plainer, None]


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"key": key}}


def _post(key: str, spot: Spot, message: Message, blocks: list[Block] | None) -> dict[str, Any]:
    return {
        "channel": spot.channel,
        "text": message.text,
        "metadata": _metadata(key),
        "unfurl_links": False,
        "unfurl_media": False,
        **({"blocks": blocks} if blocks is not None else {}),
        **({"thread_ts": spot.thread} if spot.thread else {}),
    }
