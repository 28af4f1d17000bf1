"""Every call to Slack fails once, in every way: the asker is told something, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.live import LiveAssistant
from tests.slackbot.standin import BOT_USER, Fault, StandIn
from tests.slackbot.workspace import ANNA, CHANNEL, FARES, Workspace, workspace

FAULTS = (
    Fault("http_500", after=True),
    Fault("reset"),
    Fault("reset", after=True),
    Fault("ratelimited", retry_after=7),
    Fault("fatal_error", after=True),
    Fault("invalid_blocks"),
    Fault("is_archived"),
    Fault("token_expired"),
    Fault("some_error_nobody_has_heard_of"),
    Fault("http_500", times=0),
    Fault("is_archived", times=0),
)
"""One of each sort; `times=0` goes on until it is mended."""

SETUP = "auth.test"


@dataclass(frozen=True)
class Scene:
    """Something somebody does, and how often they were told something about it."""

    name: str
    before: Callable[[Workspace], Awaitable[None]] | None
    act: Callable[[Workspace], Awaitable[object]]
    told: Callable[[StandIn], int]
    only_user: bool = False


def said(slack: StandIn) -> int:
    """Everything the bot said, wherever."""
    return sum(len(slack.answers(c)) for c in slack.channels) + len(slack.whispers)


async def _asked(at: Workspace) -> None:
    await at.mention("services owned by piers")


async def _owner_known(at: Workspace) -> None:
    await at.mention("who owns fare gate?")


async def _on_call(at: Workspace) -> None:
    await at.mention("who is on call for fare-gate?")


async def _commanded(at: Workspace) -> None:
    await at.command("who owns fare gate?")


def _press(action: str) -> Callable[[Workspace], Awaitable[object]]:
    async def act(at: Workspace) -> object:
        newest = max([*at.slack.answers(CHANNEL), *at.slack.whispers], key=lambda s: s.ts)
        return await at.press(newest, action)

    return act


def _edited(slack: StandIn) -> int:
    return any(m.edits for m in slack.answers(CHANNEL)) + len(slack.whispers)


def _handed_over(slack: StandIn) -> int:
    posted, told = len(slack.answers(FARES)), len(slack.whispers)
    direct = sum(len(slack.answers(c)) for c in slack.channels if c.startswith("D"))
    assert posted <= 1
    return told + direct


def _paged(slack: StandIn) -> int:
    return said(slack) - 1


def _shared(slack: StandIn) -> int:
    return said(slack) - 1  # the answer that only the asker saw


SCENES = (
    Scene("a mention", None, _asked, said),
    Scene("a direct message", None, lambda at: at.dm("services owned by piers"), said),
    Scene("a command", None, _commanded, said, only_user=True),
    Scene("a page turned", _asked, _press("page.next"), _edited),
    Scene("a file", _asked, _press("csv"), lambda slack: said(slack) - 1),
    Scene("an owner asked", _owner_known, _press("owner"), _handed_over, only_user=True),
    Scene("somebody paged", _on_call, _press("pager"), _paged),
    Scene("an answer shared", _commanded, _press("share"), _shared),
    Scene("a refusal", None, lambda at: at.mention("hi", user="U0GUEST001"), said, only_user=True),
)


async def _calls(live: LiveAssistant, home: Path, scene: Scene) -> list[str]:
    """Every method the scene calls when nothing fails."""
    async with workspace(live, home) as at:
        if scene.before:
            await scene.before(at)
        at.slack.calls.clear()
        await scene.act(at)
        assert scene.told(at.slack) == 1
        return sorted(at.slack.calls)


async def _play(live: LiveAssistant, home: Path, scene: Scene, method: str, fault: Fault) -> None:
    async with workspace(live, home) as at:
        if scene.before:
            await scene.before(at)
        at.slack.fail(
            method, fault.error, after=fault.after, times=fault.times, retry_after=fault.retry_after
        )
        await scene.act(at)
        first = scene.told(at.slack)
        assert first <= 1 or (scene.only_user and fault.after)
        at.slack.faults.clear()  # somebody mends it
        await at.bot.resume()
        await at.bot.idle()
        count = scene.told(at.slack)
        # Whether an ephemeral message has arrived cannot be looked up, so there one may come twice, but never none.
        assert count == 1 or (scene.only_user and fault.after and count == 2), (method, fault)
        assert at.slack.invalid == []
        assert at.bot.premises.ledger.open_jobs() == []
        if fault.error == "ratelimited" and at.paused:
            assert max(at.paused) >= fault.retry_after


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_any_call_may_fail(scene: Scene, ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        fresh = iter(range(10_000))

        def home() -> Path:
            made = tmp_path / str(next(fresh))
            made.mkdir()
            return made

        methods = await _calls(ferry, home(), scene)
        assert methods
        for method in methods:
            for fault in FAULTS:
                await _play(ferry, home(), scene, method, fault)

    asyncio.run(play())


def test_a_dead_token_is_told_where_it_can_be(
    ferry: LiveAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            at.slack.token = "xoxb-renewed"  # ours is no longer valid
            await at.command("who owns fare gate?")
            assert "Fares" in at.slack.whispers[-1].shown  # a response URL needs no token
            await at.mention("who owns fare gate?")
            assert at.slack.answers(CHANNEL) == []
            assert len(at.bot.premises.ledger.open_jobs()) == 1
            at.bot.premises.courier.client.token = "xoxb-renewed"
            await at.bot.resume()
            await at.bot.idle()
            assert len(at.slack.answers(CHANNEL)) == 1

    with caplog.at_level("ERROR", logger="callboard"):
        asyncio.run(play())
    steps = {getattr(r, "data", {}).get("next_step", "") for r in caplog.records}
    assert any("CALLBOARD_SLACK_BOT_TOKEN" in step for step in steps)


def test_what_breaks_inside_is_apologised_for(
    ferry: LiveAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of luck")

    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            monkeypatch.setattr(at.bot.premises.asking, "_ask", broken)
            await at.mention("who owns fare gate?")
            await at.dm("who owns fare gate?")
            await at.command("who owns fare gate?")
            for sentence in (
                at.slack.answers(CHANNEL)[0].shown,
                at.slack.answers("D0ANNA0001")[0].shown,
                at.slack.whispers[0].shown,
            ):
                assert "Something went wrong on my side" in sentence
                assert "out of luck" not in sentence
            assert said(at.slack) == 3

    asyncio.run(play())


def test_a_ledger_that_cannot_be_written_costs_no_answer(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            at.bot.premises.ledger._file.execute("PRAGMA query_only=ON")
            event = await at.mention("who owns fare gate?")
            await at.event(event)  # the retry is known all the same
            assert said(at.slack) == 1
            at.bot.premises.ledger._file.execute("PRAGMA query_only=OFF")

    asyncio.run(play())


def test_the_asker_is_the_one_who_is_told(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            at.slack.fail("chat.postMessage", "is_archived")
            await at.mention("who owns fare gate?")
            direct = at.slack.answers("D" + ANNA[1:])
            assert len(direct) == 1
            assert direct[0].user == BOT_USER
            assert "Fares" in direct[0].shown
            assert "is_archived" in direct[0].shown  # and why it stands there

    asyncio.run(play())
