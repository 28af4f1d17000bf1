"""Text in both directions: what people type in Slack → a question; an answer's Markdown → Slack's rich text.

Rich text elements are shown as they are. A service called `<!channel>` or `*_~` can therefore neither ping anybody nor break
the layout, which no escaping of Slack's own mark-up achieves.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from slackbot.blocks.limits import MESSAGE_TEXT, TEXT, Block, clip

_ENTITY = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
"""Slack's own mark-up: <@U012>, <#C012|payments>, <!subteam^S012|@payments>, <https://…|label>."""

_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})

_INLINE = re.compile(
    r"\*\*(.+?)\*\*|`([^`\n]+)`|\[([^\]\n]+)\]\(((?:https?://|/|#)[^)\s]*)\)"
    r"|(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"
)
"""**bold**, `code`, [links](…) and *emphasis* in an answer's Markdown."""

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)$")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})")
_NEW_LINE = re.compile(r"\s*(?:\d+[.)]\s|\|)|\s*$")
"""Lines of a paragraph that stay lines: numbered steps, rows of tables."""


def question_of(text: str, *, me: str | None = None, names: Mapping[str, str] | None = None) -> str:
    """What somebody asked, without Slack's mark-up.

    Args:
        text: a message's text.
        me: the bot's user id; its mention is no part of the question.
        names: what mentions of people, channels and user groups stand for, by Slack id.

    >>> question_of("<@U1> who owns <https://x.example|checkout> &amp; <#C1|payments>?", me="U1")
    'who owns checkout & payments?'
    """
    known = names or {}

    def named(match: re.Match[str]) -> str:
        sign, target, shown = match.groups()
        if sign == "@":
            return "" if target == me else known.get(target) or shown or target
        if sign == "#":
            return known.get(target) or shown or target
        if sign == "!":
            handle = target.removeprefix("subteam^")
            return known.get(handle) or (shown or "").lstrip("@")
        return shown or target

    plain = html.unescape(_ENTITY.sub(named, text)).translate(_QUOTES)
    return " ".join(plain.split())


def mentioned(text: str) -> dict[str, list[str]]:
    """Slack ids that a message mentions, by "user", "channel" and "group".

    >>> mentioned("<@U1> ask <!subteam^S9|@payments> in <#C3|pay>")
    {'user': ['U1'], 'channel': ['C3'], 'group': ['S9']}
    """
    found: dict[str, list[str]] = {"user": [], "channel": [], "group": []}
    for sign, target, _ in _ENTITY.findall(text):
        if sign == "@":
            found["user"].append(target)
        elif sign == "#":
            found["channel"].append(target)
        elif target.startswith("subteam^"):
            found["group"].append(target.removeprefix("subteam^"))
    return found


_ASKS = re.compile(
    r"\?\s*$|^(?:and|what|who|whom|whose|which|where|when|why|how|is|are|does|do|did|has|have|list|show|only|without|"
    r"in|for|of|runbook|oncall|on call)\b",
    re.IGNORECASE,
)
_SHORT_WORDS = 12


def looks_asked(text: str) -> bool:
    """Whether a thread message that mentions nobody reads like a question or a follow-up, and not like people talking.

    >>> looks_asked("and booking?"), looks_asked("thanks, I will have a look at it tomorrow")
    (True, False)
    """
    found = mentioned(text)
    if found["user"] or found["group"]:
        return False
    question = question_of(text)
    words = len(question.split())
    return bool(_ASKS.search(question)) and 0 < words <= (_SHORT_WORDS * 3)


_PAGE = re.compile(
    r"^(?:please\s+|can you\s+|could you\s+)*(?:page|ping|notify|alert)\s+(?:the\s+)?"
    r"(?:on[- ]?call(?:er)?|whoever(?:'s| is) on call|who is on call|somebody|someone)?\s*(?:for|of|from|at)?\s*(?:the\s+)?(.+?)[.!?]*$",
    re.IGNORECASE,
)


def paged(question: str) -> str | None:
    """The question whose answer is the people to page, when somebody asks to page them; None otherwise.

    >>> paged("page the on-call for ledger!"), paged("who is on call for ledger?")
    ('who is on call for ledger', None)
    """
    match = _PAGE.match(question)
    return f"who is on call for {match[1]}" if match else None


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, most: int = TEXT) -> str:
    """Text that Slack's mark-up reads as plain words: nothing in it can mention or link.

    Args:
        text: any.
        most: characters of the result; what is longer is shortened, never within an escape.

    >>> escaped("<!channel> & co"), escaped("&&&", 11)
    ('&lt;!channel&gt; &amp; co', '&amp;&amp;…')
    """
    made: list[str] = []
    room = most
    for position, character in enumerate(text):
        piece = _ESCAPES.get(character, character)
        last = position == len(text) - 1
        if len(piece) > room - (0 if last else 1):
            return "".join(made).rstrip() + "…"
        made.append(piece)
        room -= len(piece)
    return "".join(made)


def plain(markdown: str, most: int = MESSAGE_TEXT) -> str:
    """An answer in one plain text, for notifications and screen readers; escaped."""
    text = _INLINE.sub(lambda m: m[1] or m[2] or m[3] or m[5], markdown)
    return escaped(text.strip(), most) or "–"


def streamed(markdown: str, most: int) -> str:
    """An answer's Markdown for the streaming API, with nothing in it that could mention anybody."""
    return clip(markdown, most // 4).replace("<", "&lt;")


def inline(markdown: str) -> list[Block]:
    """Rich text elements of one paragraph.

    >>> inline("Owner: **Payments** [1]")
    [{'type': 'text', 'text': 'Owner: '}, {'type': 'text', 'text': 'Payments', 'style': {'bold': True}}, {'type': 'text', 'text': ' [1]'}]
    """
    made: list[Block] = []
    end = 0
    for match in _INLINE.finditer(markdown):
        if match.start() > end:
            made.append(_words(markdown[end : match.start()]))
        bold, code, shown, url, emphasis = match.groups()
        if bold is not None:
            made.append(_words(bold, bold=True))
        elif emphasis is not None:
            made.append({"type": "text", "text": emphasis, "style": {"italic": True}})
        elif code is not None:
            made.append({"type": "text", "text": code, "style": {"code": True}})
        elif url.startswith("http"):
            made.append({"type": "link", "url": clip(url, TEXT), "text": shown})
        else:
            made.append(_words(shown))
        end = match.end()
    if end < len(markdown):
        made.append(_words(markdown[end:]))
    return made


def _words(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def rich(markdown: str, *, most: int = TEXT) -> list[Block]:
    """Rich text parts (sections, lists, preformatted) of some Markdown, at most `most` characters in all.

    Headings turn bold; code keeps its lines; everything else keeps its words.
    """
    # A line end is put behind each paragraph, so some room is left.
    parts = list(_parts(clip(markdown.strip(), most - most // 20)))
    return parts or [{"type": "rich_text_section", "elements": [_words("–")]}]


def rich_block(parts: Sequence[Block]) -> Block:
    """A rich text block."""
    return {"type": "rich_text", "elements": list(parts)}


def _parts(markdown: str) -> Iterator[Block]:
    paragraph: list[str] = []
    bullets: list[Block] = []
    lines = iter(markdown.splitlines())
    for line in lines:
        fence, bullet = _FENCE.match(line), _BULLET.match(line)
        if fence is None and bullet is not None:
            yield from _section(paragraph)
            paragraph = []
            bullets.append({"type": "rich_text_section", "elements": inline(bullet[1])})
            continue
        if bullets and line.strip():
            yield _list(bullets)
            bullets = []
        if fence is not None:
            yield from _section(paragraph)
            paragraph = []
            code = "\n".join(_until(lines, fence[2], indent=len(fence[1])))
            if code.strip():
                yield {"type": "rich_text_preformatted", "elements": [_words(code)]}
        elif heading := _HEADING.match(line):
            yield from _section(paragraph)
            paragraph = [f"**{heading[1]}**" if "**" not in heading[1] else heading[1], ""]
        elif paragraph and paragraph[-1] and not _NEW_LINE.match(line):
            paragraph[-1] += " " + line.strip()  # one sentence, broken for the eyes of an editor
        elif line.strip() or not (paragraph and paragraph[-1] == ""):
            paragraph.append(line.strip())
    yield from _section(paragraph)
    if bullets:
        yield _list(bullets)


def _until(lines: Iterator[str], fence: str, *, indent: int) -> Iterator[str]:
    for line in lines:
        if line.strip().startswith(fence):
            return
        yield line[indent:] if not line[:indent].strip() else line


def _section(paragraph: Sequence[str]) -> Iterator[Block]:
    text = "\n".join(paragraph).strip("\n")
    text = re.sub(r"^(\*\*[^\n]+\*\*)\n{2,}", r"\1\n", text)
    if text.strip():
        yield {"type": "rich_text_section", "elements": inline(text + "\n")}


def _list(bullets: Sequence[Block]) -> Block:
    kept = [b for b in bullets if b["elements"]] or [
        {"type": "rich_text_section", "elements": [_words("–")]}
    ]
    return {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": kept}
