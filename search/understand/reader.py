"""The whole understanding of one question: words, frame, mentions, composition, ranked readings, what was left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog_store.analyzer import Token, stem, tokenize
from catalog_store.model import kinds as k
from catalog_store.model.measures import MEASURES, definition_of
from search.plan import Plan, Retrieve
from search.understand import words
from search.understand.asides import aside, linking
from search.understand.calendar_words import UNITS, number_of
from search.understand.clauses import clauses, only, only_at
from search.understand.cuts import cuts
from search.understand.finish import finish
from search.understand.follow_up import (
    Carried,
    another_name,
    asks_by_whom,
    by_whom,
    carry,
    corrected,
    counted,
    opens,
    pointed_at,
    prefix,
    pronoun_mentions,
    restated,
    rewindowed,
    substituted,
    substitutes,
    thanks,
)
from search.understand.frame import Frame, read_frame
from search.understand.heads import head_of, lacked
from search.understand.identity import Asker, asking_of_oneself, mine_mentions, stranger
from search.understand.lexicon import Lexicon
from search.understand.mentions import mentions_of, read_words
from search.understand.orders import outside
from search.understand.parser import Chart, clause_of, compose
from search.understand.reading import Reading
from search.understand.semantics import Ahead, Candidate, Condition, Item, SetOf, Skip, Time
from search.understand.spans import Mention, Word, item_of, mention_of
from search.understand.time_words import DAY_PARTS
from search.understand.versus import versus

MAX_WORDS = 60
"""Words of a question that are read; the rest is listed as unused."""

_PLACE = "PLACE"

LEFT_OVER = 0.9
"""Charged for each content word a reading does not use."""

KEPT = 12
"""Readings handed on."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was made of a question.

    Attributes:
        tokens: its words, with offsets.
        frame: the sort of question.
        readings: structured readings, best first, with what they left over counted in.
        retrieve: the same question put to the pages.
        about: things named in the question, most certain first.
        named: of these, the things it calls by their whole name.
        corrected: misspelt word → what it was taken for.
        spelled: the words as read, one a token.
        unknown_words: positions of words nothing knows.
        aside: small talk before the question, as typed; its words are in none of the above.
        leans: it opens like a continuation of what was asked before.
        pointed_at: things that its pronouns stand for, by name.
    """

    tokens: tuple[Token, ...]
    frame: Frame
    readings: tuple[Reading, ...]
    retrieve: Retrieve
    about: tuple[str, ...]
    named: tuple[str, ...]
    corrected: tuple[tuple[str, str], ...]
    spelled: tuple[str, ...]
    unknown_words: frozenset[int]
    aside: str = ""
    leans: bool = False
    pointed_at: tuple[Candidate, ...] = ()

    def in_compound(self, i: int) -> bool:
        """Whether a word is part of a hyphenated one."""
        return self.tokens[i].joined or (i + 1 < len(self.tokens) and self.tokens[i + 1].joined)

    def left_over(self, mask: int) -> list[int]:
        """Positions of content words that a reading with this mask does not use."""
        return [
            i
            for i in range(len(self.tokens))
            if not mask >> i & 1 and i not in self.frame.taken and self._says(i)
        ]

    def _says(self, i: int) -> bool:
        return i in self.frame.weighty or content_at(self.tokens, i)


_HOUR = re.compile(r"\d{1,2}(?:am|pm)")
""" "It's 3am and …": when it is asked, not what."""


def is_content(token: Token) -> bool:
    """Whether leaving the word out may change what was asked."""
    return not (
        _HOUR.fullmatch(token.text)
        or token.text in words.POLITE
        or token.text in words.WH
        or token.text in words.DOWN
        or token.text in ("and", "but", "or", "by", "per", "each", "now", "also")
    )


def content_at(tokens: Sequence[Token], i: int) -> bool:
    """Whether leaving out the word at `i` may change what was asked; "fail to deploy" denies, "if it fails" does not."""
    denies = (
        tokens[i].text.startswith("fail") and i + 1 < len(tokens) and tokens[i + 1].text == "to"
    )
    counts = tokens[i].text == "times" and i > 0 and number_of(tokens[i - 1].text) is not None
    aged = tokens[i].text == "old" and i > 0 and tokens[i - 1].text in UNITS
    called = (
        tokens[i].text == "a" and i + 1 == len(tokens) and i > 0
    )  # "team a": a name of one letter
    return denies or called or (is_content(tokens[i]) and not counts and not aged)


_DEFINED = re.compile(
    "|".join(
        rf"\({re.escape(definition_of(m, _PLACE)).replace(_PLACE, '[^()]*')}\)" for m in MEASURES
    )
)
"""What a reading says in brackets of a measure: the reading may be asked again as it stands."""


def read_question(
    text: str,
    lexicon: Lexicon,
    *,
    now: datetime,
    asker: Asker | None = None,
    previous: Plan | None = None,
) -> Understanding:
    """Read a question.

    Args:
        text: as typed; only the first `MAX_WORDS` words are read.
        lexicon: the words of one snapshot.
        now: what "today" is.
        asker: who "I" is; None when nobody knows.
        previous: the plan of the answer before, for follow-ups.
    """
    text = _DEFINED.sub(lambda said: " " * len(said[0]), text)
    tokens = _excluded_last(text, _with_percent(text, tokenize(text))[:MAX_WORDS])
    read, frame, found_first = _first_look(text, tokens, lexicon, now)
    talk = aside(text, tokens, found_first)
    put_right = corrected(tokens[talk:])
    talk += put_right
    opening = text[: tokens[talk].start].strip() if talk else ""
    if talk:
        tokens = tokens[talk:]
        read, frame, found_first = _first_look(text, tokens, lexicon, now)
    frame = _placed(frame, read, found_first)
    carried = carry(previous, lexicon) if previous is not None else None
    leans = bool(put_right) or opens(read) or substitutes(read)
    mentions = found_first + mine_mentions(read, asker, found_first)
    mentions += pronoun_mentions(read, carried)
    mentions += [*clauses(read, mentions, frame), *only(read, mentions, frame)]
    frame = replace(frame, outside=_outside(tokens, mentions))
    opposed = versus(text, tokens, mentions, now, lambda side: _whole(side, lexicon, now, asker))
    before = prefix(read, carried)
    readings: dict[object, Reading] = {}
    names = _whole_names(mentions)
    chart = Chart(clause_of(frame.head, frame.verb))
    found = cuts(mentions, read, frame)
    for cut in found:
        _add(readings, compose(cut.mentions, chart), frame, tokens, cut.penalty, now, names)
    if before is not None and (leans or _incomplete(readings, frame, tokens)):
        for cut in found:
            items = compose([before, *cut.mentions], chart)
            _add(readings, items, frame, tokens, cut.penalty, now, names)
    if carried is not None:
        for item in (i for cut in found for i in compose(cut.mentions, chart)):
            plan = _said_anew(item, carried, read, now, put_right=bool(put_right))
            if plan is not None and not _left(tokens, frame, item.mask):
                readings[plan] = Reading(plan, 50.0, item.mask)
    if thanks(read):
        readings = {}
    leaning = _leaning(carried, read, frame, mentions) if carried is not None else None
    if leaning is not None:
        readings = {leaning.plan: leaning}
    if opposed is not None:
        readings = {opposed.plan: opposed}
        frame = replace(frame, unheld=opposed.missing, how_to=False)
    me = stranger(read, asker)
    if me is not None and not frame.how_to and not frame.create:
        readings = {None: Reading(None, 0.0, 1 << me, unknown="you")}
    ranked = sorted(readings.values(), key=lambda r: -r.score)[:KEPT]
    about = _about(mentions)
    return Understanding(
        tokens,
        frame,
        tuple(ranked),
        _retrieve(_spelled(text, read)[len(opening) :], tokens, frame, lexicon, about),
        about,
        _about(mentions, WHOLE),
        tuple((w.token.text, w.text) for w in read if w.corrected),
        tuple(w.text for w in read),
        frozenset(i for i, w in enumerate(read) if not w.known),
        opening,
        leans,
        pointed_at(read, carried),
    )


_EXCLUDING = (
    "other than ",
    "except ",
    "apart from ",
    "aside from ",
    "besides ",
    "excluding ",
    "leaving aside ",
)


def _excluded_last(text: str, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """ "Other than checkout, what uses the ledger": what is left out goes behind what it is left out of."""
    comma = text.find(",")
    first = sum(1 for t in tokens if t.end <= comma)
    if not first or first == len(tokens) or not text.lower().lstrip().startswith(_EXCLUDING):
        return tokens
    return (*tokens[first:], *tokens[:first])


def _whole(text: str, lexicon: Lexicon, now: datetime, asker: Asker | None) -> Reading | None:
    """The best reading of one side of a comparison; None when some of its words have no place in it."""
    side = read_question(text, lexicon, now=now, asker=asker)
    best = next(iter(side.readings), None)
    return best if best is not None and not side.left_over(best.mask) else None


_PERCENT = re.compile(r"(?<![\d\s])\s+%(?=\s)|^\s*%(?=\s)")
""" "What % of": a word of its own; after a number, its unit."""


def _with_percent(text: str, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The words, with a "%" that stands by itself as the word it is read as."""
    signs = [match.end() - 1 for match in _PERCENT.finditer(text)]
    said = [Token("percent", stem("percent"), at, at + 1) for at in signs]
    return tuple(sorted((*tokens, *said), key=lambda token: token.start))


def _leaning(
    carried: Carried, read: Sequence[Word], frame: Frame, mentions: Sequence[Mention]
) -> Reading | None:
    """The one reading of a question that is nothing without the one before: "how many?", "by whom?", "what about checkout?"."""
    whole = (1 << len(read)) - 1
    number = counted(carried, read) if frame.count else None
    if number is not None:
        return Reading(number, 100.0, whole)
    if asks_by_whom(read):
        actor = by_whom(carried)  # whoever did it, never the owner
        named = carried.subject.names if carried.subject is not None else ()
        lacks = None if actor is not None else "by whom"
        return Reading(actor, 100.0, whole, missing=lacks, subject=named)
    names = _first_names(mentions)
    strange = another_name(carried, read) if not names else None
    if strange is not None:
        return Reading(None, 100.0, whole, unknown=strange)
    plan = substituted(carried, names) if substitutes(read) else None
    return Reading(plan, 100.0, whole) if plan is not None else None


def _first_look(
    text: str, tokens: Sequence[Token], lexicon: Lexicon, now: datetime
) -> tuple[list[Word], Frame, list[Mention]]:
    """The words, the sort of question, and everything its spans may mean to anybody who asks."""
    read = read_words(text, tokens, lexicon)
    frame = read_frame([replace(w.token, text=w.text) for w in read])
    found = mentions_of(read, frame, lexicon, now)
    return read, frame, [*found, *_references(text, read, lexicon)]


_REFERENCE = re.compile(r"\b([a-z]+):(?:([\w.-]+)/)?([\w.-]*\w)")
"""`component:default/checkout`, `group:payments`."""


def _references(text: str, read: Sequence[Word], lexicon: Lexicon) -> Iterator[Mention]:
    """Things given by their reference, as machines write it."""
    for match in _REFERENCE.finditer(text.lower()):
        kind, namespace, name = match.groups()
        known = lexicon.candidates.get(f"{kind}:{namespace or 'default'}/{name}")
        inside = [
            i
            for i, w in enumerate(read)
            if match.start() <= w.token.start and w.token.end <= match.end()
        ]
        if known is not None and inside:
            start, end = inside[0], inside[-1] + 1
            yield mention_of(start, end, [item_of(SetOf(names=(known,)), start, end, 1.3)], read)


def _placed(frame: Frame, read: Sequence[Word], found: Sequence[Mention]) -> Frame:
    """The sort of question, with what only its mentions tell: what links, what says when, what leads."""
    head = head_of(read, found, frame)
    return replace(
        frame,
        taken=frame.taken | linking(read, found),
        weighty=_dated(read, found) | asking_of_oneself(read) | only_at(read, found),
        head=head,
        asked=lacked(read, head),
    )


def _dated(read: Sequence[Word], mentions: Sequence[Mention]) -> frozenset[int]:
    """Positions of "this morning", "tonight", "over the weekend": padding by themselves, a condition together."""
    return frozenset(
        i
        for m in mentions
        if any(isinstance(item.meaning, Time | Ahead) for item in m.items)
        and any(read[i].text in DAY_PARTS for i in range(m.start, m.end))
        for i in range(m.start, m.end)
        if read[i].text in DAY_PARTS
    )


def _outside(tokens: Sequence[Token], mentions: Sequence[Mention]) -> bool:
    """Whether the question is an order, an amusement or a sum, its terms and names considered."""
    known = [m for m in mentions if any(not _unknown(i) for i in m.items)]
    terms = {m.start for m in known if m.end - m.start > 1}
    things = {
        m.start
        for m in known
        for i in m.items
        if isinstance(i.meaning, SetOf) and any(c.quality >= 0.97 for c in i.meaning.names)
    }
    people = {
        m.start
        for m in known
        for i in m.items
        if isinstance(i.meaning, SetOf) and any(c.kind == k.USER for c in i.meaning.names)
    }
    return outside([t.text for t in tokens], terms=terms, things=things, people=people)


def _unknown(item: Item) -> bool:
    return isinstance(item.meaning, Skip) or getattr(item.meaning, "unknown", None) is not None


BROKEN_NAME = 0.4
"""Charged for reading a whole name of several words as its parts: "storefront bff db" is that resource before all else."""


def _whole_names(mentions: Sequence[Mention]) -> tuple[int, ...]:
    """The words of each whole name of several words, as masks."""
    return tuple(
        ((1 << (m.end - m.start)) - 1) << m.start
        for m in mentions
        if m.end - m.start > 1
        and any(
            isinstance(i.meaning, SetOf) and any(c.quality >= 1.0 for c in i.meaning.names)
            for i in m.items
        )
    )


def _broken(reading: Reading, names: Sequence[int]) -> int:
    """How many whole names a reading takes apart; a name that another one overlaps is not its own."""
    used = [m for x, m in reading.evidence if isinstance(x, SetOf) and x.names]
    kept = [name for name in names if any(m == name for m in used)]
    return sum(
        1
        for name in names
        if reading.mask & name == name
        and name not in kept
        and not any(name & whole and whole & ~name for whole in kept)
    )


def _add(
    readings: dict[object, Reading],
    items: Sequence[Item],
    frame: Frame,
    tokens: Sequence[Token],
    penalty: float,
    now: datetime,
    names: Sequence[int],
) -> None:
    """Keep the best score of every different reading; `names` are the whole names, as masks."""
    for item in items:
        for reading in finish(item, frame, now=now):
            cost = penalty + LEFT_OVER * len(_left(tokens, frame, reading.mask))
            cost += BROKEN_NAME * _broken(reading, names)
            score = reading.score - cost
            identity = (reading.plan, reading.unknown, reading.missing)
            known = readings.get(identity)
            if known is None or score > known.score:
                readings[identity] = replace(reading, score=score)


def _said_anew(
    item: Item, carried: Carried, read: Sequence[Word], now: datetime, *, put_right: bool
) -> Plan | None:
    """The plan before with the window, the value of a field or the name that the question is nothing but."""
    meaning, plan = item.meaning, carried.plan
    if isinstance(meaning, Time) and meaning.window is not None:
        return rewindowed(plan, meaning.window, now)
    if not put_right and not opens(read) and not substitutes(read):
        return None
    anew = put_right or read[0].text == "and"
    if isinstance(meaning, SetOf) and anew and meaning.where is None:
        before = {c.kind for c in carried.subject.names} if carried.subject is not None else set()
        alike = [c for c in meaning.names if c.kind in before]
        return substituted(carried, alike) if alike else None
    return restated(plan, meaning) if isinstance(meaning, Condition) else None


def _incomplete(readings: dict[object, Reading], frame: Frame, tokens: Sequence[Token]) -> bool:
    """Whether no reading of the question alone uses all its words and says what things it is about."""
    return not any(
        r.plan is not None and not r.headless and not _left(tokens, frame, r.mask)
        for r in readings.values()
    )


def _first_names(mentions: Sequence[Mention]) -> tuple[Candidate, ...]:
    """The things that the longest name of the question may mean."""
    named = [
        (m.end - m.start, i.meaning.names)
        for m in mentions
        for i in m.items
        if isinstance(i.meaning, SetOf) and i.meaning.names and not i.meaning.pronoun
    ]
    longest = max((length for length, _ in named), default=0)
    return tuple(c for length, names in named if length == longest for c in names)


def _spelled(text: str, read: Sequence[Word]) -> str:
    """The question with its misspellings put right, for the pages."""
    out, end = [], 0
    for word in read:
        if word.corrected:
            out += [text[end : word.token.start], word.text]
            end = word.token.end
    return "".join(out) + text[end:]


def _left(tokens: Sequence[Token], frame: Frame, mask: int) -> list[int]:
    return [
        i
        for i in range(len(tokens))
        if not mask >> i & 1
        and i not in frame.taken
        and (i in frame.weighty or content_at(tokens, i))
    ]


PARTLY, WHOLE = 0.75, 0.97
"""How sure a name must be: for pages to come first, and to be what is spoken of."""


def _about(mentions: Sequence[Mention], least: float = PARTLY) -> tuple[str, ...]:
    """Things the question names wholly, the longest names first: their pages come first."""
    found: list[tuple[int, str]] = []
    for mention in mentions:
        for item in mention.items:
            if isinstance(item.meaning, SetOf):
                found += [
                    (mention.end - mention.start, c.ref)
                    for c in item.meaning.names
                    if c.quality >= least
                ]
    longest = sorted(set(found), key=lambda pair: (-pair[0], pair[1]))
    return tuple(dict.fromkeys(ref for _, ref in longest))[:6]


def _retrieve(
    text: str, tokens: Sequence[Token], frame: Frame, lexicon: Lexicon, about: tuple[str, ...]
) -> Retrieve:
    alert = next((lexicon.alerts[t.text] for t in tokens if t.text in lexicon.alerts), None)
    wants_runbook = any(t.text in ("runbook", "runbooks", "playbook") for t in tokens)
    kinds = (k.RUNBOOK,) if alert or wants_runbook else (k.TEMPLATE, k.DOC) if frame.create else ()
    return Retrieve(text=text.strip(), kinds=kinds, about=about, exact=alert)
