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

SUITE = "npx --yes @modelcontextprotocol/conformance@{version}"

PASSING: dict[tuple[str, str], tuple[str, ...]] = {
    ("0.1.16", "2025-11-25"): (
        "server-initialize",
        "ping",
        "tools-list",
        "completion-complete",
        "resources-list",
        "prompts-list",
        "server-sse-polling",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
    ),
    ("0.2.0-alpha.12", "2026-07-28"): (
        "tools-list",
        "completion-complete",
        "resources-list",
        "sep-2164-resource-not-found",
        "prompts-list",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
        "caching",
        "http-header-validation",
    ),
}
"""(version of the suite, of the protocol) → every scenario that a server of its own can pass. The others call tools, resources and
prompts of the suite's example server (`test_simple_text`, `test://static-text` …), or try what this server does not offer: logging,
sampling, elicitation, subscriptions, tasks."""


def main() -> int:
    """0 when every scenario of `PASSING` passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="of the endpoint, with /mcp")
    parser.add_argument("--suite", default=SUITE, help=f"the suite's command (default: {SUITE})")
    arguments = parser.parse_args()
    failed = False
    for (version, protocol), scenarios in PASSING.items():
        command = shlex.split(arguments.suite.format(version=version))
        for scenario in scenarios:
            given = ["--url", arguments.url, "--spec-version", protocol, "--scenario", scenario]
            done = subprocess.run(  # noqa: S603  the operator's own command
                [*command, "server", *given], capture_output=True, text=True, check=False
            )
            said = "FAILED" if done.returncode else "passed"
            sys.stdout.write(f"{said}  {protocol}  {scenario}\n")
            if done.returncode:
                failed = True
                sys.stdout.write(done.stdout[-2_000:] + done.stderr[-2_000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
