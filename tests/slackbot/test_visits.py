"""App Home, suggested prompts, links, the message shortcut, feedback."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app.live import LiveAssistant
from slackbot.alerts import understand
from tests.slackbot.standin import TEAM
from tests.slackbot.workspace import ANNA, BO, CHANNEL, GUEST, PAGE, SHARED, STRANGER, workspace

ALERTMANAGER = {
    "bot_id": "B0ALERTS",
    "text": "",
    "attachments": [
        {
            "fallback": "[FIRING:1] FareGateDown (fare-gate production critical)",
            "title": "[FIRING:1] FareGateDown (fare-gate production critical)",
            "title_link": "https://alerts.tidewater.example/#/alerts",
            "text": "*Alert:* gates refuse tickets\n*Details:*\n • *alertname:* `FareGateDown`\n • *service:* `fare-gate`",
        }
    ],
}
PAGERDUTY = {
    "bot_id": "B0PAGER",
    "text": "Triggered #7: gates refuse day tickets",
    "blocks": [
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "*<https://tidewater.pagerduty.com/incidents/TI0007|[#7] Gates refuse day tickets>*",
            },
            "fields": [
                {
                    "type": "mrkdwn",
                    "text": "*Service:* <https://tidewater.pagerduty.com/services/S1|fare-gate>",
                },
                {"type": "mrkdwn", "text": "*Urgency:* High"},
            ],
        }
    ],
}
TITLED = {
    "bot_id": "B0PAGER",
    "text": "Triggered",
    "attachments": [
        {
            "title": "Triggered",
            "fields": [{"title": "Service", "value": "<https://x.example/S1|Fare Gate>"}],
        }
    ],
}
GRAFANA = {
    "bot_id": "B0GRAF",
    "attachments": [
        {
            "title": "[FIRING:2] FareGateDown",
            "text": "**Firing**\n\nLabels:\n - alertname = FareGateDown\n - service = fare-gate\nAnnotations:\n"
            " - runbook_url = https://wiki.tidewater.example/runbooks/gate",
        }
    ],
}


@pytest.mark.parametrize(
    ("message", "alerts", "things"),
    [
        (ALERTMANAGER, "FareGateDown", "fare-gate"),
        (GRAFANA, "FareGateDown", "fare-gate"),
        (PAGERDUTY, None, "fare-gate"),
        ({"text": "lunch anyone?"}, None, None),
        (
            {
                "text": None,
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [{"type": "link", "url": "https://x.example/runbook"}],
                    }
                ],
            },
            None,
            None,
        ),
    ],
    ids=["alertmanager", "grafana", "pagerduty", "people", "a link"],
)
def test_an_alert_is_read(message: dict[str, Any], alerts: str | None, things: str | None) -> None:
    found = understand(message)
    assert next(iter(found.alerts), None) == alerts
    assert next(iter(found.things), None) == things


def test_a_runbook_link_is_found() -> None:
    assert understand(GRAFANA).runbooks[0] == "https://wiki.tidewater.example/runbooks/gate"


@pytest.mark.parametrize(
    "message",
    [ALERTMANAGER, GRAFANA, PAGERDUTY, TITLED],
    ids=["alertmanager", "grafana", "pagerduty", "words apart"],
)
def test_the_shortcut_finds_runbook_owner_and_who_is_on_call(
    message: dict[str, Any], ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            assert await at.shortcut(message) == 200
            (answer,) = at.slack.whispers
            assert answer.only == ANNA
            for words in ("Fare gate does not open", "kubectl", "Fares", "Cleo Marsh"):
                assert words in answer.shown
            assert "<@" not in answer.shown
            assert at.slack.invalid == []

    asyncio.run(play())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lunch anyone?", "I found no alert"),
        ("[FIRING:1] NobodyKnowsThis (no-such-service)", "knows none of what that message names"),
        (
            "service: berth-99",
            "knows none of what that message names",
        ),  # a near name would be a wrong owner
    ],
)
def test_the_shortcut_does_not_guess(
    text: str, words: str, ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            await at.shortcut({"text": text})
            (answer,) = at.slack.whispers
            assert words in answer.shown

    asyncio.run(play())


def test_home_shows_what_is_mine(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            for user in (ANNA, BO, STRANGER, GUEST):
                await at.event(
                    {"type": "app_home_opened", "tab": "home", "user": user, "channel": "D0"}
                )
            homes = {user: json.dumps(view) for user, view in at.slack.homes.items()}
            for words in (
                "My services",
                "Fare Gate",
                "Cleo Marsh",
                "Gates refuse day tickets",
                "Fare Tables",
            ):
                assert words in homes[ANNA]
            assert "Berth 01" in homes[BO]
            assert "Nobody is on call" in homes[BO]
            assert f"slack.com/user-id: {STRANGER}" in homes[STRANGER]
            assert "guests see nothing" in homes[GUEST]
            assert at.slack.invalid == []

    asyncio.run(play())


def test_the_home_tab_is_made_again_on_request(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            await at.interact(
                {
                    "type": "block_actions",
                    "team": {"id": TEAM},
                    "user": {"id": ANNA},
                    "actions": [{"type": "button", "action_id": "home.refresh"}],
                    "trigger_id": "t1",
                },
                "interactive",
            )
            assert ANNA in at.slack.homes

    asyncio.run(play())


@pytest.mark.parametrize("legacy", [False, True], ids=["messages tab", "assistant thread"])
def test_prompts_are_what_the_asker_can_ask(
    legacy: bool, ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            event: dict[str, Any] = {
                "type": "app_home_opened",
                "tab": "messages",
                "user": ANNA,
                "channel": "D0ANNA0001",
            }
            if legacy:
                event = {
                    "type": "assistant_thread_started",
                    "assistant_thread": {
                        "user_id": ANNA,
                        "channel_id": "D0ANNA0001",
                        "thread_ts": "1.2",
                        "context": {},
                    },
                }
            await at.event(event)
            (prompts,) = at.slack.prompts
            assert prompts["prompts"][0]["message"] == "my services"
            assert prompts.get("thread_ts") == ("1.2" if legacy else None)

    asyncio.run(play())


def test_links_are_unfurled_with_what_everybody_may_see(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    urls = {
        f"{PAGE}/#/entity/component/default/fare-gate": "Fare Gate",
        "https://portal.tidewater.example/catalog/default/component/boarding-pass": "Boarding Pass",
        f"{PAGE}/#/page/runbook%3Arunbooks%2Ffare-gate-down.md": "Fare gate does not open",
        "https://portal.tidewater.example/catalog/default/component/no-such": None,
        "https://elsewhere.example/": None,
    }

    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            for channel in (CHANNEL, SHARED):
                await at.event(
                    {
                        "type": "link_shared",
                        "channel": channel,
                        "message_ts": "1700000000.000100",
                        "user": ANNA,
                        "links": [{"domain": "tidewater.example", "url": url} for url in urls],
                    }
                )
            (sent,) = at.slack.unfurls  # nothing in the channel that others read
            assert sent["channel"] == CHANNEL
            shown = {url: json.dumps(unfurl) for url, unfurl in sent["unfurls"].items()}
            assert {url: name for url, name in urls.items() if name} == {
                url: name
                for url, name in urls.items()
                if url in shown and name and name in shown[url]
            }
            assert "Cleo" not in json.dumps(sent)
            assert "pagerduty" not in json.dumps(sent).lower()
            assert at.slack.invalid == []

    asyncio.run(play())


def test_the_last_verdict_counts_and_a_reason_may_follow(
    ferry: LiveAssistant, tmp_path: Path
) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            await at.mention("who owns fare gate?")
            (answer,) = at.slack.answers(CHANNEL)
            await at.press(answer, "feedback", verdict="right")
            assert "Thank you" in at.slack.whispers[-1].shown
            await at.press(answer, "feedback", verdict="wrong")
            (modal,) = at.slack.modals
            await at.interact(
                {
                    "type": "view_submission",
                    "team": {"id": TEAM},
                    "user": {"id": ANNA},
                    "view": modal
                    | {
                        "state": {
                            "values": {"reason": {"reason": {"value": "Piers took it over."}}}
                        }
                    },
                    "trigger_id": "t9",
                },
                "interactive",
            )
            await at.press(answer, "feedback", verdict="right", user=BO)
            id_ = modal["private_metadata"].partition(".")[0]
            assert at.bot.premises.ledger.verdicts(id_) == {
                ANNA: ("wrong", "Piers took it over."),
                BO: ("right", None),
            }
            log = [
                json.loads(line) for line in (tmp_path / "feedback.ndjson").read_text().splitlines()
            ]
            assert [(e["verdict"], e.get("comment")) for e in log] == [
                ("right", None),
                ("wrong", None),
                ("wrong", "Piers took it over."),
                ("right", None),
            ]
            assert {e["question"] for e in log} == {"who owns fare gate?"}

    asyncio.run(play())


def test_a_whole_table_is_a_file(ferry: LiveAssistant, tmp_path: Path) -> None:
    async def play() -> None:
        async with workspace(ferry, tmp_path) as at:
            event = await at.mention("services owned by piers")
            (answer,) = at.slack.answers(CHANNEL)
            await at.press(answer, "csv")
            posted = at.slack.answers(CHANNEL)[-1]
            assert posted.thread_ts == event["ts"]
            lines = at.slack.uploads[posted.files[0]].decode().splitlines()
            assert len(lines) == 14
            assert lines[0].startswith("ref,name,owner")
            assert (
                lines[-1].startswith("component:default/boarding-pass") or "berth-12" in lines[-1]
            )

    asyncio.run(play())
