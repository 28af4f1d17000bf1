"""What of a passage is indexed: the words BM25 counts, and the text that is embedded."""

from __future__ import annotations

import re

from catalog_store.analyzer import index_terms
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


def lexical_doc(passage_id: int, passage: Passage, page: Page) -> LexicalDoc:
    """The row of the lexical index for one passage."""
    return LexicalDoc(
        passage_id=passage_id,
        doc_ref=page.ref,
        kind=page.kind,
        title=index_terms(page.title),
        heading=index_terms(" ".join(passage.heading_path) or passage.heading),
        body=index_terms(plain(passage.text)),
        names=index_terms(" ".join(page.names)),
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
    return " › ".join([page.title, *headings]) + "\n" + plain(passage.text)


def page_text(page: Page) -> str:
    """What is embedded of a page as a whole."""
    return f"{page.title}\n{page.description}".strip()
