"""What is sent to Slack: one message, and plainer forms of it for where Slack refuses the full one."""

from __future__ import annotations

from dataclasses import dataclass

from slackbot.blocks.limits import MARKDOWN, TEXT, Block, fit, label
from slackbot.text import plain, rich, rich_block, streamed


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        said: the sentence, as the answer's Markdown; complete on its own.
        head: blocks that show the sentence.
        rest: blocks below it.
        lead: what `head` shows, as Markdown, where that is less than the sentence.
    """

    said: str
    head: tuple[Block, ...]
    rest: tuple[Block, ...] = ()
    lead: str = ""

    @property
    def text(self) -> str:
        """What notifications and screen readers are given."""
        return plain(self.said)

    @property
    def markdown(self) -> str:
        """What `head` shows, for the streaming API."""
        return streamed(self.lead or self.said, MARKDOWN)

    @property
    def blocks(self) -> list[Block]:
        """Everything, at most what one message holds."""
        return fit([*self.head, *self.rest])

    @property
    def plainer(self) -> list[Block]:
        """Only what Slack has taken since Block Kit began: sentence, small print and buttons."""
        kept = [b for b in self.rest if b["type"] in ("context", "actions")]
        return fit([{"type": "section", "text": label(self.lead or self.said, TEXT)}, *kept])

    @property
    def below(self) -> list[Block]:
        """What stands below a sentence that was streamed."""
        return fit(self.rest)


def told(markdown: str, *rest: Block) -> Message:
    """A message that only says something."""
    return Message(markdown, (rich_block(rich(markdown)),), tuple(rest))
