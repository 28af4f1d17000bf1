"""How Slack and the bot speak: signatures, acknowledgements, retries, restarts, sockets that end, bursts."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.live import LiveAssistant
from app.serving import open_serving
from slackbot.asking import Found, Query
from slackbot.manifest import EVENTS_PATH
from tests.slackbot.org import NOW
from tests.slackbot.standin import BOT_USER, SECRET, event_body, form, signed
from tests.slackbot.workspace import ANNA, BO, CHANNEL, Workspace, new_slack, workspace


def run(play: Any) -> None:
    asyncio.run(play)


async def _post(at: Workspace, raw: bytes, headers: dict[str, str]) -> int:
    kind = {"Content-Type": "application/json"}
    async with at.session.post(at.url + EVENTS_PATH, data=raw, headers=kind | headers) as got:
        return got.status


def _mention(at: Workspace, text: str = "who owns fare gate?") -> dict[str, Any]:
    event = at.slack.say(CHANNEL, ANNA, f"<@{BOT_USER}> {text}")
    return event | {"type": "app_mention"}


# ── signatures ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(b"{}", secret="somebody else's"),
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=00"},
        signed(b"{}", at=1_600_000_000),
    ],
    ids=["none", "of another secret", "made up", "of long ago"],
)
def test_what_is_not_signed_is_refused(
    headers: dict[str, str], ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            raw = json.dumps(event_body(_mention(at))).encode()
            assert await _post(at, raw, headers) == 401
            await at.bot.idle()
            assert at.slack.answers(CHANNEL) == []

    run(play())


def test_a_body_that_was_changed_is_refused(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            raw = json.dumps(event_body(_mention(at))).encode()
            headers = signed(raw, SECRET)
            assert await _post(at, raw.replace(b"fare", b"free"), headers) == 401

    run(play())


def test_the_address_is_verified(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            raw = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
            headers = {"Content-Type": "application/json", **signed(raw)}
            async with at.session.post(at.url + EVENTS_PATH, data=raw, headers=headers) as got:
                assert got.status == 200
                assert "3eZbrw1a" in await got.text()

    run(play())


def test_operators_can_look_at_it(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            await at.mention("who owns fare gate?")
            async with at.session.get(at.url + "/healthz") as got:
                assert await got.json() == {"status": "ok"}
            async with at.session.get(at.url + "/metrics") as got:
                text = await got.text()
            assert 'callboard_questions_total{status="answered",surface="slack"} 1.0' in text

    run(play())


# ── retries and restarts ─────────────────────────────────────────────────────────────────────────


def test_a_retry_is_acknowledged_and_not_answered_again(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            event = _mention(at)
            for retry in range(4):
                assert await at.event(event, retry=retry) == 200
            # The same message, as the event that channels send.
            assert await at.event(event | {"type": "message"}) == 200
            assert len(at.slack.answers(CHANNEL)) == 1

    run(play())


def test_a_retry_after_a_restart_is_known(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with new_slack().running() as slack:
            async with workspace(ferry, tmp_path, slack=slack) as at:
                event = _mention(at)
                await at.event(event)
            async with workspace(ferry, tmp_path, slack=slack) as at:
                await at.event(event, retry=1)
                await at.bot.resume()
                await at.bot.idle()
            assert len(slack.answers(CHANNEL)) == 1

    run(play())


@pytest.mark.parametrize("posted", [False, True], ids=["before the post", "after the post"])
@pytest.mark.parametrize("how", ["mention", "dm"])
def test_what_a_crash_cut_off_is_answered_once(
    how: str, posted: bool, ferry: LiveAssistant, tmp_path: Path
) -> None:
    """The process ends while Slack answers nothing: with or without the message there, there is one in the end."""

    async def play() -> None:
        async with new_slack().running() as slack:
            async with workspace(ferry, tmp_path, slack=slack) as at:
                for method in ("chat.postMessage", "chat.startStream"):
                    slack.fail(method, "reset", after=posted)
                slack.fail("conversations.replies", "http_500", times=0)  # nor can it look
                await (at.mention if how == "mention" else at.dm)("who owns fare gate?")
                assert len(at.bot.premises.ledger.open_jobs()) == 1
            slack.faults.clear()
            async with workspace(ferry, tmp_path, slack=slack) as at:
                await at.bot.resume()
                await at.bot.idle()
                assert at.bot.premises.ledger.open_jobs() == []
            place = CHANNEL if how == "mention" else "D" + ANNA[1:]
            (answer,) = slack.answers(place)
            assert "Fares" in answer.shown
            assert not answer.streaming

    run(play())


def test_a_question_that_waited_too_long_is_apologised_for(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with new_slack().running() as slack:
            async with workspace(ferry, tmp_path, slack=slack) as at:
                slack.fail("chat.postMessage", "token_expired", times=0)
                await at.mention("who is on call for fare-gate?")
            slack.faults.clear()
            later = NOW + timedelta(hours=2)
            async with workspace(ferry, tmp_path, slack=slack, clock=later) as at:
                await at.bot.resume()
                await at.bot.idle()
            (answer,) = slack.answers(CHANNEL)
            assert "I was not running when you asked" in answer.shown
            assert "Cleo" not in answer.shown

    run(play())


def test_buttons_and_follow_ups_outlive_a_restart(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with new_slack().running() as slack:
            async with workspace(ferry, tmp_path, slack=slack) as at:
                event = await at.mention("services owned by piers")
            fresh = LiveAssistant(ferry.store, open_store=open_serving, poll_s=3600)
            async with workspace(fresh, tmp_path, slack=slack) as at:
                (answer,) = slack.answers(CHANNEL)
                await at.press(answer, "page.next")
                assert "Berth 12" in answer.shown
                await at.write("and fares?", thread=event["ts"])
                assert "Services owned by team Fares" in slack.answers(CHANNEL)[-1].shown
            fresh.close()

    run(play())


# ── sockets ──────────────────────────────────────────────────────────────────────────────────────


def test_an_envelope_that_comes_again_is_answered_once(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path, socket=True) as at:
            body = event_body(_mention(at))
            sent = await at.slack.send("events_api", body)
            await at.settle()
            await at.slack.send_again(sent, "events_api", body)
            await at.slack.send_again(sent, "events_api", body)
            while len(at.slack.acked) < 1 or at.slack.unacknowledged:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)
            await at.bot.idle()
            assert len(at.slack.answers(CHANNEL)) == 1

    run(play())


def test_work_survives_a_socket_that_ends(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path, socket=True) as at:
            gate = asyncio.Event()
            ask = at.bot.premises.asking.ask

            async def slow(query: Query) -> Found:
                await gate.wait()
                return await ask(query)

            at.bot.premises.asking.ask = slow  # type: ignore[method-assign]
            await at.slack.send("events_api", event_body(_mention(at)))
            while at.slack.unacknowledged:
                await asyncio.sleep(0.005)
            await at.slack.drop()
            gate.set()
            await at.bot.idle()
            assert len(at.slack.answers(CHANNEL)) == 1

    run(play())


# ── many at once ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("socket", "burst"), [(False, 200), (True, 60)], ids=["200 over http", "60 over a socket"]
)
def test_a_burst_is_acknowledged_before_it_is_answered(
    socket: bool, burst: int, ferry: LiveAssistant, tmp_path: Path
) -> None:
    """Nothing that answers stands in the way of an acknowledgement: all are acknowledged while no answer can be made at all.

    How long that takes on the wall is measured by `bench/slack_burst.py`.
    """

    async def play() -> None:
        async with workspace(ferry, tmp_path, socket=socket) as at:
            gate = asyncio.Event()
            ask = at.bot.premises.asking.ask

            async def held(query: Query) -> Found:
                await gate.wait()
                return await ask(query)

            at.bot.premises.asking.ask = held  # type: ignore[method-assign]
            events = [_mention(at, f"who owns berth {n % 12 + 1:02}?") for n in range(burst)]
            if socket:
                for event in events:
                    await at.slack.send("events_api", event_body(event))
                while at.slack.unacknowledged:
                    await asyncio.sleep(0.005)
            else:
                codes = await asyncio.gather(*(at.event(e, settle=False) for e in events))
                assert set(codes) == {200}
            assert at.slack.answers(CHANNEL) == []
            at.slack.fail("chat.postMessage", "ratelimited", times=50, retry_after=3)
            gate.set()
            await at.bot.idle()
            await at.bot.resume()  # as the sweep does with those that were sent away too often
            await at.bot.idle()
            answers = at.slack.answers(CHANNEL)
            assert sorted(a.thread_ts or "" for a in answers) == sorted(e["ts"] for e in events)
            assert all("Piers" in a.shown for a in answers)
            assert min(p for p in at.paused if p >= 1) >= 3  # as long as Slack asked for

    run(play())


def test_one_slow_answer_holds_nobody_up(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            gate = asyncio.Event()
            ask = at.bot.premises.asking.ask

            async def slow(query: Query) -> Found:
                if query.asker == "user:default/anna":
                    await gate.wait()
                return await ask(query)

            at.bot.premises.asking.ask = slow  # type: ignore[method-assign]
            first = asyncio.create_task(at.mention("my services"))
            while not at.slack.statuses:  # it says that it is working on it
                await asyncio.sleep(0.01)
            second = asyncio.create_task(at.mention("my services", user=BO))
            while not at.slack.answers(CHANNEL):
                await asyncio.sleep(0.01)
            assert "Berth" in at.slack.answers(CHANNEL)[0].shown
            gate.set()
            await asyncio.gather(first, second)
            assert len(at.slack.answers(CHANNEL)) == 2
            assert at.slack.statuses[0]["status"]

    run(play())


def test_an_interaction_is_acknowledged_whatever_it_holds(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            await at.mention("services owned by piers")
            (answer,) = at.slack.answers(CHANNEL)
            for value in ("", "nobody.0.1", "....", "x"):
                answer.blocks[:] = [
                    {
                        "type": "actions",
                        "elements": [
                            {
                                "type": "button",
                                "action_id": "csv",
                                "value": value,
                                "text": {"text": "x"},
                            }
                        ],
                    }
                ]
                assert await at.press(answer, "csv") == 200
            assert len(at.slack.whispers) == 4
            assert all("too old" in w.shown for w in at.slack.whispers)

    run(play())


def test_forms_are_signed_like_everything_else(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            raw = form({"command": "/callboard", "text": "hi"})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            async with at.session.post(at.url + EVENTS_PATH, data=raw, headers=headers) as got:
                assert got.status == 401

    run(play())
