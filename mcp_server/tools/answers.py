"""An answer as agents get it: the same as every surface shows, in fewer characters, with cursors for the rest."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer, AnswerKind, Option, PassageHit, Result, Status, ValueRow
from catalog_store.errors import BadRequest
from mcp_server.bounds import brief, cut, fit, sent
from mcp_server.call import Call
from mcp_server.cursor import MAX_CURSOR_CHARS, Cursor, lean
from mcp_server.uris import uri_of

MAX_OFFSET = 10_000
"""Deepest an answer can be paged; a narrower question is cheaper for everybody."""

MOST_FIELDS, MOST_CITED, MOST_OPTIONS, MOST_SAID = 12, 8, 5, 3
"""Values of one thing; sources, ways on and further questions of one answer."""

FIELDS_CHARS = 2_000
"""Of all values of one thing together."""


class Part(BaseModel):
    """Part of a result."""

    model_config = ConfigDict(frozen=True)


class Thing(Part):
    """One thing of an answer."""

    ref: str
    title: str
    kind: str
    fields: dict[str, Any] = {}


class Group(Part):
    """One row of a table."""

    key: str
    label: str
    value: Any = None
    of: int | None = None


class Quote(Part):
    """A passage of a page, verbatim; `about` is the thing the page is about, `uri` the whole page."""

    about: str | None = None
    title: str
    heading: str
    text: str
    source: str
    uri: str | None = None


class Way(Part):
    """One way on: ask `question`, or pass `cursor` to `ask` to take this reading."""

    label: str
    ref: str | None = None
    question: str | None = None
    cursor: str | None = None


class AnswerResult(Part):
    """What `ask` and `query` give. Absent parts are empty."""

    status: Status = Field(
        description="answered; empty (understood, nothing matches); unknown_name, ambiguous (see options); no_such_fact "
        "(the catalog does not hold this); out_of_scope. Anything but answered is not a fact about the catalog's things."
    )
    kind: AnswerKind
    text: str = Field(default="", description="The answer in Markdown, complete on its own.")
    read_as: str = Field(
        default="", description="How the question was read; check it before you rely on the answer."
    )
    as_of: str
    unused: tuple[str, ...] = Field(
        default=(), description="Words of the question that changed nothing."
    )
    assumptions: tuple[str, ...] = ()
    total: int = Field(default=0, description="How many there are in all, counted on the server.")
    value: Any = None
    unit: str | None = None
    results: tuple[Thing, ...] = ()
    rows: tuple[Group, ...] = ()
    passages: tuple[Quote, ...] = ()
    sources: tuple[str, ...] = Field(
        default=(), description="path:first-last line; [n] in the text is the n-th."
    )
    options: tuple[Way, ...] = ()
    suggestions: tuple[str, ...] = ()
    conversation: str | None = Field(
        default=None, description="Pass it on to ask a follow-up question."
    )
    plan: dict[str, Any] | None = Field(
        default=None, description="The reading as data, for `query`."
    )
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for what follows."
    )


def answered(
    call: Call,
    question: str | None,
    *,
    plan: dict[str, Any] | None = None,
    cursor: Cursor | None = None,
    conversation: str | None = None,
    limit: int,
    with_plan: bool = False,
) -> AnswerResult:
    """Ask, and give the part of the answer that was wanted and fits.

    Args:
        call: who asks, of what.
        question: in plain words; None with a plan or a cursor.
        plan: a reading to run.
        cursor: where an earlier answer goes on; wins over both.
        conversation: the one this continues.
        limit: items wanted, >= 1.
        with_plan: whether the reading is wanted as data.

    Raises:
        UserError: the plan or the cursor is none.
    """
    offset = cursor.offset if cursor else 0
    if offset > MAX_OFFSET:
        raise BadRequest(
            f"cursor: only the first {MAX_OFFSET} items can be listed; narrow the question"
        )
    answer = call.ask(
        question if cursor is None else None,
        plan=cursor.plan if cursor else plan,
        conversation=conversation,
        limit=offset + limit,
        now=cursor.as_of if cursor else None,
    )
    items = _items(answer)
    wanted = min(limit, max(0, len(items) - offset))
    page = fit(lambda n: _page(answer, items[offset : offset + n], offset, with_plan), wanted)
    if wanted and not (page.results or page.rows or page.passages):
        page = fit(
            lambda n: _bare(_page(answer, items[offset : offset + n], offset, False)), wanted
        )
    return page


def _bare(page: AnswerResult) -> AnswerResult:
    """Without what is not the answer itself, for a single thing that hardly fits."""
    return page.model_copy(
        update={"value": None, "sources": (), "options": (), "suggestions": (), "assumptions": ()}
    )


def _items(answer: Answer) -> tuple[Result, ...] | tuple[ValueRow, ...] | tuple[PassageHit, ...]:
    """What the answer is a list of."""
    if answer.kind is AnswerKind.PASSAGES:
        return answer.passages
    return answer.rows or answer.results


def _page(
    answer: Answer,
    shown: tuple[Result, ...] | tuple[ValueRow, ...] | tuple[PassageHit, ...],
    offset: int,
    with_plan: bool,
) -> AnswerResult:
    reading, first = answer.interpretation, offset == 0
    end, held = offset + len(shown), len(_items(answer))
    total = max(answer.total, held)
    plan = reading.plan
    listed = held if answer.kind is AnswerKind.PASSAGES else min(total, _own_limit(plan) or total)
    more = end < listed
    rest = _cursor(Cursor(plan, end, reading.as_of)) if more and plan else None
    return AnswerResult(
        status=answer.status,
        kind=answer.kind,
        text=cut(answer.text) if first else f"{offset + 1} to {end} of {total}.",
        read_as=cut(reading.text, 600),
        as_of=reading.as_of.isoformat(),
        unused=tuple(cut(u.text, 80) for u in reading.unused[:MOST_SAID]),
        assumptions=tuple(cut(a, 200) for a in reading.assumptions[:MOST_SAID]) if first else (),
        total=total,
        value=brief(answer.value),
        unit=answer.unit,
        results=tuple(_thing(item) for item in shown if isinstance(item, Result)),
        rows=tuple(_group(item) for item in shown if isinstance(item, ValueRow)),
        passages=tuple(_quote(item) for item in shown if isinstance(item, PassageHit)),
        sources=_sources(answer) if first else (),
        options=tuple(_way(o, reading.as_of) for o in answer.options[:MOST_OPTIONS]),
        suggestions=tuple(cut(s, 120) for s in answer.suggestions[:MOST_SAID]) if first else (),
        conversation=answer.conversation,
        plan=lean(plan) if with_plan and plan else None,
        next_cursor=rest,
    )


def _cursor(place: Cursor) -> str | None:
    """A cursor; None for a reading too long to be carried around, which only a narrower question helps."""
    text = str(place)
    return text if len(text) <= MAX_CURSOR_CHARS else None


def _own_limit(plan: dict[str, Any] | None) -> int | None:
    """How many the question itself asked for: "the three teams with most services"."""
    limit = (plan or {}).get("limit")
    return limit if isinstance(limit, int) else None


def _thing(result: Result) -> Thing:
    held: dict[str, Any] = {}
    left = FIELDS_CHARS
    for key, value in result.fields.items():
        short = brief(value)
        left -= len(key) + sent(short) + 6
        if value in (None, [], (), "") or len(held) == MOST_FIELDS or left < 0:
            continue
        held[key] = short
    return Thing(ref=result.ref, title=cut(result.title, 120), kind=result.kind, fields=held)


def _group(row: ValueRow) -> Group:
    return Group(key=row.key, label=cut(row.label, 120), value=brief(row.value), of=row.of)


def _quote(hit: PassageHit) -> Quote:
    return Quote(
        about=hit.ref,
        title=cut(hit.title, 120),
        heading=cut(hit.heading, 120),
        text=cut(hit.text),
        source=source(hit.path, hit.lines),
        uri=uri_of(f"doc:{hit.path}"),
    )


def _way(option: Option, as_of: Any) -> Way:
    return Way(
        label=cut(option.label, 120),
        ref=option.ref,
        question=cut(option.question, 200) if option.question else None,
        cursor=_cursor(Cursor(option.plan, 0, as_of))
        if option.plan and not option.question
        else None,
    )


def _sources(answer: Answer) -> tuple[str, ...]:
    return tuple(source(c.path, c.lines) for c in answer.citations[:MOST_CITED])


def source(path: str, lines: tuple[int, int]) -> str:
    """A place in the indexed files.

    >>> source("catalog/org.yaml", (154, 170))
    'catalog/org.yaml:154-170'
    """
    return f"{path}:{lines[0]}-{lines[1]}"
