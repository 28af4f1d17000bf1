"""`callboard slack`: the manifest, and what is said when something is missing."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.live import LiveAssistant
from catalog_store.errors import UserError
from cli.main import app
from slackbot import bot, buttons, courier, files, people, visits
from slackbot.manifest import EVENTS, SCOPES, manifest
from slackbot.run import open_bot, require_tokens
from tests.house.repository import ROOT
from tests.slackbot.standin import APP_TOKEN, BOT_TOKEN, BOT_USER, event_body
from tests.slackbot.workspace import ANNA, CHANNEL, new_slack, settings_for


def test_the_manifest_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["slack", "manifest", "--domain", "portal.example", "--name", "Ask"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert printed == manifest(name="Ask", domains=["portal.example"])
    assert printed["settings"]["socket_mode_enabled"] is True
    assert printed["features"]["unfurl_domains"] == ["portal.example"]
    assert "agent_view" in printed["features"]
    assert "assistant_view" not in printed["features"]


def test_in_http_mode_everything_has_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["slack", "manifest", "--url", "https://slack.example/"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    address = "https://slack.example/slack/events"
    assert printed["settings"]["event_subscriptions"]["request_url"] == address
    assert printed["settings"]["interactivity"]["request_url"] == address
    assert printed["features"]["slash_commands"][0]["url"] == address
    assert printed["settings"]["socket_mode_enabled"] is False


def test_limits_of_a_manifest() -> None:
    made = manifest(domains=["a.example"])
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["agent_view"]["agent_description"]) <= 300
    assert len(made["features"]["shortcuts"][0]["name"]) <= 24
    assert len(made["features"]["shortcuts"][0]["description"]) <= 150
    assert made["features"]["slash_commands"][0]["command"].startswith("/")


_NEEDS = {
    "assistant.threads.setStatus": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "auth.test": None,
    "chat.getPermalink": None,
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.startStream": "chat:write",
    "chat.stopStream": "chat:write",
    "chat.unfurl": "links:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.info": "channels:read",
    "conversations.list": "channels:read",
    "conversations.open": "im:write",
    "conversations.replies": "channels:history",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": None,
    "views.publish": None,
}
"""Every method with the scope it needs, after Slack's reference."""


def test_every_method_that_is_called_has_its_scope() -> None:
    source = "\n".join(
        Path(module.__file__ or "").read_text(encoding="utf-8")
        for module in (bot, buttons, courier, files, people, visits)
    )
    groups = "assistant|auth|chat|conversations|files|users|views"
    called = set(re.findall(rf'"((?:{groups})\.[A-Za-z.]+)"', source))
    assert called <= set(_NEEDS)
    assert {scope for method in called if (scope := _NEEDS[method])} <= set(SCOPES)


def test_every_event_that_is_asked_for_is_listened_to() -> None:
    source = Path(bot.__file__).read_text(encoding="utf-8")
    heard = set(re.findall(r'app\.event\("([a-z_]+)"', source))
    assert {event.partition(".")[0] for event in EVENTS} <= heard


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "no Slack bot token"),
        ({"slack_bot_token": "xoxb-1"}, "CALLBOARD_SLACK_APP_TOKEN"),
        ({"slack_bot_token": "xoxp-1"}, "expected a bot token"),
        ({"slack_app_token": "xoxb-1"}, "expected an app-level token"),
    ],
)
def test_what_is_missing_is_named(
    given: dict[str, str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("slack_bot_token", "slack_app_token", "slack_signing_secret"):
        monkeypatch.delenv(f"CALLBOARD_{name.upper()}", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(f"CALLBOARD_{name.upper()}", value)
    assert app(["slack", "--store", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "xoxp-1" not in told


def test_an_address_without_tls_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["slack", "manifest", "--url", "http://slack.example"]) == 2
    assert "https://" in capsys.readouterr().err


def test_a_token_that_slack_refuses_ends_the_start(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def start() -> None:
        async with new_slack().running() as slack:
            slack.token = "xoxb-another"
            settings = settings_for(slack)
            require_tokens(settings)
            with pytest.raises(UserError, match="Slack refuses the bot token: invalid_auth"):
                async with open_bot(settings, ferry, home=tmp_path):
                    pass

    asyncio.run(start())


def test_slack_out_of_reach_ends_the_start(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def no_pause(_: float) -> None:
        return

    async def start() -> Any:
        async with new_slack().running() as slack:
            settings = settings_for(slack)
        with pytest.raises(UserError, match="Slack does not answer at"):
            async with open_bot(settings, ferry, home=tmp_path, pause=no_pause):
                pass

    asyncio.run(start())


def test_the_command_itself_connects_answers_and_ends(ferry: LiveAssistant, tmp_path: Path) -> None:
    """A process of its own, in socket mode, told to stop as a service manager does."""
    copied = tmp_path / "store"
    shutil.copytree(ferry.store, copied)

    async def play() -> tuple[int | None, str]:
        async with new_slack().running() as slack:
            settings = {
                "CALLBOARD_SLACK_BOT_TOKEN": BOT_TOKEN,
                "CALLBOARD_SLACK_APP_TOKEN": APP_TOKEN,
                "CALLBOARD_SLACK_API_URL": f"{slack.url}/api",
            }
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "slack", "--store", str(copied)),
                env=os.environ | settings,
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert process.stdout is not None
            assert await process.stdout.readline() == b"Callboard is connected in socket mode\n"
            await slack.connected()
            event = slack.say(CHANNEL, ANNA, f"<@{BOT_USER}> who owns fare gate?")
            await slack.send("events_api", event_body(event | {"type": "app_mention"}))
            while not slack.answers(CHANNEL):
                await asyncio.sleep(0.02)
            assert "Fares" in slack.answers(CHANNEL)[0].shown
            process.send_signal(signal.SIGTERM)
            _, log = await process.communicate()
            return process.returncode, log.decode()

    code, log = asyncio.run(play())
    assert code == 0
    assert '"event": "question answered"' in log
    assert "fare gate" not in log  # the log quotes no question
