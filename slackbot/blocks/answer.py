"""An answer as one Slack message: sentence, how it was read, its conditions as buttons, rows or passage, sources, ways on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from assistant.answer import Answer, AnswerKind, Status
from slackbot.blocks.limits import (
    Block,
    actions,
    button,
    clip,
    confirmed,
    context,
    label,
)
from slackbot.blocks.message import Message
from slackbot.blocks.parts import (
    PAGE,
    is_table,
    others,
    quoted,
    sources,
    table_of,
)
from slackbot.text import rich, rich_block

CHIPS, OPTIONS, ALTERNATIVES, SUGGESTIONS = 6, 10, 2, 3
"""Most buttons of each sort; beyond these a message becomes a menu."""

HINT = "Write “help” to see what I can answer."

SMALL_PRINT = 700
"""Characters of a line below an answer; what is longer, nobody reads there."""

_LISTED = re.compile(r" — \*\*[^*]+\*\*(?:(?:, | and )\*\*[^*]+\*\*)*(?: and [\d,]+ more)?(?=\.)")
"""` — **Ledger**, **Basket** and 33 more.`: names that the table below repeats."""

_SAID_AGAIN = re.compile(r": (?:[^;:]+: [^;]+; )+and [\d,]+ more\.")
""": Payments: 13; Identity: 6; and 24 more.`: groups that the table below repeats."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a question can be handed to: a team and the channel it is read in."""

    title: str
    channel: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a message needs beside the answer.

    Attributes:
        id: of the answer; what its buttons carry.
        version: how often the message was edited; buttons of an older version are out of date.
        question: as asked; empty for an edited plan.
        first: the row its table begins with, from 0.
        base: address of the web page; None without one.
        owner: who can be asked; None when nobody is known.
        mentions: Slack user ids of people the answer names, by ref; set only when somebody asked to page them.
        pageable: name of who is on call and can be paged from here; None for nobody.
        shareable: it is shown to one person, who may post it to the channel.
        notes: what else the asker should know.
        feedback: whether it asks if it was right.
    """

    id: str
    version: int = 0
    question: str = ""
    first: int = 0
    base: str | None = None
    owner: Owner | None = None
    mentions: Mapping[str, str] = field(default_factory=dict)
    pageable: str | None = None
    shareable: bool = False
    notes: tuple[str, ...] = ()
    feedback: bool = True

    def value(self, index: int | str = "") -> str:
        """What a button carries: answer, version, and what was chosen."""
        return f"{self.id}.{self.version}.{index}"


def answer_message(answer: Answer, frame: Frame) -> Message:
    """The message for an answer.

    Args:
        answer: what was answered.
        frame: where and for whom it is shown.
    """
    if answer.status is Status.OUT_OF_SCOPE:  # the page would say no more
        frame = replace(frame, question="", notes=(*frame.notes, HINT))
    lead, quotation = _split(answer)
    lead = _lead(answer, lead)
    head = (rich_block(rich(lead)),)
    rest = [
        *(quoted(quotation) if quotation else ()),
        *_mentioned(answer, frame),
        *_body(answer, frame),
        *_paging(answer, frame),
        *_reading(answer, frame),
        *_chips(answer, frame),
        *_readings(answer, frame),
        *ways_on(frame),
    ]
    return Message(answer.text, head, tuple(rest), lead)


def ways_on(frame: Frame) -> list[Block]:
    """What can be done with an answer, whatever it is: pass it on, page, share, open, judge."""
    return [*_people(frame), *_feedback(frame)]


def _split(answer: Answer) -> tuple[str, str]:
    """A quotation's first line and the quotation; everything else is a sentence."""
    if answer.kind is AnswerKind.PASSAGES and answer.status is Status.ANSWERED:
        lead, _, quotation = answer.text.partition("\n\n")
        return lead, _without_heading(quotation, lead)
    return answer.text, ""


def _without_heading(quotation: str, lead: str) -> str:
    """A quotation without the heading that the line above it names already."""
    first, _, rest = quotation.partition("\n")
    heading = first.lstrip("#").strip()
    return rest.lstrip("\n") if first.startswith("#") and f"› {heading} [" in lead else quotation


def _lead(answer: Answer, text: str) -> str:
    if not is_table(answer):
        return text
    return _SAID_AGAIN.sub(".", _LISTED.sub("", text, count=1), count=1)


def _mentioned(answer: Answer, frame: Frame) -> list[Block]:
    users = [frame.mentions[r.ref] for r in answer.results if r.ref in frame.mentions]
    if not users:
        return []
    elements: list[Block] = [{"type": "text", "text": "Paging "}]
    elements += [{"type": "user", "user_id": user} for user in users[:1]]
    return [rich_block([{"type": "rich_text_section", "elements": elements}])]


def _body(answer: Answer, frame: Frame) -> list[Block]:
    if answer.kind is AnswerKind.PASSAGES:
        return others(answer.passages[1:], frame.base)
    body = table_of(answer, frame.first, frame.base) if is_table(answer) else []
    if answer.passages and not is_table(answer):
        first = answer.passages[0]
        heading = f"**{first.heading or first.title}**\n"
        body += quoted(heading + first.text)
        body += others(answer.passages[1:], frame.base)
    return body


def _reading(answer: Answer, frame: Frame) -> list[Block]:
    read = answer.interpretation
    understood = answer.status not in (Status.OUT_OF_SCOPE, Status.UNKNOWN_NAME)
    lines = [f"Read as: {read.text}"] if read.text and understood else []
    if read.unused:
        lines.append("Not used: " + ", ".join(f"“{u.text}”" for u in read.unused))
    if read.assumptions:
        lines.append("Assuming " + "; ".join(read.assumptions))
    small = context(*(clip(line, SMALL_PRINT) for line in lines), *frame.notes)
    return [
        *small,
        *sources(answer.citations, frame.base, rows=_count(answer), said_in=answer.text),
    ]


def _chips(answer: Answer, frame: Frame) -> list[Block]:
    if answer.status not in (Status.ANSWERED, Status.EMPTY):
        return []
    made = []
    for index, chip in enumerate(answer.interpretation.chips):
        if chip.remove is not None:
            pressed = button(f"Remove: {chip.label}", f"chip.{index}", frame.value(index))
            pressed["accessibility_label"] = label(f"Ask again without: {chip.label}")["text"]
            made.append(pressed)
    return actions(f"chips.{frame.version}", made[:CHIPS])


def _count(answer: Answer) -> int:
    return len(answer.rows) if answer.rows else answer.total


def _paging(answer: Answer, frame: Frame) -> list[Block]:
    if not is_table(answer):
        return []
    total = _count(answer)
    made = []
    if frame.first > 0:
        before = max(frame.first - PAGE, 0)
        made.append(button("◀ Previous", "page.prev", frame.value(before)))
    last = min(frame.first + PAGE, total)
    if last < total:
        made.append(button(f"Next {min(PAGE, total - last)} ▶", "page.next", frame.value(last)))
    if total > PAGE:
        made.append(button(f"All {total:,} as a file", "csv", frame.value()))
    where = f"{frame.first + 1:,}–{last:,} of {total:,}" if total > PAGE else ""
    return [*context(where), *actions(f"paging.{frame.version}", made)]


def _readings(answer: Answer, frame: Frame) -> list[Block]:
    refused = answer.status in (Status.AMBIGUOUS, Status.UNKNOWN_NAME)
    most = OPTIONS if refused else ALTERNATIVES
    options = [
        button(option.label if refused else f"Or: {option.label}", f"option.{i}", frame.value(i))
        for i, option in enumerate(answer.options)
        if option.plan is not None or option.question is not None
    ]
    asks = [
        button(text, f"suggest.{i}", frame.value(i)) for i, text in enumerate(answer.suggestions)
    ]
    return [
        *actions(f"options.{frame.version}", options[:most]),
        *actions(f"next.{frame.version}", asks[:SUGGESTIONS]),
    ]


def _people(frame: Frame) -> list[Block]:
    made = []
    if frame.pageable:
        made.append(
            confirmed(
                button(f"Page {frame.pageable}", "pager", frame.value()),
                title=f"Page {frame.pageable}?",
                text=f"This mentions {frame.pageable} here, with your name, and Slack notifies them.",
                yes="Page them",
            )
        )
    if frame.shareable:
        made.append(button("Share in this channel", "share", frame.value()))
    if frame.owner is not None:
        asked = frame.owner
        made.append(
            confirmed(
                button(f"Ask {asked.title}", "owner", frame.value()),
                title=f"Ask {asked.title}?",
                text=f"This posts your question to {asked.channel}, with your name and a link to this message.",
                yes="Post it",
            )
        )
    if frame.base and frame.question:
        url = f"{frame.base}/?q={quote(clip(frame.question, 500))}"
        made.append(button("Open in browser", "open", url=clip(url, 3000)))
    return actions(f"people.{frame.version}", made)


def _feedback(frame: Frame) -> list[Block]:
    if not frame.feedback:
        return []
    element = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {
            "text": label("Right"),
            "value": frame.value("right"),
            "accessibility_label": "This answer is right",
        },
        "negative_button": {
            "text": label("Wrong"),
            "value": frame.value("wrong"),
            "accessibility_label": "This answer is wrong",
        },
    }
    return [
        {
            "type": "context_actions",
            "block_id": f"feedback.{frame.version}",
            "elements": [element],
        }
    ]
