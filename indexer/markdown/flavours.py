"""Dialects of site generators → plain Markdown, line by line, so that line numbers stay true.

Jekyll, Hugo, ERB, MkDocs and Docusaurus; what only steers a generator becomes blank, what is read stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FENCE = re.compile(
    r"^\s*(?:>\s*)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$"
)

_LONGEST_LINE = 10_000
"""Characters; longer lines are data, and are left as they are."""
_LONGEST_SPANS = 2000
"""Characters of a line that is searched for spans, which takes the square of its length at worst."""
_LONGEST_BOX = 200
_SPAN_MARKS = ("<!--", "<%", "{{", "{%", "{:")

_ADMONITION = re.compile(
    r"^(?P<indent>\s*)(?:!!!|\?\?\?\+?)\s*(?P<kind>[\w -]+?)?\s*(?:\"(?P<title>[^\"]*)\")?\s*$"
)
_TAB = re.compile(r"^(?P<indent>\s*)===[!+]?\s+\"(?P<title>[^\"]*)\"\s*$")
_CONTAINER = re.compile(
    r"^\s*:{3,}\s*(?P<kind>[A-Za-z]*)\s*(?:\[(?P<bracket>[^\]]*)\]|(?P<title>.*?))\s*$"
)
_ATTRIBUTES = re.compile(r"^\s*\{:[^}]*\}\s*$|^\s*\[\[?_?TOC_?\]?\]\s*$", re.IGNORECASE)
_INLINE_ATTRIBUTES = re.compile(r"\{:[^}]*\}")
_MODULE_LINE = re.compile(r"^(?:import\s.+|export\s+(?:default|const|function)\b.*)$")

_SPANS = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<comment><!--)|(?P<erb><%)"
    r"|\{\{[<%]\s*(?:rel)?ref\s+\"?(?P<page>[^\s\"]+)\"?[^}]*[>%]\}\}"
    r"|(?P<shortcode>\{\{[<%].*?[>%]\}\})|(?P<liquid>\{%.*?%\})|(?P<expression>(?<!\$)\{\{[^}$]*\}\})"
)
_CLOSERS = {"comment": "-->", "erb": "%>"}


def plain_lines(lines: Sequence[str], *, modules: bool = False) -> list[str]:
    r"""The same number of lines, in plain Markdown.

    Args:
        lines: of one page, without line ends.
        modules: the page is MDX: its import and export lines are dropped.

    >>> plain_lines(['!!! note "Mind"', "    the <!-- gap -->", "", "{{< ref \"x\" >}} `{{ y }}`"])
    ['**Mind**', 'the ', '', 'x `{{ y }}`']
    """
    reader = _Reader(modules)
    return [reader.line(line.replace("\x00", "")) for line in lines]


class _Reader:
    def __init__(self, modules: bool) -> None:
        self._modules = modules
        self._fence: str | None = None
        self._open: str | None = None
        self._boxes: list[int] = []

    def line(self, line: str) -> str:
        if len(line) > _LONGEST_LINE:
            return line
        line = self._unboxed(line)
        if self._fence is not None:
            if closes(line, self._fence):
                self._fence = None
            return line
        if self._open is None:
            match = FENCE.match(line)
            if match is not None:
                self._fence = match["marks"]
                return line
            boxed = self._box(line)
            if boxed is not None:
                return boxed
            if _ATTRIBUTES.match(line) or (self._modules and _MODULE_LINE.match(line)):
                return ""
        return self._without_spans(line)

    def _unboxed(self, line: str) -> str:
        """Lines of an admonition or tab lose its indent; the first line that is not indented ends it."""
        if not self._boxes or not line.strip():
            return line
        indent = len(line) - len(line.lstrip(" "))
        while self._boxes and indent < self._boxes[-1] + 4:
            self._boxes.pop()
        return line[4 * len(self._boxes) :]

    def _box(self, line: str) -> str | None:
        """The title of an admonition, tab or container in bold; None when the line opens none."""
        if len(line) > _LONGEST_BOX or not line.lstrip().startswith(("!!!", "???", "===", ":::")):
            return None
        match = _ADMONITION.match(line) if line.lstrip().startswith(("!!!", "???")) else None
        if match is not None:
            title = match["title"] or (match["kind"] or "note").capitalize()
        elif (match := _TAB.match(line)) is not None:
            title = match["title"]
        elif line.lstrip().startswith(":::"):
            container = _CONTAINER.match(line)
            if container is None or not container["kind"]:
                return ""
            return f"**{container['bracket'] or container['title'] or container['kind'].capitalize()}**"
        else:
            return None
        self._boxes.append(len(match["indent"]) + 4 * len(self._boxes))
        return f"{match['indent']}**{title}**" if title else ""

    def _without_spans(self, line: str) -> str:
        if self._open is None and (
            len(line) > _LONGEST_SPANS or not any(mark in line for mark in _SPAN_MARKS)
        ):
            return line
        kept: list[str] = []
        at = 0
        if self._open is not None:
            end = line.find(self._open)
            if end < 0:
                return ""
            at = end + len(self._open)
            self._open = None
        while (match := _SPANS.search(line, at)) is not None:
            kept.append(line[at : match.start()])
            at = match.end()
            if match["code"]:
                kept.append(match["code"])
            elif match["page"]:
                kept.append(match["page"])
            elif match.lastgroup in _CLOSERS:
                closer = _CLOSERS[match.lastgroup]
                end = line.find(closer, at)
                if end < 0:
                    self._open = closer
                    return "".join(kept)
                at = end + len(closer)
        kept.append(line[at:])
        return _INLINE_ATTRIBUTES.sub("", "".join(kept)) if "{:" in line else "".join(kept)


def closes(line: str, marks: str) -> bool:
    """Whether a line ends the code block that these marks opened.

    >>> closes("  ````", "```"), closes("``` sh", "```")
    (True, False)
    """
    text = line.strip().lstrip("> ").rstrip()
    return len(text) >= len(marks) and not text.strip(marks[0])
