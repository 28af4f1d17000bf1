"""A run of suites on a terminal: what was right by type, the verdict of the gate, and the worst misses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cli.terminal import Terminal

if TYPE_CHECKING:
    from eval.outcome import Outcome
    from eval.session import Session


def print_session(session: Session, *, show: int) -> None:
    """Print everything a person wants to see at once.

    Args:
        session: what was run.
        show: most misses of a suite; held-out ones are never shown.
    """
    from eval.report.page import summary_line  # noqa: PLC0415

    console = Terminal(highlight=False)
    for name, outcomes in session.outcomes.items():
        console.print(_by_type(name, outcomes))
        console.print(Text(summary_line(name, outcomes), style="bold"))
        console.print(Text(_times(outcomes), style="dim"))
        for outcome in _worst(outcomes)[:show]:
            console.print(Text(f"- {outcome.id} {outcome.question!r}"))
            console.print(Text(f"    {outcome.why}", style="red" if outcome.silent else "yellow"))
            console.print(Text(f"    read as: {outcome.read_as}", style="dim"))
    for verdict in sorted(session.verdicts, key=lambda v: v.holds):
        mark = "holds" if verdict.holds else "FAILS"
        style = "green" if verdict.holds else "bold red"
        console.print(
            Text(f"gate {mark}: {verdict.suite}: {verdict.rule}: {verdict.said}", style=style)
        )


def _by_type(name: str, outcomes: Sequence[Outcome]) -> Table:
    table = Table(title=name, title_justify="left", box=None, pad_edge=False)
    table.add_column("type")
    for heading in ("n", "right", "wrong", "refused"):
        table.add_column(heading, justify="right")
    for type_ in sorted({o.type for o in outcomes}):
        group = [o for o in outcomes if o.type == type_]
        shares = [
            sum(getattr(o, key) for o in group) / len(group)
            for key in ("right", "silent", "refused")
        ]
        table.add_row(type_, str(len(group)), *(f"{share:.1%}" for share in shares))
    return table


def _times(outcomes: Sequence[Outcome]) -> str:
    from eval.measures import latencies  # noqa: PLC0415

    found = latencies(outcomes)
    said = [
        f"{name} {found[name].value:.1f} ms"
        for name in ("took_ms_p50", "took_ms_p95", "wall_ms_p95")
        if name in found
    ]
    return ", ".join(said)


def _worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    wrong = [o for o in outcomes if not o.right and not o.held_out]
    return sorted(wrong, key=lambda o: (not o.silent, o.type, o.id))
