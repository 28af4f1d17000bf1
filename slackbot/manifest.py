"""The app's manifest: what a workspace is asked to allow, and nothing that is not used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from slackbot.blocks.said import EXAMPLES

COMMAND = "/callboard"
SHORTCUT = "about_message"
EVENTS_PATH = "/slack/events"

SCOPES = {
    "app_mentions:read": "mentions in channels",
    "assistant:write": "status and suggested prompts in the messages tab",
    "channels:history": "follow-ups in threads of public channels; finding its own answer after a failed call",
    "channels:read": "whether a channel is shared with another organisation; channel names of teams",
    "chat:write": "answering",
    "chat:write.public": "asking the owning team in a channel nobody invited it to",
    "commands": "`/callboard` and the message shortcut",
    "files:write": "long tables as a file",
    "groups:history": "the same as channels:history, in private channels it was invited to",
    "groups:read": "the same as channels:read, in private channels it was invited to",
    "im:history": "direct messages",
    "im:write": "answering privately where a channel takes no answer",
    "links:read": "links to the catalog",
    "links:write": "unfurling them",
    "mpim:history": "the same as channels:history, in group messages it was invited to",
    "mpim:read": "the same as channels:read, in group messages it was invited to",
    "users:read": "guests are told from members",
    "users:read.email": "who asks, by e-mail address, so that “my” works",
}
"""Each scope with what it is for."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_shared",
    "channel_unshared",
    "link_shared",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)


def manifest(
    *, name: str = "Callboard", url: str | None = None, domains: Sequence[str] = ()
) -> dict[str, Any]:
    """The manifest as Slack reads it.

    Args:
        name: what the bot is called in the workspace.
        url: public address of the bot for HTTP mode; None for socket mode.
        domains: whose links are unfurled: the portal's and Callboard's own.
    """
    request = {"request_url": f"{url.rstrip('/')}{EVENTS_PATH}"} if url else {}
    command = {
        "command": COMMAND,
        "description": "Ask the software catalog; only you see the answer",
        "usage_hint": EXAMPLES[0],
        "should_escape": True,
        **({"url": request["request_url"]} if request else {}),
    }
    shortcut = {
        "name": "Who owns this? Runbook?",
        "type": "message",
        "callback_id": SHORTCUT,
        "description": "Finds runbook, owner and who is on call for an alert",
    }
    prompts = [{"title": text, "message": text} for text in EXAMPLES]
    return {
        "display_information": {
            "name": name,
            "description": "Ask your software catalog: owners, runbooks, deployments, who is on call.",
            "background_color": "#1c2333",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": {
                "agent_description": "Answers questions about your software catalog, its docs and its runbooks.",
                "suggested_prompts": prompts,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [shortcut],
            "slash_commands": [command],
            **({"unfurl_domains": list(domains)} if domains else {}),
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def manifest_text(**options: Any) -> str:
    """The manifest as YAML, to be pasted into *Create New App → From a manifest*."""
    return yaml.safe_dump(manifest(**options), sort_keys=False, allow_unicode=True, width=1000)
