"""One page as read: its header, its pieces, and what it says about itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from indexer.files import InputFile
from indexer.markdown.blocks import Block, BlockKind, plain_title
from indexer.markdown.front_matter import FrontMatter
from indexer.processors.values import WrongType, read_day
from indexer.split import Piece, split_page

UNTITLED = "\0"
"""Stands for the title of a page that does not say it; no text holds it."""

EXTENSIONS = (".html.md.erb", ".md.erb", ".html.md", ".markdown", ".mdx", ".md")
INDEX_STEMS = frozenset({"readme", "index", "_index", "home"})

_REVIEWED = (
    "last_reviewed",
    "last_reviewed_on",
    "last_reviewed_at",
    "lastreviewed",
    "reviewed",
    "reviewed_on",
    "reviewed_at",
    "review_date",
    "last_verified",
    "last_updated",
    "lastupdated",
    "last_update",
    "lastmod",
    "updated",
    "date",
)
"""Header keys that date a page, most telling first."""
_STATUS_LINE = re.compile(r"^[\s>*_-]*status[*_]*\s*:[\s*_]*(?P<status>[A-Za-z]+)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(`])")
_MAX_TITLE = 300
_MAX_DESCRIPTION = 240
_LEAD_LINES = 40
"""A page that names its alert or service does so near its top."""

ALERT_NAME = re.compile(
    r"(?=.*[a-z])(?=.*(?:[a-z0-9][A-Z]|[A-Z]{2}[a-z]{3}))[A-Za-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+"
)
"""KubePodCrashLooping, etcdNoLeader, CDIDefaultStorageClassDegraded, DNSErrors; not URLs."""
_ALERT_IN_PROSE = re.compile(r"(?<![\w./-])[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*){2,}(?![\w/-]|\.\w)")
_NAMED = re.compile(
    r"\b(?P<key>component|service|system|resource|application)\s*:\s*[*_]*`?(?P<name>[A-Za-z0-9][\w./:-]*[A-Za-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Page:
    """One Markdown file. Whatever its text alone decides is worked out when it is read, so that an unchanged file costs none of it again.

    Attributes:
        file: where it lies.
        header: its front matter.
        own_title: from the header, or the first top heading; None when neither says it.
        headings: all headings in order.
        description: the header's description, or the first sentence of prose.
        alerts_in_lead: alert-like names in the prose above the first section.
        named_in_lead: names after "Service:" or "Component:" there.
        status: the standing a decision record states, one lower-case word such as "accepted".
        pieces: what its passages are made of; `UNTITLED` stands in them for a title that only its place gives.
        nav_title: what the site's navigation calls it, or None.
    """

    file: InputFile
    header: FrontMatter
    own_title: str | None
    headings: tuple[Block, ...]
    description: str
    alerts_in_lead: tuple[str, ...]
    named_in_lead: tuple[str, ...]
    status: str | None
    pieces: tuple[Piece, ...]
    nav_title: str | None = None

    @property
    def path(self) -> str:
        """What citations call it."""
        return self.file.path

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders above it, in lower case, outermost first, the root's own name included."""
        inside = self.file.location.relative_to(self.file.root.directory).parts[:-1]
        return tuple(part.lower() for part in (self.file.root.name, *inside))

    @cached_property
    def stem(self) -> str:
        """The file name without its extensions."""
        name = self.file.location.name
        cut = next((ext for ext in EXTENSIONS if name.lower().endswith(ext)), "")
        return name[: len(name) - len(cut)] if cut else PurePosixPath(name).stem

    @property
    def is_index(self) -> bool:
        """It introduces its folder rather than a subject of its own."""
        return self.stem.lower() in INDEX_STEMS

    @cached_property
    def title(self) -> str:
        """Its own, else that of the navigation, else the file name."""
        return self.own_title or (self.nav_title or self._prettified())[:_MAX_TITLE]

    def _prettified(self) -> str:
        stem = self.folders[-1] if self.is_index else self.stem
        words = re.sub(r"[-_.\s]+", " ", stem).strip()
        return words[:1].upper() + words[1:] if words else self.path

    def header_texts(self, *keys: str) -> tuple[str, ...]:
        """The texts under the first of several header keys: one text, comma-separated text, or a list."""
        named = self.header.first(*keys)
        return () if named is None else _texts(named[1])

    @cached_property
    def alert_names(self) -> tuple[str, ...]:
        """Alert-like names in the header, else in the title, the top heading or the file name."""
        declared = self.header_texts("alerts", "alert", "alertname", "alert_name")
        if declared:
            return declared
        candidates = [self.stem, self.title, *(b.title for b in self.headings[:1] if b.level == 1)]
        return tuple(dict.fromkeys(text for text in candidates if ALERT_NAME.fullmatch(text)))[:1]

    @cached_property
    def reviewed_on(self) -> date | None:
        """The date in the header, by the most telling key that holds one."""
        for key in _REVIEWED:
            named = self.header.first(key)
            if named is not None:
                try:
                    return read_day(named[1])
                except WrongType:
                    continue
        return None


def read_page(
    file: InputFile, header: FrontMatter, lines: Sequence[str], blocks: Sequence[Block]
) -> Page:
    """What a page says.

    Args:
        file: where it lies.
        header: its front matter.
        lines: the whole file in plain Markdown, the header blanked; index 0 is line 1.
        blocks: of the body.
    """
    headings = tuple(block for block in blocks if block.kind is BlockKind.HEADING)
    title = _title(header, headings)
    lead = _lead(header, headings, lines)
    return Page(
        file,
        header,
        title,
        headings,
        _description(header, lines, blocks),
        alerts_in_lead=tuple(dict.fromkeys(_ALERT_IN_PROSE.findall(lead))),
        named_in_lead=tuple(dict.fromkeys(match["name"] for match in _NAMED.finditer(lead))),
        status=_status(header, lines),
        pieces=tuple(split_page(lines, blocks, UNTITLED if title is None else title)),
    )


def _title(header: FrontMatter, headings: Sequence[Block]) -> str | None:
    named = header.first("title")
    if named is not None and isinstance(named[1], str | int | float) and str(named[1]).strip():
        return plain_title(str(named[1]).strip())[:_MAX_TITLE]
    top = next((b.title for b in headings if b.level == 1 and b.title), None)
    return top and top[:_MAX_TITLE]


def _description(header: FrontMatter, lines: Sequence[str], blocks: Sequence[Block]) -> str:
    named = header.first("description", "summary", "excerpt")
    if named is not None and isinstance(named[1], str):
        return _shortened(named[1].strip())
    for block in blocks:
        if block.kind is BlockKind.PROSE:
            text = " ".join(line.strip() for line in lines[block.first : block.last + 1])
            text = plain_title(re.sub(r"^[>\s]+", "", text[:2000]))
            if len(_WORD.findall(text)) >= 4 and not _STATUS_LINE.match(text):
                return _shortened(_SENTENCE_END.split(text, maxsplit=1)[0])
    return ""


def _lead(header: FrontMatter, headings: Sequence[Block], lines: Sequence[str]) -> str:
    """The prose above the first section."""
    second = next((block.first for block in headings if block.level > 1), len(lines))
    rows = lines[header.body_start : min(second, header.body_start + _LEAD_LINES)]
    return "\n".join(row for row in rows if len(row) < 2000)


def _status(header: FrontMatter, lines: Sequence[str]) -> str | None:
    named = header.first("status")
    if named is not None and isinstance(named[1], str) and (word := _WORD.search(named[1])):
        return word[0].lower()
    for number, line in enumerate(lines):
        if len(line) < 1000 and (match := _STATUS_LINE.match(line)):
            return match["status"].lower()
        if (
            len(line) < 1000
            and line.startswith("#")
            and plain_title(line.lstrip("# ")).lower() == "status"
        ):
            following = next((row for row in lines[number + 1 : number + 6] if row.strip()), "")
            word = _WORD.search(following[:200]) if not following.startswith("#") else None
            return word[0].lower() if word else None
    return None


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",")]
    elif isinstance(value, list):
        parts = [str(item).strip() for item in value if isinstance(item, str | int | float)]
    elif isinstance(value, int | float):
        parts = [str(value)]
    else:
        parts = []
    return tuple(dict.fromkeys(part for part in parts if part))


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= _MAX_DESCRIPTION:
        return text
    return text[:_MAX_DESCRIPTION].rsplit(" ", 1)[0] + " …"
