"""What is known about an alert somebody pointed at: its runbook, who owns the service, who is on call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer import Answer, AnswerKind
from slackbot.alerts import Alert
from slackbot.blocks.answer import Frame, ways_on
from slackbot.blocks.limits import Block, clip, context
from slackbot.blocks.message import Message, told
from slackbot.blocks.parts import quoted, sources
from slackbot.text import rich, rich_block

_MARKS = re.compile(r" \[\d+\]")
"""`[1]`: each answer counts from one, so together they would mislead."""


def alert_message(alert: Alert, answers: Sequence[Answer], frame: Frame) -> Message:
    """One message for everything that was found.

    Args:
        alert: what the message was about.
        answers: answered questions about it, most useful first; only those that found something.
        frame: as for an answer.
    """
    name = next(iter((*alert.alerts, *alert.things)), alert.title)
    said = [f"About **{clip(name, 200)}**:"]
    quotes: list[Block] = []
    for answer in answers:
        lead, _, quotation = answer.text.partition("\n\n")
        said.append(f"- {clip(_MARKS.sub('', lead).rstrip(':'), 400)}")
        if answer.kind is AnswerKind.PASSAGES and quotation:
            quotes += quoted(quotation)
        elif answer.passages:
            first = answer.passages[0]
            quotes += quoted(f"**{first.heading or first.title}**\n{first.text}")
    said += [f"- Its own runbook link: {clip(url, 300)}" for url in alert.runbooks[:2]]
    markdown = "\n".join(said)
    rest = [
        *quotes[:2],
        *sources([c for a in answers for c in a.citations[:2]], frame.base),
        *context(*frame.notes),
        *ways_on(frame),
    ]
    return Message(markdown, (rich_block(rich(markdown)),), tuple(rest))


def nothing_found(alert: Alert) -> Message:
    """The message names nothing that the catalog holds."""
    names = [*alert.alerts, *alert.things, *alert.teams]
    if not names:
        return told(
            "I found no alert, service, team or runbook named in that message. Ask in your own words: `/callboard QUESTION`."
        )
    listed = ", ".join(f"`{clip(n, 60).replace('`', '')}`" for n in names[:5])
    links = "".join(f"\n- {clip(url, 300)}" for url in alert.runbooks[:3])
    said = f"The catalog knows none of what that message names: {listed}."
    return told(said + (f" It links to a runbook itself:{links}" if links else ""))
