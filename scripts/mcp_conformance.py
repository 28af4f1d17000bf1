"""Run the official MCP conformance suite against a running server, and hold it to the scenarios that pass.

Needs npx and Node 22 or newer; the suite comes from the npm registry, so this is no part of the tests.

    callboard serve --store ./store &
    python scripts/mcp_conformance.py --url http://127.0.0.1:8000/mcp
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys

SUITE = "npx --yes @modelcontextprotocol/conformance@0.1.16"

PASSING = (
    "server-initialize",
    "ping",
    "tools-list",
    "completion-complete",
    "resources-list",
    "prompts-list",
    "server-sse-polling",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
)
"""Every scenario that any server can pass. The others call tools, resources and prompts of the suite's own example server
(`test_simple_text`, `test://static-text` …), or try what this server does not offer: logging, sampling, elicitation, subscriptions."""


def main() -> int:
    """0 when every scenario of `PASSING` passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="of the endpoint, with /mcp")
    parser.add_argument("--suite", default=SUITE, help=f"the suite's command (default: {SUITE})")
    arguments = parser.parse_args()
    failed = []
    for scenario in PASSING:
        command = [*shlex.split(arguments.suite), "server", "--url", arguments.url]
        done = subprocess.run(  # noqa: S603  the operator's own command
            [*command, "--scenario", scenario], capture_output=True, text=True, check=False
        )
        sys.stdout.write(f"{'passed' if done.returncode == 0 else 'FAILED'}  {scenario}\n")
        if done.returncode:
            failed.append(scenario)
            sys.stdout.write(done.stdout[-2_000:] + done.stderr[-2_000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
