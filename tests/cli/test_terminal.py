"""What files say is shown on a terminal, never obeyed."""

from __future__ import annotations

import io

import pytest
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.terminal import Terminal, harmless

HOSTILE = "Ledger\x1b]0;mine\x07 \x1b[2J\x9b31m \u202etxt.exe\r gone\x00"


def _shown(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Terminal(file=out, width=80, force_terminal=terminal, highlight=False)
    table = Table("name", title=HOSTILE)
    table.add_row(HOSTILE)
    for item in (HOSTILE, Text(HOSTILE, style="bold"), table, Padding(Text(HOSTILE), (0, 2))):
        console.print(item, markup=False)
    return out.getvalue()


def test_nothing_of_it_reaches_a_pipe() -> None:
    shown = _shown(terminal=False)
    assert "Ledger" in shown
    assert not set(shown) & set("\x1b\x07\x9b\u202e\r\x00")


def test_on_a_terminal_only_our_own_styles_do() -> None:
    shown = _shown(terminal=True)
    assert "\x1b[1m" in shown
    assert "\x1b]0" not in shown
    assert "\x1b[2J" not in shown
    assert not set(shown) & set("\x07\x9b\u202e\r\x00")


@pytest.mark.parametrize("text", ["plain", "a\tb\nc", "naïve 支付 👩‍👧"])
def test_other_text_stays(text: str) -> None:
    assert harmless(text) == text
