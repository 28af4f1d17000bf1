"""Whatever the catalog holds, a result stays within its bound, says what it left out, and can be gone on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.observe import Measures
from assistant.answer import (
    Answer,
    AnswerKind,
    Citation,
    Interpretation,
    Option,
    PassageHit,
    Result,
    Status,
    Unused,
    ValueRow,
)
from assistant.entity_page import EntityPage, Fact, Neighbour, Page, RelationGroup, Rollout, Source
from assistant.search_box import SearchHit, SearchPage, SearchQuery
from catalog_store.errors import BadRequest
from mcp_server.bounds import MAX_RESULT_CHARS, brief, cut, dump, fit, sent, size
from mcp_server.call import Call
from mcp_server.cursor import Cursor, lean, read_cursor
from mcp_server.tools.answers import AnswerResult, answered
from mcp_server.tools.entity import GET_ENTITY as ENTITY
from mcp_server.tools.entity import EntityArguments
from mcp_server.tools.search import SEARCH, SearchArguments

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAN: dict[str, Any] = {"node": "select", "kinds": ["Component"]}

TEXTS = ("", "a", "word " * 30, "x" * 5_000, 'q"\\ü\n' * 700)
VALUES: tuple[Any, ...] = (*TEXTS, 7, None, list(TEXTS) * 5, {text[:9]: text for text in TEXTS})


@dataclass(frozen=True)
class Shape:
    """How much of everything there is; small to print, unlike what is made from it."""

    text: int
    value: int
    many: int
    fields: int

    @property
    def words(self) -> str:
        """A text."""
        return TEXTS[self.text % len(TEXTS)]

    @property
    def held(self) -> Any:
        """A value."""
        return VALUES[self.value % len(VALUES)]


SHAPES = st.builds(
    Shape, st.integers(0, 4), st.integers(0, 8), st.integers(0, 60), st.integers(0, 20)
)


class Fixed:
    """Serves what it was given."""

    id, built_at = "s", NOW

    def __init__(self, *, answer: Answer | None = None, page: Any = None) -> None:
        self.answer, self.page = answer, page

    def ask(self, question: str | None, *, limit: int, **_: Any) -> Answer:
        """The answer, cut to the limit as a real one is."""
        assert self.answer is not None
        return self.answer.model_copy(
            update={"results": self.answer.results[:limit], "rows": self.answer.rows[:limit]}
        )

    def entity(self, ref: str) -> EntityPage:
        """The page."""
        assert isinstance(self.page, EntityPage)
        return self.page

    def search(self, query: SearchQuery) -> SearchPage:
        """The page, cut to the limit."""
        assert isinstance(self.page, SearchPage)
        return self.page.model_copy(
            update={"hits": self.page.hits[: query.limit], "next_cursor": "more"}
        )


def call_of(**served: Any) -> Call:
    """A call over something fixed."""
    return Call(Fixed(**served), None, NOW, Measures())  # type: ignore[arg-type]  # only what is used


def answer_of(shape: Shape, kind: AnswerKind) -> Answer:
    """An answer larger than anything a catalog gives."""
    text, many = shape.words, shape.many
    fields = {f"f{i}": shape.held for i in range(shape.fields)}
    result = Result(
        ref="component:default/" + "n" * 200, kind="Component", title=text, fields=fields
    )
    passage = PassageHit(
        path="docs/" + "p" * 200, title=text, heading=text, text=text, lines=(1, 9), score=0.5
    )
    of = {kind: many}
    return Answer(
        status=Status.ANSWERED,
        kind=kind,
        text=text,
        interpretation=Interpretation(
            text=text,
            as_of=NOW,
            plan=PLAN,
            unused=(Unused(text=text, span=(0, 1)),) * many,
            assumptions=(text,) * many,
        ),
        results=(result,) * of.get(AnswerKind.ENTITIES, 0),
        rows=(ValueRow(key="k", label=text, value=shape.held),) * of.get(AnswerKind.TABLE, 0),
        passages=(passage,) * of.get(AnswerKind.PASSAGES, 0),
        total=many,
        value=shape.held,
        citations=(Citation(id=1, path="c/" + "p" * 200, lines=(1, 2)),) * many,
        options=(Option(label=text, ref="component:default/a", plan=PLAN),) * many,
        suggestions=(text,) * many,
        conversation="c" * 32,
    )


LISTS = st.sampled_from([AnswerKind.ENTITIES, AnswerKind.TABLE, AnswerKind.PASSAGES])


@settings(max_examples=40, deadline=None)
@given(SHAPES, LISTS, st.integers(1, 50))
def test_an_answer_fits(shape: Shape, kind: AnswerKind, limit: int) -> None:
    page = answered(call_of(answer=answer_of(shape, kind)), "?", limit=limit, with_plan=True)
    assert size(page) <= MAX_RESULT_CHARS
    shown = len(page.passages) or len(page.rows) or len(page.results)
    assert page.total == shape.many
    assert (page.next_cursor is None) == (shown == shape.many)


@settings(max_examples=15, deadline=None)
@given(SHAPES, LISTS)
def test_every_item_of_an_answer_is_reached(shape: Shape, kind: AnswerKind) -> None:
    """By its cursors, and in order: however little of it fits at once."""
    call, seen, cursor = call_of(answer=answer_of(shape, kind)), 0, None
    while True:
        page = answered(call, None if cursor else "?", cursor=cursor, limit=50)
        shown = len(page.passages) or len(page.rows) or len(page.results)
        seen += shown
        if page.next_cursor is None:
            break
        assert shown > 0, "a page that shows nothing would be asked for again and again"
        cursor = read_cursor(page.next_cursor)
        assert cursor.offset == seen
    assert seen == shape.many


@settings(max_examples=25, deadline=None)
@given(SHAPES)
def test_an_entity_fits(shape: Shape) -> None:
    text, many = shape.words, shape.many * 4
    place = Source(path="c/" + "p" * 150, lines=(1, 2), as_of=NOW)
    things = tuple(
        Neighbour(ref=f"component:default/{'n' * 100}-{i}", title=text) for i in range(many)
    )
    group = RelationGroup(name="uses", label="uses", derived=False, total=many, things=things)
    page = EntityPage(
        ref="component:default/a",
        kind="Component",
        namespace="default",
        name="a",
        title=text,
        description=text,
        facts=(Fact(field="f", label="l", type="text", value=shape.held, source=place),)
        * shape.many,
        links=(f"https://example.test/{text}",) * many,
        relations=(group,) * shape.fields,
        pages=(Page(ref="doc:" + "d" * 200, title=text, path="d", runbook=False),) * many,
        deployments=(Rollout(ref="deployment:1", version=text, actor=text),) * 5,
    )
    call = call_of(page=page)
    whole = ENTITY.run(call, EntityArguments(ref="component:default/a"))
    assert size(whole) <= MAX_RESULT_CHARS
    if page.relations:
        alone: Any = ENTITY.run(call, EntityArguments(ref="component:default/a", relation="uses"))
        assert size(alone) <= MAX_RESULT_CHARS
        assert alone.relations[0].total == many


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hits_fit(text: str) -> None:
    hit = SearchHit(
        type="passage",
        ref="doc:" + "d" * 200,
        kind="Doc",
        path="d" * 200,
        heading=text,
        title=text,
        text=text,
        lines=(1, 2),
        score=1,
    )
    page = SearchPage(hits=(hit,) * 25, total=200)
    found: Any = SEARCH.run(call_of(page=page), SearchArguments(query="x", limit=25))
    assert size(found) <= MAX_RESULT_CHARS
    assert found.total == 200
    assert found.hits


@given(st.sampled_from(TEXTS), st.integers(10, 400))
def test_a_cut_text_keeps_to_its_length(text: str, most: int) -> None:
    short = cut(text, most)
    assert sent(short) <= most
    assert short == text or short.endswith("…")


def test_fit_takes_the_most_that_fits() -> None:
    def make(n: int) -> AnswerResult:
        return AnswerResult(
            status=Status.ANSWERED, kind=AnswerKind.VALUE, as_of="", sources=("x" * 96,) * n
        )

    best = fit(make, 50, bound=1_000)
    assert size(best) <= 1_000 < size(make(len(best.sources) + 1))


def test_empty_parts_are_left_out() -> None:
    result = AnswerResult(status=Status.EMPTY, kind=AnswerKind.VALUE, as_of="now", total=0, value=0)
    assert dump(result) == {
        "status": "empty",
        "kind": "value",
        "as_of": "now",
        "total": 0,
        "value": 0,
    }


PLANS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), PLANS, max_size=4), st.integers(0, 10_000))
def test_a_cursor_survives_the_way_there_and_back(plan: dict[str, Any], offset: int) -> None:
    assert read_cursor(str(Cursor(plan, offset, NOW))) == Cursor(lean(plan), offset, NOW)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.hex()))
def test_anything_else_is_no_cursor(text: str) -> None:
    with pytest.raises(BadRequest, match="next_cursor"):
        read_cursor(text)


def test_a_cursor_cannot_unfold_without_end() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" + b" " * 50_000_000)).decode()
    with pytest.raises(BadRequest, match="next_cursor"):
        read_cursor(bomb)


def test_all_the_way_is_kept_apart_from_one_step() -> None:
    """`hops: null` means every hop; without the key it would mean one."""
    assert lean({"node": "traverse", "hops": None, "limit": None}) == {
        "node": "traverse",
        "hops": None,
    }


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_is_brief(value: Any) -> None:
    assert len(str(brief(value))) <= 9 * 200
