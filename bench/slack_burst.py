"""A burst of mentions in Slack: how long each waits for its acknowledgement, and for its answer.

    python bench/slack_burst.py [--mentions 200] [--seconds 10] [--socket]

The whole bot runs against the stand-in of the tests, on loopback, over the ferry line's catalog. Slack waits 3 s for an
acknowledgement. Times are wall clock, of this machine and this run.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.building import build_index, local_embedder  # noqa: E402
from app.live import LiveAssistant  # noqa: E402
from tests.slackbot.org import NOW, write_org  # noqa: E402
from tests.slackbot.standin import BOT_USER, event_body  # noqa: E402
from tests.slackbot.workspace import ANNA, CHANNEL, workspace  # noqa: E402

ALLOWED_S = 3.0


async def burst(
    live: LiveAssistant, home: Path, *, mentions: int, seconds: float, socket: bool
) -> None:
    """Send them evenly, and print what was measured."""
    waits: list[float] = []
    async with workspace(live, home, socket=socket) as at:

        async def one(number: int) -> None:
            await asyncio.sleep(seconds * number / mentions)
            event = at.slack.say(
                CHANNEL, ANNA, f"<@{BOT_USER}> who owns berth {number % 12 + 1:02}?"
            )
            event["type"] = "app_mention"
            begun = time.perf_counter()
            if socket:
                sent = await at.slack.send("events_api", event_body(event))
                while sent in at.slack.unacknowledged:
                    await asyncio.sleep(0.001)
            else:
                await at.event(event, settle=False)
            waits.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(mentions)))
        await at.bot.idle()
        took = time.perf_counter() - begun
        answered = [a.thread_ts for a in at.slack.answers(CHANNEL)]
    waits.sort()
    late = sum(wait > ALLOWED_S for wait in waits)
    print(f"{'socket' if socket else 'http'}: {mentions} mentions in {seconds:g} s")
    print(
        f"  acknowledged after: median {statistics.median(waits) * 1000:.1f} ms, "
        f"99 % within {waits[int(len(waits) * 0.99) - 1] * 1000:.1f} ms, longest {waits[-1] * 1000:.1f} ms, later than 3 s: {late}"
    )
    print(
        f"  answered: {len(answered)}, each once: {len(set(answered)) == mentions}, the last after {took:.1f} s"
    )


def main() -> None:
    """Read the options, build the catalog, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--socket", action="store_true", help="socket mode instead of HTTP")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        cache = Path(platformdirs.user_cache_dir("callboard"))
        files = write_org(home / "files")
        build_index([files], store=home / "store", now=NOW, embedder=lambda: local_embedder(cache))
        live = LiveAssistant(home / "store", poll_s=3600)
        try:
            asyncio.run(
                burst(
                    live,
                    home,
                    mentions=options.mentions,
                    seconds=options.seconds,
                    socket=options.socket,
                )
            )
        finally:
            live.close()


if __name__ == "__main__":
    main()
