"""`callboard insights`: what use teaches, on a terminal, as JSON, as a page, or as a patch of synonyms."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.usage import moment, usable

if TYPE_CHECKING:
    from app.insights import Insights


def add_insights(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "insights",
        help="what use teaches: questions, refusals, missing words, stale pages, delivery",
        description="Sums up the usage log, the feedback log and the catalog: people and questions a week, what was not answered, words people seem to mean, pages that answer, delivery and golden paths.",
    )
    parser.add_argument("--store", metavar="DIR", help="the store whose logs are read")
    parser.add_argument(
        "--weeks", type=int, default=12, metavar="N", help="how far back (default 12)"
    )
    parser.add_argument(
        "--now", type=moment, metavar="ISO", help="the moment to look from (default: now)"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page with charts here")
    parser.add_argument(
        "--patch",
        action="store_true",
        help="print only the diff that adds the proposed synonyms to callboard.yaml",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from app.insights import synonym_patch  # noqa: PLC0415
    from app.insights_catalog import insights_of  # noqa: PLC0415
    from app.insights_page import insights_page  # noqa: PLC0415
    from app.serving import open_serving  # noqa: PLC0415
    from app.settings import CONFIG_FILE, load_settings  # noqa: PLC0415

    settings = usable(lambda: load_settings({"store": arguments.store}))
    store = usable(settings.require_store)
    serving = open_serving(store, rules=settings.visibility)
    try:
        found = insights_of(
            store.folder,
            serving,
            now=arguments.now or datetime.now(UTC),
            weeks=max(1, arguments.weeks),
        )
    finally:
        serving.close()
    config = Path(CONFIG_FILE)
    patch = synonym_patch(found.synonyms, config.read_text("utf-8") if config.is_file() else "")
    if arguments.page:
        arguments.page.write_text(insights_page(found, patch=patch), encoding="utf-8")
    if arguments.patch:
        print(patch, end="")  # noqa: T201  the command's output
    elif arguments.json:
        import json  # noqa: PLC0415
        from dataclasses import asdict  # noqa: PLC0415

        print(json.dumps(asdict(found), default=str, ensure_ascii=False, indent=1))  # noqa: T201
    else:
        _show(found)
    return 0


def _show(found: Insights) -> None:
    from cli.terminal import Terminal  # noqa: PLC0415

    console = Terminal(highlight=False)
    share = found.answered / found.questions if found.questions else 0.0
    console.print(
        f"{found.questions} questions since {found.since:%Y-%m-%d}, {share:.0%} answered",
        markup=False,
    )
    for surface, statuses in found.surfaces.items():
        said = ", ".join(f"{n} {status}" for status, n in statuses.items())
        console.print(f"  {surface}: {said}", markup=False)
    thumbs = ", ".join(f"{n} {verdict}" for verdict, n in found.verdicts.items()) or "none"
    console.print(
        f"Feedback: {thumbs}. Deflected: {found.deflected} answers, ≈ {found.hours_saved:.1f} h.",
        markup=False,
    )
    for title, lines in (
        ("Not answered:", [f"{c.times}× {c.example}" for c in found.clusters]),
        (
            "Words people seem to mean:",
            [f"{s.said} → {s.meant} ({s.times}×)" for s in found.synonyms],
        ),
        (
            "Stale pages people rely on:",
            [f"{p.path}, reviewed {p.reviewed}, {p.asked}×" for p in found.stale],
        ),
        (
            "Golden paths:",
            [f"{n} of {found.components}: {name}" for name, n in found.adoption.items()],
        ),
    ):
        if lines:
            console.print(title, markup=False)
            for line in lines:
                console.print(f"  {line}", markup=False)
