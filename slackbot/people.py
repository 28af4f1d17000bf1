"""Who asks, and where: Slack users, channels and user groups as the catalog knows them.

A Slack user is a catalog User by annotation (`slack.com/user-id`) or by e-mail address; a channel or user group is a team by
`slack.com/channel` or `slack.com/user-group`. What Slack says is kept for a few minutes, so that a busy channel costs one call.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from app.callers import ANYONE, OPERATOR, Caller
from app.live import LiveAssistant
from app.observe import log
from app.serving import Asks, Serving
from catalog_store.errors import CatalogError
from catalog_store.model import kinds as k
from slackbot.courier import Courier, Undelivered

KEEP_S = 300.0
KEPT = 10_000

_CHANNEL_ID = re.compile(r"\b[CG][A-Z0-9]{8,}\b")
""" `C0123456789`, on its own or at the end of a link."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Attributes:
        slack_id: their Slack user id.
        ref: their User in the catalog; None when there is none.
        outsider: a guest, or somebody of another organisation.
        trouble: why they could not be looked up.
    """

    slack_id: str
    ref: str | None = None
    name: str = ""
    outsider: bool = False
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was asked.

    Attributes:
        shared: people of other organisations read it.
        trouble: why that could not be found out; then it counts as shared.
    """

    channel: str
    direct: bool = False
    shared: bool = False
    trouble: str | None = None


class _Kept(Generic[_T]):
    """Values for `KEEP_S` seconds, each looked up once however many ask at the same time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._values: dict[str, tuple[float, asyncio.Future[_T]]] = {}

    async def get(self, key: str, look_up: Callable[[], Awaitable[_T]]) -> _T:
        now = self._clock()
        held = self._values.get(key)
        if held is None or held[0] < now or (held[1].done() and held[1].exception()):
            if len(self._values) >= KEPT:
                self._values.clear()
            held = (now + KEEP_S, asyncio.ensure_future(look_up()))
            self._values[key] = held
        return await asyncio.shield(held[1])

    def drop(self, key: str) -> None:
        self._values.pop(key, None)


class Directory:
    """Looks people and places up, in Slack and in the catalog."""

    def __init__(
        self,
        courier: Courier,
        live: LiveAssistant,
        *,
        team: str | None,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`team` is the id of our workspace; `now` tells the time, `clock` counts seconds."""
        self._now = now
        self._courier = courier
        self._live = live
        self._team = team
        self._users: _Kept[dict[str, Any]] = _Kept(clock)
        self._channels: _Kept[dict[str, Any]] = _Kept(clock)
        self._by_email: _Kept[str | None] = _Kept(clock)
        self._names: _Kept[dict[str, str]] = _Kept(clock)
        self._refs: _Kept[str | None] = _Kept(clock)

    async def person(self, user: str) -> Person:
        """Who a Slack user is; never fails, but may not know."""
        try:
            told = await self._users.get(user, lambda: self._user(user))
        except Undelivered as error:
            self._users.drop(user)
            log(logging.WARNING, "slack user unknown", error=str(error))
            found = await self._known_as(user, None)
            return Person(user, ref=found, trouble=str(error))
        profile = told.get("profile") or {}
        outsider = bool(
            told.get("is_stranger")
            or told.get("is_restricted")
            or told.get("is_ultra_restricted")
            or (self._team and told.get("team_id") and told["team_id"] != self._team)
        )
        ref = await self._known_as(user, None if outsider else profile.get("email"))
        name = str(profile.get("real_name") or told.get("name") or "")
        return Person(user, ref=ref, name=name, outsider=outsider)

    async def _known_as(self, user: str, email: str | None) -> str | None:
        return await self._refs.get(
            f"{user} {email}", lambda: asyncio.to_thread(self._ref, user, email)
        )

    async def place(self, channel: str, *, shared: bool | None, direct: bool) -> Place:
        """What sort of channel it is.

        Args:
            channel: its Slack id.
            shared: what the event said about it, if it did.
            direct: whether it is a direct message with the bot.
        """
        if direct or shared:
            return Place(channel, direct=direct, shared=bool(shared) and not direct)
        try:
            told = await self._channels.get(channel, lambda: self._channel(channel))
        except Undelivered as error:
            self._channels.drop(channel)
            if shared is False:  # the event itself says that it is ours alone
                return Place(channel)
            return Place(channel, shared=True, trouble=str(error))
        marks = ("is_ext_shared", "is_shared", "is_pending_ext_shared")
        ours_alone = told.get("is_org_shared") and not told.get("is_ext_shared")
        return Place(channel, shared=any(told.get(m) for m in marks) and not ours_alone)

    def forget_channel(self, channel: str) -> None:
        """It has changed: ask again."""
        self._channels.drop(channel)

    async def slack_id(self, ref: str) -> str | None:
        """The Slack user of a catalog User; None when Slack knows none."""
        annotated, email = await asyncio.to_thread(self._contacts, ref)
        if annotated or not email:
            return annotated
        try:
            return await self._by_email.get(email, lambda: self._lookup(email))
        except Undelivered:
            self._by_email.drop(email)
            return None

    async def names(self, mentioned: dict[str, list[str]], me: str | None) -> dict[str, str]:
        """What the mentions in a question stand for in the catalog, by Slack id."""
        found: dict[str, str] = {}
        for user in mentioned["user"]:
            if user != me and (ref := (await self.person(user)).ref):
                found[user] = ref.rpartition("/")[2]
        for group in mentioned["group"]:
            if name := await asyncio.to_thread(self._one, k.GROUP, "slack_group", group):
                found[group] = name.rpartition("/")[2]
        for channel in mentioned["channel"]:
            if name := await self._team_of(channel):
                found[channel] = name.rpartition("/")[2]
        return found

    async def _team_of(self, channel: str) -> str | None:
        by_id = await asyncio.to_thread(self._one, k.GROUP, "slack_channel", channel)
        if by_id:
            return by_id
        try:
            told = await self._channels.get(channel, lambda: self._channel(channel))
        except Undelivered:
            self._channels.drop(channel)
            return None
        name = str(told.get("name") or "")
        return (
            name
            and await asyncio.to_thread(
                lambda: (
                    self._one(k.GROUP, "slack_channel", f"#{name}")
                    or self._one(k.GROUP, "slack_channel", name)
                )
            )
        ) or None

    async def channel_id(self, named: str) -> str:
        """The id of a channel the catalog names as `#payments`, `payments`, a link or an id; as written where Slack lists none."""
        linked = _CHANNEL_ID.search(named)
        if linked:
            return linked[0]
        name = named.strip().lstrip("#")
        try:
            listed = await self._names.get("", self._list)
        except Undelivered:
            self._names.drop("")
            return f"#{name}"
        return listed.get(name.lower(), f"#{name}")

    # ── Slack ────────────────────────────────────────────────────────────────────────────────────

    async def _user(self, user: str) -> dict[str, Any]:
        got = await self._courier.call("users.info", {"user": user})
        return dict(got["user"])

    async def _channel(self, channel: str) -> dict[str, Any]:
        got = await self._courier.call("conversations.info", {"channel": channel})
        return dict(got["channel"])

    async def _list(self) -> dict[str, str]:
        found: dict[str, str] = {}
        cursor = ""
        while True:
            got = await self._courier.call(
                "conversations.list",
                {"limit": 1000, "exclude_archived": True, **({"cursor": cursor} if cursor else {})},
            )
            found |= {str(c["name"]).lower(): str(c["id"]) for c in got["channels"]}
            cursor = str((got.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found

    async def _lookup(self, email: str) -> str | None:
        got = await self._courier.call("users.lookupByEmail", {"email": email})
        return str(got["user"]["id"])

    # ── the catalog ──────────────────────────────────────────────────────────────────────────────

    def _ref(self, user: str, email: str | None) -> str | None:
        # Who somebody is does not depend on who may read it.
        by_id = self._one(k.USER, "slack_user", user, OPERATOR)
        return by_id or (self._one(k.USER, "email", email, OPERATOR) if email else None)

    def _one(self, kind: str, field: str, value: str, caller: Caller = ANYONE) -> str | None:
        with self._live.serving() as serving:
            return one_by(serving.seen_by(caller), kind, field, value, self._now())

    def _contacts(self, ref: str) -> tuple[str | None, str | None]:
        with self._live.serving() as serving:
            facts = facts_of(serving.seen_by(OPERATOR), ref)
        return facts.get("slack_user"), facts.get("email")


def one_by(serving: Asks, kind: str, field: str, value: str, now: datetime) -> str | None:
    """The one thing of a kind with this value; None for none, or for several, which would be a guess."""
    plan = {
        "node": "select",
        "kinds": [kind],
        "where": {"node": "compare", "field": field, "op": "eq", "value": value},
    }
    try:
        answer = serving.ask(None, plan=plan, now=now, limit=2)
    except CatalogError:  # a catalog without such a field
        return None
    return answer.results[0].ref if answer.total == 1 and answer.results else None


def facts_of(serving: Serving, ref: str) -> dict[str, str]:
    """The facts of an entity as text, by field; nothing for one that is not in the catalog."""
    try:
        page = serving.entity(ref)
    except CatalogError:
        return {}
    return {fact.field: str(fact.value) for fact in page.facts}
