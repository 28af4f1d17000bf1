"""What went wrong with a call to Slack, sorted by what can be done about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError


class ReplyRefused(SlackClientError):
    """A response URL did not take a message; it answers with a bare word, not with an API error."""

    def __init__(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        word = body.strip()
        self.code = word if word.isidentifier() and len(word) < 60 else f"HTTP {status}"
        self.status = status
        self.headers = headers
        super().__init__(self.code)


class Failure(StrEnum):
    """What to do next."""

    UNKNOWN = "unknown"
    """Nobody knows whether it was done: look, then try again."""
    BUSY = "busy"
    """Not done, for now: wait, then try again."""
    TOKEN = "token"  # noqa: S105  a word, not a secret
    """Nothing can be done until somebody renews the credentials."""
    PAYLOAD = "payload"
    """Slack does not take this message: send a plainer one."""
    PLACE = "place"
    """Slack does not take any message there: write to the asker instead."""
    REFUSED = "refused"
    """It will not work however often it is tried."""


_TOKEN = frozenset(
    "token_expired token_revoked invalid_auth not_authed account_inactive missing_scope no_permission org_login_required "
    "not_allowed_token_type ekm_access_denied team_access_not_granted app_missing_action_url".split()
)
_BUSY = frozenset("ratelimited rate_limited message_limit_exceeded".split())
_UNKNOWN = frozenset(
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org".split()
)
_PAYLOAD = frozenset(
    "invalid_blocks invalid_blocks_format invalid_attachments msg_too_long msg_blocks_too_long no_text invalid_arguments "
    "invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app block_mismatch "
    "markdown_text_conflict slack_connect_blocked_file_type".split()
)
_PLACE = frozenset(
    "channel_not_found not_in_channel is_archived restricted_action restricted_action_thread_locked "
    "restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel "
    "thread_not_found message_not_found cannot_reply_to_message user_not_in_channel messages_tab_disabled as_user_not_supported "
    "restricted_too_many_members method_not_supported_for_channel_type slack_connect_canvas_sharing_blocked "
    "messaging_disabled cant_post_message expired_url used_url invalid_response_url".split()
)


def error_code(error: BaseException) -> str:
    """Slack's word for it, or the exception's name."""
    if isinstance(error, ReplyRefused):
        return error.code
    if isinstance(error, SlackApiError):
        data = error.response
        try:
            code = data.get("error")
        except (AttributeError, TypeError, ValueError):
            code = None
        return str(code or f"HTTP {getattr(data, 'status_code', getattr(data, 'status', '?'))}")
    return type(error).__name__


def failure_of(error: BaseException) -> Failure:
    """What can be done about a failed call."""
    if isinstance(error, SlackApiError | ReplyRefused):
        code = error_code(error)
        status = (
            error.status
            if isinstance(error, ReplyRefused)
            else getattr(error.response, "status_code", 200)
        )
        if status >= 500:
            return Failure.UNKNOWN
        for codes, failure in (
            (_TOKEN, Failure.TOKEN),
            (_BUSY, Failure.BUSY),
            (_UNKNOWN, Failure.UNKNOWN),
            (_PAYLOAD, Failure.PAYLOAD),
            (_PLACE, Failure.PLACE),
        ):
            if code in codes:
                return failure
        if status == 429:
            return Failure.BUSY
        return Failure.UNKNOWN if code.startswith("HTTP") and status < 400 else Failure.REFUSED
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError | SlackClientError):
        return Failure.UNKNOWN
    return Failure.REFUSED


TROUBLE = (SlackApiError, SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""Everything a call to Slack fails with."""


def asked_to_wait(error: BaseException) -> float:
    """Seconds that Slack asks to wait before the next call; 0 when it asks for none."""
    headers: Mapping[str, str] = {}
    if isinstance(error, ReplyRefused):
        headers = error.headers
    elif isinstance(error, SlackApiError):
        headers = getattr(error.response, "headers", None) or {}
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(asked) if str(asked).isdigit() else 0.0


def next_step(error: BaseException) -> str:
    """What an operator does about it; for the log and for the asker."""
    code = error_code(error)
    if code in ("token_expired", "token_revoked", "invalid_auth", "not_authed", "account_inactive"):
        return "the bot token is no longer valid: install the app again and set CALLBOARD_SLACK_BOT_TOKEN"
    if code == "missing_scope":
        needed = ""
        if isinstance(error, SlackApiError):
            needed = str(error.response.get("needed") or "")
        return f"the app lacks a scope{f' ({needed})' if needed else ''}: compare it with `callboard slack manifest`"
    if code in ("not_in_channel", "channel_not_found"):
        return "invite the app to the channel"
    if failure_of(error) is Failure.BUSY:
        return "Slack limits how much is posted; it is sent as soon as Slack takes it"
    return "try again; if it goes on, tell whoever runs Callboard"
