"""Conversations in, messages out: the table of conversations.yaml, over HTTP and over a socket."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.live import LiveAssistant
from tests.slackbot.standin import Said
from tests.slackbot.workspace import (
    ANNA,
    BO,
    CHANNEL,
    FARES,
    GUEST,
    SHARED,
    STRANGER,
    Workspace,
    buttons,
    dm_of,
    workspace,
)

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("conversations.yaml").read_text(encoding="utf-8")
)
_PEOPLE = {"anna": ANNA, "bo": BO, "guest": GUEST, "stranger": STRANGER}
_PLACES = {"crossing": CHANNEL, "shared": SHARED, "fares": FARES}
_CHECKS = frozenset(
    "answers sees lacks buttons edits whispers whispered threaded confirms keep".split()
)


class Play:
    """One conversation, step by step."""

    def __init__(self, at: Workspace) -> None:
        self.at = at
        self.place = CHANNEL
        self.thread: str | None = None
        self.old: Said | None = None

    def newest(self) -> Said | None:
        """The newest thing the bot said, to a channel or to one person."""
        said = [*self.at.slack.answers(self.place), *self.at.slack.whispers]
        return max(said, key=lambda s: s.ts) if said else None

    async def step(self, step: dict[str, Any]) -> None:
        user = _PEOPLE[step.get("by", "anna")]
        self.place = _PLACES[step.get("in", "crossing")]
        outer = {"is_ext_shared_channel": True} if step.get("external") else {}
        thread = self.thread if step.get("thread") else None
        match next(iter(step)):
            case "mention":
                event = await self.at.mention(
                    step["mention"], user=user, channel=self.place, thread=thread, **outer
                )
                self.thread = thread or event["ts"]
            case "write":
                await self.at.write(step["write"], user=user, channel=self.place, thread=thread)
            case "dm":
                self.place = dm_of(self.at.slack, user)
                await self.at.dm(step["dm"], user=user)
            case "command":
                await self.at.command(step["command"], user=user, channel=self.place)
            case "press":
                said = self.newest()
                assert said is not None
                self.old = copy.deepcopy(said)
                await self.at.press(said, self.action(said, step["press"]), user=user)
            case "press_old":
                assert self.old is not None
                await self.at.press(self.old, step["press_old"], user=user)
            case "look":
                self.place = _PLACES[step["look"]]

    def action(self, said: Said, wanted: str) -> str:
        """A button by its action or by its label."""
        offered = buttons(said)
        return (
            wanted
            if wanted in offered
            else next(action for action, shown in offered.items() if shown == wanted)
        )

    def check(self, step: dict[str, Any]) -> None:
        slack = self.at.slack
        answers = slack.answers(self.place)
        assert len(answers) == step["answers"], [a.shown for a in answers]
        assert len(slack.whispers) == step.get("whispers", 0), [w.shown for w in slack.whispers]
        if answers:
            newest = answers[-1]
            for words in step.get("sees", ()):
                assert words in newest.shown
            for words in step.get("lacks", ()):
                assert words not in newest.shown
            assert newest.edits == step.get("edits", 0)
            assert bool(newest.streamed) == (step["answers"] > 0 and self.place.startswith("D"))
            if step.get("threaded"):
                assert newest.thread_ts == self.thread
        for words in step.get("whispered", ()):
            assert words in slack.whispers[-1].shown
        if "buttons" in step or "confirms" in step:
            said = self.newest()
            assert said is not None
            assert set(step.get("buttons", ())) <= set(buttons(said).values())
            asked = {
                e["action_id"]: e
                for b in said.blocks
                for e in b.get("elements", ())
                if "confirm" in e
            }
            assert step.get("confirms") in {None, *asked}


def _told(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CASES, ids=_told)
def test_conversation(case: dict[str, Any], ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            conversation = Play(at)
            for step in case["steps"]:
                await conversation.step(step)
                conversation.check(step)
            assert at.slack.invalid == []

    asyncio.run(play())


def test_the_same_over_a_socket(ferry: LiveAssistant, tmp_path: Path) -> None:
    wanted = {
        "a list is a table, page by page, in one message",
        "direct messages are streamed and continue",
        "the command answers only the asker, who may share it",
    }
    cases = [case for case in CASES if case["name"] in wanted]
    assert len(cases) == len(wanted)

    async def play(case: dict[str, Any], home: Path) -> None:
        async with workspace(ferry, home, socket=True) as at:
            conversation = Play(at)
            for step in case["steps"]:
                await conversation.step(step)
                conversation.check(step)

    for number, case in enumerate(cases):
        home = tmp_path / str(number)
        home.mkdir()
        asyncio.run(play(case, home))


def test_every_key_of_the_table_is_read() -> None:
    known = _CHECKS | set(
        "mention write dm command press press_old look by in thread external".split()
    )
    assert {key for case in CASES for step in case["steps"] for key in step} <= known
