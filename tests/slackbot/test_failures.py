"""What can be done about each way a call to Slack fails."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.failures import (
    Failure,
    ReplyRefused,
    asked_to_wait,
    error_code,
    failure_of,
    next_step,
)


def api_error(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    """As the SDK raises it."""
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.com/api/x",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("failed", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (api_error({"ok": False, "error": "token_expired"}), Failure.TOKEN),
        (api_error({"ok": False, "error": "missing_scope"}), Failure.TOKEN),
        (api_error({"ok": False, "error": "invalid_blocks"}), Failure.PAYLOAD),
        (api_error({"ok": False, "error": "msg_too_long"}), Failure.PAYLOAD),
        (api_error({"ok": False, "error": "not_in_channel"}), Failure.PLACE),
        (api_error({"ok": False, "error": "is_archived"}), Failure.PLACE),
        (api_error({"ok": False, "error": "ratelimited"}, 429), Failure.BUSY),
        (api_error({}, 429), Failure.BUSY),
        (api_error({"ok": False, "error": "fatal_error"}), Failure.UNKNOWN),
        (api_error("<html>", 503), Failure.UNKNOWN),
        (api_error({"ok": False, "error": "new_error"}), Failure.REFUSED),
        (aiohttp.ServerDisconnectedError(), Failure.UNKNOWN),
        (TimeoutError(), Failure.UNKNOWN),
        (ConnectionResetError(), Failure.UNKNOWN),
        (ReplyRefused(404, "expired_url", {}), Failure.PLACE),
        (ReplyRefused(400, "invalid_blocks", {}), Failure.PAYLOAD),
        (ReplyRefused(500, "<html>", {}), Failure.UNKNOWN),
        (ReplyRefused(429, "", {"Retry-After": "9"}), Failure.BUSY),
    ],
    ids=lambda value: value if isinstance(value, Failure) else error_code(value),
)
def test_a_failure(error: BaseException, failure: Failure) -> None:
    assert failure_of(error) is failure
    assert next_step(error)


def test_slack_says_how_long_to_wait() -> None:
    assert asked_to_wait(api_error({}, 429, {"Retry-After": "30"})) == 30
    assert asked_to_wait(ReplyRefused(429, "", {"retry-after": "9"})) == 9
    assert asked_to_wait(api_error({}, 429)) == 0
    assert asked_to_wait(TimeoutError()) == 0
