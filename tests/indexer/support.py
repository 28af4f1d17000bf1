"""Small helpers of the indexer's tests: write files, build, and put what came out in a comparable shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from catalog_store.content import CatalogContent
from catalog_store.model.document import SourceSpan
from catalog_store.model.quality import NOTICED
from indexer.build import read_catalog

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder; returns the folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def build(root: Path, files: Mapping[str, str | bytes]) -> CatalogContent:
    """Write files and read them."""
    return read_catalog([write(root, files)], now=NOW)


def component(name: str, spec: str = "owner: team", metadata: str = "") -> str:
    """A small descriptor; `spec` and `metadata` are further YAML lines."""
    extra = "".join(f"  {line}\n" for line in metadata.splitlines())
    lines = "".join(f"  {line}\n" for line in spec.splitlines())
    return f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{extra}spec:\n  type: service\n{lines}"


def problems(content: CatalogContent) -> list[str]:
    """Each problem as "level code path:line"."""
    return [f"{p.level.value} {p.code} {p.span.path}:{p.span.first}" for p in content.problems]


def edges(content: CatalogContent) -> set[str]:
    """Each edge as "source relation target"."""
    return {f"{e.source} {e.relation} {e.target}" for e in content.edges}


def summary(content: CatalogContent) -> dict[str, Any]:
    """What a build read, as JSON, for the folders under `cases/`; what it noticed itself, `tests/search/test_quality.py` holds."""
    return {
        "entities": {
            str(e.ref): _values({n: v for n, v in e.values.items() if n not in NOTICED}, e.spans)
            for e in content.entities
        },
        "edges": sorted(f"{e.source} {e.relation} {e.target}{_at(e.span)}" for e in content.edges),
        "records": {r.ref: _values(r.values, {}) for r in content.records},
        "documents": {
            d.ref: {
                "title": d.title,
                "description": d.description,
                "kind": d.doc_kind,
                "entities": list(d.entity_refs),
                "alerts": list(d.alerts),
                "owner": d.owner_ref,
                "reviewed_on": _json(d.reviewed_on),
                "status": d.status,
                "tags": list(d.tags),
                "passages": [
                    f"{' > '.join(p.heading_path) or p.heading} {p.span.first}-{p.span.last}"
                    for p in content.passages
                    if p.doc_ref == d.ref
                ],
            }
            for d in content.documents
        },
        "fields": {f.name: [f.type.value, *f.kinds] for f in content.fields},
        "problems": problems(content),
        "sources": content.sources,
    }


COUNTED = frozenset(("blast_radius",))
"""Fields counted from the edges of the whole catalog rather than read; they have tests of their own."""


def _values(values: Mapping[str, Any], spans: Mapping[str, SourceSpan]) -> dict[str, Any]:
    """Field → value, and the line it was read from where that is known."""
    return {
        name: f"{json.dumps(_json(value), ensure_ascii=False)}{_line(spans.get(name))}"
        for name, value in values.items()
        if name not in COUNTED
    }


def _line(span: SourceSpan | None) -> str:
    return f" @{span.first}" if span else ""


def _at(span: SourceSpan | None) -> str:
    return f" @{span.path}:{span.first}" if span else ""


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
