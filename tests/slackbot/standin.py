"""A stand-in of Slack on loopback: Web API, response URLs, Socket Mode and the sender of HTTP events.

Written from Slack's documented behaviour: tokens, error words, rate limits with `Retry-After`, signatures, envelopes that are
sent again until they are acknowledged, metadata, streaming, ephemeral messages, response URLs that end after five uses.
Every payload that posts or edits is held against Block Kit's documented limits and refused as Slack would refuse it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web

from tests.slackbot.block_kit import message_problems, problems, view_problems

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-stand-in", "xapp-stand-in", "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, BOT_USER, BOT_ID = "T0CALLBOARD", "U0BOT00000", "B0BOT00000"
RESPONSE_URL_USES = 5

_FORM_ONLY = frozenset(
    "conversations.info conversations.list conversations.replies conversations.history users.info users.lookupByEmail "
    "chat.getPermalink files.getUploadURLExternal".split()
)
"""Methods that read arguments from a form or the query only: sent as JSON, they find none."""


@dataclass
class Fault:
    """What happens to the next calls of a method.

    Attributes:
        error: an `ok: false` word; "http_500" and "ratelimited" come with their status; "reset" cuts the connection.
        after: whether the call takes effect before it fails.
        times: how many calls; 0 for all.
        retry_after: seconds of a rate limit.
    """

    error: str
    after: bool = False
    times: int = 1
    retry_after: int = 1


@dataclass
class Said:
    """A message as it stands in a channel."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    streaming: bool = False
    streamed: str = ""
    edits: int = 0
    only: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """Everything somebody reads of it."""
        return (
            " ".join([self.streamed, *_texts(self.blocks)])
            if self.blocks or self.streamed
            else self.text
        )


class SlackError(Exception):
    """An `ok: false` answer."""


class StandIn:
    """One workspace."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[Said]] = defaultdict(list)
        self.whispers: list[Said] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.modals: list[dict[str, Any]] = []
        self.prompts: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.unfurls: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.replaced: list[dict[str, Any]] = []
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.acked: dict[str, int] = {}
        self.invalid: list[str] = []
        self.streams_offered = True
        self.token = BOT_TOKEN
        self.url = ""
        self._clock = itertools.count(1_700_000_000)
        self._ids = itertools.count(1)
        self._sockets: list[web.WebSocketResponse] = []
        self._unacked: dict[str, dict[str, Any]] = {}
        self._uses: Counter[str] = Counter()
        self._reply_to: dict[str, tuple[str, str]] = {}
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            name.removeprefix("do_").replace("__", "."): getattr(self, name)
            for name in dir(self)
            if name.startswith("do_")
        }

    # ── the workspace ────────────────────────────────────────────────────────────────────────────

    def channel(self, id_: str, name: str, **marks: Any) -> None:
        """A channel that is there."""
        self.channels[id_] = {"id": id_, "name": name, "is_channel": True, **marks}

    def user(self, id_: str, email: str | None, name: str = "", **marks: Any) -> None:
        """Somebody who is there."""
        profile = {"real_name": name, **({"email": email} if email else {})}
        self.users[id_] = {"id": id_, "team_id": TEAM, "name": name, "profile": profile, **marks}

    def now(self) -> str:
        """A fresh ts; they count up."""
        return f"{next(self._clock)}.000{next(self._ids):03d}"

    def say(self, channel: str, user: str, text: str, thread: str | None = None) -> dict[str, Any]:
        """Somebody writes a message; the event that Slack would send about it."""
        ts = self.now()
        self.messages[channel].append(Said(ts, channel, user, text, thread_ts=thread))
        event: dict[str, Any] = {
            "type": "message",
            "channel": channel,
            "user": user,
            "text": text,
            "ts": ts,
            "channel_type": "im" if channel.startswith("D") else "channel",
        }
        if thread:
            event["thread_ts"] = thread
        return event

    def fail(self, method: str, error: str, **how: Any) -> None:
        """The next call of a method fails."""
        self.faults[method].append(Fault(error, **how))

    def response_url(self, channel: str, user: str) -> str:
        """A response URL for one interaction."""
        key = f"r{next(self._ids)}"
        self._reply_to[key] = (channel, user)
        return f"{self.url}/respond/{key}"

    def answers(self, channel: str) -> list[Said]:
        """What the bot said in a channel."""
        return [m for m in self.messages[channel] if m.user == BOT_USER]

    # ── serving ──────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def running(self) -> AsyncIterator[StandIn]:
        """On loopback, at `self.url`."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.add_routes(
            [
                web.post("/api/{method}", self._api),
                web.post("/respond/{key}", self._respond),
                web.post("/upload/{id}", self._upload),
                web.get("/socket", self._socket),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            for socket in self._sockets:
                await socket.close()
            await runner.cleanup()

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] += 1
        arguments = await _arguments(request, method)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        expected = APP_TOKEN if method == "apps.connections.open" else self.token
        fault = self._fault(method)
        if fault is not None and not fault.after:
            return self._failed(fault, request)
        if token != expected:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if method not in self._methods:
            return web.json_response({"ok": False, "error": "unknown_method"})
        try:
            done = self._methods[method](arguments)
        except SlackError as error:
            return web.json_response({"ok": False, "error": str(error)})
        if fault is not None:
            return self._failed(fault, request)
        return web.json_response({"ok": True, **done})

    def _fault(self, method: str) -> Fault | None:
        waiting = self.faults[method]
        if not waiting:
            return None
        fault = waiting[0]
        if fault.times:
            fault.times -= 1
            if fault.times == 0:
                waiting.pop(0)
        return fault

    def _failed(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.error == "reset":
            transport = request.transport
            assert transport is not None
            transport.abort()  # the connection is gone before any answer
            return web.Response(status=500)
        if fault.error == "http_500":
            return web.Response(status=500, text="<html>upstream connect error</html>")
        if fault.error == "ratelimited":
            headers = {"Retry-After": str(fault.retry_after)}
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers=headers)
        extra = {"needed": "chat:write"} if fault.error == "missing_scope" else {}
        return web.json_response({"ok": False, "error": fault.error, **extra})

    async def _respond(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        self.calls["response_url"] += 1
        fault = self._fault("response_url")
        if fault is not None and not fault.after:
            return self._failed_reply(fault, request)
        if key not in self._reply_to:
            return web.Response(status=404, text="expired_url")
        self._uses[key] += 1
        if self._uses[key] > RESPONSE_URL_USES:
            return web.Response(status=404, text="used_url")
        body = await request.json()
        channel, user = self._reply_to[key]
        if body.get("delete_original") or body.get("replace_original"):
            self.replaced.append(body)
        if not body.get("delete_original"):
            wrong = message_problems(body)
            if wrong:
                self.invalid += wrong
                return web.Response(status=400, text="invalid_blocks")
            if not body.get("replace_original"):
                self.whispers.append(
                    Said(
                        self.now(),
                        channel,
                        BOT_USER,
                        body.get("text") or "",
                        body.get("blocks") or [],
                        only=user,
                    )
                )
        return self._failed_reply(fault, request) if fault is not None else web.Response(text="ok")

    def _failed_reply(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.error in ("reset", "http_500", "ratelimited"):
            return self._failed(fault, request)
        return web.Response(status=404, text=fault.error)

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploads[request.match_info["id"]] = await request.read()
        return web.Response(text="OK - 1")

    # ── Web API ──────────────────────────────────────────────────────────────────────────────────

    def do_auth__test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "url": "https://x.slack.com/",
        }

    def do_apps__connections__open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http", "ws") + "/socket"}

    def do_chat__postMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._open(given.get("channel", ""))
        self._valid(given)
        if given.get("thread_ts") and not self._find(channel, given["thread_ts"]):
            raise SlackError("thread_not_found")
        said = Said(
            self.now(),
            channel,
            BOT_USER,
            given.get("text") or "",
            given.get("blocks") or [],
            given.get("thread_ts"),
            given.get("metadata"),
        )
        self.messages[channel].append(said)
        return {"channel": channel, "ts": said.ts}

    def do_chat__postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._open(given.get("channel", ""))
        self._valid(given)
        if given.get("user") not in self.users:
            raise SlackError("user_not_in_channel")
        said = Said(
            self.now(),
            channel,
            BOT_USER,
            given.get("text") or "",
            given.get("blocks") or [],
            given.get("thread_ts"),
            only=given["user"],
        )
        self.whispers.append(said)
        return {"message_ts": said.ts}

    def do_chat__update(self, given: dict[str, Any]) -> dict[str, Any]:
        said = self._mine(given)
        self._valid(given)
        said.text, said.blocks = given.get("text") or "", given.get("blocks") or []
        said.streamed = ""
        said.streaming = False
        said.edits += 1
        return {"channel": said.channel, "ts": said.ts}

    def do_chat__startStream(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not self.streams_offered:
            raise SlackError("unknown_method")
        channel = self._open(given.get("channel", ""))
        if not given.get("thread_ts"):
            raise SlackError("invalid_arguments")
        if not channel.startswith("D") and not given.get("recipient_user_id"):
            raise SlackError("missing_recipient_user_id")
        if len(given.get("markdown_text") or "") > 12_000:
            raise SlackError("msg_too_long")
        said = Said(self.now(), channel, BOT_USER, "", [], given["thread_ts"], streaming=True)
        said.streamed = given.get("markdown_text") or ""
        self.messages[channel].append(said)
        return {"channel": channel, "ts": said.ts}

    def do_chat__stopStream(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        said = self._mine(given)
        if not said.streaming:
            raise SlackError("message_not_in_streaming_state")
        if given.get("blocks"):
            wrong = problems(given["blocks"])
            if wrong:
                self.invalid += wrong
                raise SlackError("invalid_blocks")
        said.streaming, said.blocks = False, given.get("blocks") or []
        said.metadata, said.text = given.get("metadata"), said.streamed
        return {"channel": said.channel, "ts": said.ts}

    def do_chat__unfurl(self, given: dict[str, Any]) -> dict[str, Any]:
        for unfurl in given["unfurls"].values():
            self.invalid += problems(unfurl["blocks"])
        self.unfurls.append(given)
        return {}

    def do_chat__getPermalink(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "permalink": f"https://x.slack.com/archives/{given['channel']}/p{given['message_ts']}"
        }

    def do_conversations__open(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = "D" + str(given["users"])[1:]
        self.channels.setdefault(id_, {"id": id_, "is_im": True})
        return {"channel": {"id": id_}}

    def do_conversations__info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("channel") not in self.channels:
            raise SlackError("channel_not_found")
        return {"channel": self.channels[given["channel"]]}

    def do_conversations__list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"channels": [c for c in self.channels.values() if "name" in c]}

    def do_conversations__replies(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [
            m
            for m in self.messages[given["channel"]]
            if given["ts"] in (m.ts, m.thread_ts) and m.ts >= given.get("oldest", "")
        ]
        return {"messages": [_listed(m) for m in found]}

    def do_conversations__history(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages[given["channel"]] if m.thread_ts in (None, m.ts)]
        return {"messages": [_listed(m) for m in reversed(found)]}

    def do_users__info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("user") not in self.users:
            raise SlackError("user_not_found")
        return {"user": self.users[given["user"]]}

    def do_users__lookupByEmail(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for user in self.users.values():
            if user["profile"].get("email") == given.get("email"):
                return {"user": user}
        raise SlackError("users_not_found")

    def do_views__open(self, given: dict[str, Any]) -> dict[str, Any]:
        self.invalid += view_problems(given["view"])
        self.modals.append(given["view"])
        return {}

    def do_views__publish(self, given: dict[str, Any]) -> dict[str, Any]:
        self.invalid += view_problems(given["view"])
        self.homes[given["user_id"]] = given["view"]
        return {}

    def do_assistant__threads__setStatus(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.statuses.append(given)
        return {}

    def do_assistant__threads__setSuggestedPrompts(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not 0 < len(given["prompts"]) <= 4:
            raise SlackError("invalid_arguments")
        self.prompts.append(given)
        return {}

    def do_files__getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        id_ = f"F{next(self._ids)}"
        return {"upload_url": f"{self.url}/upload/{id_}", "file_id": id_}

    def do_files__completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        listed = given["files"]
        files = json.loads(listed) if isinstance(listed, str) else listed
        channel = self._open(given["channel_id"])
        self.messages[channel].append(
            Said(
                self.now(),
                channel,
                BOT_USER,
                "file",
                thread_ts=given.get("thread_ts"),
                files=[f["id"] for f in files],
            )
        )
        return {"files": [{"id": f["id"]} for f in files]}

    def _open(self, channel: str) -> str:
        named = next(
            (c["id"] for c in self.channels.values() if f"#{c.get('name')}" == channel), channel
        )
        held = self.channels.get(named)
        if held is None:
            raise SlackError("channel_not_found")
        if held.get("is_archived"):
            raise SlackError("is_archived")
        if held.get("is_private") and not held.get("is_member"):
            raise SlackError("not_in_channel")
        return str(named)

    def _valid(self, given: dict[str, Any]) -> None:
        wrong = message_problems(given)
        if wrong:
            self.invalid += wrong
            raise SlackError("no_text" if wrong == ["no_text"] else "invalid_blocks")

    def _find(self, channel: str, ts: str) -> Said | None:
        return next((m for m in self.messages[channel] if m.ts == ts), None)

    def _mine(self, given: dict[str, Any]) -> Said:
        said = self._find(given.get("channel", ""), given.get("ts", ""))
        if said is None:
            raise SlackError("message_not_found")
        if said.user != BOT_USER:
            raise SlackError("cant_update_message")
        return said

    # ── Socket Mode ──────────────────────────────────────────────────────────────────────────────

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._sockets),
                "connection_info": {"app_id": "A0"},
            }
        )
        for envelope in list(self._unacked.values()):  # what was not acknowledged comes again
            envelope["retry_attempt"] = envelope.get("retry_attempt", 0) + 1
            await socket.send_json(envelope)
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT:
                got = json.loads(message.data)
                if "envelope_id" in got:
                    self.acked[got["envelope_id"]] = self.calls.total()
                    self._unacked.pop(got["envelope_id"], None)
        self._sockets.remove(socket)
        return socket

    @property
    def unacknowledged(self) -> list[str]:
        """Envelopes that the bot has not acknowledged."""
        return list(self._unacked)

    async def connected(self) -> None:
        """Wait for the bot's socket."""
        while not self._sockets:
            await asyncio.sleep(0.01)

    async def send(self, kind: str, payload: dict[str, Any]) -> str:
        """An envelope over the socket; its id."""
        id_ = f"e{next(self._ids)}"
        envelope = {
            "envelope_id": id_,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        self._unacked[id_] = envelope
        await self._sockets[-1].send_json(envelope)
        return id_

    async def send_again(self, id_: str, kind: str, payload: dict[str, Any]) -> None:
        """The same envelope once more, as after an acknowledgement that Slack did not get."""
        envelope = {"envelope_id": id_, "type": kind, "payload": payload, "retry_attempt": 1}
        await self._sockets[-1].send_json(envelope)

    async def drop(self) -> None:
        """Cut every socket without a word."""
        for socket in list(self._sockets):
            await socket.close()


# ── what Slack sends ─────────────────────────────────────────────────────────────────────────────


def event_body(event: dict[str, Any], **outer: Any) -> dict[str, Any]:
    """An event as the Events API sends it."""
    return {
        "token": "verification",
        "team_id": TEAM,
        "api_app_id": "A0",
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{event.get('ts') or event.get('event_ts') or event.get('message_ts')}",
        "event_time": 1_700_000_000,
        "is_ext_shared_channel": False,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        **outer,
    }


def signed(body: bytes, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    """The headers Slack signs a request with; `at` is a Unix time, the machine's own when None."""
    stamp = str(int(time.time()) if at is None else at)
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def form(payload: dict[str, Any]) -> bytes:
    """An interaction or command as a form."""
    if "command" in payload:
        return urlencode(payload).encode()
    return urlencode({"payload": json.dumps(payload)}).encode()


async def _arguments(request: web.Request, method: str) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    raw = await request.read()
    kind = request.content_type
    if kind == "application/json":
        return given if method in _FORM_ONLY else given | json.loads(raw or b"{}")
    return given | dict(parse_qsl(raw.decode()))


def _listed(said: Said) -> dict[str, Any]:
    listed: dict[str, Any] = {
        "type": "message",
        "ts": said.ts,
        "user": said.user,
        "text": said.text,
    }
    if said.user == BOT_USER:
        listed["bot_id"] = BOT_ID
    if said.files:
        listed["files"] = [{"id": file} for file in said.files]
    if said.metadata:
        listed["metadata"] = said.metadata
    return listed


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        if value.get("type") == "user":
            own.append(f"<@{value['user_id']}>")
        return own + [t for v in value.values() if isinstance(v, dict | list) for t in _texts(v)]
    return [t for v in value for t in _texts(v)] if isinstance(value, list) else []
