"""Text on a terminal: what files say is shown, never obeyed.

A page or a title may hold control sequences that move the cursor, rename the window or hide what follows; other people wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and newline, and those that turn the direction of writing."""


def harmless(text: str) -> str:
    r"""Text without what a terminal would obey. It has no width, so nothing moves when it goes.

    >>> harmless("red \x1b[31m")
    'red [31m'
    """
    return _COMMANDS.sub("", text)


class Terminal(Console):
    """A console on which only the program itself styles and moves."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of something to show, those of its text harmless."""
        for segment in super().render(renderable, options):
            if segment.control or not _COMMANDS.search(segment.text):
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)
