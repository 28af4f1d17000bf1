"""Parts of an answer: its table, its quoted passage, its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from assistant.answer import Answer, AnswerKind, Citation, PassageHit, Result, ValueRow
from assistant.cells import ago, column_name, missing, moment_of, numeric, told, value_text
from slackbot.blocks.limits import TABLE_COLUMNS, TABLE_TEXT, TEXT, Block, clip
from slackbot.text import escaped, rich, rich_block

PAGE = 10
"""Rows of one page of a table: what a thread shows without pushing the rest away."""

FIELDS = 5
"""Columns beside the name; more would need scrolling sideways on a phone."""

NAMED = 8
"""Things that an answer's sentence names at most."""

CELL = 80
"""Characters of one cell."""

QUOTED = 2400
"""Characters quoted of a passage; the rest is a link away."""

SOURCES = 5
OTHERS = 3


def href(base: str | None, ref: str | None) -> str | None:
    """Where the web page shows a thing; None without an address for the page.

    >>> href("https://callboard.example", "component:default/checkout")
    'https://callboard.example/#/entity/component/default/checkout'
    """
    if base is None or not ref:
        return None
    kind, _, rest = ref.partition(":")
    if kind in ("doc", "runbook"):
        return f"{base}/#/page/{quote(ref, safe='')}"
    namespace, slash, name = rest.partition("/")
    if not slash:
        return None
    return f"{base}/#/entity/{'/'.join(quote(part, safe='') for part in (kind, namespace, name))}"


def is_table(answer: Answer) -> bool:
    """Whether the answer has rows that say more than its sentence."""
    if answer.kind in (AnswerKind.PATH, AnswerKind.PASSAGES) or len(answer.rows) == 1:
        return False
    if answer.rows:
        return True
    return len(answer.results) > 1 and (answer.total > NAMED or bool(columns(answer)))


def table_of(answer: Answer, first: int, base: str | None) -> list[Block]:
    """One page of the answer's rows.

    Args:
        answer: with at least the rows up to the end of the page.
        first: the row that the page begins with, from 0.
        base: address of the web page, for links; None without one.
    """
    if answer.rows:
        return _block(*_value_cells(answer, answer.rows[first : first + PAGE], base))
    results = answer.results[first : first + PAGE]
    if not results:
        return []
    return _block(*_result_cells(answer, results, base))


def _block(rows: list[list[Block]], right: list[bool]) -> list[Block]:
    budget = TABLE_TEXT // (len(rows) * len(right))
    for row in rows:
        for cell in row:
            _fit(cell, min(CELL, budget))
    settings = [{"align": "right" if is_right else "left"} for is_right in right]
    return [{"type": "table", "rows": rows, "column_settings": settings}]


def _value_cells(
    answer: Answer, rows: Sequence[ValueRow], base: str | None
) -> tuple[list[list[Block]], list[bool]]:
    of = any(row.of is not None for row in rows)
    head = [_cell("Name"), _cell((answer.unit or "value").replace("_", " ").capitalize())]
    body = [
        [_linked(row.label, href(base, row.key)), _cell(value_text(row.value, answer.unit))]
        for row in rows
    ]
    if of:
        head.append(_cell("of"))
        for cells, row in zip(body, rows, strict=True):
            cells.append(_cell("–" if row.of is None else f"{row.of:,}"))
    return [head, *body], [False, *[True] * (len(head) - 1)]


def _result_cells(
    answer: Answer, results: Sequence[Result], base: str | None
) -> tuple[list[list[Block]], list[bool]]:
    fields = columns(answer)
    kinds = {r.kind for r in answer.results}
    head = [next(iter(kinds)) if len(kinds) == 1 else "Name", *map(column_name, fields)]
    as_of = answer.interpretation.as_of
    body = [
        [
            _linked(r.title or r.ref, href(base, r.ref)),
            *(_cell(_shown(field, r.fields.get(field), as_of)) for field in fields),
        ]
        for r in results
    ]
    right = [False, *(numeric(answer.results, field) for field in fields)]
    return [[_cell(text) for text in head], *body], right


def columns(answer: Answer) -> list[str]:
    """The fields shown: what the question was about first, and nothing that every row says alike."""
    held = told(answer.results)
    asked = {chip.field for chip in answer.interpretation.chips}
    if "deployed" in asked:
        asked.add("last_deployed_at")
    varied = [f for f in held if len({repr(r.fields.get(f)) for r in answer.results}) > 1]
    first = sorted(varied, key=lambda f: f not in asked)[:FIELDS]
    return [f for f in held if f in first][: TABLE_COLUMNS - 1]


def _shown(field: str, value: Any, as_of: datetime) -> str:
    if value in (None, "", (), []):
        return missing(field)
    if isinstance(value, list | tuple):
        return ", ".join(value_text(item) for item in value)
    moment = moment_of(value)
    if moment is not None:
        return f"{moment:%Y-%m-%d} ({ago((as_of - moment).days)})"
    return value_text(value)


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": " ".join(text.split()) or "–"}


def _linked(text: str, url: str | None) -> Block:
    if url is None:
        return _cell(text)
    link = {"type": "link", "url": clip(url, TEXT), "text": " ".join(text.split()) or "–"}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [link]}],
    }


def _fit(cell: Block, most: int) -> None:
    """Shorten what one cell shows."""
    if cell["type"] == "raw_text":
        cell["text"] = clip(cell["text"], most)
    else:
        for section in cell["elements"]:
            for element in section["elements"]:
                element["text"] = clip(element["text"], most)


def quoted(markdown: str) -> list[Block]:
    """Words of a page, marked as a quotation."""
    parts = []
    for part in rich(markdown, most=QUOTED):
        if part["type"] == "rich_text_section":
            parts.append({"type": "rich_text_quote", "elements": part["elements"]})
        else:
            parts.append(part | {"border": 1})
    return [rich_block(parts)]


def others(passages: Sequence[PassageHit], base: str | None) -> list[Block]:
    """Further pages that may help, each a link where there is one."""
    items: list[Block] = []
    for passage in passages[:OTHERS]:
        name = clip(
            f"{passage.title} › {passage.heading}" if passage.heading else passage.title, 200
        )
        items.append({"type": "rich_text_section", "elements": [_place(name, passage, base)]})
    if not items:
        return []
    heading = {"type": "rich_text_section", "elements": [{"type": "text", "text": "See also"}]}
    bullets = {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": items}
    return [rich_block([heading, bullets])]


def _place(name: str, passage: PassageHit, base: str | None) -> Block:
    url = passage.url or href(base, f"doc:{passage.path}")
    if url is not None and url.startswith("http"):
        return {"type": "link", "url": clip(url, TEXT), "text": name or passage.path}
    return {"type": "text", "text": f"{name} ({clip(passage.path, 200)})"}


def sources(
    citations: Sequence[Citation], base: str | None, *, rows: int = 1, said_in: str = ""
) -> list[Block]:
    """Where it was written.

    Args:
        citations: the places.
        base: address of the web page, for links.
        rows: of the table; one of many rows names the first few, the rest is on the things' own pages.
        said_in: the text; a place that it refers to as [n] is numbered.
    """
    shown = citations[:SOURCES] if rows <= SOURCES else citations[:2]
    if not shown:
        return []
    said = " · ".join(_source(c, base, numbered=f"[{c.id}]" in said_in) for c in shown)
    left = len(citations) - len(shown)
    if left > 0:
        said += f" · and {left:,} more"
    text = {"type": "mrkdwn", "text": f"Written in {said}", "verbatim": True}
    return [{"type": "context", "elements": [text]}]


def _source(citation: Citation, base: str | None, *, numbered: bool) -> str:
    first, last = citation.lines
    lines = f"{first}" if first == last else f"{first}–{last}"
    # The end of a path tells more than its beginning.
    path = citation.path if len(citation.path) <= 120 else "…" + citation.path[-119:]
    number = f"[{citation.id}] " if numbered else ""
    shown = escaped(f"{number}{path}:{lines}", 400)
    url = href(base, citation.ref)
    return f"<{url}|{shown}>" if url and len(url) <= 150 else shown


def rows_as_text(answer: Answer) -> Iterator[list[str]]:
    """The whole table, heading first, for a file; nothing is shortened."""
    if answer.rows:
        yield ["ref", "name", answer.unit or "value", "of"]
        for row in answer.rows:
            yield [row.key, row.label, _raw(row.value), _raw(row.of)]
        return
    fields = told(answer.results)
    yield ["ref", "name", *fields]
    for result in answer.results:
        yield [result.ref, result.title, *(_raw(result.fields.get(f)) for f in fields)]


def _raw(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return str(value)
