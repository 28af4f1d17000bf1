"""The report of a build: what was read, what it held, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.building import BuildReport
from assistant.quality import QualityPage
from catalog_store.content import Level, Problem
from cli.show import PIPE_WIDTH
from cli.terminal import Terminal

FIRST = 3
"""Problems shown of each code unless all are asked for."""

SKIPPED = 6
"""Reasons for leaving things alone that are shown unless all are asked for."""

GAPS = 8
"""Quality checks shown, the worst first."""

_SEVERITY_STYLES = {"high": "red", "medium": "yellow", "low": "dim"}


def show_report(report: BuildReport, *, store: str, every_problem: bool) -> None:
    """Print a report on stdout.

    Args:
        report: what the build found.
        store: where it was published.
        every_problem: list all problems, not the first of each code.
    """
    console = Terminal(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    files = sum(report.sources.values())
    if report.snapshot is not None:
        console.print(
            Text.assemble(
                ("Indexed ", "bold green"),
                f"{files:,} {_plural(files, 'file')} into {store} in {report.seconds:.1f} s",
                (f"  {report.unchanged:,} unchanged" if report.unchanged else "", "dim"),
                (f"  snapshot {report.snapshot.name}", "dim"),
            )
        )
    if report.sources:
        tables = Table.grid(padding=(0, 6))
        tables.add_row(
            _counts("Source", "files", report.sources), _counts("Kind", "things", report.kinds)
        )
        console.print()
        console.print(Padding(tables, (0, 0, 0, 2), expand=False))
        console.print()
    if report.skipped:
        console.print(
            _skipped(report.skipped, SKIPPED if not every_problem else len(report.skipped))
        )
        console.print()
    console.print(
        _problems(report.problems, FIRST if not every_problem else len(report.problems)),
        soft_wrap=not console.is_terminal,
    )


def rebuilt(report: BuildReport, *, changed: int, at: datetime) -> str:
    """One line for a build that followed changes.

    Args:
        report: what the build found.
        changed: files that changed.
        at: when, in local time.
    """
    problems = len(report.problems)
    said = f"{problems} {_plural(problems, 'problem')}" if problems else "no problems"
    files = f"{changed} {_plural(changed, 'file')} changed"
    if report.snapshot is None:
        return (
            f"{at:%H:%M:%S}  {files}: nothing could be read, the snapshot before serves on; {said}"
        )
    return f"{at:%H:%M:%S}  {files}: {report.snapshot.name} in {report.seconds:.1f} s, {said}"


def _skipped(skipped: dict[str, int], shown: int) -> Text:
    """What was left alone on purpose: nothing is lost in silence."""
    ordered = sorted(skipped.items(), key=lambda item: (-item[1], item[0]))
    listed = "; ".join(f"{reason} ×{count:,}" for reason, count in ordered[:shown])
    more = f"; and {len(ordered) - shown} more reasons" if len(ordered) > shown else ""
    return Text(f"Left alone: {listed}{more}", style="dim")


def show_quality(page: QualityPage) -> None:
    """Print the worst gaps of the catalog on stdout, with examples and the question that lists them all."""
    failing = [check for check in page.checks if check.count]
    console = Terminal(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print()
    for feed in page.feeds:
        if feed.quiet:
            console.print(
                Text.assemble(
                    ("Quiet source: ", "bold yellow"),
                    f"{feed.kind} from {feed.format}: nothing for {_hours(feed.silent_hours)}, "
                    f"where the longest gap so far was {_hours(feed.longest_gap_hours)}; look at the feed",
                )
            )
    if not failing:
        console.print(Text("Catalog quality: no gaps.", style="green"))
        return
    console.print(
        Text.assemble(
            ("Catalog quality: ", "bold"),
            (f"{page.share} % in order", "bold"),
            ("  callboard ask “catalog health” lists every check", "dim"),
        )
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    for check in failing[:GAPS]:
        examples = ", ".join(one.title for one in check.examples)
        more = ", …" if check.count > len(check.examples) else ""
        table.add_row(
            Text(f"  {check.severity}", style=_SEVERITY_STYLES[check.severity]),
            Text(f"{check.count:,} of {check.total:,}", justify="right"),
            Text(check.label, style="bold"),
            Text(f"{examples}{more}", style="dim"),
            Text(f"ask: {check.ask}", style="cyan"),
        )
    console.print(table, soft_wrap=not console.is_terminal)
    if len(failing) > GAPS:
        console.print(Text(f"  … and {len(failing) - GAPS} more checks with gaps", style="dim"))


def _hours(hours: float) -> str:
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"


def _counts(name: str, unit: str, counts: dict[str, int]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column(name)
    table.add_column(unit, justify="right")
    for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(label, f"{count:,}")
    return table


def _problems(problems: Sequence[Problem], shown: int) -> Group:
    if not problems:
        return Group(Text("No problems.", style="green"))
    errors = sum(p.level is Level.ERROR for p in problems)
    warnings = len(problems) - errors
    parts = [f"{errors:,} {_plural(errors, 'error')}"] if errors else []
    parts += [f"{warnings:,} {_plural(warnings, 'warning')}"] if warnings else []
    lines = [Text("Problems: " + ", ".join(parts), style="bold")]
    by_code: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        by_code.setdefault((problem.level.value, problem.code), []).append(problem)
    for (level, code), same in sorted(
        by_code.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])
    ):
        style = "red" if level == Level.ERROR.value else "yellow"
        lines.append(Text())
        lines.append(
            Text.assemble(
                (f"  {level} ", style),
                (code, f"bold {style}"),
                (f"  ×{len(same)}" if len(same) > 1 else "", "dim"),
            )
        )
        lines += [
            Text.assemble(
                (f"    {p.span.path}:{p.span.first}", "cyan"), f"  {_one_line(p.message)}"
            )
            for p in same[:shown]
        ]
        if len(same) > shown:
            lines.append(
                Text(
                    f"    … and {len(same) - shown:,} more; --all-problems lists them", style="dim"
                )
            )
    return Group(*lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plural(count: int, word: str) -> str:
    return word if count == 1 else word + "s"
