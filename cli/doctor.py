"""`callboard doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.usage import moment

if TYPE_CHECKING:
    from app.doctor import Finding

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def add_doctor(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "doctor",
        help="check settings, store, model, feeds, disk, port and permissions",
        description="Checks everything a server needs, and says for each finding what to do. Exits with 1 when something has failed; warnings alone exit with 0.",
    )
    parser.add_argument("--store", metavar="DIR", help="the store to look at")
    parser.add_argument("--host", help="the address a server would listen on")
    parser.add_argument("--port", help="the port a server would listen on")
    parser.add_argument("--json", action="store_true", help="print findings as JSON")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out what reads every byte of the snapshot or loads the model",
    )
    parser.add_argument(
        "--now", type=moment, metavar="ISO", help="the moment ages are counted to (default: now)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from app.doctor import Level, examine  # noqa: PLC0415

    findings = examine(
        {name: getattr(arguments, name) for name in ("store", "host", "port")},
        now=arguments.now or datetime.now(UTC),
        quick=arguments.quick,
        progress=None if arguments.json else _say,
    )
    failed = sum(finding.level is Level.FAIL for finding in findings)
    if arguments.json:
        import json  # noqa: PLC0415

        body = {
            "healthy": not failed,
            "findings": [finding.model_dump(mode="json") for finding in findings],
        }
        print(json.dumps(body, indent=2))  # noqa: T201
    else:
        warned = sum(finding.level is Level.WARN for finding in findings)
        print(f"\n{len(findings)} checks: {failed} failed, {warned} to look at.")  # noqa: T201
    return 1 if failed else 0


def _say(finding: Finding) -> None:
    print(f"{MARKS[finding.level]}  {finding.check:<12} {finding.message}", flush=True)  # noqa: T201
    if finding.next:
        print(f"{'':<19}→ {finding.next}", flush=True)  # noqa: T201
