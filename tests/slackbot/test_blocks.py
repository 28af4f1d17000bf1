"""Every message keeps Block Kit's documented limits, whatever a catalog holds; and what Slack shows is what was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import (
    Answer,
    AnswerKind,
    Chip,
    Citation,
    Interpretation,
    Option,
    PassageHit,
    Result,
    Status,
    Unused,
    ValueRow,
)
from assistant.entity_page import DocumentPage, DocumentPassage, EntityPage, Fact
from slackbot.alerts import understand
from slackbot.blocks import said
from slackbot.blocks.alert import alert_message, nothing_found
from slackbot.blocks.answer import Frame, Owner, answer_message
from slackbot.blocks.home import Section, home_view
from slackbot.blocks.message import Message
from slackbot.blocks.parts import PAGE, columns
from slackbot.blocks.unfurl import document_unfurl, entity_unfurl
from slackbot.text import question_of, rich, streamed
from tests.slackbot.block_kit import message_problems, problems, view_problems

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)

ABSURD = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        [
            "",
            " ",
            "<!channel>",
            "<@U0ANNA0001>",
            "*bold* _it_ ~no~ `code`",
            "**",
            "****",
            "** **",
            "[x](https://x.example)",
            "[](https://)",
            "](",
            "```",
            "# heading",
            "- item",
            "&lt;&amp;",
            "\u202eabc",
            "\x00",
            "a\nb\nc",
            "🦀" * 60,
            "x" * 4000,
            "x " * 3000,
            "|" * 200,
            "&" * 3500,
            "<" * 3500,
        ]
    ),
)
"""What names, values and pages may hold."""

VALUES = st.one_of(
    ABSURD,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.lists(ABSURD, max_size=4),
    st.just("2026-04-30T08:00:00Z"),
    st.just("9999-12-31T23:59:59Z"),
)


FIELDS = ["owner", "tier", "cost", "last_deployed_at", "a" * 90, "tags", "x"]

SHAPES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(list(Status)),
        "kind": st.sampled_from(list(AnswerKind)),
        "text": st.one_of(ABSURD, st.lists(ABSURD, max_size=10).map("\n\n".join)),
        "name": ABSURD,
        "few": st.lists(ABSURD, max_size=6),
        "fields": st.dictionaries(st.sampled_from(FIELDS), VALUES),
        "count": st.sampled_from([0, 1, 2, 9, 10, 11, 200]),
        "more": st.sampled_from([0, 1000]),
        "rows": st.sampled_from([0, 0, 1, 200]),
        "value": VALUES,
        "of": st.sampled_from([None, 3]),
        "unit": st.sampled_from([None, "usd", "percent", "count", "x" * 200]),
        "plan": st.sampled_from([None, {"node": "select"}]),
        "url": st.sampled_from(
            [None, "https://x.example/" + "y" * 4000, "/docs/x", "javascript:1"]
        ),
    }
)
"""What an answer of any shape is made from, well beyond what the assistant makes; small, so that a failure can be read."""


def made(shape: dict[str, Any]) -> Answer:
    """The answer."""
    name, few, plan = shape["name"], shape["few"], shape["plan"]
    return Answer(
        status=shape["status"],
        kind=shape["kind"],
        text=shape["text"],
        interpretation=Interpretation(
            text=name,
            chips=tuple(Chip(field=t, op="eq", value=t, label=t, remove=plan) for t in few),
            unused=tuple(Unused(text=t, span=(0, 1)) for t in few),
            assumptions=tuple(few),
            as_of=NOW,
            plan={"node": "select"},
        ),
        results=tuple(
            Result(
                ref=f"component:default/{n}-{name}",
                kind="Component",
                title=name,
                fields=shape["fields"] | {"x": n},
            )
            for n in range(shape["count"])
        ),
        total=shape["count"] + shape["more"],
        value=shape["value"],
        unit=shape["unit"],
        rows=tuple(
            ValueRow(key=f"group:default/{n}", label=name, value=shape["value"], of=shape["of"])
            for n in range(shape["rows"])
        ),
        passages=tuple(
            PassageHit(
                path=t or "p",
                ref="component:default/x" if plan else None,
                title=t,
                heading=name,
                text=t * 3,
                url=shape["url"],
                lines=(1, 9),
                score=0.5,
            )
            for t in few
        ),
        citations=tuple(
            Citation(id=n, path=t or "p", lines=(1, 2), ref=f"component:default/{t or 'x'}")
            for n, t in enumerate(few)
        ),
        options=tuple(Option(label=t, plan=plan, question=name or None) for t in few * 3),
        suggestions=tuple(few),
    )


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Where and for whom."""
    maybe = st.one_of(st.none(), st.builds(Owner, ABSURD, ABSURD))
    return Frame(
        id="0" * 18,
        version=draw(st.integers(0, 10**6)),
        question=draw(ABSURD),
        first=draw(st.sampled_from([0, 10, 190])),
        base=draw(st.sampled_from([None, "https://callboard.example"])),
        owner=draw(maybe),
        mentions=draw(st.sampled_from([{}, {"component:default/0-": "U0ANNA0001"}])),
        pageable=draw(st.one_of(st.none(), ABSURD)),
        shareable=draw(st.booleans()),
        notes=tuple(draw(st.lists(ABSURD, max_size=2))),
    )


def payloads(message: Message) -> list[dict[str, Any]]:
    """Every form a message may be sent in."""
    return [
        {"text": message.text, "blocks": message.blocks},
        {"text": message.text, "blocks": message.plainer},
        {"text": message.text},
        {"text": message.text, "blocks": message.below or message.blocks},
    ]


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, frame=frames())
def test_any_answer_is_a_valid_message(shape: dict[str, Any], frame: Frame) -> None:
    message = answer_message(made(shape), frame)
    for payload in payloads(message):
        assert message_problems(payload) == []
        json.dumps(payload).encode()
    assert len(message.markdown) <= 12_000


@settings(deadline=None, max_examples=25)
@given(shape=SHAPES, frame=frames(), text=ABSURD)
def test_any_alert_home_and_unfurl_is_valid(shape: dict[str, Any], frame: Frame, text: str) -> None:
    answer = made(shape)
    alert = understand(
        {"text": text, "attachments": [{"title": text, "fields": [{"title": text, "value": text}]}]}
    )
    for message in (alert_message(alert, [answer, answer], frame), nothing_found(alert)):
        assert message_problems({"text": message.text, "blocks": message.blocks}) == []
    sections = [Section(text or "x", text, a, text) for a in (answer, None, answer, answer)]
    assert view_problems(home_view(sections, base=frame.base, note=text, as_of=text)) == []
    facts = tuple(
        Fact(field=f, label=f, type="keyword", value=text) for f in ("owner", "type", "tier")
    )
    entity = EntityPage(
        ref="component:default/x",
        kind="Component",
        namespace="default",
        name="x",
        title=text,
        description=text,
        facts=facts,
    )
    assert problems(entity_unfurl(entity)) == []
    page = DocumentPage(
        ref="doc:x",
        title=text,
        path="x",
        runbook=True,
        passages=(DocumentPassage(heading=text, text=text, lines=(1, 2)),),
    )
    assert problems(document_unfurl(page)) == []


@settings(deadline=None, max_examples=40)
@given(text=ABSURD)
def test_what_the_bot_says_itself_is_valid(text: str) -> None:
    for message in (
        said.help_message(text), said.outside(shared=True), said.outside(shared=False), said.unsure(text), said.apology(text),
        said.too_slow(), said.malformed(text), said.late(), said.too_old(), said.out_of_date(), said.offer("x.0."),
        said.handed_over(text, text, None), said.question_for(text, text or "?", "U0ANNA0001", "https://x.example", text),
        said.page_call("U0ANNA0001", "U0BO000001", text),
    ):  # fmt: skip
        assert message_problems({"text": message.text, "blocks": message.blocks}) == []
    assert view_problems(said.reason_modal("x.0.wrong")) == []


@settings(deadline=None, max_examples=40)
@given(text=ABSURD)
def test_nothing_a_catalog_holds_can_mention_anybody(text: str) -> None:
    answer = _table(3).model_copy(update={"text": text})
    message = answer_message(answer, Frame(id="x"))
    for shown in _mark_up(message.blocks):
        assert "<!" not in shown
        assert "<@" not in shown
    assert "<!" not in message.text
    assert "<@" not in message.text
    assert "<" not in message.markdown
    assert not _elements(message.blocks) & {"user", "usergroup", "broadcast", "channel"}


def _mark_up(value: Any) -> list[str]:
    """Texts that Slack reads as mark-up."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [t for inner in value.values() for t in _mark_up(inner)]
    return [t for inner in value for t in _mark_up(inner)] if isinstance(value, list) else []


def _elements(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(value.get("type"))}.union(*(_elements(inner) for inner in value.values()))
    return set().union(*map(_elements, value)) if isinstance(value, list) else set()


def _table(count: int, **fields: Any) -> Answer:
    return Answer(
        status=Status.ANSWERED,
        kind=AnswerKind.ENTITIES,
        text="x",
        interpretation=Interpretation(text="x", as_of=NOW),
        results=tuple(
            Result(
                ref=f"component:default/c{n}",
                kind="Component",
                title=f"C{n}",
                fields={"tier": n, **fields},
            )
            for n in range(count)
        ),
        total=count,
    )


@pytest.mark.parametrize("first", range(0, 200, PAGE))
def test_every_row_is_on_one_page(first: int) -> None:
    answer = _table(200)
    shown = json.dumps(answer_message(answer, Frame(id="x", first=first)).blocks)
    assert [n for n in range(200) if f'"C{n}"' in shown] == list(range(first, first + PAGE))


def test_a_column_that_says_nothing_takes_no_room() -> None:
    assert columns(_table(5, type="service", empty=None)) == ["tier"]


@given(st.text())
def test_any_text_is_a_question(text: str) -> None:
    question = question_of(text)
    assert question == " ".join(question.split())


@given(st.text(max_size=4000))
def test_rich_text_loses_no_word(text: str) -> None:
    """Mark-up aside, every letter and digit that was said is shown, in order."""
    plain = "".join(c for c in text if c.isalnum())
    if any(mark in text for mark in "`[*~#-+"):
        return
    shown = "".join(e["text"] for part in rich(text) for e in _texts(part))
    assert "".join(c for c in shown if c.isalnum()).startswith(plain[:2700])


def _texts(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        e for inner in part["elements"] for e in (_texts(inner) if "elements" in inner else [inner])
    ]


@given(st.text())
def test_what_is_streamed_mentions_nobody(text: str) -> None:
    assert "<" not in streamed(text, 12_000)
