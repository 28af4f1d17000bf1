"""`callboard demo`: the bundled organisation, built once a day and served."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.building import build_index, local_embedder
from app.live import LiveAssistant
from app.settings import Settings
from app.wiring import Wiring
from catalog_store.errors import InternalError, StoreNotFound
from cli.progress import build_progress
from cli.terminal import Terminal

_BUILT_FROM = ("demo_org", "indexer", "catalog_store")
"""Packages that decide what the demo's store holds; a change in one makes a new store."""

_QUESTIONS = 5


def run_demo(settings: Settings, *, near: bool) -> None:
    """Build the demo's store unless today's is there, serve it, and say where.

    Args:
        settings: host, port and cache folder in force.
        near: take the next free port when the wanted one is busy.
    """
    from api.server import address_of, listen, serve  # noqa: PLC0415  the page is served last

    console = Terminal(highlight=False)
    sock = listen(settings.host, settings.port, near=near)
    store = demo_store(settings.cache_dir, now=datetime.now(UTC), console=console)
    try:
        live = LiveAssistant(store)
    except (
        StoreNotFound,
        InternalError,
    ):  # made by another version, or half deleted: make it again
        shutil.rmtree(store.parent, ignore_errors=True)
        live = LiveAssistant(demo_store(settings.cache_dir, now=datetime.now(UTC), console=console))
    wiring = Wiring(replace(settings, store=live.store, log_level="warning"), live)
    try:
        serve(wiring, sock, ready=lambda: _announce(console, address_of(sock), live))
    finally:
        live.close()


def demo_store(cache: Path, *, now: datetime, console: Console) -> Path:
    """The store of the demo organisation as of today, built when it is not there.

    Args:
        cache: where it is kept; stores of other days are removed.
        now: decides the day that all dates of the demo are relative to.
        console: told what is going on.
    """
    from demo_org import write_demo  # noqa: PLC0415

    home = cache / "demo"
    today = home / f"{now:%Y-%m-%d}-{version('callboard')}-{_fingerprint()}"
    if (today / "store" / "CURRENT").is_file():
        return today / "store"
    home.mkdir(parents=True, exist_ok=True)
    console.print(
        "Building the demo organisation. The first time takes a little longer, since the search model is prepared."
    )
    begun = time.perf_counter()
    build = Path(tempfile.mkdtemp(prefix=".build-", dir=home))
    try:
        files = write_demo(build / "files", now=now)
        with build_progress() as progress:
            report = build_index(
                [files],
                store=build / "store",
                now=now,
                embedder=lambda: local_embedder(cache),
                progress=progress,
            )
        _take_over(build, today)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    for old in home.iterdir():
        if old != today and not old.name.startswith(".build-"):
            shutil.rmtree(old, ignore_errors=True)
    things = sum(report.kinds.values())
    console.print(
        f"Read {sum(report.sources.values()):,} files: {things:,} things, {report.passages:,} passages, in {time.perf_counter() - begun:.1f} s."
    )
    return today / "store"


def _take_over(build: Path, today: Path) -> None:
    """Put a finished build in its place; one that another process finished first is as good."""
    try:
        build.rename(today)
    except OSError:
        if not (today / "store" / "CURRENT").is_file():
            shutil.rmtree(today, ignore_errors=True)
            build.rename(today)
        else:
            shutil.rmtree(build, ignore_errors=True)


def _fingerprint() -> str:
    """Changes with the files that make the demo, so that a developer never looks at yesterday's code."""
    digest = blake2b(digest_size=5)
    root = Path(__file__).resolve().parent.parent
    for package in _BUILT_FROM:
        for folder, names, files in os.walk(root / package):
            names.sort()
            for name in sorted(files):
                if not name.endswith(".pyc"):
                    facts = (Path(folder) / name).stat()
                    digest.update(f"{folder}/{name}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _announce(console: Console, address: str, live: LiveAssistant) -> None:
    with live.serving() as serving:
        questions = [suggestion.text for suggestion in serving.suggest("", limit=_QUESTIONS)]
    console.print()
    console.print(
        Text.assemble(
            ("Callboard is up: ", "bold"),
            (address, "bold underline"),
            (f"   API: {address}/docs", "dim"),
        )
    )
    console.print()
    console.print("Five questions to try:" if len(questions) == _QUESTIONS else "Try:")
    for question in questions:
        console.print(Text(f"  {question}", style="cyan"))
    console.print()
    console.print(
        Text(
            f'Or here: callboard ask "{questions[0] if questions else "who owns checkout?"}" --store {live.store}',
            style="dim",
        ),
        soft_wrap=True,
    )
    console.print(Text("Ctrl-C stops it.", style="dim"))
    sys.stdout.flush()
