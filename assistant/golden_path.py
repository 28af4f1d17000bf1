"""A golden path in words: the templates, what each asks for, who owns it, and the page of the handbook that tells about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.answer import Citation, Option, PassageHit
from assistant.composed import Composed
from catalog_store.analyzer import index_terms
from catalog_store.model import kinds as k
from search.engine import SearchEngine
from search.golden_paths import GoldenPath
from search.plan import Compare, Op, Select

DESCRIBED = 3
"""Templates told about at length; the others are only named."""


def tell(golden: GoldenPath, composed: Composed, engine: SearchEngine) -> Composed:
    """The answer to a wish for something new, in place of a bare list of templates."""
    place = {ref: number for number, ref in enumerate(golden.templates or golden.siblings)}
    results = sorted(composed.results, key=lambda r: place.get(r.ref, len(place)))
    told = []
    for number, result in enumerate(results):
        row = engine.snapshot.catalog.entity(result.ref) or {}
        if result.kind == k.TEMPLATE:
            results[number] = result.model_copy(update={"fields": _fields(row)})
            told.append(_told(result.title, row, engine))
    said = "\n".join(f"- {line}" for line in told[:DESCRIBED]) if len(told) > 1 else "".join(told)
    if len(told) > DESCRIBED:
        said += f"\n- also {', '.join(f'**{r.title}**' for r in results[DESCRIBED:])}"
    return replace(composed, text=_like(golden, said, engine), results=tuple(results))


def unmade(golden: GoldenPath, engine: SearchEngine) -> tuple[str, tuple[Option, ...]]:
    """That no template makes what is wanted, and the nearest ones to choose from."""
    words = ", ".join(f"“{word}”" for word in golden.other)
    options = tuple(
        Option(label=engine.name(ref), ref=ref, plan=_only(ref)) for ref in golden.templates
    )
    near = ", ".join(f"**{option.label}**" for option in options)
    return f"No template mentions {words}. Nearest: {near}.", options


def _only(ref: str) -> dict[str, Any]:
    plan = Select(kinds=(k.TEMPLATE,), where=Compare(field="ref", op=Op.EQ, value=ref))
    return plan.model_dump(mode="json")


def handbook(
    golden: GoldenPath, engine: SearchEngine
) -> tuple[tuple[PassageHit, ...], tuple[Citation, ...]]:
    """The page that tells about the best template: one that names it by reference, else by its title."""
    if not golden.templates:
        return (), ()
    row = engine.snapshot.catalog.entity(golden.templates[0]) or {}
    title = str(row.get("title") or row.get("name"))
    page = _page_naming((golden.templates[0], title), engine) or _page_about(title, engine)
    if page is None:
        return (), ()
    lines = (page["first_line"], page["last_line"])
    hit = PassageHit(
        path=page["path"],
        ref=page["doc_ref"],
        title=page["title"],
        heading=page["heading"],
        text=page["text"],
        lines=lines,
        score=1.0,
    )
    return (hit,), (Citation(id=1, path=page["path"], lines=lines, ref=page["doc_ref"]),)


def _page_naming(names: Sequence[str], engine: SearchEngine) -> dict[str, Any] | None:
    for name in names:
        rows = engine.snapshot.catalog.fetch(
            "SELECT p.doc_ref, p.heading, p.text, p.path, p.first_line, p.last_line, d.title FROM passages p "
            "JOIN documents d ON d.ref = p.doc_ref WHERE d.kind = 'Doc' AND contains(lower(p.text), lower(?)) "
            "ORDER BY contains(lower(d.title), 'golden path') DESC, p.doc_ref, p.ordinal LIMIT 1",
            [name],
        )
        if rows:
            return dict(rows[0])
    return None


def _page_about(title: str, engine: SearchEngine) -> dict[str, Any] | None:
    """The golden path whose title shares most words with the template's."""
    rows = engine.snapshot.catalog.fetch(
        "SELECT p.doc_ref, p.heading, p.text, p.path, p.first_line, p.last_line, d.title FROM passages p "
        "JOIN documents d ON d.ref = p.doc_ref WHERE d.kind = 'Doc' AND contains(lower(d.title), 'golden path') AND p.ordinal = 0 "
        "ORDER BY p.doc_ref"
    )
    words = set(index_terms(title))
    shared = [(len(words & set(index_terms(row["title"]))), row) for row in rows]
    count, page = max(shared, key=lambda item: item[0], default=(0, {}))
    return dict(page) if count else None


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    wanted = ("owner", "description", "parameters", "repository")
    return {name: row[name] for name in wanted if row.get(name)}


def _told(title: str, row: dict[str, Any], engine: SearchEngine) -> str:
    text = f"**{title}**"
    if row.get("description"):
        text += f" — {str(row['description']).rstrip('.')}"
    text += f" (owned by {engine.name(row['owner'])})." if row.get("owner") else "."
    asked = [_asked(parameter) for parameter in row.get("parameters") or ()]
    return f"{text} It asks for {', '.join(asked)}." if asked else text


def _asked(parameter: str) -> str:
    """`size: Size (required)` → `size` (required)."""
    name, _, rest = parameter.partition(":")
    return f"`{name}`" + (" (required)" if rest.endswith("(required)") else "")


def _like(golden: GoldenPath, said: str, engine: SearchEngine) -> str:
    if golden.unmet:
        words = ", ".join(f"“{word}”" for word in golden.unmet)
        return f"No template mentions {words}. Nearest:\n\n{said}"
    if golden.like is None:
        return said
    siblings = ", ".join(f"**{engine.name(ref)}**" for ref in golden.siblings)
    if not golden.templates:
        return f"No template makes one like **{engine.name(golden.like)}**. Of the same sort: {siblings}."
    opening = f"To make one like **{engine.name(golden.like)}**:"
    closing = f"\n\nOf the same sort: {siblings}." if siblings else ""
    return f"{opening}\n\n{said}{closing}"
