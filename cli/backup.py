"""`callboard backup` and `callboard restore`: a store as one file, and back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog_store.backup import Backup


def add_backup(commands: Any) -> None:
    """Register both commands."""
    backup = commands.add_parser(
        "backup",
        help="write a store into one file",
        description="Writes the serving snapshot, its model and all events into one file, while questions and events go on.",
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="where to: store-2026-11-20.tar.gz")
    backup.add_argument("--store", type=_folder, required=True, metavar="DIR", help="the store")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore",
        help="make a store of such a file",
        description="Makes a store of what backup wrote, checks that it can serve, and only then puts it in its place.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what backup wrote")
    restore.add_argument(
        "--store",
        type=_folder,
        required=True,
        metavar="DIR",
        help="a folder that is not there yet, or empty",
    )
    restore.set_defaults(run=_restore)


def _folder(text: str) -> Path:
    from catalog_store.stores import is_url  # noqa: PLC0415

    if is_url(text):
        raise argparse.ArgumentTypeError(
            "only a folder is one file; a database is backed up by its own tools (pg_dump), a bucket by its provider's"
        )
    return Path(text)


def _backup(arguments: argparse.Namespace) -> int:
    from catalog_store.backup import back_up  # noqa: PLC0415

    return _told("Backed up", back_up(arguments.store, arguments.file), arguments.file)


def _restore(arguments: argparse.Namespace) -> int:
    from catalog_store.backup import restore  # noqa: PLC0415

    return _told("Restored", restore(arguments.file, arguments.store), arguments.store)


def _told(done: str, backup: Backup, place: Path) -> int:
    size = f"{backup.size / 1_000_000:,.1f} MB"
    sys.stdout.write(f"{done} snapshot {backup.snapshot}: {backup.files} files, {size}, {place}\n")
    return 0
