"""A page → passages: cut at headings and by length, code, tables and lists kept whole.

A passage is what gets quoted and embedded, so it should say one thing: sections are the first cut, 200–350 words
the aim, and a section of a few words joins its neighbour under the same parent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from indexer.markdown.blocks import Block, BlockKind

AIM_WORDS = 200
"""A passage this long is closed when the next block would carry it beyond `MOST_WORDS`."""
MOST_WORDS = 350
"""Longest passage made of several blocks; embedding models read about 256–512 tokens."""
TINY_WORDS = 25
"""A section shorter than this says too little to be found on its own."""
WHOLE_WORDS = 700
"""Longest block that is kept whole."""
MOST_PASSAGES = 300
"""Per page; longer pages are data dumps."""

_CHARS_PER_WORD = 8
"""Text without spaces (hashes, Chinese) is counted by characters."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One passage before it has an identity.

    Attributes:
        heading: the nearest heading above it; empty for the lead of a page.
        heading_path: headings from the outermost to the nearest, without the page title.
        text: Markdown, the lines up to `last` as they stand; the passage's own heading is left out, headings inside it are kept.
        first, last: lines counted from 0, own heading included.
        text_first: the line `text` starts on, counted from 0.
        cut: it is part of a block that was too long to be kept whole.
        joined: it holds several sections, and their headings stand in the text.
    """

    heading: str
    heading_path: tuple[str, ...]
    text: str
    first: int
    last: int
    text_first: int
    words: int
    cut: bool = False
    joined: bool = False


@dataclass(slots=True)
class _Section:
    heading: str
    path: tuple[str, ...]
    heading_block: Block | None
    blocks: list[Block] = field(default_factory=list)


def split_page(lines: Sequence[str], blocks: Sequence[Block], title: str) -> list[Piece]:
    """Cut one page.

    Args:
        lines: plain Markdown; blocks point into it.
        blocks: all blocks of the page, in order.
        title: the page title; a first heading that says the same is not part of any heading path.

    Returns:
        Passages in page order, not yet limited in number. Together they hold every line that is not blank,
        in `text` or `heading`.
    """
    pieces: list[Piece] = []
    sections = _sections(blocks, title)
    for number, section in enumerate(sections):
        cut = list(_cut(section, lines))
        if not cut and section.heading_block is not None:
            following = sections[number + 1] if number + 1 < len(sections) else None
            parent = following is not None and following.path[: len(section.path)] == section.path
            if parent and section.path:
                continue  # its words stand in the heading path of what follows
            if section.path or section.heading != title:
                cut = [_of_heading(section, lines)]
        pieces += cut
    if not pieces and sections and sections[-1].heading_block is not None:
        pieces = [_of_heading(sections[-1], lines)]  # a page that is only a title
    return _joined(
        pieces, lines, frozenset(s.heading_block.first for s in sections if s.heading_block)
    )


def count_words(text: str) -> int:
    """Words, or what would be words if the text had spaces."""
    return (
        max(len(text.split()), len(text) // _CHARS_PER_WORD if text else 0)
        if len(text) > 2000
        else len(text.split())
    )


def _sections(blocks: Sequence[Block], title: str) -> list[_Section]:
    lead = _Section(title, (), None)
    sections = [lead]
    stack: list[tuple[int, str]] = []
    headings = [b for b in blocks if b.kind is BlockKind.HEADING]
    first_heading = headings[0] if headings else None
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            sections[-1].blocks.append(block)
        elif block is first_heading and block.level == 1 and _same(block.title, title):
            sections.append(_Section(title, (), block))
        else:
            while stack and stack[-1][0] >= block.level:
                stack.pop()
            if not (block is first_heading and block.level == 1):
                stack.append((block.level, block.title))
                sections.append(
                    _Section(block.title, tuple(text for _, text in stack if text), block)
                )
            else:
                # The page has another title: this heading stays readable in the lead.
                sections.append(_Section(title, (), None, [replace(block, kind=BlockKind.PROSE)]))
    return [s for s in sections if s.blocks or s.heading_block is not None]


def _same(heading: str, title: str) -> bool:
    return heading.casefold().strip() == title.casefold().strip()


def _cut(section: _Section, lines: Sequence[str]) -> Iterator[Piece]:
    """The passages of one section."""
    gathered: list[Piece] = []
    words = 0
    start = section.heading_block.first if section.heading_block else None
    for block in section.blocks:
        for part in _parts(block, section, lines):
            if gathered and (words + part.words > MOST_WORDS or part.cut or gathered[-1].cut):
                yield _stacked(gathered, start, lines)
                gathered, words, start = [], 0, None
            gathered.append(part)
            words += part.words
    if gathered:
        yield _stacked(gathered, start, lines)


def _parts(block: Block, section: _Section, lines: Sequence[str]) -> Iterator[Piece]:
    """A block as one part, or as several when it is a monster."""
    rows = lines[block.first : block.last + 1]
    text = "\n".join(rows)
    words = count_words(text)
    if words <= WHOLE_WORDS:
        yield Piece(
            section.heading, section.path, text, block.first, block.last, block.first, words
        )
        return
    for first, last, part in _slices(rows):
        yield Piece(
            section.heading,
            section.path,
            part,
            block.first + first,
            block.first + last,
            block.first + first,
            count_words(part),
            cut=True,
        )


def _slices(rows: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first row, last row, text) of slices of about `MOST_WORDS`, cut between rows, or inside a huge row."""
    held: list[str] = []
    words = first = 0
    for number, row in enumerate(rows):
        size = count_words(row)
        if held and words + size > MOST_WORDS:
            yield first, number - 1, "\n".join(held)
            held, words, first = [], 0, number
        if size > WHOLE_WORDS:
            for part in _row_slices(row):
                yield number, number, part
            first = number + 1
            continue
        held.append(row)
        words += size
    if held:
        yield first, len(rows) - 1, "\n".join(held)


def _row_slices(row: str) -> Iterator[str]:
    size = MOST_WORDS * _CHARS_PER_WORD
    at = 0
    while at < len(row):
        end = min(at + size, len(row))
        space = row.rfind(" ", at + size // 2, end) if end < len(row) else -1
        end = space + 1 if space > 0 else end
        part = row[at:end].strip()
        if part:
            yield part
        at = end


def _stacked(parts: Sequence[Piece], start: int | None, lines: Sequence[str]) -> Piece:
    first, last = parts[0], parts[-1].last
    return Piece(
        first.heading,
        first.heading_path,
        first.text if first.cut else _rows(lines, first.text_first, last),
        first.first if start is None else start,
        last,
        first.text_first,
        sum(part.words for part in parts),
        cut=first.cut,
    )


def _of_heading(section: _Section, lines: Sequence[str]) -> Piece:
    block = section.heading_block
    assert block is not None
    text = _rows(lines, block.first, block.last)
    first, last = block.first, block.last
    return Piece(section.heading, section.path, text, first, last, first, count_words(text))


def _joined(pieces: list[Piece], lines: Sequence[str], headings: Collection[int]) -> list[Piece]:
    """Tiny passages join the one after them, or failing that the one before, under the same parent."""
    forward: list[Piece] = []
    for piece in pieces:
        if forward and forward[-1].words < TINY_WORDS and _may_join(forward[-1], piece):
            forward[-1] = _join(forward[-1], piece, lines, headings)
        else:
            forward.append(piece)
    found: list[Piece] = []
    for piece in forward:
        if found and piece.words < TINY_WORDS and _may_join(found[-1], piece):
            found[-1] = _join(found[-1], piece, lines, headings)
        else:
            found.append(piece)
    return found


def _may_join(one: Piece, two: Piece) -> bool:
    """Together they are short enough, and the second is a child or sibling of the first."""
    if one.cut or two.cut or one.words + two.words > MOST_WORDS:
        return False
    above, below = one.heading_path, two.heading_path
    return below[: len(above)] == above or (len(above) == len(below) and above[:-1] == below[:-1])


def _join(one: Piece, two: Piece, lines: Sequence[str], headings: Collection[int]) -> Piece:
    """Both under the heading of the longer one; since that is not the heading of all, each is kept in the text."""
    headed = not one.joined and bool(one.heading_path) and one.first in headings
    start = one.first if headed else one.text_first
    longer = two if two.words > one.words else one
    return Piece(
        longer.heading,
        longer.heading_path,
        _rows(lines, start, two.last),
        one.first,
        two.last,
        start,
        one.words + two.words,
        joined=True,
    )


def _rows(lines: Sequence[str], first: int, last: int) -> str:
    return "\n".join(lines[first : last + 1])
