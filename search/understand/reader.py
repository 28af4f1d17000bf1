"""The whole understanding of one question: words, frame, mentions, composition, ranked readings, what was left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from catalog_store.analyzer import Token, tokenize
from catalog_store.model import kinds as k
from catalog_store.model.measures import MEASURES, definition_of
from search.plan import Plan, Retrieve
from search.understand.asides import aside, linking
from search.understand.clauses import clauses, only, only_at
from search.understand.cuts import cuts
from search.understand.dangling import dangling
from search.understand.down_words import down_at
from search.understand.finish import finish
from search.understand.follow_on import asked_of, dropping, regrouped, regroups_at, says_anew
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
from search.understand.named import (
    WHOLE,
    about_of,
    broken,
    first_names,
    spoken_of,
    whole_names,
)
from search.understand.numerals import in_other_words, said_in_full
from search.understand.orders import outside
from search.understand.parser import Chart, clause_of, compose
from search.understand.reading import Reading
from search.understand.record_names import title_mentions
from search.understand.relatives import relatives
from search.understand.semantics import Ahead, Condition, Item, SetOf, Skip, Time
from search.understand.spans import Mention, Word, item_of, mention_of
from search.understand.time_words import DAY_PARTS
from search.understand.understanding import Understanding, left_over
from search.understand.versus import versus
from search.understand.word_order import (
    excluded_last,
    hops_after,
    participle_beside,
    preposition_last,
    topic_in_place,
)
from search.understand.written import strange_names

MAX_WORDS = 60
"""Words of a question that are read; the rest is listed as unused."""

_PLACE = "PLACE"

LEFT_OVER = 0.9
"""Charged for each content word a reading does not use."""

KEPT = 12
"""Readings handed on."""


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
    kept: int = KEPT,
) -> Understanding:
    """Read a question.

    Args:
        text: as typed; only the first `MAX_WORDS` words are read.
        lexicon: the words of one snapshot.
        now: what "today" is.
        asker: who "I" is; None when nobody knows.
        previous: the plan of the answer before, for follow-ups.
        kept: readings handed on, >= 1.
    """
    text = _DEFINED.sub(lambda said: " " * len(said[0]), text)
    tokens = _in_order(text, lexicon, leaning=previous is not None)
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
    mentions = _to_anyone_and_here(read, frame, found_first, asker, carried)
    frame = replace(frame, outside=_outside(tokens, mentions))
    opposed = versus(text, tokens, mentions, now, lambda side: _whole(side, lexicon, now, asker))
    before = prefix(read, carried, mentions)
    readings: dict[object, Reading] = {}
    names = whole_names(mentions, read)
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
            if plan is not None and not left_over(tokens, frame, item.mask):
                readings[plan] = Reading(plan, 50.0, item.mask)
    if thanks(read):
        readings = {}
    leaning = _leaning(carried, read, frame, mentions) if carried is not None else None
    if leaning is not None:
        readings = {leaning.plan: leaning}
    if opposed is not None:
        readings = {opposed.plan: opposed}
        frame = replace(frame, unheld=opposed.missing, how_to=False)
    if not frame.how_to and not frame.create:
        at = dangling(text, read, mentions) if carried is None else None
        readings = _of_nobody(read, readings, stranger(read, asker), at)
    ranked = sorted(readings.values(), key=lambda r: -r.score)[:kept]
    about = about_of(mentions)
    return Understanding(
        tokens,
        frame,
        tuple(ranked),
        _retrieve(_spelled(text, read)[len(opening) :], tokens, frame, lexicon, about),
        about,
        about_of(mentions, WHOLE),
        tuple((w.token.text, w.text) for w in read if w.corrected),
        tuple(w.text for w in read),
        frozenset(i for i, w in enumerate(read) if not w.known),
        opening,
        leans,
        pointed_at(read, carried),
        frozenset(i for start, end in strange_names(read) for i in range(start, end)),
    )


def _in_full(text: str, lexicon: Lexicon) -> tuple[Token, ...]:
    return tuple(in_other_words(said_in_full(text, tokenize(text)), lexicon.is_word))


def _in_order(text: str, lexicon: Lexicon, *, leaning: bool) -> tuple[Token, ...]:
    """The words of a question, where the grammar looks for them; of one that may lean on another, as it would be said alone."""
    tokens = excluded_last(text, _in_full(text, lexicon)[:MAX_WORDS])
    tokens = hops_after(topic_in_place(text, tokens), lexicon.relates)
    tokens = preposition_last(tokens, lexicon.relates)
    tokens = participle_beside(tokens, lexicon.names_field)
    return dropping(tokens) if leaning else tokens


def _whole(text: str, lexicon: Lexicon, now: datetime, asker: Asker | None) -> Reading | None:
    """The best reading of one side of a comparison; None when some of its words have no place in it."""
    side = read_question(text, lexicon, now=now, asker=asker)
    best = next(iter(side.readings), None)
    return best if best is not None and not side.left_over(best.mask) else None


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
    names = first_names(mentions)
    strange = another_name(carried, read) if not names else None
    if strange is not None:
        return Reading(None, 100.0, whole, unknown=strange)
    plan = substituted(carried, names) if substitutes(read) else None
    if plan is None:
        return _by_group(carried, read, frame, mentions)
    return Reading(plan, 100.0, whole)


def _by_group(
    carried: Carried, read: Sequence[Word], frame: Frame, mentions: Sequence[Mention]
) -> Reading | None:
    """What was answered before, by group: "count by team"; None when the question is more than that."""
    at = regroups_at(read)
    if at is None:
        return None
    chart = Chart()
    frame = replace(frame, taken=frozenset(i for i in frame.taken if i < at))
    for cut in cuts([m for m in mentions if m.start >= at], read, frame):
        for item in compose(cut.mentions, chart):
            mask = item.mask | ((1 << at) - 1)
            plan = regrouped(carried.plan, item.meaning)
            if plan is not None and not left_over([w.token for w in read], frame, mask):
                return Reading(plan, 100.0, (1 << len(read)) - 1, evidence=item.evidence)
    return None


def _first_look(
    text: str, tokens: Sequence[Token], lexicon: Lexicon, now: datetime
) -> tuple[list[Word], Frame, list[Mention]]:
    """The words, the sort of question, and everything its spans may mean to anybody who asks."""
    read = read_words(text, tokens, lexicon)
    frame = read_frame([replace(w.token, text=w.text) for w in read])
    titled = list(title_mentions(text, read, lexicon))
    found = [
        m
        for m in mentions_of(read, frame, lexicon, now)
        if not any(t.start < m.end and m.start < t.end for t in titled)
    ]
    return read, frame, [*found, *titled, *_references(text, read, lexicon)]


def restrictions(text: str, lexicon: Lexicon, now: datetime) -> frozenset[str]:
    """What a text speaks of that could restrict an answer, each by some key; nothing is composed."""
    return spoken_of(_first_look(text, tokenize(text)[:MAX_WORDS], lexicon, now)[2])


def _to_anyone_and_here(
    read: Sequence[Word],
    frame: Frame,
    found: list[Mention],
    asker: Asker | None,
    carried: Carried | None,
) -> list[Mention]:
    """What the spans may mean to anybody, and what they mean to this asker, after what was asked before, as clauses."""
    mentions = found + mine_mentions(read, asker, found) + [*pronoun_mentions(read, carried)]
    mentions += [*clauses(read, mentions, frame), *only(read, mentions, frame)]
    return [*mentions, *relatives(read, mentions, frame)]


def _of_nobody(
    read: Sequence[Word], readings: dict[object, Reading], me: int | None, pointing: int | None
) -> dict[object, Reading]:
    """The readings; none but that nobody knows who is meant, where "I", or a pronoun that is passed over, stands for nobody."""
    if me is not None:
        return {None: Reading(None, 0.0, 1 << me, unknown="you")}
    best = max(readings.values(), key=lambda r: r.score, default=None)
    if pointing is None or best is None or best.plan is None or best.names:
        return readings
    return {None: Reading(None, 0.0, 1 << pointing, unknown=read[pointing].text)}


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
        weighty=_dated(read, found)
        | asking_of_oneself(read)
        | only_at(read, found)
        | down_at(read, found),
        head=head,
        asked=lacked(read, head),
    )


def _dated(read: Sequence[Word], mentions: Sequence[Mention]) -> frozenset[int]:
    """Positions of "this morning", "tonight", "over the weekend": padding by themselves, a condition together."""
    return frozenset(
        i
        for m in mentions
        if any(isinstance(item.meaning, Time | Ahead) for item in m.items)
        for i in range(m.start, min(m.end + 1, len(read)))
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


def _add(
    readings: dict[object, Reading],
    items: Sequence[Item],
    frame: Frame,
    tokens: Sequence[Token],
    penalty: float,
    now: datetime,
    names: Mapping[int, float],
) -> None:
    """Keep the best score of every different reading; `names` are the whole names, as masks, with the charge for breaking each."""
    for item in items:
        for reading in finish(item, frame, now=now):
            cost = penalty + LEFT_OVER * len(left_over(tokens, frame, reading.mask))
            cost += broken(reading, names)
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
    if not put_right and not opens(read) and not substitutes(read) and not says_anew(read):
        return None
    if (
        isinstance(meaning, SetOf)
        and (put_right or says_anew(read))
        and meaning.where is None
        and not meaning.pronoun
    ):
        return asked_of(carried, meaning.names)
    return restated(plan, meaning) if isinstance(meaning, Condition) else None


def _incomplete(readings: dict[object, Reading], frame: Frame, tokens: Sequence[Token]) -> bool:
    """Whether no reading of the question alone uses all its words and says what things it is about.

    "Who owns checkout" says so; "owned by payments" and "which of them use checkout" do not.
    """
    whole = frame.wh in ("who", "what", "when", "where")
    return not any(
        r.plan is not None
        and (not r.headless or (whole and r.names))
        and not left_over(tokens, frame, r.mask)
        for r in readings.values()
    )


def _spelled(text: str, read: Sequence[Word]) -> str:
    """The question with its misspellings put right, for the pages."""
    out, end = [], 0
    for word in read:
        if word.corrected:
            out += [text[end : word.token.start], word.text]
            end = word.token.end
    return "".join(out) + text[end:]


def _retrieve(
    text: str, tokens: Sequence[Token], frame: Frame, lexicon: Lexicon, about: tuple[str, ...]
) -> Retrieve:
    alert = next((lexicon.alerts[t.text] for t in tokens if t.text in lexicon.alerts), None)
    wants_runbook = any(t.text in ("runbook", "runbooks", "playbook") for t in tokens)
    kinds = (k.RUNBOOK,) if alert or wants_runbook else (k.TEMPLATE, k.DOC) if frame.create else ()
    return Retrieve(text=text.strip(), kinds=kinds, about=about, exact=alert)
