"""What several clauses of one message say: what is told first, and what is asked of it.

"We're seeing 500s from checkout since this morning, who owns it and is there a runbook?" tells once and asks twice. Only
messages whose whole is not understood are cut up, and what only tells stays the setting: it restricts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HARD = re.compile(r"[.!?;\n…]+(?:\s+|$)|\s+[-–—]+\s+|:\s+|\s+\(|\)\s*")
"""Marks that end a clause: a full stop inside of "v2.1" does not."""

_OPENER = (
    r"(?:by\s+whom?|who|whom|whose|what|whats|what's|where|wheres|where's|when|how|hows|how's|why|which)\b|(?:is|are|was|were|do|does|did|has|have)"
    r"\s+(?:it|its|that|this|they|there|we|anyone|anybody|someone|somebody)\b|(?:can|could|should)\s+(?:i|we|someone|somebody|anyone)\b"
    r"|any\s+(?:idea|ideas|clue|pointers?)\b|(?:anyone|anybody|someone|somebody)\s+knows?\b"
)
_SOFT = re.compile(
    rf"(?:\s*,\s*(?:(?:and|so|but|also|then|or)\s+)?|\s+(?:and|so|but|also|then)\s+)(?=(?:also\s+|then\s+)?(?:{_OPENER}))",
    re.IGNORECASE,
)
"""Before these openers a comma or an "and" ends a clause."""

_BARE = re.compile(
    r"\s+(?=(?:whom?|what|how|where)\s+(?:do|does|should|can|could|must|to|owns|now)\b)",
    re.IGNORECASE,
)
"""Where a question follows what is told without any mark: "checkout is on fire whom do I wake"."""

_DESCRIBES = re.compile(r"what(?:'?s|\s+(?:is|are|was|does|do|did))\b", re.IGNORECASE)

_RELAYED = re.compile(
    r"\b(?:asking|wondering|asks|asked|wonders|wondered|(?:wants?|wanted|needs?|needed|like|likes|love|trying) to (?:know|learn|find out|understand|see))"
    r"(?:\s+(?:me|us|around|again|about|here))*\s+(?=(?:who|whom|whose|what|when|where|which|how|why)\b)",
    re.IGNORECASE,
)
"""Where somebody else's question begins: "the auditor is asking when it was last tested"."""

_KNOWING = frozenset(
    "know knows tell me us idea remember remind say says see show sure wonder wondering understand explain ask check find of about on to for by with from".split()
)
"""Words after which a question is their object, and no new clause."""

_LEADS = re.compile(
    r"^(?:(?:and|so|but|also|then|ok|okay|please|pls|plz|hey|hi|btw|anyway|or|well)[\s,]+)+",
    re.IGNORECASE,
)

_ASKS = re.compile(
    rf"^(?:{_OPENER}|(?:is|are|was|were|do|does|did|has|have|can|could|will|would)\s)",
    re.IGNORECASE,
)

_TELLS = re.compile(
    r"\b(?:is|are|am|was|were|isn't|isnt|aren't|arent|wasn't|has|have|had|got|gets|keeps?|went|goes|see|sees|seeing|saw|says|broke|died|stopped|failed"
    r"|fails|failing|started|cannot|can't|cant|won't|wont|doesn't|doesnt|don't|dont)\b|\w'(?:s|re|m|ve)\b",
    re.IGNORECASE,
)
"""A finite verb: something is told."""

_EMPTY = frozenset(
    """hi hey hello hiya yo morning afternoon evening good all team folks everyone everybody guys people there quick quickly one two three question
    questions q thing things couple of a some sorry thanks thank you thx cheers please pls plz help urgent asap so ok okay just fyi heads up new here
    again hope everybody's well is i'm im i""".split()
)
"""Words of which a greeting or an announcement is made."""

_THOSE = frozenset("those these they them their".split())
_PRONOUNS = frozenset("it its that this they them their those these he she".split())

_ACTING = re.compile(
    r"^(?:what|wat)(?:'s)?\s+(?:do|should|can|must|shall|would|to|now|next)\b(?:\s+(?:i|we|you|to))*(?:\s+(?:do|try|check|first|now|next|here|about (?:it|that|this)))*$"
    r"|^(?:whom?)\s+(?:do|should|can|must|to)\s*(?:i|we)?\s*(?:wake|call|page|ping|ring|alert|escalate to|get)(?:\s+(?:up|now|first|for (?:it|that|this)))*$"
    r"|^how\s+(?:do|can|should|to)\s*(?:i|we|you)?\s*(?:fix|solve|mitigate|stop|handle|recover|resolve)(?:\s+(?:it|this|that|from (?:it|this|that)|these|them))?$"
    r"|^any\s+(?:idea|ideas|clue|pointers?)(?:\s+(?:what to do|how to fix (?:it|this|that)|where to start|why))?$"
    r"|^(?:does\s+)?(?:anyone|anybody|someone|somebody)\s+knows?\s+(?:what to do|how to fix (?:it|this|that)|a fix)$|^help$|^now what$",
    re.IGNORECASE,
)
"""Asks for help with what was told, and names nothing itself."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a message.

    Attributes:
        text: as typed, without what joins it to the one before.
        start: offset in the message.
        asks: it is a question; else it only tells.
        acts: it asks for help with what was told.
        marked: a question mark ends it.
    """

    text: str
    start: int
    asks: bool = False
    acts: bool = False
    marked: bool = False

    @property
    def leans(self) -> bool:
        """Whether a pronoun stands for what it is about."""
        return not _PRONOUNS.isdisjoint(re.findall(r"[\w]+", self.text.lower()))

    @property
    def whole(self) -> bool:
        """Whether it is a question of its own: "who owns it", "by whom"; a mere "when" goes with the clause before."""
        words = self.text.lower().split()
        return self.asks and len(words) > 1 and words[0] != "which"

    @property
    def points(self) -> bool:
        """Whether it asks about several things told before: "which teams are those"."""
        return not _THOSE.isdisjoint(re.findall(r"[\w]+", self.text.lower()))

    @property
    def describes(self) -> bool:
        """Whether it asks what something is or does."""
        return _DESCRIBES.match(self.text) is not None

    @property
    def tells(self) -> bool:
        """Whether it is a sentence; "requests per second on checkout" only names what is then asked of."""
        return _TELLS.search(self.text) is not None

    @property
    def empty(self) -> bool:
        """Whether it greets or announces, and tells nothing."""
        return not self.asks and all(w in _EMPTY for w in re.findall(r"[\w']+", self.text.lower()))


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a message, in their order.

    >>> [c.text for c in clauses("hey team - checkout is down, who owns it and is there a runbook?")]
    ['team', 'checkout is down', 'who owns it', 'is there a runbook']
    >>> [c.text for c in clauses("who owns checkout and the ledger?")]
    ['who owns checkout and the ledger']
    >>> [c.text for c in clauses("an auditor is asking when the ledger was last tested")]
    ['an auditor is asking', 'when the ledger was last tested']
    """
    found: list[Clause] = []
    for start, end, marked in _pieces(text):
        for first, last in _parts(text, start, end):
            clause = _clause(text, first, last, marked and last == end)
            if clause is not None:
                found.append(clause)
    return tuple(found)


def _pieces(text: str) -> list[tuple[int, int, bool]]:
    """What stands between marks, as offsets, and whether a question mark ends it."""
    out, start = [], 0
    for match in _HARD.finditer(text):
        out.append((start, match.start(), "?" in match.group()))
        start = match.end()
    out.append((start, len(text), False))
    return [piece for piece in out if text[piece[0] : piece[1]].strip()]


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [(m.start(), m.end()) for m in _SOFT.finditer(text, start, end)]
    cuts += [
        (m.start(), m.end())
        for m in _BARE.finditer(text, start, end)
        if _TELLS.search(text, start, m.start())
        and not _ASKS.match(_LEADS.sub("", text[start : m.start()].strip()))
        and (re.findall(r"[\w']+", text[start : m.start()].lower()) or ["me"])[-1] not in _KNOWING
    ]
    cuts += [(m.end() - 1, m.end()) for m in _RELAYED.finditer(text, start, end)]
    out, first = [], start
    for at, after in sorted(cuts):
        if at > first and text[first:at].strip():
            out.append((first, at))
            first = after
    return [*out, (first, end)]


def _clause(text: str, start: int, end: int, marked: bool) -> Clause | None:
    said = text[start:end]
    lead = _LEADS.match(said.lstrip())
    start += len(said) - len(said.lstrip()) + (lead.end() if lead is not None else 0)
    said = text[start:end].strip(" ,\t\n")
    if not said:
        return None
    acts = _ACTING.match(said) is not None
    asks = marked or acts or _ASKS.match(said) is not None
    return Clause(said, start, asks=asks, acts=acts, marked=marked)


def told(parts: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses that only tell, greetings left out."""
    return tuple(c for c in parts if not c.asks and not c.empty)
