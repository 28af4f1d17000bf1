"""Texts of the organisation, the passages they are cut into, and where things were read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Where something was written: the thing a citation points at.

    Attributes:
        path: relative to the indexed root, with forward slashes.
        first: first line, counted from 1.
        last: last line, >= `first`.
        format: the source format that read it; empty when it was not read from a file. Not part of its identity.
        as_of: when this was so, UTC, where the source says it; None means when it was indexed. Not part of its identity.
    """

    path: str
    first: int
    last: int
    format: str = field(default="", compare=False)
    as_of: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """One page.

    Attributes:
        ref: `doc:<path>` or `runbook:<path>`.
        path: relative to the indexed root.
        title: from front matter, first heading or file name, in that order.
        description: front matter description, or the first prose sentence; may be empty.
        doc_kind: "doc", "runbook" or "adr".
        entity_refs: entities the page belongs to, most specific first; may be empty.
        alerts: alert names the page answers (runbooks).
        owner_ref: who keeps the page, as a group or user ref; None when nothing says so.
        reviewed_on: when a person last vouched for it; None when the page does not say.
        status: "accepted", "superseded", … of decision records; None otherwise.
        tags: free labels from the front matter.
    """

    ref: str
    path: str
    title: str
    description: str = ""
    doc_kind: str = "doc"
    entity_refs: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    owner_ref: str | None = None
    reviewed_on: date | None = None
    status: str | None = None
    tags: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a page small enough to be quoted and embedded; never carries a score.

    Attributes:
        doc_ref: the page it is part of.
        ordinal: position in the page, counted from 0; (doc_ref, ordinal) is unique.
        heading: nearest heading above it; the page title for the lead.
        heading_path: headings from the outermost to the nearest, without the page title.
        text: Markdown as written, code blocks and tables whole, line by line up to the last line of the span. The passage's own
            heading is left out, so the text may start later than the span does.
        span: the lines it was cut from.
    """

    doc_ref: str
    ordinal: int
    heading: str
    heading_path: tuple[str, ...]
    text: str
    span: SourceSpan

    @property
    def text_first(self) -> int:
        r"""The line of the file the text starts on.

        >>> Passage("doc:a.md", 0, "Keys", ("Keys",), "Ask.\nWait.", SourceSpan("a.md", 7, 10)).text_first
        9
        """
        return max(self.span.last - self.text.count("\n"), self.span.first)
