"""Spans of the question → everything they may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from catalog_store.analyzer import Token
from catalog_store.model import kinds as k
from catalog_store.model.time_window import TimeWindow
from search.plan import Compare, Not, Op
from search.quality import gap
from search.understand import event_words, words
from search.understand.act_words import acts
from search.understand.amount_words import amounts_at
from search.understand.compounds import compound_at, foreign_compounds, in_compound
from search.understand.definite import definite, is_label
from search.understand.down_words import down_mentions
from search.understand.frame import Frame
from search.understand.glued_words import glued
from search.understand.grammar.events import deployed
from search.understand.having_words import having
from search.understand.label_words import labelled
from search.understand.lexicon import Lexicon
from search.understand.measure_words import beside, lasting
from search.understand.name_mentions import name_items
from search.understand.names import word_stem
from search.understand.phrase_book import MAX_PHRASE
from search.understand.record_names import record_mentions
from search.understand.regions import regions_at
from search.understand.semantics import (
    Ahead,
    Condition,
    EventWord,
    FieldWord,
    Grouping,
    Item,
    Meaning,
    RelationWord,
    SetOf,
    Superlative,
    Time,
)
from search.understand.spans import Mention, Word, item_of, mention_of
from search.understand.time_words import TimeKind, time_mentions
from search.understand.value_lexicon import LABELS
from search.understand.value_words import unborne
from search.understand.version_words import versions_at
from search.understand.written import strange_names

NAMED = 0.86
"""Quality from which several words are one name rather than parts of one."""

UNKNOWN = 0.12
"""Worth of a word nothing knows; small, so that any real reading wins."""

FOREIGN = 1.0
"""Worth of each part of a hyphenated word that names nothing: more than what its parts could be bent to."""

STALE_DAYS = 90
"""How long without a deployment makes something stale when no number is given; the reading says since when."""

_NOUN_ENDINGS = ("er", "ers", "or", "ors", "ment", "ments", "tion", "tions", "ance", "ability")
"""Endings that make a noun of a verb; the noun does not relate anything."""

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


def read_words(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[Word]:
    """The tokens of a text as words; one misspelling is taken for the nearest word the lexicon knows."""
    out: list[Word] = []
    shouted = not any(c.islower() for c in text)
    for position, token in enumerate(tokens):
        capital = position > 0 and not shouted and text[token.start].isupper()
        known = (
            lexicon.knows(token.text)
            or any(c.isdigit() for c in token.text)
            or token.text in words.NUMBERS
        )
        if known or in_compound(tokens, position):
            out.append(Word(token, token.text, word_stem(token.text), known, capital=capital))
            continue
        near = lexicon.spelled_like(token.text)
        if near:
            out.append(Word(token, near[0][0], word_stem(near[0][0]), known=True, corrected=True))
        else:
            stem = word_stem(token.text)
            out.append(Word(token, token.text, stem, known=False, capital=capital))
    return out


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
            items = _phrase_items(read, i, j, lexicon, counted=counted) + name_items(
                read, i, j, lexicon
            )
            if items:
                found.append(mention_of(i, j, items, read))
    for mention in time_mentions([replace(w.token, text=w.text) for w in read], now):
        meaning: Time | Ahead
        if mention.kind is TimeKind.WINDOW:
            assert mention.window is not None
            begins = mention.window.start
            ahead = begins is not None and begins > now
            today = read[mention.end - 1].text == "today"
            meaning = Ahead(mention.window) if ahead else Time(mention.window, today=today)
        else:
            assert mention.back is not None
            meaning = Time(back=mention.back, days=(now - mention.back) / timedelta(days=1))
        found.append(
            mention_of(
                mention.start,
                mention.end,
                [item_of(meaning, mention.start, mention.end, 0.95)],
                read,
            )
        )
    if frame.age:  # "how stale is checkout" asks for its age, and says of nothing that it is stale
        found = [m for m in found if m.end - m.start > 1 or m.start not in frame.taken]
    for i, text in enumerate(texts):
        if frame.age and i in frame.taken:
            continue
        if text in event_words.STALE:
            since = TimeWindow(now - timedelta(days=STALE_DAYS), None)
            stale = Condition(Not(of=deployed(EventWord(), since).where), (k.COMPONENT,))
            found.append(mention_of(i, i + 1, [item_of(stale, i, i + 1, 0.7)], read))
        if text in event_words.OUTDATED:
            unreviewed = Condition(gap("unreviewed", now), (k.DOC, k.RUNBOOK))
            found.append(mention_of(i, i + 1, [item_of(unreviewed, i, i + 1, 0.7)], read))
    if not {"or", "vs", "versus"}.isdisjoint(texts):
        found += _comparatives(texts, read, lexicon)
    if frame.compare or frame.count:
        found += _compared_deployments(texts, read)
    for i in range(n):
        for end, amount in amounts_at(texts, i, now):
            found.append(mention_of(i, end, [item_of(amount, i, end, 0.85)], read))
        for together in glued(read[i], lexicon):
            found.append(mention_of(i, i + 1, [item_of(together, i, i + 1, 1.2)], read))
        for end, region in regions_at(read, i, lexicon):
            found.append(mention_of(i, end, [item_of(region, i, end, 0.9)], read))
        for end, version in versions_at(texts, [w.stem for w in read], i, lexicon):
            found.append(mention_of(i, end, [item_of(version, i, end, 0.8)], read))
    for i, end, helped in beside(texts):
        found.append(mention_of(i, end, [item_of(helped, i, end, 0.75)], read))
    found += having(found, read)
    found += labelled(texts, read, lexicon)
    found += record_mentions(read, lexicon)
    for i, act in acts(texts, frame):  # whoever did it is asked for, not what it is like
        found = [m for m in found if (m.start, m.end) != (i, i + 1)]
        found.append(mention_of(i, i + 1, [item_of(act, i, i + 1, 0.95)], read))
    found += unborne(read, lexicon)
    found += down_mentions(read, found)
    for i, end, lasted in lasting(texts):
        found.append(mention_of(i, end, [item_of(lasted, i, end, 0.8)], read))
    if not frame.how_to:
        found = definite(found, read, lexicon)
    foreign = foreign_compounds(found, read, lexicon)
    return found + _unknown(read, frame.taken | _within_names(found, read), foreign)


def _within_names(found: Sequence[Mention], read: Sequence[Word]) -> frozenset[int]:
    """Positions of words nothing knows that are part of a whole name or value: "orderevents" of "orderevents relay"."""
    return frozenset(
        position
        for mention in found
        if mention.end - mention.start > 1 and any(map(_whole, mention.items))
        if any(not w.known for w in read[mention.start : mention.end])
        for position in range(mention.start, mention.end)
    )


def _whole(item: Item) -> bool:
    """Whether a reading of several words is one name, or one value: "eu-west-1"."""
    meaning = item.meaning
    if isinstance(meaning, SetOf):
        return any(c.quality >= NAMED for c in meaning.names)
    return isinstance(meaning, Condition) and isinstance(meaning.where, Compare)


def _compared_deployments(texts: Sequence[str], read: Sequence[Word]) -> Iterator[Mention]:
    """Production deployments: side by side they are counted, elsewhere they say that something was deployed."""
    live = Compare(field="environment", op=Op.EQ, value="production")
    deployments = SetOf(kinds=(k.DEPLOYMENT,), where=live, plural=True)
    for i in range(len(texts) - 1):
        if " ".join(texts[i : i + 2]) in event_words.LIVE_DEPLOYMENTS:
            yield mention_of(i, i + 2, [item_of(deployments, i, i + 2, 0.95)], read)


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
                yield mention_of(i, i + 1, [item_of(end, i, i + 1, 0.9) for end in ends], read)
            continue
        yield mention_of(i, i + 1, [item_of(most, i, i + 1, 0.6)], read)


def _phrase_items(
    read: Sequence[Word], i: int, j: int, lexicon: Lexicon, *, counted: bool
) -> list[Item]:
    texts = tuple(w.text for w in read[i:j])
    stems = tuple(w.stem for w in read[i:j])
    items: list[Item] = []
    for reading in lexicon.readings(texts, stems):
        meaning = reading.meaning
        if isinstance(meaning, RelationWord) and texts[0] == "whose" and i == 0:
            continue  # "whose team runs checkout" asks for the team; "services whose team is …" is told of services
        if isinstance(meaning, RelationWord) and (
            (read[i].text.endswith(_NOUN_ENDINGS) and lexicon.verbs.isdisjoint(_as_verb(texts)))
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
        if j - i == 1 and _another_word(meaning, texts[0]):
            continue  # "production" and "products" have one stem
        if j - i > 1 and texts[0] in words.POLITE and not _spelt(meaning, texts[0]):
            continue  # "list services" is no value "Listing Service"
        label = " ".join(texts)
        doubtful = (
            isinstance(meaning, Condition)
            and isinstance(meaning.where, Compare)
            and meaning.where.field == LABELS
            and label in lexicon.doubtful
        )
        family = lexicon.families.get(meaning) if isinstance(meaning, Condition) else None
        notes = (f"“{label}” is read as the tag",) if doubtful else (family,) if family else ()
        items.append(item_of(meaning, i, j, reading.weight, notes))
    return _values_first(items, " ".join(texts), lexicon)


def _values_first(items: list[Item], said: str, lexicon: Lexicon) -> list[Item]:
    """Without the field where the words are one of its values, and without the label where they are a noun.

    "Staging" is no form of the word "stage" there, and "which database" asks for no team labelled so.
    """
    noun = any(isinstance(x.meaning, SetOf) and x.meaning.kinds for x in items)
    if noun and said in lexicon.doubtful:
        items = [x for x in items if not is_label(x.meaning)]
    own = {
        x.meaning.where.field
        for x in items
        if isinstance(x.meaning, Condition)
        and isinstance(x.meaning.where, Compare)
        and str(x.meaning.where.value).lower() == said
    }
    return [
        x
        for x in items
        if not (isinstance(x.meaning, FieldWord) and any(row.name in own for row in x.meaning.rows))
    ]


def _another_word(meaning: Meaning, text: str) -> bool:
    """Whether a type or a value was met by its stem only, in a much longer or shorter word: "available" is no "availability"."""
    where = meaning.where if isinstance(meaning, SetOf | Condition) else None
    typed = isinstance(where, Compare) and (isinstance(meaning, Condition) or where.field == "type")
    value = where.value if typed and isinstance(where, Compare) else None
    if not isinstance(value, str) or not value.isalpha() or text in words.SPACE_WORDS:
        return False
    longer = isinstance(meaning, Condition) and text.startswith(value.lower())  # "successful"
    far = (abs(len(text) - len(value)) > 2 and not longer) or text in words.POLITE - {value.lower()}
    return word_stem(text) == word_stem(value) and far


def _spelt(meaning: Meaning, first: str) -> bool:
    """Whether a value begins with a word as it was typed, or with another word altogether; what is no value does."""
    where = meaning.where if isinstance(meaning, Condition) else None
    value = where.value if isinstance(where, Compare) else None
    if not isinstance(value, str):
        return True
    own = re.split(r"[^a-z0-9]+", value.lower())[0]
    return own == first or word_stem(own) != word_stem(first)


def _as_verb(texts: Sequence[str]) -> tuple[str, str]:
    """A phrase as it stands, and without the "s" of the third person."""
    said = " ".join(texts)
    return said, said.removesuffix("s")


def _unknown(read: Sequence[Word], taken: frozenset[int], foreign: frozenset[int]) -> list[Mention]:
    """Runs of words nothing knows: a name the catalog does not hold, or a fact it has no field for."""
    out: list[Mention] = []
    i = 0
    written = strange_names(read)
    for start, end in written:
        name = SetOf(unknown=" ".join(w.token.text for w in read[start:end]))
        out.append(mention_of(start, end, [item_of(name, start, end, FOREIGN)], read))
    taken |= {i for start, end in written for i in range(start, end)}
    while i < len(read):
        start, end = compound_at(read, i)
        run_unknown = any(not w.known for w in read[start:end]) and i not in taken
        if start in foreign:
            text = " ".join(w.token.text for w in read[start:end])
            out.append(
                mention_of(start, end, [item_of(SetOf(unknown=text), start, end, FOREIGN)], read)
            )
            i = end
            continue
        if not run_unknown:
            i = end
            continue
        while end < len(read):
            next_start, next_end = compound_at(read, end)
            if all(w.known for w in read[next_start:next_end]) or end in taken:
                break
            end = next_end
        text = " ".join(w.token.text for w in read[start:end])
        worth = UNKNOWN + (
            1.0 if end - start > 1 and any(w.token.joined for w in read[start + 1 : end]) else 0.0
        )
        items = [
            item_of(SetOf(unknown=text), start, end, worth),
            item_of(FieldWord(unknown=text), start, end, worth - 0.02),
        ]
        out.append(mention_of(start, end, items, read))
        i = end
    return out
