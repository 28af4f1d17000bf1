"""`callboard key new`: an API key, and the lines for `callboard.yaml`."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def add_key_command(commands: Any, parser_class: type[argparse.ArgumentParser]) -> None:
    """Register the command."""
    key = commands.add_parser(
        "key",
        help="make an API key",
        description="Makes API keys. A key is shown once; the settings hold only its hash.",
    )
    actions = key.add_subparsers(
        title="actions", metavar="ACTION", required=True, parser_class=parser_class
    )
    new = actions.add_parser("new", help="print a new key, and the lines for callboard.yaml")
    new.add_argument("--name", help="what it is for, for your own memory")
    new.add_argument("--user", metavar="REF", help="the user who comes with it")
    new.add_argument(
        "--group",
        metavar="REF",
        action="append",
        default=[],
        help="a group that comes with it; may be repeated",
    )
    new.add_argument(
        "--role", action="append", default=[], help="a role that comes with it; may be repeated"
    )
    new.set_defaults(run=_new)


def _new(arguments: argparse.Namespace) -> int:
    from app.identity.keys import new_key  # noqa: PLC0415
    from app.identity.settings import read_access  # noqa: PLC0415

    key, line = new_key()
    said = {
        "hash": line,
        "name": arguments.name,
        "user": arguments.user,
        "groups": arguments.group,
        "roles": arguments.role,
    }
    entry = {name: value for name, value in said.items() if value}
    read_access(
        {"keys": [entry]}, "the command line"
    )  # a bad reference is refused before the key is shown
    import yaml  # noqa: PLC0415

    lines = yaml.safe_dump({"access": {"keys": [entry]}}, sort_keys=False)
    sys.stderr.write("The key, shown this once; its bearer is let in:\n")
    sys.stderr.flush()
    sys.stdout.write(f"{key}\n")
    sys.stdout.flush()
    sys.stderr.write(f"\nFor callboard.yaml:\n\n{lines}")
    return 0
