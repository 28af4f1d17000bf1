"""The pages of a snapshot: which passages each has, and what is known of it beyond its text.

A page is what search returns one of: a document with its passages, or an entity with its one passage.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from catalog_store.content import CatalogContent
from catalog_store.derive import search_text
from catalog_store.model.document import Document, Passage
from catalog_store.model.entity import Entity
from catalog_store.model.fields import FieldTable


@dataclass(frozen=True, slots=True)
class Page:
    """One page or entity.

    Attributes:
        ref: `doc:<path>`, `runbook:<path>`, or the entity's reference.
        kind: "doc", "runbook" or "entity".
        title: title of the page; title or name of the entity.
        description: one sentence on what it is about; may be empty.
        names: names it should be found by exactly: file name, entity name, aliases, alerts.
        alerts: alerts the page answers.
        entity_refs: entities the page belongs to; the entity itself.
        first: row number of its first passage.
        last: row number after its last passage.
    """

    ref: str
    kind: str
    title: str
    description: str
    names: tuple[str, ...]
    alerts: tuple[str, ...]
    entity_refs: tuple[str, ...]
    first: int
    last: int


class Pages:
    """Every page of a snapshot, by number, by ref and by passage."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """Pages in the order of their passages, which follow each other without gaps."""
        self._pages = tuple(pages)
        self._firsts = [page.first for page in self._pages]
        self._by_ref = {page.ref: number for number, page in enumerate(self._pages)}
        self._by_alert: dict[str, list[int]] = {}
        for number, page in enumerate(self._pages):
            for alert in page.alerts:
                self._by_alert.setdefault(alert.lower(), []).append(number)

    def __len__(self) -> int:
        return len(self._pages)

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages)

    def __getitem__(self, number: int) -> Page:
        return self._pages[number]

    def of_passage(self, passage_id: int) -> int:
        """The number of the page a passage is part of."""
        return bisect_right(self._firsts, passage_id) - 1

    def of_ref(self, ref: str) -> int | None:
        """The number of a page, or None."""
        return self._by_ref.get(ref)

    def of_alert(self, alert: str) -> tuple[int, ...]:
        """Numbers of the pages that answer an alert, whatever its case."""
        return tuple(self._by_alert.get(alert.lower(), ()))

    def save(self, path: Path) -> None:
        """Write them as JSON, one page a line."""
        path.write_bytes(
            b"".join(orjson.dumps(page, option=orjson.OPT_APPEND_NEWLINE) for page in self._pages)
        )

    @classmethod
    def load(cls, path: Path) -> Pages:
        """Read what `save` wrote."""
        with path.open(encoding="utf-8") as file:
            return cls([_page(line) for line in file])


def _page(line: str) -> Page:
    row = json.loads(line)
    for name in ("names", "alerts", "entity_refs"):
        row[name] = tuple(row[name])
    return Page(**row)


def collect(content: CatalogContent, fields: FieldTable) -> tuple[Pages, list[Passage]]:
    """The pages of a build, and its passages in page order: documents first, then one passage an entity, by reference.

    A passage's place in the list is its row number everywhere: catalog, lexical and dense index.
    """
    of_doc: dict[str, list[Passage]] = {}
    for passage in content.passages:
        of_doc.setdefault(passage.doc_ref, []).append(passage)
    documents = {document.ref: document for document in content.documents}
    pages: list[Page] = []
    passages: list[Passage] = []
    for ref, own in of_doc.items():
        pages.append(_document_page(ref, documents.get(ref), own[0], len(passages), len(own)))
        passages += sorted(own, key=lambda passage: passage.ordinal)
    for entity in sorted(content.entities, key=lambda entity: str(entity.ref)):
        pages.append(_entity_page(entity, len(passages)))
        passages.append(_entity_passage(entity, fields))
    return Pages(pages), passages


def _document_page(
    ref: str, document: Document | None, lead: Passage, first: int, count: int
) -> Page:
    path = document.path if document else lead.span.path
    alerts = document.alerts if document else ()
    return Page(
        ref=ref,
        kind="runbook" if ref.startswith("runbook:") else "doc",
        title=document.title if document else lead.heading,
        description=document.description if document else "",
        names=tuple(dict.fromkeys((_file_name(path), *alerts))),
        alerts=alerts,
        entity_refs=document.entity_refs if document else (),
        first=first,
        last=first + count,
    )


def _file_name(path: str) -> str:
    """The name a page goes by: its file, or the folder when the file is only its index."""
    *folders, name = path.split("/")
    name = name.split(".")[0]
    return folders[-1] if folders and name.lower() in ("index", "readme", "_index") else name


def _entity_page(entity: Entity, first: int) -> Page:
    aliases = entity.values.get("aliases")
    ref = str(entity.ref)
    return Page(
        ref=ref,
        kind="entity",
        title=_entity_title(entity),
        description=str(entity.values.get("description") or ""),
        names=tuple(
            dict.fromkeys((entity.ref.name, *(aliases if isinstance(aliases, tuple) else ())))
        ),
        alerts=(),
        entity_refs=(ref,),
        first=first,
        last=first + 1,
    )


def _entity_title(entity: Entity) -> str:
    return str(entity.values.get("title") or entity.values.get("name") or entity.ref.name)


def _entity_passage(entity: Entity, fields: FieldTable) -> Passage:
    title = _entity_title(entity)
    text = search_text(entity, fields) or title
    return Passage(
        doc_ref=str(entity.ref),
        ordinal=0,
        heading=title,
        heading_path=(),
        text=text,
        span=entity.span,
    )
