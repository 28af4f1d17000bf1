"""`callboard model`: prepare the search model, for machines that are built without a network or without PyTorch."""

from __future__ import annotations

import argparse
from typing import Any

from cli.usage import usable


def add_model(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "model",
        help="prepare the search model and say where it is",
        description="Prepares the search model in the cache, where it is not there yet, and prints its folder. Copy that folder's parent into the cache of a machine that has no PyTorch, and it can index too.",
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    from app.settings import load_settings  # noqa: PLC0415
    from catalog_store.embedder import ensure_model  # noqa: PLC0415

    settings = usable(load_settings)
    print(ensure_model(settings.cache_dir / "models"))  # noqa: T201
    return 0
