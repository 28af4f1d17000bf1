"""What of a passage is indexed: the words BM25 counts, and the text that is embedded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import orjson

from catalog_store.analyzer import index_terms, spelled_out
from catalog_store.indexes.lexical import LexicalDoc
from catalog_store.indexes.pages import Page
from catalog_store.model.document import Passage

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")


def plain(markdown: str) -> str:
    """Markdown with link targets, comments and tags left out; everything a reader sees stays.

    >>> plain("See [the docs](https://example.com/a) <br/> now")
    'See the docs   now'
    """
    return _TAG.sub(" ", _LINK.sub(r"\1", _COMMENT.sub(" ", markdown)))


Analysed: TypeAlias = tuple[str, str, str, str]
"""The terms of a passage, each part's joined by spaces: title, headings, text, names."""


class Analysis:
    """Works out the terms of passages; what stands in many of them once."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, str] = {}

    def of(self, passage: Passage, page: Page) -> Analysed:
        """The terms of one passage."""
        return (
            self._shared(page.title),
            self._shared(" ".join(passage.heading_path) or passage.heading),
            " ".join(index_terms(plain(passage.text))),
            self._shared(" ".join(page.names)),
        )

    def _shared(self, text: str) -> str:
        terms = self._known.get(text)
        if terms is None:
            terms = self._known[text] = " ".join(index_terms(text))
        return terms


def save_analysed(path: Path, passages: Sequence[Analysed]) -> None:
    """Write the terms of passages, in row order."""
    path.write_bytes(orjson.dumps(passages))


def load_analysed(path: Path) -> Sequence[Analysed]:
    """What `save_analysed` wrote; nothing when there is no such file, or it cannot be read."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []


def lexical_doc(passage_id: int, page: Page, terms: Analysed) -> LexicalDoc:
    """The row of the lexical index for one passage."""
    title, heading, body, names = terms
    return LexicalDoc(
        passage_id=passage_id,
        doc_ref=page.ref,
        kind=page.kind,
        title=title,
        heading=heading,
        body=body,
        names=names,
        entity_refs=page.entity_refs,
    )


def embedded_text(passage: Passage, page: Page) -> str:
    """What is embedded of a passage: where it stands, then what it says.

    A section read alone rarely names its subject; title and headings do.
    """
    headings = [h for h in passage.heading_path or (passage.heading,) if h and h != page.title]
    return spelled_out(" › ".join([page.title, *headings]) + "\n" + plain(passage.text))


def page_text(page: Page) -> str:
    """What is embedded of a page as a whole."""
    return spelled_out(f"{page.title}\n{page.description}".strip())


def embedded_question(text: str) -> str:
    """What is embedded of a question: spelled as pages are."""
    return spelled_out(text)
