"""Who may see what in Slack: identities, what a channel is shown, what only the asker is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.live import LiveAssistant, open_warm
from catalog_store.model.visibility import VisibilityRule
from tests.slackbot.workspace import ANNA, BO, CHANNEL, Workspace, buttons, workspace

RULES = (VisibilityRule(kinds=("Incident",), seen_by=("group:default/fares",)),)


@pytest.fixture(scope="module")
def ruled(ferry: LiveAssistant) -> Iterator[LiveAssistant]:
    """The same store, where only the fares team sees incidents."""
    live = LiveAssistant(ferry.store, open_store=partial(open_warm, rules=RULES), poll_s=3600)
    yield live
    live.close()


async def _offer(at: Workspace, user: str) -> None:
    await at.mention("open incidents", user=user)


def test_a_channel_is_shown_what_everybody_may_see(ruled: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ruled, tmp_path, rules=RULES) as at:
            await _offer(at, ANNA)
            (public,) = at.slack.answers(CHANNEL)
            assert "Gates refuse day tickets" not in public.shown
            (offer,) = at.slack.whispers
            assert offer.only == ANNA
            assert "Not everybody in this channel" in offer.shown
            await at.press(offer, "private")
            (private,) = at.slack.answers("D" + ANNA[1:])
            assert "Gates refuse day tickets" in private.shown
            await at.press(
                offer, "private", user=BO
            )  # somebody else's button shows them no more than they may see
            (other,) = at.slack.answers("D" + BO[1:])
            assert "Gates refuse day tickets" not in other.shown

    asyncio.run(play())


def test_nothing_is_offered_to_those_who_would_see_the_same(
    ruled: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ruled, tmp_path, rules=RULES) as at:
            await _offer(at, BO)
            await at.mention("who owns fare gate?")
            assert at.slack.whispers == []

    asyncio.run(play())


def test_what_only_one_may_see_is_not_shared(ruled: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ruled, tmp_path, rules=RULES) as at:
            await at.command("open incidents")
            (mine,) = at.slack.whispers
            assert "Gates refuse day tickets" in mine.shown
            assert "share" in buttons(mine)
            await at.press(mine, "share")
            (public,) = at.slack.answers(CHANNEL)
            assert "Gates refuse day tickets" not in public.shown

    asyncio.run(play())


def test_direct_messages_and_the_home_tab_show_what_the_person_may_see(
    ruled: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ruled, tmp_path, rules=RULES) as at:
            for user, sees in ((ANNA, True), (BO, False)):
                await at.dm("open incidents", user=user)
                (answer,) = at.slack.answers("D" + user[1:])
                assert ("Gates refuse day tickets" in answer.shown) is sees
                await at.event(
                    {"type": "app_home_opened", "tab": "home", "user": user, "channel": "D0"}
                )
                assert ("Gates refuse day tickets" in str(at.slack.homes[user])) is sees

    asyncio.run(play())
