"""`callboard slack`: run the Slack bot, or print the manifest its app is made from."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cli.usage import UsageError, usable


def add_slack(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "slack",
        help="run the Slack bot, or print its app manifest",
        description="Runs the Slack bot over a store: in socket mode where an app-level token is set, else over HTTP. "
        "`callboard slack manifest` prints the manifest to create the app from.",
    )
    parser.add_argument(
        "action", nargs="?", choices=("run", "manifest"), default="run", help="default: run"
    )
    parser.add_argument("--store", metavar="DIR", help="the store to answer from")
    parser.add_argument("--host", help="HTTP mode: where to listen (default 127.0.0.1)")
    parser.add_argument("--port", help="HTTP mode: port (default 8000)")
    parser.add_argument("--name", default="Callboard", help="manifest: what the bot is called")
    parser.add_argument(
        "--url", help="manifest: public address of the bot, for HTTP mode; without it socket mode"
    )
    parser.add_argument(
        "--domain",
        action="append",
        default=[],
        help="manifest: unfurl links to this domain; may be given several times",
    )
    parser.set_defaults(run=_slack)


def _slack(arguments: argparse.Namespace) -> int:
    if arguments.action == "manifest":
        from slackbot.manifest import manifest_text  # noqa: PLC0415

        url = arguments.url
        if url is not None and not url.startswith("https://"):
            raise UsageError(
                f"--url is {url!r}; Slack only sends to an address that begins with https://"
            )
        sys.stdout.write(manifest_text(name=arguments.name, url=url, domains=arguments.domain))
        return 0
    import asyncio  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from app.language_model import language_model  # noqa: PLC0415
    from app.live import LiveAssistant, open_warm  # noqa: PLC0415
    from app.observe import set_up_logs  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from slackbot.run import require_tokens, run  # noqa: PLC0415

    given = {name: getattr(arguments, name) for name in ("store", "host", "port")}
    settings = usable(lambda: load_settings(given))
    store = usable(settings.require_store)
    usable(lambda: require_tokens(settings))
    set_up_logs(settings.log_level)
    model = usable(lambda: language_model(settings))
    live = LiveAssistant(
        store,
        open_store=partial(
            open_warm, rules=settings.visibility, model=model, policy=settings.usage
        ),
    )

    def ready(how: str) -> None:
        sys.stdout.write(f"Callboard is {how}\n")
        sys.stdout.flush()

    try:
        asyncio.run(run(settings, live, ready=ready))
    finally:
        live.close()
    return 0
