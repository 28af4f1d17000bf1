"""Whether an answer says what its citations hold: quotations letter by letter, facts value by value, against the files themselves.

The lines of every citation are read again from the file that was indexed, without the index. Pages are cleaned of what only steers their
site's generator, as they are before indexing; runs of white space count as one space, and dates are compared by their day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.markdown.flavours import plain_lines
from indexer.pages.page import EXTENSIONS

_OPENING = re.compile(r"\*\*.+\*\*(?: › .+)? \[(?P<id>\d+)\]:")
"""**Page** › Heading [1]: - what follows is quoted."""

_AFTER = re.compile(r"> |\*\*.+\*\* right now:$|I (?:took|found no answer to) “")
"""Where a quotation ends: a remark on the page, or what the catalog knows of the thing it is about."""

_REMARK = re.compile(r"“(?P<said>[^”]+)” \[(?P<id>\d+)\]")
"""Another page, quoted within a remark."""

_LABEL = re.compile(r"[^:]{1,40}: ")
"""What stands before the values in a line of an entity's card."""

_PAGES = ("doc:", "runbook:")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that an answer rests on a place of a file.

    Attributes:
        said: what is said.
        path: of the file, relative to the indexed root.
        lines: first and last, counted from 1.
        all_of: texts that the lines must hold, every one.
        any_of: texts of which they must hold one; empty when `all_of` says it all.
    """

    said: str
    path: str
    lines: tuple[int, int]
    all_of: tuple[str, ...] = ()
    any_of: frozenset[str] = frozenset()

    def held(self, text: str) -> bool:
        """Whether the lines say so; `text` is theirs.

        >>> Statement("Ask us.", "a.md", (1, 1), ("Ask us.",)).held("Ask  us. Wait.")
        True
        """
        flat = _flat(text)
        some = not self.any_of or any(one in flat.lower() for one in self.any_of)
        return some and all(_flat(one) in flat for one in self.all_of)


def statements(answer: Mapping[str, Any]) -> Iterator[Statement]:
    """What an answer rests on: its passages, the lines it quotes, and every fact of the catalog that it cites.

    Args:
        answer: the body of `POST /v1/ask`.
    """
    if answer.get("status") != "answered":
        return
    citations = {c["id"]: c for c in answer.get("citations") or ()}
    of_pages = {(c["path"], c["ref"]) for c in citations.values() if _is_page(c["ref"])}
    for passage in answer.get("passages") or ():
        lines = (passage["lines"][0], passage["lines"][1])
        text = (passage["text"],)
        if passage["path"].lower().endswith(EXTENSIONS):  # others are cards of entities
            yield Statement(text[0], passage["path"], lines, text)
    for said, number in _quoted(str(answer["text"])):
        citation = citations[number]
        lines = (citation["lines"][0], citation["lines"][1])
        page = (citation["path"], citation["ref"]) in of_pages
        yield Statement(said, citation["path"], lines, (said,) if page else _card(said))
    values = frozenset(_values(answer))
    for citation in citations.values():
        if not _is_page(citation["ref"]):
            lines = (citation["lines"][0], citation["lines"][1])
            wanted = values | set(_forms(citation["ref"] or ""))
            yield Statement(str(citation["ref"]), citation["path"], lines, any_of=wanted)


def unsupported(answer: Mapping[str, Any], roots: Sequence[Path]) -> list[Statement]:
    """The statements of an answer that their lines do not hold.

    Args:
        answer: as for `statements`.
        roots: the folders that were indexed.
    """
    return [one for one in statements(answer) if not one.held(_lines(one, roots))]


def _lines(one: Statement, roots: Sequence[Path]) -> str:
    """The lines of the first root that has the file; nothing when none has."""
    for root in roots:
        file = root / one.path
        if file.is_file():
            first, last = one.lines
            lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
            if one.path.lower().endswith(EXTENSIONS):
                lines = plain_lines(lines)
            return "\n".join(lines[first - 1 : last])
    return ""


def _quoted(text: str) -> Iterator[tuple[str, int]]:
    """(line, number of its citation) of what stands quoted in the text of an answer."""
    number: int | None = None
    for line in text.split("\n"):
        opening = _OPENING.fullmatch(line)
        if opening is not None:  # of an answer in several parts, each may quote a page
            number = int(opening["id"])
        elif _AFTER.match(line):
            number = None
        elif line.strip() and number is not None:
            yield line, number
    for remark in _REMARK.finditer(text):
        yield remark["said"], int(remark["id"])


def _card(line: str) -> tuple[str, ...]:
    """What the fields must hold for a line of an entity's card: its prose, or the values behind its label."""
    label = _LABEL.match(line)
    return (line,) if label is None else tuple(line[label.end() :].split(", "))


def _values(answer: Mapping[str, Any]) -> Iterator[str]:
    """Every value an answer speaks of: of its results, rows and conditions, and the one it comes to."""
    for result in answer.get("results") or ():
        yield from _leaves([result["ref"], result["title"], result["fields"]])
    yield from _leaves(answer.get("rows"))
    yield from _leaves([chip["value"] for chip in answer["interpretation"]["chips"]])
    yield from _leaves(answer.get("value"))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield from _forms(str(value))


def _forms(value: str) -> Iterator[str]:
    """A value as it may be written: whole, the name of a reference, the day of a moment."""
    flat = _flat(value).lower()
    forms = {flat, re.split(r"[/:]", flat)[-1], *_DAY.findall(flat)[:1]}
    yield from (form for form in forms if len(form) > 1 or form.isdigit())


def _is_page(ref: str | None) -> bool:
    return (ref or "").startswith(_PAGES)


def _flat(text: str) -> str:
    return " ".join(text.split())
