"""What the bot says on its own behalf: refusals, apologies, help. Plain, short, and always with a next step."""

from __future__ import annotations

from slackbot.blocks.limits import Block, button, clip, context
from slackbot.blocks.message import Message, told

EXAMPLES = (
    "who owns checkout?",
    "services owned by payments that were not deployed in 60 days",
    "who is on call for the ledger?",
    "runbook for HighErrorRate",
)

GREETINGS = frozenset(("", "help", "hi", "hello", "hey"))
"""What is answered with how to ask."""

HELP = (
    "Ask about your software catalog in plain words: owners, dependencies, deployments, incidents, who is on call, docs and "
    "runbooks. For example:\n"
    + "\n".join(f"- {example}" for example in EXAMPLES)
    + "\n\nMention me in a channel and I answer in a thread; `/callboard QUESTION` answers only you; here you can write to me "
    "directly. Every answer says how it was read and where it was written; the buttons below it change the reading."
)


def help_message(note: str = "") -> Message:
    """How to ask."""
    return told(HELP, *context(note))


def outside(*, shared: bool) -> Message:
    """Refused: people of other organisations would read it."""
    where = "in channels shared with other organisations" if shared else "questions of guests"
    return told(
        f"I do not answer {where}, since the catalog is internal. Ask me in a direct message, or with "
        "`/callboard` in a channel of your own organisation."
        if shared
        else f"I do not answer {where}, since the catalog is internal."
    )


def unsure(trouble: str) -> Message:
    """Refused: nobody knows who would read it."""
    return told(
        "I could not find out who reads this channel, so I did not answer in it. Ask me in a direct message.",
        *context(f"Slack said {trouble}"),
    )


def apology(reference: str) -> Message:
    """Something broke; the log holds the rest."""
    return told(
        f"Something went wrong on my side, and I could not answer. Ask again; if it goes on, tell whoever runs Callboard "
        f"this reference: `{reference}`."
    )


def too_slow() -> Message:
    """It took too long."""
    return told(
        "That took longer than a minute, so I stopped. Ask for less: one team, one service."
    )


def malformed(reason: str) -> Message:
    """The question itself is at fault."""
    return told(f"I could not read that: {reason}.")


def late() -> Message:
    """The bot was away."""
    return told(
        "I was not running when you asked this, and what I would say may no longer be what you need. Ask again and I answer."
    )


def too_old() -> Message:
    """A button of a message nobody remembers."""
    return told("That message is too old to be changed. Ask the question again.")


def out_of_date() -> Message:
    """A button of what a message showed before."""
    return told("That message has changed since. Use the buttons it shows now.")


def offer(value: str) -> Message:
    """The asker may see more than the channel."""
    return told(
        "Not everybody in this channel may see all that you may. Shall I answer you privately?",
        {
            "type": "actions",
            "block_id": "offer",
            "elements": [button("Answer me privately", "private", value, style="primary")],
        },
    )


def handed_over(title: str, channel: str, link: str | None) -> Message:
    """The owner was asked."""
    where = f"[{channel}]({link})" if link else channel
    return told(f"{title} has been asked in {where}.")


def question_for(title: str, question: str, asker: str, link: str | None, read: str) -> Message:
    """The question as the owning team reads it; `asker` is a Slack user id."""
    elements: list[Block] = [
        {"type": "user", "user_id": asker},
        {"type": "text", "text": f" has a question for {clip(title, 200)}:"},
    ]
    asked = {"type": "text", "text": clip(question, 2000)}
    quote: Block = {"type": "rich_text_quote", "elements": [asked]}
    parts: list[Block] = [{"type": "rich_text_section", "elements": elements}, quote]
    if link:
        parts.append(
            {
                "type": "rich_text_section",
                "elements": [{"type": "link", "url": link, "text": "What Callboard answered"}],
            }
        )
    said = f"A question for {title}: {question}"
    return Message(said, ({"type": "rich_text", "elements": parts},), tuple(context(read)))


def page_call(who: str, asker: str, about: str) -> Message:
    """Somebody on call is wanted; `who` and `asker` are Slack user ids."""
    elements: list[Block] = [
        {"type": "user", "user_id": who},
        {"type": "text", "text": " you are on call, and "},
        {"type": "user", "user_id": asker},
        {"type": "text", "text": " asks for you."},
    ]
    block: Block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }
    return Message("You are on call, and somebody asks for you.", (block,), tuple(context(about)))


def reason_modal(value: str) -> Block:
    """Asks what was wrong; nothing has to be filled in."""
    plain = {"type": "plain_text", "emoji": False}
    return {
        "type": "modal",
        "callback_id": "reason",
        "private_metadata": value,
        "title": plain | {"text": "What was wrong?"},
        "submit": plain | {"text": "Send"},
        "close": plain | {"text": "Skip"},
        "blocks": [
            {
                "type": "input",
                "block_id": "reason",
                "optional": True,
                "label": plain | {"text": "What should it have said?"},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "reason",
                    "multiline": True,
                    "max_length": 3000,
                },
            }
        ],
    }
