"""What is known, as the rows of tables: the same whatever engine holds them."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog_store.model.document import Document, SourceSpan
from catalog_store.model.entity import Edge, Entity, Record, Value
from catalog_store.reader import Row


def span(found: SourceSpan | None) -> Row:
    """The four columns that say where something was read; null when nothing does."""
    if found is None:
        return {"path": None, "first_line": None, "last_line": None, "format": None}
    return {
        "path": found.path,
        "first_line": found.first,
        "last_line": found.last,
        "format": found.format or None,
    }


def entity_row(entity: Entity) -> Row:
    """An entity as a row of `entities`."""
    return {**entity.values, **span(entity.span), "ref": str(entity.ref), "kind": entity.kind}


def record_row(record: Record) -> Row:
    """A record as a row of its kind's table."""
    return {**record.values, **span(record.span), "ref": record.ref, "kind": record.kind}


def document_row(document: Document) -> Row:
    """A page as a row of `documents`."""
    reviewed: Value = None
    if document.reviewed_on is not None:
        reviewed = datetime.combine(document.reviewed_on, datetime.min.time(), UTC)
    return {
        "ref": document.ref,
        "kind": "Runbook" if document.doc_kind == "runbook" else "Doc",
        "title": document.title,
        "description": document.description,
        "path": document.path,
        "owner": document.owner_ref,
        "alerts": document.alerts,
        "reviewed_at": reviewed,
        "status": document.status,
        "tags": document.tags,
        "first_line": 1,
        "last_line": 1,
        "format": "markdown-docs",
    }


def edge_row(edge: Edge) -> Row:
    """A relation as a row of `edges`."""
    return {
        "source": edge.source,
        "relation": edge.relation,
        "target": edge.target,
        "derived": edge.span is None,
        **span(edge.span),
    }
