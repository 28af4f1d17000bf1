"""An answer on a terminal: the sentence, how it was read, then its rows or passages, then its sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assistant.answer import Answer, AnswerKind, PassageHit, Result, Status
from assistant.cells import (
    ago,
    column_name,
    is_number,
    missing,
    moment_of,
    numeric,
    told,
    value_text,
)
from cli.terminal import Terminal

PIPE_WIDTH = 160
"""Columns when the output is not a terminal: wide enough to keep a row on one line."""

MAX_PASSAGE_LINES, MAX_OTHER_LINES = 40, 4
"""Lines shown of the best passage, and of each other."""

BAR_WIDTH = 24

_HEADINGS = {
    Status.EMPTY: "Nothing matches",
    Status.UNKNOWN_NAME: "No such name",
    Status.AMBIGUOUS: "More than one reading",
    Status.NO_SUCH_FACT: "Not in the catalog",
    Status.OUT_OF_SCOPE: "Not a catalog question",
}

_OPTIONS = {Status.UNKNOWN_NAME: "Did you mean", Status.AMBIGUOUS: "Which one?"}

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\((?:[^)\s]+)\)")
"""Bold, code and links of the answer's Markdown: **12 services**, `ledger`, [Ledger](#/entity/…)."""


def show_answer(answer: Answer, *, question: str) -> None:
    """Print an answer on stdout.

    Args:
        answer: what to show.
        question: as asked; its unused words are named by the answer itself.
    """
    console = Terminal(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print()
    if answer.status is not Status.ANSWERED:
        console.print(Text(_HEADINGS[answer.status], style="bold yellow"))
    console.print(_styled(answer.text), soft_wrap=False)
    console.print()
    _reading(console, answer, question)
    _groups(console, answer)
    _results(console, answer)
    for position, passage in enumerate(answer.passages):
        _passage(console, passage, MAX_PASSAGE_LINES if position == 0 else MAX_OTHER_LINES)
    _listed(
        console,
        _OPTIONS.get(answer.status, "It could also mean"),
        [option.label for option in answer.options],
    )
    _listed(console, "Sources", [f"[{c.id}] {c.path}:{_lines(c.lines)}" for c in answer.citations])
    _listed(
        console, "Ask next" if answer.status is Status.ANSWERED else "Try", list(answer.suggestions)
    )


def _reading(console: Console, answer: Answer, question: str) -> None:
    reading = answer.interpretation
    rows: list[tuple[str, Text]] = []
    if reading.text:
        rows.append(("Read as", Text(reading.text)))
    unused = [word.text for word in reading.unused if word.text in question]
    if unused:
        rows.append(("Not used", Text(", ".join(unused), style="strike")))
    if reading.assumptions:
        rows.append(("Assuming", Text("; ".join(reading.assumptions))))
    if not rows:
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(style="italic")
    for name, text in rows:
        grid.add_row(name, text)
    console.print(grid)
    console.print()


def _groups(console: Console, answer: Answer) -> None:
    if not answer.rows:
        return
    numbers = [abs(row.value) for row in answer.rows if is_number(row.value)]
    most = max(numbers, default=0)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    table.add_column(style="dark_orange3")
    for row in answer.rows:
        width = round(BAR_WIDTH * abs(row.value) / most) if most and is_number(row.value) else 0
        table.add_row(
            Text(row.label),
            Text(value_text(row.value, answer.unit), style="bold"),
            Text("█" * width),
        )
    console.print(table)
    console.print()


def _results(console: Console, answer: Answer) -> None:
    results = answer.results
    if not results or (answer.rows and not any(r.fields for r in results)):
        return  # groups that are things are shown as rows already
    if answer.kind is AnswerKind.PATH:
        console.print(Text(" → ".join(r.title for r in results), style="bold"))
        console.print()
        return
    fields = told(results)
    as_of = answer.interpretation.as_of
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column(
        results[0].kind if len({r.kind for r in results}) == 1 else "name", overflow="fold"
    )
    for name in fields:
        justify: Literal["right", "left"] = "right" if numeric(results, name) else "left"
        table.add_column(column_name(name), justify=justify, overflow="fold")
    for result in results:
        table.add_row(
            _thing(result), *(_cell(name, result.fields.get(name), as_of) for name in fields)
        )
    console.print(table)
    if answer.total > len(results):
        console.print(
            Text(f"{len(results):,} of {answer.total:,}; --limit shows more", style="dim")
        )
    console.print()


def _thing(result: Result) -> Text:
    text = Text(result.title or result.ref, style="bold")
    name = result.ref.rpartition("/")[2]
    # A page's file stands in a column of its own.
    if result.title and name.lower() != result.title.lower() and "path" not in result.fields:
        text.append(f"  {name}", style="not bold dim")
    return text


def _cell(name: str, value: Any, as_of: datetime) -> Text:
    if value in (None, "", ()):
        return Text(missing(name), style="dim")
    if isinstance(value, list | tuple):
        return Text(", ".join(value_text(item) for item in value))
    moment = moment_of(value)
    if moment is not None:
        days = (as_of - moment).days
        return Text.assemble(f"{moment:%Y-%m-%d}", (f"  {ago(days)}", "dim"))
    return Text(value_text(value))


def _passage(console: Console, passage: PassageHit, most: int) -> None:
    console.print(
        Text.assemble(
            (passage.heading or passage.title, "bold"),
            (f"  {passage.path}:{_lines(passage.lines)}", "cyan"),
        )
    )
    rows = passage.text.strip().splitlines()
    if rows and rows[0].lstrip("# ").strip() == passage.heading:
        rows = rows[1:]
    while rows and not rows[0].strip():
        rows = rows[1:]
    for row in rows[:most]:
        console.print(Padding(_styled(row), (0, 0, 0, 2), expand=False))
    if len(rows) > most:
        console.print(Text(f"  … {len(rows) - most} more lines", style="dim"))
    console.print()


def _lines(lines: tuple[int, int]) -> str:
    return str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}-{lines[1]}"


def _styled(markdown: str) -> Text:
    """The small Markdown of an answer as styled text.

    >>> _styled("**Payments** owns `checkout`.").plain
    'Payments owns checkout.'
    """
    text = Text()
    last = 0
    for match in _INLINE.finditer(markdown):
        text.append(markdown[last : match.start()])
        bold, code, link = match.groups()
        text.append(bold or code or link, style="bold" if bold else "cyan" if code else "underline")
        last = match.end()
    text.append(markdown[last:])
    return text


def _listed(console: Console, title: str, items: Sequence[str]) -> None:
    if not items:
        return
    console.print(Text(title, style="dim"))
    for item in items:
        console.print(Text(f"  {item}"))
    console.print()
