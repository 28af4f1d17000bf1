"""What of a passage is indexed: the words BM25 counts, and the text that is embedded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

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


class Terms:
    """The terms of texts, worked out once: a text that comes again in the next build keeps them."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """`known` are digests of texts and their terms, joined by spaces, as `save` wrote them."""
        self._known = known or {}
        self._used: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        """The terms of a text, as `analyzer.index_terms` gives them."""
        digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        terms = self._used.get(digest)
        if terms is None:
            terms = self._known.get(digest)
            self._used[digest] = terms = " ".join(index_terms(text)) if terms is None else terms
        return terms.split(" ") if terms else []

    def save(self, path: Path) -> None:
        """Write those of every text that was asked for."""
        path.write_bytes(orjson.dumps(self._used))

    @classmethod
    def load(cls, path: Path) -> Terms:
        """Those of an earlier build; none when there was none, or its file cannot be read."""
        try:
            return cls(orjson.loads(path.read_bytes()))
        except (OSError, ValueError):
            return cls()


def lexical_doc(passage_id: int, passage: Passage, page: Page, terms: Terms) -> LexicalDoc:
    """The row of the lexical index for one passage."""
    return LexicalDoc(
        passage_id=passage_id,
        doc_ref=page.ref,
        kind=page.kind,
        title=terms.of(page.title),
        heading=terms.of(" ".join(passage.heading_path) or passage.heading),
        body=terms.of(plain(passage.text)),
        names=terms.of(" ".join(page.names)),
        entity_refs=page.entity_refs,
    )


def terms_of(doc: LexicalDoc) -> set[str]:
    """Every term a passage is found by, whichever field holds it."""
    return {*doc.title, *doc.heading, *doc.names, *doc.body}


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
