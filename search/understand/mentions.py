"""Spans of the question → everything they may mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from catalog_store.analyzer import Token
from catalog_store.model import kinds as k
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Not, Op
from search.quality import gap
from search.understand import words
from search.understand.amount_words import amounts_at
from search.understand.english import is_english
from search.understand.frame import Frame
from search.understand.grammar.events import deployed
from search.understand.lexicon import LABELS, MAX_PHRASE, Lexicon
from search.understand.measure_words import beside
from search.understand.names import word_stem
from search.understand.semantics import (
    Absent,
    Candidate,
    Comparator,
    Condition,
    EventWord,
    FieldWord,
    Grouping,
    Item,
    Judging,
    Link,
    Meaning,
    Measured,
    Negation,
    Number,
    OnCall,
    Recency,
    RelationWord,
    SetOf,
    Skip,
    Summary,
    Superlative,
    Time,
)
from search.understand.time_words import TimeKind, time_mentions
from search.understand.version_words import versions_at

LENGTH_BONUS = 0.3
"""What each further word adds to a mention that covers several: whole names before their parts."""

PART_SPREAD = 0.2
"""Things whose names fit a part this nearly as well as the best are all kept: which is meant is not guessed."""

WHOLE_NAME = 0.4
"""Added when several words spell one whole name: "ledger database" is that database before it is databases of the ledger."""

NAMED = 0.9
"""Quality from which several words are one name rather than parts of one."""

UNKNOWN = 0.12
"""Worth of a word nothing knows; small, so that any real reading wins."""

FOREIGN = 1.0
"""Worth of each part of a hyphenated word that names nothing: more than what its parts could be bent to."""

_ONE_OF_MANY = frozenset(
    ("a", "an", "any", "which", "what", "each", "every", "no", "some", "other")
)
"""Words before a description of any such thing; a name takes "the" or nothing."""

STALE_DAYS = 90
"""How long without a deployment makes something stale when no number is given; the reading says since when."""

SKIP_COST = {
    Link: 0.1,
    Grouping: 0.15,
    Recency: 0.3,
    Summary: 0.35,
    Comparator: 0.35,
    Judging: 1.2,
    Superlative: 0.45,
    FieldWord: 0.75,
    EventWord: 0.9,
    OnCall: 1.2,
    Time: 1.2,
    Negation: 1.5,
    Number: 0.6,
}
"""What passing over a mention costs, by category; anything else costs `SKIP_OTHER`."""

SKIP_OTHER = 1.1

_NOUN_ENDINGS = ("er", "ers", "or", "ors", "ment", "ments", "tion", "tions", "ance", "ability")
"""Endings that make a noun of a verb; the noun does not relate anything."""

_ARTICLES = frozenset(("the", "a", "an"))

_BEFORE_NAMES = frozenset(
    "the a an this that our my of for about after on in to by with from at and or is does did has was are were via own owns uses use "
    "calls runs run call owner team system domain group service component who which what old new hows how's".split()
)
"""Words before which an ordinary English word may stand for a name."""

_SUMMING = frozenset(
    [
        "count",
        "counted",
        "average",
        "avg",
        "mean",
        "median",
        "total",
        "sum",
        "top",
        "most",
        "least",
        "highest",
        "lowest",
        "number",
        "amount",
        "break",
        "broken",
        "split",
        "breakdown",
        "group",
        "grouped",
        "list",
        "rank",
        "ranked",
        "sort",
        "sorted",
        "fewest",
        "compare",
        "mttr",
        "frequency",
        "rate",
    ]
)
"""Words beside which "by" and "each" group."""

_KIND_PRIOR = {
    k.COMPONENT: 0.06,
    k.GROUP: 0.05,
    k.SYSTEM: 0.04,
    k.API: 0.03,
    k.DOMAIN: 0.02,
    k.RESOURCE: 0.02,
    k.USER: 0.02,
}


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """A span of words with everything it may mean. `worth` is what covering the words is worth to the cut."""

    start: int
    end: int
    items: tuple[Item, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class Word:
    """A token, and how it is read: misspelt words carry the spelling taken for them; `capital` says that it is written as a name."""

    token: Token
    text: str
    stem: str
    known: bool
    corrected: bool = False
    capital: bool = False


def read_words(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[Word]:
    """The tokens of a text as words; one misspelling is taken for the nearest word the lexicon knows."""
    out: list[Word] = []
    shouted = not any(c.islower() for c in text)
    for position, token in enumerate(tokens):
        known = (
            lexicon.knows(token.text)
            or any(c.isdigit() for c in token.text)
            or token.text in words.NUMBERS
        )
        if known or _in_compound(tokens, position):
            capital = position > 0 and not shouted and text[token.start].isupper()
            out.append(Word(token, token.text, word_stem(token.text), known, capital=capital))
            continue
        near = lexicon.spelled_like(token.text)
        if near:
            out.append(Word(token, near[0][0], word_stem(near[0][0]), known=True, corrected=True))
        else:
            out.append(Word(token, token.text, word_stem(token.text), known=False))
    return out


def _in_compound(tokens: Sequence[Token], i: int) -> bool:
    """A part of a hyphenated word is a name's part: a wrong name is said to be unknown rather than bent to another."""
    return (
        False
        if not tokens[i].joined and not (i + 1 < len(tokens) and tokens[i + 1].joined)
        else len(tokens[i].text) < 6
    )


def mentions_of(
    read: Sequence[Word], frame: Frame, lexicon: Lexicon, now: datetime
) -> list[Mention]:
    """Every mention of the question, overlapping ones included."""
    found: list[Mention] = []
    texts = [w.text for w in read]
    counted = frame.count or not _SUMMING.isdisjoint(texts)
    n = len(read)
    for i in range(n):
        for j in range(i + 1, min(n, i + MAX_PHRASE) + 1):
            items = _phrase_items(read, i, j, lexicon, counted=counted) + _name_items(
                read, i, j, lexicon
            )
            if items:
                found.append(_mention(i, j, items, read))
    for mention in time_mentions([replace(w.token, text=w.text) for w in read], now):
        if mention.kind is TimeKind.WINDOW:
            meaning = Time(window=mention.window)
        else:
            assert mention.back is not None
            meaning = Time(back=mention.back, days=(now - mention.back) / timedelta(days=1))
        found.append(
            _mention(
                mention.start, mention.end, [_item(meaning, mention.start, mention.end, 0.95)], read
            )
        )
    for i, text in enumerate(texts):
        if text in words.STALE:
            since = TimeWindow(now - timedelta(days=STALE_DAYS), None)
            stale = Condition(Not(of=deployed(EventWord(), since).where), (k.COMPONENT,))
            found.append(_mention(i, i + 1, [_item(stale, i, i + 1, 0.7)], read))
        if text in words.OUTDATED:
            unreviewed = Condition(gap("unreviewed", now), (k.DOC, k.RUNBOOK))
            found.append(_mention(i, i + 1, [_item(unreviewed, i, i + 1, 0.7)], read))
    if not {"or", "vs", "versus"}.isdisjoint(texts):
        found += _comparatives(texts, read, lexicon)
    if frame.compare:
        found += _compared_deployments(texts, read)
    for i in range(n):
        for end, amount in amounts_at(texts, i, now):
            found.append(_mention(i, end, [_item(amount, i, end, 0.85)], read))
        for end, version in versions_at(texts, [w.stem for w in read], i, lexicon):
            found.append(_mention(i, end, [_item(version, i, end, 0.8)], read))
    for i, end, helped in beside(texts):
        found.append(_mention(i, end, [_item(helped, i, end, 0.75)], read))
    foreign = _foreign_compounds(found, read, lexicon)
    return found + _unknown(read, frame.taken | _within_names(found, read), foreign)


def _within_names(found: Sequence[Mention], read: Sequence[Word]) -> frozenset[int]:
    """Positions of words nothing knows that are part of a whole name: "orderevents" of "orderevents relay"."""
    return frozenset(
        position
        for mention in found
        if mention.end - mention.start > 1
        and any(
            isinstance(i.meaning, SetOf) and any(c.quality >= NAMED for c in i.meaning.names)
            for i in mention.items
        )
        for position in range(mention.start, mention.end)
        if not read[position].known
    )


def _compared_deployments(texts: Sequence[str], read: Sequence[Word]) -> Iterator[Mention]:
    """Production deployments: side by side they are counted, elsewhere they say that something was deployed."""
    live = Compare(field="environment", op=Op.EQ, value="production")
    deployments = SetOf(kinds=(k.DEPLOYMENT,), where=live, plural=True)
    for i in range(len(texts) - 1):
        if " ".join(texts[i : i + 2]) in words.LIVE_DEPLOYMENTS:
            yield _mention(i, i + 2, [_item(deployments, i, i + 2, 0.95)], read)


def _comparatives(
    texts: Sequence[str], read: Sequence[Word], lexicon: Lexicon
) -> Iterator[Mention]:
    """More, better, lower: of two that are named, the one at that end; "better than" and "or better" compare with a number."""
    for i, text in enumerate(texts):
        if "than" in texts[i + 1 : i + 3] or (i and texts[i - 1] in ("or", "and")):
            continue
        if text in words.COMPARATIVES:
            most = Superlative(descending=words.COMPARATIVES[text])
        elif text in words.BETTER:
            good = words.BETTER[text]
            most = Superlative(descending=not good, good=good)
        else:
            # "cheaper" is the "cheapest" of the two
            known = lexicon.readings((f"{text[:-1]}st",), ()) if text.endswith("er") else ()
            ends = [r.meaning for r in known if isinstance(r.meaning, Superlative)]
            if ends:
                yield _mention(i, i + 1, [_item(end, i, i + 1, 0.9) for end in ends], read)
            continue
        yield _mention(i, i + 1, [_item(most, i, i + 1, 0.6)], read)


def _foreign_compounds(
    found: Sequence[Mention], read: Sequence[Word], lexicon: Lexicon
) -> frozenset[int]:
    """Starts of hyphenated words that name nothing as a whole, though parts of them may.

    `ship-detector-v2` is not `ship-detector`: a wrong name is said to be unknown, never bent to a near one. Words that
    only join ordinary ones ("tier-1", "payments-owned") may be cut, but `broken-service` after no "a" or "which" is
    how one thing is called, not what it is like.
    """
    whole = {(m.start, m.end) for m in found}
    exact = {
        (m.start, m.end)
        for m in found
        for i in m.items
        if isinstance(i.meaning, SetOf) and any(c.quality >= 1.0 for c in i.meaning.names)
    }
    foreign = set()
    i = 0
    while i < len(read):
        start, end = _compound(read, i)
        i = end
        if end - start < 2 or any(a <= start and end <= b for a, b in whole):
            continue
        parts = [
            w.text.isdigit() or lexicon.is_word(w.text, w.stem) or w.text in words.POLITE
            for w in read[start:end]
        ]
        named = any(
            (start, cut) in exact and all(parts[cut - start :]) for cut in range(start + 1, end)
        )
        if not named and (not all(parts) or _called(found, read, start, end)):
            foreign.add(start)
    return frozenset(foreign)


def _called(found: Sequence[Mention], read: Sequence[Word], start: int, end: int) -> bool:
    """Whether a hyphenated word says what one thing is like and of which kind, where such a thing would need an article."""
    if start == 0 or read[start - 1].text in _ONE_OF_MANY:
        return False

    meanings = [(m.start, m.end, item.meaning) for m in found for item in m.items]
    one = any(
        (a, b) == (end - 1, end) and isinstance(of, SetOf) and of.kinds and not of.plural
        for a, b, of in meanings
    )
    return one and any(
        (a, b) == (start, end - 1) and isinstance(of, Condition | Absent) for a, b, of in meanings
    )


def _item(
    meaning: Meaning, start: int, end: int, weight: float, notes: tuple[str, ...] = ()
) -> Item:
    mask = ((1 << (end - start)) - 1) << start
    length = end - start
    evidence: tuple[tuple[object, int], ...] = ()
    if isinstance(meaning, SetOf | Condition) and meaning.where is not None:
        evidence += ((meaning.where, mask),)
    if isinstance(meaning, SetOf) and meaning.names:
        evidence += ((meaning, mask),)
    elif isinstance(meaning, SetOf) and meaning.kinds:
        evidence += ((meaning.kinds, mask),)
    elif isinstance(meaning, Measured) and meaning.measure is not None:
        evidence += ((meaning.measure, mask),)
    return Item(meaning, mask, weight * length + LENGTH_BONUS * (length - 1), evidence, notes)


def _mention(start: int, end: int, items: list[Item], read: Sequence[Word]) -> Mention:
    wrong = sum(0.15 for w in read[start:end] if w.corrected)
    cost = max((_skip_cost(item) for item in items), default=SKIP_OTHER)
    skip = Item(Skip(), 0, -cost)
    priced = [replace(item, score=item.score - wrong) for item in items]
    return Mention(start, end, (*priced, skip), max(i.score for i in priced))


def _skip_cost(item: Item) -> float:
    meaning = item.meaning
    if isinstance(meaning, SetOf):
        return 1.6 if meaning.names else 0.5 if meaning.unknown is not None else 0.8
    if isinstance(meaning, Measured) and meaning.measure is None:
        return 0.3  # "how long" of something no measure is taken of
    return SKIP_COST.get(type(meaning), SKIP_OTHER)


def _phrase_items(
    read: Sequence[Word], i: int, j: int, lexicon: Lexicon, *, counted: bool
) -> list[Item]:
    texts = tuple(w.text for w in read[i:j])
    stems = tuple(w.stem for w in read[i:j])
    items: list[Item] = []
    for reading in lexicon.readings(texts, stems):
        meaning = reading.meaning
        if isinstance(meaning, RelationWord) and (
            (read[i].text.endswith(_NOUN_ENDINGS) and " ".join(texts) not in lexicon.verbs)
            or texts == ("running",)
        ):
            continue  # "manager" is not "manages"
        if isinstance(meaning, Grouping) and " ".join(texts) in words.WEAK_GROUP and not counted:
            continue
        if isinstance(meaning, SetOf) and not meaning.named:
            last = read[j - 1].text
            plural = last.endswith("s") and not last.endswith("ss") and last not in ("dns", "aws")
            meaning = meaning.but(
                plural=plural or last in ("people", "everybody", "everyone", "staff")
            )
        if isinstance(meaning, FieldWord) and j < len(read) and read[j].text in ("of", "for"):
            meaning = replace(meaning, of=True)
        label = " ".join(texts)
        doubtful = (
            isinstance(meaning, Condition)
            and isinstance(meaning.where, Compare)
            and meaning.where.field == LABELS
            and label in lexicon.doubtful
        )
        notes = (f"“{label}” is read as the tag",) if doubtful else ()
        items.append(_item(meaning, i, j, reading.weight, notes))
    return items


def _name_items(read: Sequence[Word], i: int, j: int, lexicon: Lexicon) -> list[Item]:
    """Things whose name the words spell; parts of names only where no whole name fits. One item a kind: kinds differ in use."""
    words_ = read[i:j]
    if words_[0].text in _ARTICLES:
        return []  # names are kept without their article
    stems = tuple(w.stem for w in words_)
    texts = tuple(w.text for w in words_)
    if any(not w.known for w in words_):
        return _by_kind(lexicon.names.whole(stems, texts), i, j)
    if j - i == 1 and (words_[0].text in words.POLITE or words_[0].text in words.WH):
        return []
    exact = lexicon.names.whole(stems, texts)
    if exact:
        return _by_kind(exact, i, j)
    if words_[0].token.text in words.POLITE or words_[-1].token.text in words.POLITE:
        return []
    if not _ARTICLES.isdisjoint(w.text for w in words_):
        return []  # "components the search team …": another name begins there
    if all(lexicon.is_word(w.text, w.stem) for w in words_):
        return []  # words with a meaning of their own are not taken for parts of names
    if (
        j - i == 1
        and i
        and not words_[0].capital
        and is_english(words_[0].text)
        and read[i - 1].text not in _BEFORE_NAMES
    ):
        return []  # "whose data is …": an ordinary word is part of a name only where a name is due
    partial = [c for c in lexicon.names.part(stems) if c.kind != k.LOCATION]
    if not partial:
        return []
    best = partial[0].quality
    return _by_kind([c for c in partial if c.quality >= best - PART_SPREAD][:24], i, j)


def _by_kind(candidates: Sequence[Candidate], i: int, j: int) -> list[Item]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.kind, []).append(candidate)
    items = []
    for kind, members in groups.items():
        top = max(c.quality for c in members)
        same = tuple(c for c in members if c.quality >= top - (PART_SPREAD if top < 0.9 else 0.12))
        whole = WHOLE_NAME if j - i > 1 and top >= 0.97 else 0.0
        weight = top + (_KIND_PRIOR.get(kind, 0.0) + whole) / (j - i)
        items.append(_item(SetOf(names=same), i, j, weight))
    return items


def _unknown(read: Sequence[Word], taken: frozenset[int], foreign: frozenset[int]) -> list[Mention]:
    """Runs of words nothing knows: a name the catalog does not hold, or a fact it has no field for."""
    out: list[Mention] = []
    i = 0
    while i < len(read):
        start, end = _compound(read, i)
        run_unknown = any(not w.known for w in read[start:end]) and i not in taken
        if start in foreign:
            text = " ".join(w.token.text for w in read[start:end])
            out.append(
                _mention(start, end, [_item(SetOf(unknown=text), start, end, FOREIGN)], read)
            )
            i = end
            continue
        if not run_unknown:
            i = end
            continue
        while end < len(read):
            next_start, next_end = _compound(read, end)
            if all(w.known for w in read[next_start:next_end]) or end in taken:
                break
            end = next_end
        text = " ".join(w.token.text for w in read[start:end])
        worth = UNKNOWN + (
            1.0 if end - start > 1 and any(w.token.joined for w in read[start + 1 : end]) else 0.0
        )
        items = [
            _item(SetOf(unknown=text), start, end, worth),
            _item(FieldWord(unknown=text), start, end, worth - 0.02),
        ]
        out.append(_mention(start, end, items, read))
        i = end
    return out


def _compound(read: Sequence[Word], i: int) -> tuple[int, int]:
    """The hyphenated word that starts at `i`, as positions."""
    end = i + 1
    while end < len(read) and read[end].token.joined:
        end += 1
    return i, end
